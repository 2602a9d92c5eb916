"""Sends requests of the Google Calendar API, cheaply: one shared `events()` resource, one connection per thread.

Building a resource per user, or calling `service.events()` per request, would cost many times the request itself.
Must not know what an event means.
"""

import http.client
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from desksync.worker.calendar import Account
from desksync.worker.calls import Watch, unwatched
from desksync.worker.errors import Reason, SideUnreadable, UserMustAct
from desksync.worker.gate import Gate, ungated
from desksync_google_worker.connections import Connections
from desksync_google_worker.errors import Refused, consent_dead, meaning_anywhere, refusal_of, unreachable
from desksync_google_worker.tokens import AccessTokens

_PATH = "/calendar/v3"
_NO_DATA = "Google's address answered something that is no calendar data. Check the proxy and the API URL."

Make = Callable[[Any], Any]
"""Makes one request from the `events()` resource: `lambda events: events.get(calendarId=..., eventId=...)`."""


class GoogleService:
    """The Calendar API for all users of the process. Safe from several threads. Close it in the end.

    `api_url` is the whole base, for Google itself `https://www.googleapis.com/calendar/v3/`. `timeout` is for each answer.
    `gate` is entered around each request of the API; token requests are not counted among those. `watch` counts both.
    `open_http` makes what sends; tests lead it past the network.
    """

    def __init__(  # noqa: PLR0913 - what it works with is given to it, by name
        self,
        *,
        api_url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        timeout: timedelta,
        now: Callable[[], datetime],
        gate: Gate = ungated,
        open_http: Callable[..., httplib2.Http] = httplib2.Http,
        watch: Watch = unwatched,
    ) -> None:
        if _PATH not in api_url:
            raise ValueError(f"The address of the Google Calendar API has to contain {_PATH}/.")
        self._now = now
        self._gate = gate
        self._watch = watch
        self._connections = Connections(timeout, open_http)
        self._tokens = AccessTokens(
            token_url=token_url,
            client_id=client_id,
            client_secret=client_secret,
            connections=self._connections,
            now=now,
            watch=watch,
        )
        # The `http` given here is never used: `call` names the thread's own. It keeps `build` from looking for credentials.
        service = build(
            "calendar",
            "v3",
            http=self._connections.mine(),
            client_options={"api_endpoint": api_url.rstrip("/") + "/"},
            static_discovery=True,
            cache_discovery=False,
        )
        self._events = service.events()

    def call(self, account: Account, make: Make, *, if_match: str = "") -> Mapping[str, Any]:
        """Send one request for the account and return its JSON object; empty where Google says nothing.

        `if_match` is the etag that the event must still have. Raises `Refused` where the meaning depends on what was asked.
        Never retries by itself except once with a new access token: the ticket is what comes back later.
        """
        try:
            return self._sent(account, make, if_match)
        except _AccessRefused:
            self._tokens.forget(account.secret)
        try:
            return self._sent(account, make, if_match)
        except _AccessRefused as error:
            raise consent_dead() from error

    def access_for(self, refresh_token: str) -> str:
        """Return an access token for calls that are not about events. Raises as `call` does."""
        return self._tokens.access_for(refresh_token)

    def check_client(self) -> None:
        """Ask whether Google knows DeskSync's client ID and secret. Raises one of the error kinds when it does not, or is away.

        A token that cannot exist is offered: a known client is told that the token is wrong, any other that itself is.
        """
        try:
            self._tokens.access_for("1//desksync-asks-who-it-is")
        except UserMustAct as answer:
            if answer.reason is not Reason.CONSENT_DEAD:
                raise

    def close(self) -> None:
        """Close all connections. No thread may be sending."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _sent(self, account: Account, make: Make, if_match: str) -> Mapping[str, Any]:
        request = make(self._events)
        account.beat()
        request.headers["authorization"] = f"Bearer {self._tokens.access_for(account.secret)}"
        if if_match:
            request.headers["if-match"] = if_match

        def send() -> Any:
            account.beat()  # At the last moment: whoever has lost the ticket while waiting sends nothing.
            return self._executed(request)

        answer = account.patience.through(lambda: self._gate(account.user_id), send)
        if answer in ("", None):
            return {}
        if not isinstance(answer, Mapping):
            raise SideUnreadable(_NO_DATA)  # The client hands over what is no JSON as text.
        return answer

    def _executed(self, request: Any) -> Any:
        try:
            with self._watch(request.methodId.removeprefix("calendar.")) as call:
                request.add_response_callback(lambda response: call.answered(response.status))
                return request.execute(http=self._connections.mine(), num_retries=0)
        except HttpError as error:
            raise self._meaning(error) from None  # Its text holds the URL, and with it the address of a person's calendar.
        except (OSError, httplib2.HttpLib2Error, http.client.HTTPException) as error:
            self._connections.drop_mine()
            raise unreachable(error) from error
        except UnicodeDecodeError as error:
            raise SideUnreadable(_NO_DATA) from error

    def _meaning(self, error: HttpError) -> Exception:
        status = int(error.resp.status)
        if status == HTTPStatus.UNAUTHORIZED:
            return _AccessRefused()
        refusal = refusal_of(status, error.content, error.resp.get("retry-after"), self._now())
        return meaning_anywhere(refusal) or Refused(refusal)


class _AccessRefused(Exception):
    """The access token is not accepted; a new one may be."""
