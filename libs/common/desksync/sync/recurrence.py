"""Rules by which an event repeats, whatever their kind, and the dates that they give.

`Recurrence` is what both calendars have a form for, `Dates` what only NEO has, `Lines` what only Google has. All of them cost a
bounded amount of work, however far they reach: see `plain_rule` and `lines`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import takewhile
from typing import Literal, assert_never

from dateutil import rrule

from desksync.sync.lines import Lines, is_endless, line_days
from desksync.sync.plain_rule import Frequency, Recurrence, Weekday, dates_from, gives_date, is_countable, last_date

__all__ = (
    "Dates",
    "Frequency",
    "Lines",
    "Recurrence",
    "Rule",
    "Weekday",
    "canonical",
    "days",
    "days_between",
    "days_from",
    "gives",
    "has_end",
    "last_day_of",
)


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates one by one, in their order: NEO's irregular series (不定期). The first one is the date of the first occurrence."""

    days: tuple[date, ...]


Rule = Recurrence | Dates | Lines

_FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3, 4, 5, 6]] = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}


def days(rule: Rule, first: date) -> Iterator[date]:
    """Yield the dates that the rule gives, beginning with `first` if it fits. May be endless."""
    match rule:
        case Recurrence():
            return _recurring(rule, first)
        case Dates(days=several):
            return iter(several)
        case Lines():
            return line_days(rule, first)
        case _:
            assert_never(rule)


def days_from(rule: Rule, first: date, begin: date) -> Iterator[date]:
    """Yield the dates of the rule that are not before `begin`. May be endless; does not count through the years before."""
    match rule:
        case Recurrence():
            return dates_from(rule, first, begin) if is_countable(rule) else (day for day in days(rule, first) if day >= begin)
        case Dates(days=several):
            return (day for day in several if day >= begin)
        case Lines():
            return line_days(rule, first, begin)
        case _:
            assert_never(rule)


def days_between(rule: Rule, first: date, begin: date, end: date) -> list[date]:
    """Return the dates of the rule from `begin` to `end`, both inclusive."""
    return list(takewhile(lambda day: day <= end, days_from(rule, first, begin)))


def gives(rule: Rule, first: date, day: date) -> bool:
    """Say whether the rule has an occurrence on that date."""
    if isinstance(rule, Recurrence) and is_countable(rule):
        return gives_date(rule, first, day)
    return next(days_from(rule, first, day), None) == day


def has_end(rule: Rule) -> bool:
    """Say whether the rule gives a last date."""
    match rule:
        case Recurrence():
            return rule.count is not None or rule.until is not None
        case Dates():
            return True
        case Lines():
            return not is_endless(rule)
        case _:
            assert_never(rule)


def last_day_of(rule: Rule, first: date) -> date | None:
    """Return the date of the last occurrence, or `None` for an endless rule."""
    if not has_end(rule):
        return None
    if isinstance(rule, Recurrence) and is_countable(rule):
        return last_date(rule, first)
    last = first
    for last in days(rule, first):  # noqa: B007 - the last
        pass
    return last


def canonical(rule: Rule, first: date) -> Rule:
    """Return the rule in the one form that all rules with the same dates and frequency share; endless rules stay endless."""
    if not isinstance(rule, Recurrence):
        return rule
    is_weekly = rule.frequency is Frequency.WEEKLY
    weekdays = tuple(sorted(rule.weekdays or (_weekday(first),))) if is_weekly else rule.weekdays
    return replace(
        rule,
        weekdays=weekdays,
        count=None,
        until=last_day_of(rule, first),
        week_start=rule.week_start if is_weekly and rule.interval > 1 and len(weekdays) > 1 else 0,
    )


def _recurring(rule: Recurrence, first: date) -> Iterator[date]:
    if is_countable(rule):
        return dates_from(rule, first, first)
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


def _weekday(day: date) -> Weekday:
    weekdays: tuple[Weekday, ...] = (0, 1, 2, 3, 4, 5, 6)
    return weekdays[day.weekday()]
