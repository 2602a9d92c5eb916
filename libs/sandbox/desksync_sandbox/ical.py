"""Takes any iCalendar file into the stand-in for Google, so that real calendars can be tried.

What the file says of one event becomes a resource of the Calendar API. Guests and organisers are left out: a trial needs nobody's
address. What makes no sense is skipped and reported, and harms no other entry.
"""

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty

from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.seed import EMPTY
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from desksync_sandbox.ical_times import Unreadable, Zones, zones_of

Resource = dict[str, Any]

_DAY = timedelta(days=1)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_STATUS = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}


class NotACalendar(ValueError):
    """The file is no iCalendar file at all; `str()` says why and what to do."""


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
    entries: list[tuple[int, Component, Zones]] = []
    for calendar in _calendars(content):
        zones = zones_of(calendar, zone)
        found = (one for one in calendar.subcomponents if one.name != "VTIMEZONE")
        entries += [(number, one, zones) for number, one in enumerate(found, len(entries) + 1)]
    if not entries:
        raise NotACalendar("The calendar holds no entry. Export one with events in it.")
    reader = _Reader()
    for number, entry, zones in sorted(entries, key=lambda one: _is_exception(one[1])):
        try:
            reader.take(entry, zones)
        except (Unreadable, BrokenCalendarProperty, GoogleError, ValueError, TypeError, OverflowError) as problem:
            reader.skipped.append(Skipped(number, _why(problem)))
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

    def take(self, entry: Component, zones: Zones) -> None:
        if entry.name != "VEVENT":
            raise Unreadable(f"it is a {entry.name}, and no event")
        if not entry.get("UID"):
            raise Unreadable("it has no UID")
        event = self._event(entry, zones)
        self._scratch.add(self._address, event)
        self.events.append(event)
        if "recurrence" in event:
            self._series.add(event["id"])

    def _event(self, entry: Component, zones: Zones) -> Resource:
        uid = str(entry["UID"])
        event_id = hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()
        event = _texts(entry) | _span(entry, zones)
        if _is_exception(entry):
            return self._exception(entry, zones, event_id, event)
        if event["status"] == "cancelled":
            raise Unreadable("it is cancelled")
        lines = _recurrence(entry, zones)
        return {"id": event_id, "iCalUID": uid, **event, **({"recurrence": lines} if lines else {})}

    def _exception(self, entry: Component, zones: Zones, series_id: str, event: Resource) -> Resource:
        which: Any = entry["RECURRENCE-ID"]
        if str(which.params.get("RANGE", "")).upper() == "THISANDFUTURE":
            raise Unreadable("it changes an occurrence and all that follow, which Google keeps as a series of its own")
        original = zones.when(which.dt, which.params.get("TZID"))
        if series_id in self._series:
            return {**event, "recurringEventId": series_id, "originalStartTime": original}
        # An invitation to one date of a series that is not in the file is an event of its own.
        alone = hashlib.sha256(f"{series_id} {original}".encode()).hexdigest()
        return {"id": alone, **event}


def _calendars(content: bytes) -> list[Component]:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotACalendar("The file is not written in UTF-8. Save it as UTF-8 and try again.") from error
    if not text.strip():
        raise NotACalendar("The file is empty.")
    if "BEGIN:VCALENDAR" not in text.upper():
        raise NotACalendar("The file is no iCalendar file: it has no line BEGIN:VCALENDAR.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns of zones that it guesses; `Zones` decides that here.
            found = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise NotACalendar(f"The file cannot be read as iCalendar: {_first_line(error)}.") from error
    return [one for one in found if one.name == "VCALENDAR"]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200].rstrip(".")


def _texts(entry: Component) -> Resource:
    access = str(entry.get("CLASS", "PUBLIC")).upper()
    return {
        "summary": _text(entry, "SUMMARY"),
        "location": _text(entry, "LOCATION"),
        "description": _text(entry, "DESCRIPTION"),
        "status": _STATUS.get(str(entry.get("STATUS", "")).upper(), "confirmed"),
        "transparency": "transparent" if str(entry.get("TRANSP", "")).upper() == "TRANSPARENT" else "opaque",
        "visibility": "private" if access in {"PRIVATE", "CONFIDENTIAL"} else "default",
    }


def _text(entry: Component, name: str) -> str:
    value = entry.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _span(entry: Component, zones: Zones) -> Resource:
    starts: Any = entry.get("DTSTART")
    if starts is None:
        raise Unreadable("it does not say when it begins")
    start, tzid = starts.dt, starts.params.get("TZID")
    ends: Any = entry.get("DTEND")
    lasts: Any = entry.get("DURATION")
    if ends is not None:
        end, end_tzid = ends.dt, ends.params.get("TZID")
    else:
        end, end_tzid = start + (lasts.dt if lasts is not None else timedelta(0)), tzid
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
        raise Unreadable("it repeats in periods, which Google does not know")
    return value, tzid


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _is_exception(entry: Component) -> bool:
    return entry.get("RECURRENCE-ID") is not None


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
