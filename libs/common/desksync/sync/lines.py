"""Rules that no form of a calendar has, as the lines of RFC 5545 in which Google keeps them. python-dateutil expands them.

It looks for the next date until the year 9999, also where there is none, and that takes seconds. Weekdays and leap years come
again every 400 years, so it is given each series near its own end of time: `SIGHT` years are looked at, and up to 400 more.
"""

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Final

from dateutil import rrule

SIGHT: Final = 200
"""How many years of a series are looked at, from its first date on. It has no dates after them."""

_UNTIL_OR_COUNT = re.compile(r"(UNTIL|COUNT)=", re.IGNORECASE)
_UNTIL_YEAR = re.compile(r"(UNTIL=)(\d{4})", re.IGNORECASE)
_STAMP = re.compile(r"(\d{8})(?:T(\d{6}))?")
_CYCLE: Final = 400
_DAYS_OF_A_CYCLE: Final = 146_097
_FEW_YEARS: Final = 2
"""How many years are expanded at first; then twice as many each time."""
_DAY: Final = timedelta(days=1)
_MOST_REMOVED: Final = 10_000
"""How many dates in a row an EXRULE may take out until the series counts as ended."""


@dataclass(frozen=True, slots=True)
class Lines:
    """RRULE, RDATE and EXRULE lines, to be read together with the date of the series' start, which need not fit them.

    Everything in them is by the series' own clock, without a zone: `UNTIL` is the last possible date, an RDATE is a date, or a
    date and time where it differs from the time of the others. No date comes twice. `why` completes "it is not a plain rule
    because ..." for the history.
    """

    lines: tuple[str, ...]
    why: str = field(default="", compare=False)


def line_days(rule: Lines, first: date, begin: date | None = None) -> Iterator[date]:
    """Yield the dates that the lines give, from `begin` on. Nothing after what is asked for is computed.

    Raises what python-dateutil raises for lines that it does not understand.
    """
    after, years = begin or date.min, max(_FEW_YEARS, (begin or first).year - first.year + 1)
    while True:
        part = _until(rule.lines, first, years)
        for day in part.dates[bisect_left(part.dates, after) :]:
            yield day
            after = day + _DAY if day < date.max else day
        if part.is_whole or after == date.max:
            return
        years *= 2


def is_endless(rule: Lines) -> bool:
    """Say whether one of the rules has no end."""
    return any(line.upper().startswith("RRULE") and not _UNTIL_OR_COUNT.search(line) for line in rule.lines)


def clock_on(rule: Lines, day: date) -> time | None:
    """Return the time of an extra date that differs from the others, `None` for every other date."""
    return _clocks(rule.lines).get(day)


@dataclass(frozen=True, slots=True)
class _Part:
    """The dates of a series up to a year, and whether there are no more after it."""

    dates: tuple[date, ...]
    is_whole: bool


@lru_cache(maxsize=1024)
def _until(lines: tuple[str, ...], first: date, years: int) -> _Part:
    """Expand the lines for so many years: a series is asked for many dates, one by one, and answers from memory then."""
    rules = [line.partition(":")[2] for line in lines if line.upper().startswith("RRULE")]
    removing = [line.partition(":")[2] for line in lines if line.upper().startswith("EXRULE")]
    given = heapq.merge(_extra_moments(lines), *(_moments(rule, first) for rule in rules))
    removed = heapq.merge(*(_moments(rule, first) for rule in removing))
    dates: list[date] = []
    for moment in _without(given, removed):
        if moment.year > first.year + years:
            return _Part(tuple(dates), is_whole=False)
        dates.append(moment.date())
    return _Part(tuple(dates), is_whole=True)


@lru_cache(maxsize=256)
def _extra_moments(lines: tuple[str, ...]) -> tuple[datetime, ...]:
    return tuple(sorted(datetime.combine(day, clock or time.min) for day, clock in _extra_dates(lines)))


def _moments(rule: str, first: date) -> Iterator[datetime]:
    """Expand one rule, moved by whole cycles of the calendar to shortly before the end of time."""
    years = (MAXYEAR - SIGHT - first.year) // _CYCLE * _CYCLE
    begin = _midnight(first.replace(year=first.year + years))
    back = timedelta(days=years // _CYCLE * _DAYS_OF_A_CYCLE)
    found = rrule.rrulestr(_UNTIL_YEAR.sub(lambda until: until[1] + _moved(until[2], years), rule), dtstart=begin)
    end = MAXYEAR + min(0, years)
    return (moment - back for moment in takewhile(lambda moment: moment.year < end, found))


def _moved(year: str, years: int) -> str:
    return f"{min(max(int(year) + years, MINYEAR), MAXYEAR):04}"


def _without(given: Iterable[datetime], removed: Iterator[datetime]) -> Iterator[datetime]:
    """Yield what is given and not removed, in order and once."""
    before: datetime | None = None
    taken = next(removed, None)
    in_a_row = 0
    for moment in given:
        while taken is not None and taken < moment:
            taken = next(removed, None)
        if moment == before:
            continue
        before = moment
        if moment == taken:
            in_a_row += 1
            if in_a_row > _MOST_REMOVED:
                return
            continue
        in_a_row = 0
        yield moment


@lru_cache(maxsize=512)
def _clocks(lines: tuple[str, ...]) -> Mapping[date, time]:
    return {day: clock for day, clock in _extra_dates(lines) if clock is not None}


def _extra_dates(lines: tuple[str, ...]) -> Iterator[tuple[date, time | None]]:
    for line in lines:
        if line.upper().startswith("RDATE"):
            for found in _STAMP.finditer(line):
                yield date.fromisoformat(found[1]), None if found[2] is None else time.fromisoformat(found[2])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
