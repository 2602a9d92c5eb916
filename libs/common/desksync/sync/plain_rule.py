"""A rule that both calendars have a form for, and its dates by arithmetic: any of them is found without counting up to it.

Each period of the rule (so many days, weeks or months) has its dates, and which period a date lies in is a division. So it makes
no difference whether a series began in the year 1 or says that it goes on until 9900. Nothing is given after `LAST_DAY`.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import count, takewhile
from typing import Final, Literal

Weekday = Literal[0, 1, 2, 3, 4, 5, 6]

LAST_DAY: Final = date(9998, 12, 31)
"""The end of time. A year is left behind it, so that zones and lengths can be added to any date before."""

_WEEK: Final = 7
_MONTHS: Final = 12
_SURE_DAY: Final = 28
_SURE_NTH: Final = 4


class Frequency(StrEnum):
    """The unit in which a series repeats."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule, to be read together with the date of the first occurrence, which always fits it.

    `weekdays` (Monday is 0) names the days of a weekly rule, or the one day of a monthly `nth` rule; `nth` is 1 to 5, or -1 for
    the last. Without `nth` a monthly rule repeats the day of the month, a yearly one the date; months without it are skipped.
    `count` and `until` (inclusive) exclude each other; with neither the series is endless.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    nth: int | None = None
    count: int | None = None
    until: date | None = None
    week_start: Weekday = 0


def is_countable(rule: Recurrence) -> bool:
    """Say whether it is a rule as `Recurrence` describes it. Of any other this module knows nothing."""
    match rule.frequency:
        case Frequency.WEEKLY:
            return not rule.nth
        case Frequency.MONTHLY if rule.nth:
            return len(rule.weekdays) == 1 and (1 <= rule.nth <= _SURE_NTH + 1 or rule.nth == -1)
        case _:
            return not rule.weekdays and not rule.nth


def dates_from(rule: Recurrence, first: date, begin: date) -> Iterator[date]:
    """Yield the dates of a countable rule that are not before `begin`.

    Costs a step for each date, and one for each month between that lacks it (a 31st); the number of dates before `begin` is
    counted only for a rule with a count whose months may lack it.
    """
    index = max(0, _index(rule, first, begin))
    end = LAST_DAY if rule.until is None else min(rule.until, LAST_DAY)
    given = (day for at in _indexes(rule, first, index) for day in _period(rule, first, at))
    if rule.count is not None:
        before = _number_before(rule, first, index)
        given = (day for _, day in zip(range(rule.count - before), given, strict=False))
    return (day for day in takewhile(lambda day: day <= end, given) if day >= begin)


def gives_date(rule: Recurrence, first: date, day: date) -> bool:
    """Say whether a countable rule has an occurrence on that date."""
    return day >= first and next(dates_from(rule, first, day), None) == day


@lru_cache(maxsize=4096)
def last_date(rule: Recurrence, first: date) -> date:
    """Return the last date of a countable rule that has an end, or `first` where it has no date at all.

    Costs a few steps; a count of days that some months lack costs one for each month until then, hundred thousand at most.
    """
    if rule.count is not None:
        index, place = _place(rule, first, rule.count)
        dates = _period(rule, first, index)
        if place < len(dates) and dates[place] <= LAST_DAY:
            return dates[place]
    end = LAST_DAY if rule.until is None else min(rule.until, LAST_DAY)
    for index in range(_index(rule, first, end), -1, -1):
        for day in reversed(_period(rule, first, index)):
            if day <= end:
                return day
    return first


def _indexes(rule: Recurrence, first: date, begin: int) -> Iterator[int]:
    end = _index(rule, first, LAST_DAY)
    return takewhile(lambda index: index <= end, count(begin))


def _index(rule: Recurrence, first: date, day: date) -> int:
    """Return in which period a date lies, counted from that of the first date."""
    match rule.frequency:
        case Frequency.DAILY:
            return (day - first).days // rule.interval
        case Frequency.WEEKLY:
            return ((day - first).days + _place_in_week(rule, first)) // (_WEEK * rule.interval)
        case _:
            return (_month(day) - _month(first)) // _months(rule)


def _period(rule: Recurrence, first: date, index: int) -> list[date]:
    """Return the dates of one period in their order; none before the first date, and none after the last day."""
    if rule.frequency in (Frequency.DAILY, Frequency.WEEKLY):
        if rule.frequency is Frequency.DAILY:
            found = [first.toordinal() + index * rule.interval]
        else:
            begin = first.toordinal() - _place_in_week(rule, first) + index * _WEEK * rule.interval
            weekdays = set[int](rule.weekdays) or {first.weekday()}
            found = sorted(begin + (day - rule.week_start) % _WEEK for day in weekdays)
        return [date.fromordinal(one) for one in found if first.toordinal() <= one <= LAST_DAY.toordinal()]
    year, month = divmod(_month(first) + index * _months(rule), _MONTHS)
    if year > LAST_DAY.year:
        return []
    day = _day_of_month(rule, first, year, month + 1)
    return [] if day is None or date(year, month + 1, day) < first else [date(year, month + 1, day)]


def _day_of_month(rule: Recurrence, first: date, year: int, month: int) -> int | None:
    begins_on, length = monthrange(year, month)
    if not rule.nth:
        return first.day if first.day <= length else None
    day = 1 + (rule.weekdays[0] - begins_on) % _WEEK
    if rule.nth > 0:
        day += (rule.nth - 1) * _WEEK
        return day if day <= length else None
    return day + (length - day) // _WEEK * _WEEK


def _number_before(rule: Recurrence, first: date, index: int) -> int:
    """Return how many dates lie in the periods before."""
    each = _each(rule, first)
    if each is None:
        return sum(len(_period(rule, first, at)) for at in range(index))
    return len(_period(rule, first, 0)) + (index - 1) * each if index else 0


def _place(rule: Recurrence, first: date, number: int) -> tuple[int, int]:
    """Return in which period the date of that number is, counted from 1, and its place there. May lie after the last day."""
    begun = len(_period(rule, first, 0))
    if number <= begun:
        return 0, number - 1
    each = _each(rule, first)
    if each is not None:
        periods, place = divmod(number - begun - 1, each)
        return 1 + periods, place
    for index in _indexes(rule, first, 1):
        begun += len(_period(rule, first, index))
        if begun >= number:
            return index, len(_period(rule, first, index)) - 1 - (begun - number)
    return _index(rule, first, LAST_DAY) + 1, 0


def _each(rule: Recurrence, first: date) -> int | None:
    """Return how many dates every period but the first one has; `None` where some lack theirs."""
    match rule.frequency:
        case Frequency.DAILY:
            return 1
        case Frequency.WEEKLY:
            return len(set(rule.weekdays)) or 1
        case _:
            is_sure = rule.nth <= _SURE_NTH if rule.nth else first.day <= _SURE_DAY
            return 1 if is_sure else None


def _place_in_week(rule: Recurrence, first: date) -> int:
    return (first.weekday() - rule.week_start) % _WEEK


def _month(day: date) -> int:
    return day.year * _MONTHS + day.month - 1


def _months(rule: Recurrence) -> int:
    return rule.interval * (_MONTHS if rule.frequency is Frequency.YEARLY else 1)
