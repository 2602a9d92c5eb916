"""Rules by which an event repeats. python-dateutil expands them; this only says what a rule is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import takewhile
from typing import Literal

from dateutil import rrule

Weekday = Literal[0, 1, 2, 3, 4, 5, 6]


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


_FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3, 4, 5, 6]] = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}


def days(rule: Recurrence, first: date) -> Iterator[date]:
    """Yield the dates that the rule gives, beginning with `first` if it fits. May be endless."""
    weekdays = [rrule.weekday(day, rule.nth) if rule.nth else rrule.weekday(day) for day in rule.weekdays]
    found = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(first, time.min),
        interval=rule.interval,
        byweekday=weekdays or None,
        wkst=rule.week_start,
        count=rule.count,
        until=None if rule.until is None else datetime.combine(rule.until, time.min),
    )
    return (moment.date() for moment in found)


def days_between(rule: Recurrence, first: date, begin: date, end: date) -> list[date]:
    """Return the dates of the rule from `begin` to `end`, both inclusive."""
    return [day for day in takewhile(lambda day: day <= end, days(rule, first)) if day >= begin]


def gives(rule: Recurrence, first: date, day: date) -> bool:
    """Say whether the rule has an occurrence on that date."""
    return day in days_between(rule, first, day, day)


def last_day_of(rule: Recurrence, first: date) -> date | None:
    """Return the date of the last occurrence, or `None` for an endless rule."""
    if rule.count is None and rule.until is None:
        return None
    last = first
    for last in days(rule, first):  # noqa: B007 - the last value is the answer
        pass
    return last
