"""Recurrence lines that the plain rule cannot hold, as neutral `Lines` and back, and the choice between the two forms.

Pure; must not know any field of an event but `recurrence`. Source: RFC 5545, 3.3.10 and 3.8.5, as far as Google keeps it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import assert_never
from zoneinfo import ZoneInfo

from desksync.sync.event import AllDay, Event, When, first_day, occurrence_on, seen_from
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates, Recurrence, Rule, days, gives
from desksync_google_worker.recurrence import (
    excluded_days,
    exclusion,
    last_day_until,
    moment_of_stamp,
    read_series,
    until_of,
    write_series,
    zone_named,
)
from desksync_google_worker.rule_parts import NotSayable

_UNTIL = re.compile(r"UNTIL=([^;]*)")
_LEFT_OUT = re.compile(r"BYEASTER=")
_ODD_NUMBER = re.compile(r"(?:INTERVAL|COUNT)=(?!0*[1-9][0-9]{0,8}(?:;|$))")
"""A step of nothing, or backwards, comes to no end in python-dateutil."""
_MOST_RULES = 10
_FINER = re.compile(r"FREQ=(HOURLY|MINUTELY|SECONDLY)|BYHOUR=|BYMINUTE=|BYSECOND=")
_STAMP = "%Y%m%dT%H%M%S"
_TRIED_DAYS = 50
"""How many dates are computed to see whether python-dateutil understands the lines."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """What the lines of a series say. `when` is its start by the clock by which it repeats: the user's, or another one."""

    when: When
    repeat: Rule
    excluded: frozenset[date]


def read_lines(lines: object, when: When, zone: ZoneInfo, series_zone: ZoneInfo) -> Repetition:
    """Return how a series repeats: by a plain rule where one says the same, else by its own lines.

    `when` is its start by the user's clock, `series_zone` the one in which Google expands it (Google EventDateTime.timeZone).
    Raises `NotSayable` for what is no rule at all, and for several occurrences on one date, which have no name of their own.
    """
    try:
        plain = read_series(lines, when, zone, series_zone)
        return Repetition(when, plain.repeat, plain.excluded)
    except NotSayable as by_user:
        own, why = seen_from(when, series_zone), str(by_user)
    try:
        plain = read_series(lines, own, series_zone, series_zone)
        return Repetition(own, plain.repeat, plain.excluded)
    except NotSayable as by_series:
        return _by_lines(lines, own, series_zone, why=why if own == when else str(by_series))


def write_lines(event: Event, excluded: Collection[date] = ()) -> list[str]:
    """Return the lines for Google. `excluded` are cancelled dates that are written as EXDATE."""
    rule = event.repeat
    match rule:
        case Recurrence():
            return write_series(rule, event.when, excluded)
        case Lines():
            kept = [_written(line, event) for line in rule.lines]
            return [*kept, *(exclusion(day, occurrence_on(event, day).when) for day in sorted(excluded))]
        case Dates() | None:
            raise NotSayable("Google Calendar has no irregular dates")
        case _:
            assert_never(rule)


def _by_lines(lines: object, when: When, zone: ZoneInfo, *, why: str) -> Repetition:
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise NotSayable(why)
    kept: list[str] = []
    exclusions: list[str] = []
    for line in lines:
        head, _, value = line.strip().partition(":")
        match head.upper().partition(";")[0]:
            case "RRULE" | "EXRULE" as name:
                kept.append(f"{name}:{_local_rule(value.upper(), when, zone)}")
            case "RDATE":
                kept += [f"RDATE:{stamp}" for stamp in _local_dates(line, when, zone)]
            case "EXDATE":
                exclusions.append(line.strip())
            case _:
                raise NotSayable(why)
    if not any(line.startswith("RRULE") for line in kept):
        kept.append(f"RDATE:{_stamp(first_day(when))}")  # Without a rule the start itself is the first date.
    if sum(not line.startswith("RDATE") for line in kept) > _MOST_RULES:
        raise NotSayable(f"it repeats by more than {_MOST_RULES} rules")
    rule = Lines(tuple(kept), why)
    _try(rule, first_day(when), why)
    found = {day for line in exclusions for day in excluded_days(line, when, zone)}
    return Repetition(when, rule, frozenset(day for day in found if gives(rule, first_day(when), day)))


def _local_rule(value: str, when: When, zone: ZoneInfo) -> str:
    if _FINER.search(value):
        raise NotSayable("it repeats several times a day, or by hours")
    if _ODD_NUMBER.search(value):
        raise NotSayable("its rule counts in a number that is not understood")
    if "COUNT=" in value and "UNTIL=" in value:
        raise NotSayable("its rule has both a number of times and a last date")
    if _LEFT_OUT.search(value):
        raise NotSayable("it repeats by the date of Easter")  # Which does not come again with the cycle of the calendar.

    def local_end(found: re.Match[str]) -> str:
        last = last_day_until(found[1], when, zone)
        return "UNTIL=99991231" if last is None else f"UNTIL={_stamp(last)}"

    try:
        return _UNTIL.sub(local_end, value)
    except ValueError as error:
        raise NotSayable("its rule has no readable end") from error


def _local_dates(line: str, when: When, zone: ZoneInfo) -> Iterator[str]:
    head, _, values = line.strip().partition(":")
    named = re.search(r"TZID=([^;:]+)", head, re.IGNORECASE)
    source = zone if named is None else zone_named(named[1])
    for value in values.upper().split(","):
        try:
            if isinstance(when, AllDay) or "T" not in value:
                yield _stamp(datetime.strptime(value[:8], "%Y%m%d").replace(tzinfo=UTC).date())
                continue
            moment = moment_of_stamp(value, source).astimezone(when.start.tzinfo)
        except ValueError as error:
            raise NotSayable("one of its RDATE lines is unreadable") from error
        clock = "" if moment.time() == when.start.time() else f"{moment:T%H%M%S}"
        yield _stamp(moment.date()) + clock


def _try(rule: Lines, first: date, why: str) -> None:
    try:
        found = list(islice(days(rule, first), _TRIED_DAYS))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise NotSayable(why) from error
    if not found:
        raise NotSayable("its rule gives no date")
    if len(set(found)) < len(found):
        raise NotSayable("it repeats several times on one day")


def _stamp(day: date) -> str:
    return day.isoformat().replace("-", "")  # strftime writes years before 1000 with fewer digits.


def _written(line: str, event: Event) -> str:
    name, _, value = line.partition(":")
    if name != "RDATE":
        return f"{name}:" + _UNTIL.sub(lambda found: f"UNTIL={_end(found[1], event.when)}", value)
    day = datetime.strptime(value[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    when = occurrence_on(event, day).when
    if isinstance(when, AllDay):
        return f"RDATE;VALUE=DATE:{day:%Y%m%d}"
    return f"RDATE:{when.start.astimezone(UTC):{_STAMP}}Z"


def _end(stamp: str, when: When) -> str:
    day = datetime.strptime(stamp, "%Y%m%d").replace(tzinfo=UTC).date()
    return stamp if day.year == date.max.year else until_of(day, when)
