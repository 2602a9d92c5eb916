"""A Google calendar on this machine, and the adapter that speaks to it, for the tests of this folder."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from desksync.sync.event import Event
from desksync.sync.reading import Known, Reading, Stored
from desksync.worker.calendar import Account
from desksync.worker.calls import Watch, unwatched
from desksync.worker.gate import Gate, ungated
from desksync_google_worker.calendar import GoogleCalendar
from desksync_google_worker.service import GoogleService
from desksync_sandbox.google import GoogleServer, GoogleSwitches
from tests.builders import TOKYO, WINDOW

ADDRESS = "hanako@example.jp"
KEY = "0123456789abcdef" * 4
OTHER_KEY = "fedcba9876543210" * 4
TIMEOUT = timedelta(seconds=20)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 11, 23, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.moment += by


@dataclass
class Desk:
    """One account, its calendar on the stand-in, and the adapter."""

    server: GoogleServer
    service: GoogleService
    clock: Clock
    account: Account = field(default_factory=lambda: Account(1, ADDRESS, "1//hanako", TOKYO))

    @property
    def calendar(self) -> GoogleCalendar:
        return GoogleCalendar(self.service)

    def read(self, since: str | None = None, known: Known | None = None) -> Reading:
        """Read the usual window. What is known is asked for only where a test gives it."""
        return self.calendar.read(self.account, since, WINDOW, _not_needed if known is None else lambda: known)

    def create(self, event: Event, key: str = KEY) -> Stored:
        return self.calendar.create(self.account, event, key)

    def update(self, stored: Stored, event: Event) -> Stored:
        return self.calendar.update(self.account, stored, event)

    def look(self, event_id: str = KEY) -> Stored:
        """Return an event that has to be there and understood."""
        found = self.calendar.look(self.account, event_id)
        assert isinstance(found, Stored)
        return found

    def add(self, event_id: str = "abc12", **fields: Any) -> dict[str, Any]:
        """Add an event as a person does on Google's page, on a Monday from 10 to 11."""
        span = {
            "start": {"dateTime": "2026-11-23T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
            "end": {"dateTime": "2026-11-23T11:00:00+09:00", "timeZone": "Asia/Tokyo"},
        }
        return dict(self.server.world.add(ADDRESS, {"id": event_id, "summary": "Stand-up", **span, **fields}))

    def held(self, event_id: str = KEY) -> dict[str, Any]:
        """Return the resource as the stand-in keeps it."""
        return dict(self.server.world.get(ADDRESS, event_id))

    def asked(self) -> list[str]:
        """Return which operations were asked for, token requests left out."""
        return [call.operation for call in self.server.calls.all() if call.operation != "oauth.token"]

    def without_attendance(self) -> "Desk":
        """Return the same desk with the block of participants turned off."""
        return replace(self, account=replace(self.account, shows_attendance=False))


def _not_needed() -> Known:
    raise AssertionError("Asking what is known costs a query, and is not needed here.")


def a_service(
    server: GoogleServer,
    clock: Clock,
    *,
    timeout: timedelta = TIMEOUT,
    gate: Gate = ungated,
    watch: Watch = unwatched,
    **addresses: str,
) -> GoogleService:
    """Return a service that speaks to the stand-in."""
    urls = {"api_url": server.api_url, "token_url": server.token_url} | addresses
    return GoogleService(
        api_url=urls["api_url"],
        token_url=urls["token_url"],
        client_id="desksync-demo.apps.googleusercontent.com",
        client_secret="demo-secret",
        timeout=timeout,
        now=clock,
        gate=gate,
        watch=watch,
    )


def start_over(server: GoogleServer) -> None:
    """Make a running stand-in as new, with the usual switches."""
    usual = GoogleSwitches()
    server.world.switch(**{name: getattr(usual, name) for name in GoogleSwitches.__slots__})
    server.reset()


def instance(day: date) -> str:
    """Return Google's id of a date of the series under `KEY`."""
    return f"{KEY}_{day:%Y%m%d}T010000Z"
