"""A calendar in memory that behaves like NEO or like Google where syncing can tell the difference. Knows no wire format."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from desksync.sync.clocks import read_anew
from desksync.sync.event import Event, Side, Timed, Window, first_day, occurrence_on, seen_from
from desksync.sync.reading import Known, Odd, Reading, SeenOccurrence, Stored
from desksync.sync.recurrence import gives
from desksync.sync.series import touches, with_exceptions
from desksync.sync.text import tidy
from desksync.sync.views import kept_by
from desksync.worker.calendar import Account
from desksync.worker.errors import CalendarError, EventRefused

Answer = TypeVar("Answer")
Kind = Literal["read", "look", "create", "update", "delete"]

NEO_TITLE_LIMIT = 120
"""How long a title the NEO of the tests can hold. Real limits are not published."""

_FIELDS = tuple(field.name for field in fields(Event) if field.name != "exceptions")


@dataclass(frozen=True, slots=True)
class _Held:
    event: Event
    version: int
    is_editable: bool = True
    odd_why: str | None = None


@dataclass(slots=True)
class _Fault:
    error: CalendarError
    times: int
    after_work: bool


class FakeCalendar:
    """One calendar of one user, behind the `Calendar` port; of the account of a call only the zone matters.

    When the zone is another one than before, NEO's clock times stay and mean other moments, and Google's moments stay.
    NEO: a complete reading of the window, no versions, no exception of a series told that lies outside the window,
    participants that are never written. Google: changes since a cursor with tombstones, versions, chosen ids, no restricted
    access, no open end.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._events: dict[str, _Held] = {}
        self._journal: list[tuple[str, date | None]] = []
        self._zone: ZoneInfo | None = None
        self._counter = 0
        self._oldest_cursor = 0
        self._calls: Counter[Kind] = Counter()
        self._faults: dict[Kind, list[_Fault]] = {}
        self.copies: set[str] = set()
        """The ids of the events in NEO that no person made."""
        self.refuses: Callable[[Event], bool] = lambda _: False
        self.refuses_new: Callable[[Event], bool] = lambda _: False
        """What it does not take as a new event, although it may become so."""
        self.proves_nothing = False
        """NEO's list holds an entry that could be any event, so that nothing counts as missing from it."""
        self.before_call: Callable[[Kind], None] = lambda _: None
        self.requests = 1
        """How many requests each call sends."""
        self.before_request: Callable[[], None] = lambda: None
        self.after_request: Callable[[], None] = lambda: None

    # What a person does.

    def add(self, event: Event, *, is_editable: bool = True) -> str:
        """Add an event as a person does, and return its id."""
        self._counter += 1
        event_id = f"{self._side.value}{self._counter}"
        self._put(event_id, event, is_editable=is_editable)
        return event_id

    def edit(self, event_id: str, **changes: Any) -> None:
        """Change fields of an event or of a whole series."""
        self._put(event_id, replace(self._events[event_id].event, **changes))

    def delete_event(self, event_id: str) -> None:
        """Delete an event or a whole series."""
        self._remove(event_id)

    def change_occurrence(self, event_id: str, day: date, **changes: Any) -> None:
        """Change fields of the occurrence that the rule gave that date."""
        series = self._events[event_id].event
        one = series.exceptions.get(day) or occurrence_on(series, day)
        self._put_days(event_id, {day: replace(one, **changes)})

    def cancel_occurrence(self, event_id: str, day: date) -> None:
        """Take one date out of a series."""
        self._put_days(event_id, {day: None})

    def restore_occurrence(self, event_id: str, day: date) -> None:
        """Make one date of a series again what the rule says."""
        self._put_days(event_id, {day: occurrence_on(self._events[event_id].event, day)})

    def set_editable(self, event_id: str, *, is_editable: bool) -> None:
        """Say whether the account may change the event."""
        self._put(event_id, self._events[event_id].event, is_editable=is_editable)

    def set_odd(self, event_id: str, why: str | None) -> None:
        """Make the event one that cannot be understood, or understandable again: then its exceptions are told once more."""
        self._events[event_id] = replace(self._events[event_id], odd_why=why)
        self._note(event_id)
        for day in [] if why else self._events[event_id].event.exceptions:
            self._note(event_id, day)

    # What a test looks at and orders.

    @property
    def events(self) -> Mapping[str, Event]:
        """Return everything that is there, by id."""
        return {event_id: held.event for event_id, held in self._events.items()}

    def titles(self) -> list[str]:
        """Return the titles of all events in order."""
        return sorted(held.event.title for held in self._events.values())

    def calls(self, kind: Kind) -> int:
        """Return how often it was called so far."""
        return self._calls[kind]

    def fail_next(self, kind: Kind, error: CalendarError, *, times: int = 1, after_work: bool = False) -> None:
        """Let the next calls of that kind fail; with `after_work` the work is done and the answer lost."""
        self._faults.setdefault(kind, []).append(_Fault(error, times, after_work))

    def forget_faults(self) -> None:
        """Let all calls succeed again."""
        self._faults.clear()
        self.refuses = self.refuses_new = lambda _: False

    def expire_cursors(self) -> None:
        """Make all cursors given out so far worthless, so that the next reading is complete."""
        self._oldest_cursor = len(self._journal) + 1
        self._journal.append(("", None))

    def lose_news(self) -> None:
        """Let no list of changes tell of what was changed so far."""
        self._journal = [("", None)] * len(self._journal)

    # The port.

    @property
    def side(self) -> Side:
        """Say which side this is."""
        return self._side

    @property
    def checks_versions(self) -> bool:
        """Say whether an outdated write is refused."""
        return not self._is_neo

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:  # noqa: ARG002 - remembers all
        """Return what is in the window, or what changed since the cursor."""
        read = self._read_neo if self._is_neo else self._read_google
        return self._called("read", account, lambda: read(since, window))

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:  # noqa: ARG002 - tells all
        """Return one event, wherever it is in time."""
        return self._called("look", account, lambda: self._told(event_id) if event_id in self._events else None)

    def create(self, account: Account, event: Event, key: str) -> Stored:
        """Create the event; on Google under the key as its id, adopting what is there."""

        def work() -> Stored:
            self._check(event)
            if key not in self._events and self.refuses_new(event):
                raise EventRefused("the calendar does not take such a new one")
            if self._is_neo:
                if event.attendance:
                    raise AssertionError("participants are never written to NEO")
                copy = self._stored(self.add(event))
                self.copies.add(copy.id)
                return copy
            if key in self._events:
                return replace(self._stored(key), is_adopted=True)
            self._put(key, event)
            return self._stored(key)

        return self._called("create", account, work)

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        """Change what differs between the two."""

        def work() -> Stored:
            held = self._expect(stored)
            self._check(event)
            if self._is_neo and event.attendance != stored.event.attendance:
                raise AssertionError("participants are never written to NEO")
            if not held.is_editable:
                raise EventRefused("the account may not change it")
            changes = {name: getattr(event, name) for name in _FIELDS if getattr(stored.event, name) != getattr(event, name)}
            days = {*stored.event.exceptions, *event.exceptions}
            self._put(stored.id, replace(held.event, **changes))
            series = self._events[stored.id].event
            if series.repeat is not None:
                regular = {day: occurrence_on(series, day) for day in days}
                differing = [
                    day
                    for day in days
                    if stored.event.exceptions.get(day, "regular") != event.exceptions.get(day, "regular")
                    and gives(series.repeat, first_day(series.when), day)
                ]
                self._put_days(stored.id, {day: event.exceptions.get(day, regular[day]) for day in differing})
            return self._stored(stored.id)

        return self._called("update", account, work)

    def delete(self, account: Account, stored: Stored) -> None:
        """Delete the event; what is gone already is success."""

        def work() -> None:
            if stored.id not in self._events:
                return
            if not self._expect(stored).is_editable:
                raise EventRefused("the account may not delete it")
            self._remove(stored.id)

        self._called("delete", account, work)

    def look_from(self, zone: ZoneInfo) -> None:
        """Show everything in that zone from now on, as every call of the port does."""
        before, self._zone = self._zone, zone
        if before in (None, zone):
            return
        for event_id, held in self._events.items():
            event = read_anew(held.event, zone) if self._is_neo else _shown_in(zone, held.event)
            self._events[event_id] = replace(held, event=event)

    # How it works inside.

    @property
    def _is_neo(self) -> bool:
        return self._side is Side.NEO

    def _called(self, kind: Kind, account: Account, work: Callable[[], Answer]) -> Answer:
        self.before_call(kind)
        for _ in range(self.requests):
            account.patience.through(nullcontext, lambda: self._request(account))
        self.look_from(account.zone)
        self._calls[kind] += 1
        faults = self._faults.get(kind, [])
        fault = faults[0] if faults else None
        if fault is not None:
            fault.times -= 1
            if fault.times == 0:
                faults.pop(0)
            if not fault.after_work:
                raise fault.error
        answer = work()
        if fault is not None:
            raise fault.error
        return answer

    def _request(self, account: Account) -> None:
        account.beat()
        self.before_request()
        self.after_request()

    def _check(self, event: Event) -> None:
        if self.refuses(event):
            raise EventRefused("the calendar does not take it")

    def _expect(self, stored: Stored) -> _Held:
        held = self._events.get(stored.id)
        if held is None:
            raise EventRefused("it is gone", is_stale=True)
        if not self._is_neo and stored.version != str(held.version):
            raise EventRefused("it changed meanwhile", is_stale=True)
        return held

    def _stored(self, event_id: str) -> Stored:
        held = self._events[event_id]
        return Stored(event_id, held.event, "" if self._is_neo else str(held.version), is_editable=held.is_editable)

    def _told(self, event_id: str) -> Stored | Odd:
        why = self._events[event_id].odd_why
        return self._stored(event_id) if why is None else Odd(event_id, why)

    def _put(self, event_id: str, event: Event, *, is_editable: bool | None = None) -> None:
        before = self._events.get(event_id)
        kept = self._as_kept(event)
        new = with_exceptions(kept, kept.exceptions)
        self._counter += 1
        self._events[event_id] = _Held(
            new,
            self._counter,
            is_editable=is_editable if is_editable is not None else before is None or before.is_editable,
            odd_why=None if before is None else before.odd_why,
        )
        self._note(event_id)
        for day in {} if before is None else before.event.exceptions:
            self._note(event_id, day)
        for day in new.exceptions:
            self._note(event_id, day)

    def _put_days(self, event_id: str, days: Mapping[date, Event | None]) -> None:
        if days:
            event = self._events[event_id].event
            self._put(event_id, with_exceptions(event, {**event.exceptions, **days}))
            for day in days:
                self._note(event_id, day)

    def _remove(self, event_id: str) -> None:
        del self._events[event_id]
        self._note(event_id)

    def _note(self, event_id: str, day: date | None = None) -> None:
        self._journal.append((event_id, day))

    def _as_kept(self, event: Event) -> Event:
        kept = {day: None if one is None else self._as_kept(one) for day, one in event.exceptions.items()}
        if not self._is_neo:
            plain = kept_by(Side.GOOGLE, event)
            return replace(plain, exceptions=kept, location=tidy(event.location), description=tidy(event.description))
        return replace(
            event,
            exceptions=kept,
            when=_in_minutes(event.when) if isinstance(event.when, Timed) else event.when,
            title=event.title[:NEO_TITLE_LIMIT],
            description=event.description.replace("\r\n", "\n").replace("\n", "\r\n"),
        )

    def _read_neo(self, since: str | None, window: Window) -> Reading:
        told = {event_id: self._told(event_id) for event_id, held in self._events.items() if touches(held.event, window)}
        seen = [_in_sight(item, window) for item in told.values() if isinstance(item, Stored)]
        odd = [item for item in told.values() if isinstance(item, Odd)]
        cursor = hashlib.sha256(repr((window, seen, odd)).encode()).hexdigest()
        if since == cursor:
            return Reading(self._side, window, cursor=cursor, is_unchanged=True)
        return Reading(self._side, window, events=tuple(seen), odd=tuple(odd), cursor=cursor, is_complete=not self.proves_nothing)

    def _read_google(self, since: str | None, window: Window) -> Reading:
        cursor = str(len(self._journal))
        is_complete = since is None or int(since) < self._oldest_cursor
        if since is None or is_complete:
            window = Window(window.first, date.max)  # What comes into the window later is known by then.
            told = {event_id for event_id, held in self._events.items() if touches(held.event, window)}
            days = {(event_id, day) for event_id in told for day in self._events[event_id].event.exceptions}
            gone = frozenset[str]()
        else:
            news = self._journal[int(since) :]
            told = {event_id for event_id, _ in news if event_id in self._events}
            days = {(event_id, day) for event_id, day in news if event_id in self._events and day is not None}
            gone = frozenset(event_id for event_id, _ in news if event_id not in self._events and event_id)
        items = [self._told(event_id) for event_id in sorted(told)]
        readable = [item for item in items if isinstance(item, Stored)]
        return Reading(
            self._side,
            window,
            events=tuple(replace(item, event=replace(item.event, exceptions={})) for item in readable),
            occurrences=tuple(one for event_id, day in sorted(days) for one in _occurrence(self._stored(event_id), day)),
            odd=tuple(item for item in items if isinstance(item, Odd)),
            gone=gone,
            cursor=cursor,
            is_complete=is_complete,
            is_unchanged=not is_complete and not (items or gone),
        )


def _shown_in(zone: ZoneInfo, event: Event) -> Event:
    """Return an event of Google by the user's clock. A series keeps its own; its exceptions are told by the user's."""
    exceptions = {day: None if one is None else _shown_in(zone, one) for day, one in event.exceptions.items()}
    return replace(event, when=event.when if event.repeat else seen_from(event.when, zone), exceptions=exceptions)


def _in_minutes(when: Timed) -> Timed:
    return Timed(
        when.start.replace(second=0, microsecond=0),
        None if when.end is None else when.end.replace(second=0, microsecond=0),
    )


def _in_sight(series: Stored, window: Window) -> Stored:
    """Return the series with those exceptions only that a list of the window shows."""
    told = {
        day: one
        for day, one in series.event.exceptions.items()
        if window.first <= day <= window.last or (one is not None and touches(one, window))
    }
    return replace(series, event=replace(series.event, exceptions=told))


def _occurrence(series: Stored, day: date) -> list[SeenOccurrence]:
    event = series.event
    if event.repeat is None or not gives(event.repeat, first_day(event.when), day):
        return []
    one = event.exceptions.get(day, occurrence_on(event, day))
    return [SeenOccurrence(series.id, day, None if one is None else replace(series, id=f"{series.id}_{day:%Y%m%d}", event=one))]
