"""Every calendar that the contract is held against, with hands for the person who uses it and for the one who breaks it.

People's edits are made in each calendar's own words, so that no translation of ours is tested by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Protocol

from desksync.sync.absorb import absorb, missing
from desksync.sync.event import Side, Window, first_day
from desksync.sync.reading import Odd, Reading, Stored
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.calendar import Account, Calendar
from desksync.worker.errors import CalendarError, RetryLater, SideUnreadable
from desksync_google_worker.calendar import GoogleCalendar
from desksync_neo_worker.calendar import NeoCalendar
from tests.builders import A_MONDAY, WINDOW, an_event, timed
from tests.fakes import FakeCalendar, Kind
from tests.google_worker.desk import ADDRESS, Desk
from tests.neo_worker.office import ACCOUNT as SATO_AT_NEO
from tests.neo_worker.office import SATO, Office

How = Literal["away", "too many", "no calendar", "half"]
KEY, OTHER_KEY = "0123456789abcdef" * 4, "fedcba9876543210" * 4
MONDAYS = Recurrence(Frequency.WEEKLY, weekdays=(0,), count=5)
WEEK = timedelta(days=7)


class Person(Protocol):
    """Who uses one calendar, and who can break it."""

    @property
    def calendar(self) -> Calendar: ...

    @property
    def account(self) -> Account: ...

    def add(self, title: str, *, day: date = A_MONDAY, repeats: bool = False) -> str:
        """Add an event from 10 to 11, on five Mondays if it repeats, and return its id."""
        ...

    def rename(self, event_id: str, title: str) -> None: ...

    def remove(self, event_id: str) -> None: ...

    def move_one(self, event_id: str, day: date) -> None:
        """Let one occurrence take place from 15 to 16 instead."""
        ...

    def cancel_one(self, event_id: str, day: date) -> None: ...

    def titles(self) -> list[str]:
        """Return the titles of all occurrences in their order."""
        ...

    def break_next(self, kind: Kind, how: How) -> None:
        """Let the next such call fail before it has done anything."""
        ...

    def lose_answer(self, kind: Kind) -> None:
        """Let the next such call do its work, and then lose the answer."""
        ...

    def requests(self) -> int:
        """Return how many requests came in so far."""
        ...


@dataclass
class Reader:
    """Reads as a worker does, and remembers."""

    person: Person
    known: dict[str, Stored | Odd] = field(default_factory=dict)
    cursor: str | None = None

    def read(self, window: Window = WINDOW) -> Reading:
        """Read, and take in what was read."""
        calendar, account = self.person.calendar, self.person.account
        reading = calendar.read(account, self.cursor, window, lambda: self.known)
        if not reading.is_unchanged:
            linked = set(self.known)
            looked = {lacking: calendar.look(account, lacking) for lacking in missing(self.known, reading, linked)}
            self.known = dict(absorb(self.known, reading, looked, linked).known)
        self.cursor = reading.cursor
        return reading

    def keep(self, answered: Stored) -> Stored:
        """Remember what a write answered, as a worker does."""
        self.known[answered.id] = answered
        return answered

    def stored(self, event_id: str) -> Stored:
        """Return an event as it is known now."""
        found = self.known[event_id]
        assert isinstance(found, Stored), found
        return found


@dataclass
class FakePerson:
    """The user of a calendar in memory."""

    calendar: FakeCalendar
    account: Account = SATO_AT_NEO

    def add(self, title: str, *, day: date = A_MONDAY, repeats: bool = False) -> str:
        return self.calendar.add(an_event(title, when=timed(day=day), repeat=MONDAYS if repeats else None))

    def rename(self, event_id: str, title: str) -> None:
        self.calendar.edit(event_id, title=title)

    def remove(self, event_id: str) -> None:
        self.calendar.delete_event(event_id)

    def move_one(self, event_id: str, day: date) -> None:
        self.calendar.change_occurrence(event_id, day, when=timed(15, day=day))

    def cancel_one(self, event_id: str, day: date) -> None:
        self.calendar.cancel_occurrence(event_id, day)

    def titles(self) -> list[str]:
        found: list[tuple[date, str]] = []
        for event in self.calendar.events.values():
            first = first_day(event.when)
            for number in range(5 if event.repeat == MONDAYS else 1):
                one = event.exceptions.get(first + number * WEEK, event)
                found += [] if one is None else [(first + number * WEEK, one.title)]
        return [title for _, title in sorted(found)]

    def break_next(self, kind: Kind, how: How) -> None:
        errors: Mapping[How, CalendarError] = {
            "away": RetryLater("away"),
            "too many": RetryLater("too many calls", is_fault=False),
            "no calendar": SideUnreadable("a maintenance page"),
            "half": SideUnreadable("half a list"),
        }
        self.calendar.fail_next(kind, errors[how])

    def lose_answer(self, kind: Kind) -> None:
        self.calendar.fail_next(kind, RetryLater("no answer"), after_work=True)

    def requests(self) -> int:
        kinds: tuple[Kind, ...] = ("read", "look", "create", "update", "delete")
        return sum(self.calendar.calls(kind) for kind in kinds)


_FAULTS: Mapping[How, dict[str, Any]] = {
    "away": {"kind": "status", "status": 503},
    "too many": {"kind": "status", "status": 429},
    "no calendar": {"kind": "html"},
    "half": {"kind": "garbage"},
}


@dataclass
class NeoPerson:
    """A user of the stand-in for NEO."""

    office: Office

    @property
    def calendar(self) -> NeoCalendar:
        return self.office.calendar

    @property
    def account(self) -> Account:
        return self.office.account

    def add(self, title: str, *, day: date = A_MONDAY, repeats: bool = False) -> str:
        make = self.office.add_series if repeats else self.office.add
        return make(startdate=f"{day:%Y%m%d}", detail=title, **({} if repeats else {"enddate": f"{day:%Y%m%d}"}))

    def rename(self, event_id: str, title: str) -> None:
        self.office.change(event_id, detail=title)

    def remove(self, event_id: str) -> None:
        self.office.server.world.delete(event_id)

    def move_one(self, event_id: str, day: date) -> None:
        self.office.change_one(event_id, f"{day:%Y%m%d}", starttime="1500", endtime="1600")

    def cancel_one(self, event_id: str, day: date) -> None:
        self.office.cancel(event_id, f"{day:%Y%m%d}")

    def titles(self) -> list[str]:
        return [item["detail"] for item in self.office.server.world.records(SATO)]

    def break_next(self, kind: Kind, how: How) -> None:
        self.office.server.faults.add(on=self._operation(kind), **_FAULTS[how])

    def lose_answer(self, kind: Kind) -> None:
        self.office.server.faults.add(on=self._operation(kind), kind="lose_answer")

    def requests(self) -> int:
        return len(self.office.server.calls.all())

    def _operation(self, kind: Kind) -> str:
        return "list_schedules" if kind == "read" else {"look": "get"}.get(kind, kind).replace("create", "insert") + "_schedule"


@dataclass
class GooglePerson:
    """The owner of a calendar on the stand-in for Google."""

    desk: Desk

    @property
    def calendar(self) -> GoogleCalendar:
        return self.desk.calendar

    @property
    def account(self) -> Account:
        return self.desk.account

    def add(self, title: str, *, day: date = A_MONDAY, repeats: bool = False) -> str:
        rule = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"]} if repeats else {}
        return str(self.desk.server.world.add(ADDRESS, {"summary": title, **_span(day, 10), **rule})["id"])

    def rename(self, event_id: str, title: str) -> None:
        self.desk.server.world.patch(ADDRESS, event_id, {"summary": title})

    def remove(self, event_id: str) -> None:
        self.desk.server.world.delete(ADDRESS, event_id)

    def move_one(self, event_id: str, day: date) -> None:
        self.desk.server.world.patch(ADDRESS, f"{event_id}_{day:%Y%m%d}T010000Z", _span(day, 15))

    def cancel_one(self, event_id: str, day: date) -> None:
        self.remove(f"{event_id}_{day:%Y%m%d}T010000Z")

    def titles(self) -> list[str]:
        years = (self.desk.clock.moment - timedelta(days=700), self.desk.clock.moment + timedelta(days=700))
        found = [one for one in self.desk.server.world.occurrences(ADDRESS, *years) if one["status"] != "cancelled"]
        return [one["summary"] for one in sorted(found, key=lambda one: str(one["start"]))]

    def break_next(self, kind: Kind, how: How) -> None:
        self.desk.server.faults.add(on=self._operation(kind), **_FAULTS[how])

    def lose_answer(self, kind: Kind) -> None:
        # The client sends once more when a connection breaks; an error after the work is lost for good.
        self.desk.server.faults.add(on=self._operation(kind), kind="lose_answer", status=503)

    def requests(self) -> int:
        return len(self.desk.server.calls.all())

    def _operation(self, kind: Kind) -> str:
        return {
            "read": "events.list",
            "look": "events.get",
            "create": "events.insert",
            "update": "events.patch",
            "delete": "events.delete",
        }[kind]


def _span(day: date, hour: int) -> dict[str, dict[str, str]]:
    return {
        name: {"dateTime": f"{day}T{at}:00:00+09:00", "timeZone": "Asia/Tokyo"}
        for name, at in (("start", hour), ("end", hour + 1))
    }


def a_fake(side: Side) -> FakePerson:
    """Return the user of an empty calendar in memory."""
    return FakePerson(FakeCalendar(side))
