"""An office on a running stand-in NEO, and the way a client talks to it, for the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_sandbox.neo.world import World

SITE_KEY = "key-of-the-site"
SATO, SUZUKI, TANAKA = "84", "85", "86"
SEED: dict[str, Any] = {
    "site_key": SITE_KEY,
    "users": [
        {"id": SATO, "login_id": "10001", "name": "佐藤 健一", "password": "cherry-1", "access_key": "key-of-sato"},
        {"id": SUZUKI, "login_id": "10002", "name": "鈴木 美咲", "password": "cherry-2", "access_key": "key-of-suzuki"},
        {"id": TANAKA, "login_id": "10003", "name": "田中 陽子"},
    ],
    "facilities": [{"id": "9", "name": "第1会議室"}, {"id": "10", "name": "プロジェクター"}],
    "rights": [{"owner": TANAKA, "viewer": "*", "view": "time"}],
}
KEYS = {SATO: "key-of-sato", SUZUKI: "key-of-suzuki", "site": SITE_KEY}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Tokyo"))

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


class Office:
    """The server, its clock, and a client; `ask` makes a call with the key of a user, or of the site."""

    def __init__(self, server: NeoServer, http: httpx.Client, clock: Clock) -> None:
        self.server = server
        self.http = http
        self.clock = clock

    @property
    def world(self) -> World:
        return self.server.world

    def turn(self, **switches: Any) -> None:
        self.server.switches = NeoSwitches(**switches)

    def post(
        self, action: str, *, by: str | None = SATO, module: str = "dneor", extension: str = "cgi", **sent: str | list[str]
    ) -> httpx.Response:
        headers = {} if by is None else {"X-Desknets-Auth": KEYS.get(by, by)}
        return self.http.post(
            f"{self.server.url}/cgi-bin/dneo/{module}.{extension}", data={"action": action, **sent}, headers=headers
        )

    def ask(self, action: str, **sent: Any) -> dict[str, Any]:
        response = self.post(action, **sent)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def insert(self, **sent: Any) -> str:
        answer = self.ask("insert_schedule", **({"startdate": "20261124", "detail": "打ち合わせ"} | sent))
        assert answer["status"] == "ok", answer
        sid: str = answer["sid"]
        return sid

    def schedules(self, first: str = "20261101", last: str = "20261231", **sent: Any) -> list[dict[str, Any]]:
        answer = self.ask("list_schedules", **({"startdate": first, "enddate": last, "limit": "5000"} | sent))
        assert answer["status"] == "ok", answer
        return many(answer["list"])

    def dates(self, sid: str, **sent: Any) -> list[str]:
        return [item["startdate"] for item in self.schedules(**sent) if item["sid"] == sid]

    def record(self, sid: str, **sent: Any) -> dict[str, Any]:
        answer = self.ask("get_schedule", sid=sid, **sent)
        assert answer["status"] == "ok", answer
        record: dict[str, Any] = answer["record"]
        return record

    def error(self, action: str, **sent: Any) -> int:
        answer = self.ask(action, **sent)
        assert answer["status"] == "ng", answer
        number: int = answer["errorno"]
        return number


def many(held: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a list, whether they are an array, one object or absent."""
    item = held.get("item", [])
    return item if isinstance(item, list) else [item]


@contextmanager
def an_office() -> Iterator[Office]:
    """Run a NEO with the seed of this file."""
    clock = Clock()
    with NeoServer(SEED, now=clock) as server, httpx.Client(timeout=20) as http:
        yield Office(server, http, clock)
