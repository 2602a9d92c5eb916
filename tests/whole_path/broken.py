"""The program with one piece broken, for each promise that the whole-path test has to notice being broken.

Each is put in where the program is put together; nothing is patched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from desksync.store.engine import Begin
from desksync.store.tables import begun_change, intent
from desksync.sync.event import Event, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.worker.calendar import Account, Calendar
from desksync_google_worker.calendar import GoogleCalendar
from desksync_google_worker.service import Make
from tests.whole_path.path import Making
from tests.whole_path.watched import Passing


class WithoutEtags(Passing):
    """Writes over whatever a person has written since the last reading."""

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        return self.calendar.update(account, replace(stored, version=""), event)

    def delete(self, account: Account, stored: Stored) -> None:
        self.calendar.delete(account, replace(stored, version=""))


@dataclass
class CursorFirst(Passing):
    """Goes on from where it last read, whether that was recorded or not."""

    cursor: str | None = None

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        reading = self.calendar.read(account, self.cursor if since is not None else None, window, known)
        self.cursor = reading.cursor
        return reading


@dataclass
class EverythingIsComplete(Passing):
    """Takes what is not in a list of changes for deleted, and does not look."""

    listed: set[str] = field(default_factory=set)

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        reading = replace(self.calendar.read(account, since, window, known), is_complete=True)
        self.listed = {event.id for event in reading.events}
        return reading

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        return self.calendar.look(account, event_id, known) if event_id in self.listed else None


class WithoutExceptions(Passing):
    """Reads a series as its rule has it, whatever became of single dates."""

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        reading = self.calendar.read(account, since, window, known)
        events = [replace(one, event=replace(one.event, exceptions={})) for one in reading.events]
        return replace(reading, events=tuple(events))


class Shortening(Passing):
    """Reads the beginning of a description only, and takes it for all of it."""

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        reading = self.calendar.read(account, since, window, known)
        events = [replace(one, event=replace(one.event, description=one.event.description[:3])) for one in reading.events]
        return replace(reading, events=tuple(events))


@dataclass(frozen=True)
class _Inviting:
    """The service of Google, to which every new event is sent with a guest."""

    service: Any

    def call(self, account: Account, make: Make, *, if_match: str = "") -> Any:
        return self.service.call(account, lambda events: make(_InvitingEvents(events)), if_match=if_match)


@dataclass(frozen=True)
class _InvitingEvents:
    events: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.events, name)

    def insert(self, *, body: dict[str, Any], **how: Any) -> Any:
        return self.events.insert(body=body | {"attendees": [{"email": "jiro@example.jp"}]}, **how)


def inviting(calendar: Calendar) -> Calendar:
    """Return Google's calendar, which invites somebody to every copy."""
    assert isinstance(calendar, GoogleCalendar)
    return GoogleCalendar(_Inviting(calendar.service))  # type: ignore[arg-type] # it has the one method that is used


def without_intents(begin: Begin) -> Begin:
    """Return transactions that keep no record of what is about to be created."""

    return _forgetting(begin, intent)


def without_begun_changes(begin: Begin) -> Begin:
    """Return transactions that keep no record of what is about to be changed."""
    return _forgetting(begin, begun_change)


def _forgetting(begin: Begin, table: Table) -> Begin:
    @contextmanager
    def forgetful() -> Iterator[Session]:
        with begin() as session:
            yield session
            session.execute(delete(table))

    return forgetful


BROKEN: dict[str, Making] = {
    "creations are not recorded before they are made (rule R9)": Making(begin=without_intents),
    "changes are not recorded before they are made (rule R2)": Making(begin=without_begun_changes),
    "etags are not checked": Making(google=WithoutEtags),
    "changed and cancelled dates are not read (rule R26)": Making(google=WithoutExceptions),
    "a shortened text is written back (rule R21)": Making(neo=Shortening),
    "a cursor counts before its changes are recorded": Making(google=CursorFirst),
    "a list of changes proves deletions (rule R3)": Making(google=EverythingIsComplete),
    "somebody is invited (rule R17)": Making(google=inviting),
}
