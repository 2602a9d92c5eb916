"""A running stand-in for Google Calendar with the real client, which checks every answer against Google's description."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httplib2
import httpx
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.google.grants import ALL_ACCESS
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from tests.sandbox.discovery import error_problems, method_of, problems

HANAKO, TARO = "hanako@example.jp", "taro@example.jp"
TEAM = "team@group.calendar.google.com"
SEED: dict[str, Any] = {
    "oauth": {"client_id": "client-1", "client_secret": "hush", "redirect_uris": ["http://127.0.0.1:9/back"]},
    "accounts": [
        {
            "email": HANAKO,
            "name": "山田 花子",
            "refresh_tokens": ["1//hanako"],
            "calendars": [{"id": HANAKO, "summary": HANAKO}, {"id": TEAM, "summary": "開発チーム"}],
        },
        {"email": TARO, "name": "鈴木 太郎", "calendars": [{"id": TEAM, "accessRole": "reader"}]},
    ],
}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


class CheckedHttp(httplib2.Http):
    """Signs each request with the token it is given, and fails the test when an answer breaks Google's description."""

    def __init__(self, token: Callable[[], str]) -> None:
        super().__init__(timeout=20)
        self.token = token
        self.checked = 0

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, *args: Any, **kwargs: Any) -> Any:
        headers = {**(headers or {}), "authorization": f"Bearer {self.token()}"}
        response, content = super().request(uri, method, body, headers, *args, **kwargs)
        path = urlsplit(uri).path
        if path.startswith("/calendar/v3/"):
            verb = headers.get("x-http-method-override", method)
            self._check(verb, path.removeprefix("/calendar/v3/"), response.status, content, whole="fields=" not in uri)
        return response, content

    def _check(self, verb: str, path: str, status: int, content: bytes, *, whole: bool) -> None:
        self.checked += 1
        if status >= 400:
            found = error_problems(json.loads(content), status)
            assert not found, found
            return
        described = method_of(verb, path)
        assert described is not None, f"{verb} {path} is no method of the Calendar API"
        schema = described.get("response", {}).get("$ref")
        if schema is None or status in (204, 304):
            assert content == b"", content
        elif whole:
            found = problems(json.loads(content), schema)
            assert not found, found


class Site:
    """The server, its clock, and the real client of one account; `by` gives that of another."""

    def __init__(self, server: GoogleServer, clock: Clock, web: httpx.Client) -> None:
        self.server = server
        self.clock = clock
        self.web = web
        self._https: list[CheckedHttp] = []
        self.http = CheckedHttp(str)
        self.service: Any = None
        self.events: Any = None

    @property
    def world(self) -> World:
        return self.server.world

    def begin(self) -> None:
        """Go back to the seed, with default switches and the clock where it began."""
        self.close()
        self.clock.moment = Clock().moment
        self.server.reset()
        self.turn(**{name: getattr(GoogleSwitches(), name) for name in GoogleSwitches.__slots__})
        self.service = self.by(HANAKO)
        self.http = self._https[-1]
        self.events = self.service.events()

    def by(self, email: str, *scopes: str) -> Any:
        """Return the service of an account, with all rights or with some scopes."""
        http = CheckedHttp(lambda: self.world.grants.access_token_for(email, scopes or (ALL_ACCESS,)))
        self._https.append(http)
        return build("calendar", "v3", http=http, client_options={"api_endpoint": self.server.api_url})

    def turn(self, **switches: Any) -> None:
        self.world.switch(**switches)

    def insert(self, calendar: str = "primary", **event: Any) -> dict[str, Any]:
        body = {"summary": "会議", **timed("2026-11-24T10:00"), **event}
        made: dict[str, Any] = self.events.insert(calendarId=calendar, body=body).execute()
        return made

    def patch(self, event_id: str, **changes: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.events.patch(calendarId="primary", eventId=event_id, body=changes).execute()
        return changed

    def delete(self, event_id: str) -> None:
        self.events.delete(calendarId="primary", eventId=event_id).execute()

    def get(self, event_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.events.get(calendarId="primary", eventId=event_id).execute()
        return found

    def page(self, **parameters: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.events.list(**{"calendarId": "primary", **parameters}).execute()
        return found

    def pages(self, **parameters: Any) -> list[dict[str, Any]]:
        found = [self.page(**parameters)]
        while "nextPageToken" in found[-1]:
            found.append(self.page(**parameters, pageToken=found[-1]["nextPageToken"]))
        return found

    def items(self, **parameters: Any) -> list[dict[str, Any]]:
        return [item for page in self.pages(**parameters) for item in page["items"]]

    def ids(self, **parameters: Any) -> list[str]:
        return [item["id"] for item in self.items(**parameters)]

    def instances(self, event_id: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.events.instances(calendarId="primary", eventId=event_id, **parameters).execute()
        found: list[dict[str, Any]] = answer["items"]
        return found

    def token(self, **parameters: Any) -> str:
        found: str = self.pages(**parameters)[-1]["nextSyncToken"]
        return found

    def close(self) -> None:
        while self._https:
            self._https.pop().close()


def timed(start: str, minutes: int = 60, zone: str = "Asia/Tokyo") -> dict[str, Any]:
    """Return `start` and `end` of an event at a local time, such as `2026-11-24T10:00`."""
    begins = datetime.fromisoformat(start)
    ends = begins + timedelta(minutes=minutes)
    return {
        name: {"dateTime": f"{edge:%Y-%m-%dT%H:%M:%S}", "timeZone": zone} for name, edge in (("start", begins), ("end", ends))
    }


def all_day(first: str, end: str) -> dict[str, Any]:
    """Return `start` and `end` of whole days; the end is exclusive."""
    return {"start": {"date": first}, "end": {"date": end}}


def refused(call: Any) -> tuple[int, str]:
    """Return the status and the reason with which the call of the client was refused."""
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.resp.status, caught.value.error_details[0]["reason"]


@contextmanager
def a_site() -> Iterator[Site]:
    """Run a stand-in with the seed of this file."""
    clock = Clock()
    with GoogleServer(SEED, now=clock) as server, httpx.Client(base_url=server.url, timeout=20) as web:
        site = Site(server, clock, web)
        try:
            yield site
        finally:
            site.close()
