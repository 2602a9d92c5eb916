"""Takes any iCalendar file into the stand-in for Google, so that real calendars can be tried.

What the file says of one event becomes a resource of the Calendar API. Guests and organisers are left out: a trial needs nobody's
address. What makes no sense is skipped and reported, and harms no other entry.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Component
from icalendar.error import BrokenCalendarProperty

from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.seed import EMPTY
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from desksync_sandbox.ical_parts import Entry, NotACalendar, Unreadable, parts_of
from desksync_sandbox.ical_times import Zones, zones_of

Resource = dict[str, Any]

_DAY = timedelta(days=1)
_STATUS = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that was left out: its number in the file, counted from 1, and why."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"entry {self.number} is left out: {self.why}"


@dataclass(frozen=True, slots=True)
class Imported:
    """Event resources in an order in which they can be added: exceptions after their series."""

    events: tuple[Resource, ...]
    skipped: tuple[Skipped, ...]


def read_ical(content: bytes, *, zone: str = "Asia/Tokyo") -> Imported:
    """Return the events of a file. `zone` is the one for times that name none. Raises `NotACalendar`."""
    entries: list[tuple[Entry, Zones]] = []
    for part in parts_of(content):
        zones = zones_of(part, zone)
        entries += [(entry, zones) for entry in part.entries]
    if not entries:
        raise NotACalendar("The calendar holds no entry. Export one with events in it.")
    reader = _Reader()
    later = []
    for number, (entry, zones) in enumerate(entries, 1):
        with reader.judged(number):
            component = _event_in(entry)
            if component.get("RECURRENCE-ID") is None:
                reader.take(component, zones)
            else:
                later.append((number, component, zones))
    for number, component, zones in later:
        with reader.judged(number):
            reader.take(component, zones)
    return Imported(tuple(reader.events), tuple(sorted(reader.skipped, key=lambda one: one.number)))


def with_events(seed: Mapping[str, Any] | None, events: Iterable[Resource]) -> dict[str, Any]:
    """Return the seed of the stand-in with these events in the own calendar of its first account."""
    accounts = [dict(one) for one in (seed or EMPTY).get("accounts", [])] or [dict(one) for one in EMPTY["accounts"]]
    first = accounts[0]
    calendars = [dict(one) for one in first.get("calendars", [])]
    own = next((one for one in calendars if one.get("id") == first["email"]), None)
    if own is None:
        own = {"id": first["email"]}
        calendars.insert(0, own)
    own["events"] = [*own.get("events", []), *events]
    first["calendars"] = calendars
    return {**(seed or EMPTY), "accounts": accounts}


class _Reader:
    """Reads entries, and adds each to a scratch calendar at once: what that refuses would be refused later as well."""

    def __init__(self) -> None:
        self.events: list[Resource] = []
        self.skipped: list[Skipped] = []
        self._scratch = World(EMPTY, GoogleSwitches(), lambda: datetime(2000, 1, 1, tzinfo=UTC))
        (self._address,) = self._scratch.accounts
        self._series: set[str] = set()

    @contextmanager
    def judged(self, number: int) -> Iterator[None]:
        """Leave an entry out that makes no sense, and say why."""
        try:
            yield
        except (Unreadable, BrokenCalendarProperty, GoogleError, ValueError, OverflowError) as problem:
            self.skipped.append(Skipped(number, _why(problem)))

    def take(self, entry: Component, zones: Zones) -> None:
        event = self._event(entry, zones)
        self._scratch.add(self._address, event)
        self.events.append(event)
        if "recurrence" in event:
            self._series.add(event["id"])

    def _event(self, entry: Component, zones: Zones) -> Resource:
        uid = _text(entry, "UID")
        event_id = hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()
        event = _texts(entry) | _span(entry, zones)
        if entry.get("RECURRENCE-ID") is not None:
            return self._exception(entry, zones, event_id, event)
        if event["status"] == "cancelled":
            raise Unreadable("it is cancelled")
        lines = _recurrence(entry, zones)
        return {"id": event_id, "iCalUID": uid, **event, **({"recurrence": lines} if lines else {})}

    def _exception(self, entry: Component, zones: Zones, series_id: str, event: Resource) -> Resource:
        which = _single(entry, "RECURRENCE-ID")
        if str(which.params.get("RANGE", "")).upper() == "THISANDFUTURE":
            raise Unreadable("it changes an occurrence and all that follow, which Google keeps as a series of its own")
        original = zones.when(*_moment(which.dt, which.params.get("TZID")))
        if series_id in self._series:
            return {**event, "recurringEventId": series_id, "originalStartTime": original}
        # An invitation to one date of a series that is not in the file is an event of its own.
        alone = hashlib.sha256(f"{series_id} {original}".encode()).hexdigest()
        return {"id": alone, **event}


def _event_in(entry: Entry) -> Component:
    if entry.name != "VEVENT":
        raise Unreadable(f"it is a {entry.name}, and no event")
    component = entry.component()
    if not _text(component, "UID"):
        raise Unreadable("it has no UID")
    return component


def _texts(entry: Component) -> Resource:
    access = _text(entry, "CLASS").upper()
    return {
        "summary": _text(entry, "SUMMARY"),
        "location": _text(entry, "LOCATION"),
        "description": _text(entry, "DESCRIPTION"),
        "status": _STATUS.get(_text(entry, "STATUS").upper(), "confirmed"),
        "transparency": "transparent" if _text(entry, "TRANSP").upper() == "TRANSPARENT" else "opaque",
        "visibility": "private" if access in {"PRIVATE", "CONFIDENTIAL"} else "default",
    }


def _text(entry: Component, name: str) -> str:
    value = entry.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _span(entry: Component, zones: Zones) -> Resource:
    starts, ends, lasts = (_single(entry, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if starts is None:
        raise Unreadable("it does not say when it begins")
    start, tzid = _moment(starts.dt, starts.params.get("TZID"))
    if ends is not None:
        end, end_tzid = _moment(ends.dt, ends.params.get("TZID"))
    else:
        end, end_tzid = start + _duration(lasts), tzid
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        end = max(end, start + _DAY)
    return {"start": zones.when(start, tzid), "end": zones.when(end, end_tzid)}


def _recurrence(entry: Component, zones: Zones) -> list[str]:
    lines = [f"{name}:{rule.to_ical().decode()}" for name in ("RRULE", "EXRULE") for rule in _several(entry.get(name))]
    for name in ("EXDATE", "RDATE"):
        for several in _several(entry.get(name)):
            lines += zones.line(name, [_moment(one.dt, several.params.get("TZID")) for one in several.dts])
    return lines


def _moment(value: Any, tzid: str | None) -> tuple[date | datetime, str | None]:
    if not isinstance(value, date):
        raise Unreadable("one of its times is a period or a duration, which Google does not know there")
    return value, tzid


def _duration(lasts: Any) -> timedelta:
    if lasts is None:
        return timedelta(0)
    if not isinstance(lasts.dt, timedelta):
        raise Unreadable("how long it lasts cannot be read")
    return lasts.dt


def _single(entry: Component, name: str) -> Any:
    """Return a property that may be there once. Raises `Unreadable` for more: there is no telling which one counts."""
    value = entry.get(name)
    if isinstance(value, list):
        raise Unreadable(f"it has several {name}")
    return value


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _why(problem: Exception) -> str:
    match problem:
        case BrokenCalendarProperty():
            return "one of its dates or rules cannot be read"
        case GoogleError(reason="notFound"):
            return "its series has no such occurrence"
        case GoogleError(reason="duplicate"):
            return "another entry has the same UID"
        case GoogleError():
            return f"Google would not take it: {problem.message}"
        case Unreadable():
            return str(problem)
        case _:
            return "it cannot be understood"
