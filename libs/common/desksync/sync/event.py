"""What an appointment is, in neutral form. Knows neither NEO nor Google, and does no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from desksync.sync.lines import Lines, clock_on
from desksync.sync.recurrence import Rule

OPEN_END_LENGTH = timedelta(minutes=30)
"""How long an event without an end is shown on Google (rule R22)."""


class Side(StrEnum):
    """One of the two calendars that are kept equal."""

    NEO = "neo"
    GOOGLE = "google"

    @property
    def other(self) -> "Side":
        """Return the opposite side."""
        return Side.GOOGLE if self is Side.NEO else Side.NEO


class Access(StrEnum):
    """Who may see an event. Google knows no `RESTRICTED`; it keeps it as `SECRET` (rule R15)."""

    OPEN = "open"
    RESTRICTED = "restricted"
    SECRET = "secret"  # noqa: S105 - a level of access, not a password


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole days, both inclusive. In NEO an event without times, on Google one with dates (rule R22)."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timed:
    """A time span in the user's zone. `end` is `None` where NEO holds a start only (rule R22).

    Both carry the same `ZoneInfo`. For a series it is the first occurrence, and the wall-clock time repeats; where that is the
    clock of another zone, the series is kept in that zone, and so are the dates that name its occurrences.
    """

    start: datetime
    end: datetime | None


When = AllDay | Timed


@dataclass(frozen=True, slots=True)
class Event:
    """One appointment, or one series with its exceptions.

    `attendance` names participants and facilities, one a line; NEO owns it (rule R17).
    `exceptions` maps the original local date of an occurrence to what it has become, or to `None` when it was cancelled;
    an exception has neither `repeat` nor `exceptions` of its own.
    """

    when: When
    title: str = ""
    location: str = ""
    description: str = ""
    attendance: str = ""
    access: Access = Access.OPEN
    is_tentative: bool = False
    repeat: Rule | None = None
    exceptions: Mapping[date, "Event | None"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """The days that sync: local dates of the user, both inclusive (rule R4)."""

    first: date
    last: date


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the same instant as wall-clock time in the zone; a time inside a DST gap is moved out of it (rule R23)."""
    return moment.astimezone(UTC).astimezone(zone)


def open_end(start: datetime) -> datetime:
    """Return where an event without an end is shown to end on Google: half an hour later, by the clock that knows no DST."""
    return (start.astimezone(UTC) + OPEN_END_LENGTH).astimezone(start.tzinfo)


def end_after(begins: datetime, ends: datetime, length: timedelta) -> datetime:
    """Return the end of a span of clock times.

    Where only the beginning lies in the gap of a DST change and is moved past the end, the length is kept instead (rule R23).
    """
    if ends.astimezone(UTC) >= begins.astimezone(UTC):
        return ends
    return (begins.astimezone(UTC) + length).astimezone(begins.tzinfo)


def first_day(when: When) -> date:
    """Return the local date on which it begins."""
    match when:
        case AllDay():
            return when.first
        case Timed():
            return when.start.date()
        case _:
            assert_never(when)


def last_day(when: When) -> date:
    """Return the local date on which it ends; an end at midnight belongs to the day before."""
    match when:
        case AllDay():
            return when.last
        case Timed(start, end):
            if end is None or end <= start:
                return start.date()
            return (end - timedelta(microseconds=1)).date()
        case _:
            assert_never(when)


def shifted(when: When, day: date) -> When:
    """Return the same wall-clock times and length, beginning on another day."""
    match when:
        case AllDay():
            return AllDay(day, day + (when.last - when.first))
        case Timed(start, end):
            zone = start.tzinfo
            begins = _settled(datetime.combine(day, start.time(), tzinfo=zone))
            if end is None:
                return Timed(begins, None)
            ends = _settled(datetime.combine(day + (end.date() - start.date()), end.time(), tzinfo=zone))
            return Timed(begins, end_after(begins, ends, end.astimezone(UTC) - start.astimezone(UTC)))
        case _:
            assert_never(when)


def occurrence_on(series: Event, day: date) -> Event:
    """Return the occurrence that the rule gives on that original date, ignoring exceptions."""
    when = shifted(series.when, day)
    if isinstance(series.repeat, Lines) and isinstance(when, Timed) and (clock := clock_on(series.repeat, day)) is not None:
        when = _at_clock(when, clock)
    return replace(series, when=when, repeat=None, exceptions={})


def seen_from(when: When, zone: ZoneInfo) -> When:
    """Return the same time by the clock of that zone."""
    if isinstance(when, AllDay) or when.start.tzinfo == zone:
        return when
    return Timed(local(when.start, zone), None if when.end is None else local(when.end, zone))


def _at_clock(when: Timed, clock: time) -> Timed:
    length = None if when.end is None else when.end.astimezone(UTC) - when.start.astimezone(UTC)
    start = _settled(datetime.combine(when.start.date(), clock, tzinfo=when.start.tzinfo))
    return Timed(start, None if length is None else (start.astimezone(UTC) + length).astimezone(start.tzinfo))


def _settled(moment: datetime) -> datetime:
    zone = moment.tzinfo
    return moment if zone is None else moment.astimezone(UTC).astimezone(zone)
