"""A running stand-in NEO with three users, and the adapter that talks to it over HTTP, for the tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx

from desksync.sync.event import Event, Window
from desksync.sync.reading import Odd, Reading, Stored, last_known
from desksync.worker.calendar import Account
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.switches import NeoSwitches
from tests.builders import TOKYO, WINDOW

KEY = "0" * 64
SITE_KEY = "key-of-the-site"
SATO, SUZUKI, TANAKA = "84", "85", "86"
SEED: dict[str, Any] = {
    "site_key": SITE_KEY,
    "users": [
        {"id": SATO, "login_id": "10001", "name": "佐藤 健一", "password": "cherry-1", "access_key": "key-of-sato"},
        {"id": SUZUKI, "login_id": "10002", "name": "鈴木 美咲", "password": "cherry-2", "access_key": "key-of-suzuki"},
        {"id": TANAKA, "login_id": "10003", "name": "田中 陽子", "access_key": "key-of-tanaka"},
    ],
    "facilities": [{"id": "9", "name": "第1会議室"}],
    "rights": [{"owner": TANAKA, "viewer": SATO, "view": "none"}],
}
ACCOUNT = Account(1, SATO, "key-of-sato", TOKYO)


@dataclass
class Office:
    """The server and the calendar of one user, with a memory like the one that the worker has."""

    server: NeoServer
    client: NeoClient
    account: Account = ACCOUNT
    known: dict[str, Stored | Odd] = field(default_factory=dict)
    cursor: str | None = None

    @property
    def calendar(self) -> NeoCalendar:
        return NeoCalendar(self.client)

    def turn(self, **switches: Any) -> None:
        self.server.switches = NeoSwitches(**switches)

    def add(self, day: str = "20261123", **fields: Any) -> str:
        """Let a person add an event, from 10 to 11 unless told otherwise."""
        plain = {"startdate": day, "enddate": day, "starttime": "1000", "endtime": "1100", "detail": "朝会"}
        return self.server.world.add(SATO, **(plain | fields))

    def add_series(self, **fields: Any) -> str:
        """Let a person add a weekly series on five Mondays."""
        return self.add(**({"repeat": "w", "everyweekday": "1000000", "rependtimes": "5", "enddate": ""} | fields))

    def change(self, sid: str, **fields: Any) -> str:
        """Let a person change an event, or the whole series."""
        return self.server.world.change(sid, **fields)

    def change_one(self, sid: str, seldate: str, **fields: Any) -> str:
        """Let a person change one occurrence."""
        keeps = self.server.switches.changed_occurrence_keeps_sid
        return self.server.world.change(sid, modkind=1, seldate=seldate, keeps_sid=keeps, **fields)

    def mask(self, sid: str, mask: str) -> None:
        """Let NEO show the user only the time of an event (`time`), or all of it again (empty)."""
        shelf = self.server.world.shelf
        shelf.replace(sid, replace(shelf.get(sid), mask=mask))

    def cancel(self, sid: str, seldate: str) -> None:
        """Let a person cancel one occurrence."""
        self.server.world.delete(sid, modkind=1, seldate=seldate)

    def read(self, window: Window = WINDOW) -> Reading:
        """Read, and remember what was read as the worker does."""
        reading = self.calendar.read(self.account, self.cursor, window, lambda: self.known)
        if not reading.is_unchanged:
            self.known = {stored.id: stored for stored in reading.events} | {
                odd.id: replace(odd, last=last_known(self.known.get(odd.id))) for odd in reading.odd
            }
        self.cursor = reading.cursor
        return reading

    def stored(self, sid: str) -> Stored:
        """Return an event as it was last read or written."""
        found = self.known[sid]
        assert isinstance(found, Stored), found
        return found

    def keep(self, stored: Stored) -> Stored:
        """Remember what a write answered."""
        self.known[stored.id] = stored
        return stored

    def calls(self, operation: str | None = None) -> int:
        return len(self.server.calls.all(operation))

    def posted(self, operation: str) -> list[Mapping[str, str]]:
        """Return the parameters of the calls of one operation."""
        return [call.parameters for call in self.server.calls.all(operation)]

    def forget_calls(self) -> None:
        self.server.calls.clear()

    def create(self, event: Event) -> Stored:
        """Create an event, and remember the answer as the worker does."""
        return self.keep(self.calendar.create(self.account, event, KEY))

    def update(self, stored: Stored, event: Event) -> Stored:
        """Change an event, and remember the answer as the worker does."""
        del self.known[stored.id]
        return self.keep(self.calendar.update(self.account, stored, event))

    def is_settled(self, stored: Stored) -> bool:
        """Say whether a reading gives what the write had answered, and nothing else."""
        return self.read().events == (stored,)

    def items(self, sid: str | None = None) -> list[dict[str, Any]]:
        """Return what NEO really holds for the user."""
        return [item for item in self.server.world.records(SATO) if sid in (None, item["sid"])]

    def dates(self, sid: str) -> list[str]:
        return [item["startdate"] for item in self.items(sid)]


@contextmanager
def a_running_neo() -> Iterator[tuple[NeoServer, NeoClient]]:
    with NeoServer(SEED) as server, NeoClient(server.base_url, timeout=timedelta(seconds=20)) as client:
        yield server, client


def an_office(running: tuple[NeoServer, NeoClient]) -> Office:
    """Return the office as seeded, without a memory."""
    server, client = running
    server.reset()
    return Office(server, client)


def as_site(office: Office) -> Office:
    """Return the same with the key of the site."""
    return replace(office, account=replace(ACCOUNT, secret=SITE_KEY))


def window(first: date, days: int) -> Window:
    return Window(first, first + timedelta(days=days))


def from_neo(*items: Any) -> NeoClient:
    """Return a client whose NEO lists these items, and knows no single one of them."""

    def answer(request: httpx.Request) -> httpx.Response:
        if b"list_schedules" in request.content:
            return httpx.Response(200, json={"status": "ok", "allcnt": str(len(items)), "list": {"item": list(items)}})
        return httpx.Response(200, json={"status": "ng", "errorno": -110})

    return NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer))
