"""The dates of a plain rule by arithmetic, held against python-dateutil, and how much work the worst rules make."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Literal, get_args

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.lines import SIGHT, Lines, clock_on, line_days
from desksync.sync.plain_rule import LAST_DAY, Frequency, Recurrence, Weekday, is_countable
from desksync.sync.recurrence import canonical, days, days_between, days_from, gives, last_day_of
from tests.effort import at_most

A_MONDAY = date(2026, 11, 23)
SEEN = 60
A_BREATH = 2_500_000
"""Calls with which the worst of rules has to be done: about a second. Counting through it would take many times as many."""

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}


def by_dateutil(rule: Recurrence, first: date, number: int = SEEN) -> list[date]:
    """Return the first dates of the rule as python-dateutil gives them."""
    found = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(first, time.min),
        interval=rule.interval,
        byweekday=[rrule.weekday(day, rule.nth) if rule.nth else rrule.weekday(day) for day in rule.weekdays] or None,
        wkst=rule.week_start,
        count=rule.count,
        until=None if rule.until is None else datetime.combine(rule.until, time.min),
    )
    return [moment.date() for moment in islice(found, number)]


@st.composite
def rules(draw: st.DrawFn) -> tuple[Recurrence, date]:
    """Draw a rule and a first day, which need not fit it: NEO's begin of a series need not either."""
    first = draw(st.dates(date(1990, 1, 1), date(2110, 1, 1)) | st.sampled_from([date(2024, 2, 29), date(2026, 12, 31)]))
    frequency = draw(st.sampled_from(Frequency))
    rule = Recurrence(frequency, draw(st.integers(1, 14)))
    if frequency is Frequency.WEEKLY:
        weekdays = tuple(draw(st.sets(st.sampled_from(_WEEKDAYS), max_size=7)))
        rule = replace(rule, weekdays=weekdays, week_start=draw(st.sampled_from(_WEEKDAYS)))
    if frequency is Frequency.MONTHLY and draw(st.booleans()):
        rule = replace(rule, weekdays=(draw(st.sampled_from(_WEEKDAYS)),), nth=draw(st.sampled_from([1, 2, 3, 4, 5, -1])))
    match draw(st.sampled_from(["count", "until", "endless"])):
        case "count":
            return replace(rule, count=draw(st.integers(1, SEEN - 1))), first
        case "until":
            return replace(rule, until=first + timedelta(days=draw(st.integers(-10, 3000)))), first
        case _:
            return rule, first


@given(rules())
def test_the_dates_of_a_rule_are_those_of_the_standard(drawn: tuple[Recurrence, date]) -> None:
    rule, first = drawn

    assert is_countable(rule)
    assert list(islice(days(rule, first), SEEN)) == by_dateutil(rule, first)


@given(rules(), st.integers(-50, 3000))
def test_from_any_day_on_the_dates_are_the_same_as_from_the_first(drawn: tuple[Recurrence, date], after: int) -> None:
    rule, first = drawn
    begin = first + timedelta(days=after)
    expected = [day for day in by_dateutil(rule, first, 3100) if day >= begin][:SEEN]

    assert list(islice(days_from(rule, first, begin), SEEN)) == expected
    assert gives(rule, first, begin) == (begin in expected)


@given(rules())
def test_the_last_date_is_the_last_one(drawn: tuple[Recurrence, date]) -> None:
    rule, first = drawn
    found = by_dateutil(rule, first)

    last = last_day_of(rule, first)

    if rule.count is None and rule.until is None:
        assert last is None
    elif len(found) < SEEN:
        assert last == (found[-1] if found else first)
    else:
        assert last is not None
        assert last >= found[-1]
        assert gives(rule, first, last)
        assert list(islice(days_from(rule, first, last + timedelta(days=1)), 1)) == []


@pytest.mark.parametrize(
    "rule",
    [
        Recurrence(Frequency.MONTHLY, weekdays=(0, 2)),
        Recurrence(Frequency.MONTHLY, weekdays=(0, 2), nth=1, count=9),
        Recurrence(Frequency.DAILY, weekdays=(0, 2), count=9),
        Recurrence(Frequency.YEARLY, weekdays=(0,), nth=3, until=date(2040, 1, 1)),
    ],
)
def test_a_rule_of_a_kind_that_no_calendar_makes_is_left_to_the_standard(rule: Recurrence) -> None:
    found = by_dateutil(rule, A_MONDAY)

    assert not is_countable(rule)
    assert list(islice(days(rule, A_MONDAY), SEEN)) == found
    assert list(islice(days_from(rule, A_MONDAY, found[2]), 3)) == found[2:5]
    assert gives(rule, A_MONDAY, found[4])
    assert last_day_of(rule, A_MONDAY) == (None if rule.count is None and rule.until is None else found[-1])


FAR = date(9900, 1, 1)
WORST = {
    "a million days": (Recurrence(Frequency.DAILY, count=10**6), A_MONDAY),
    "a million days since the year 1": (Recurrence(Frequency.DAILY, count=10**6), date(1, 1, 1)),
    "more days than there are": (Recurrence(Frequency.DAILY, count=10**12), A_MONDAY),
    "days until 9900": (Recurrence(Frequency.DAILY, until=FAR), A_MONDAY),
    "a million weekdays": (Recurrence(Frequency.WEEKLY, weekdays=(0, 2, 4), count=10**6), A_MONDAY),
    "weekdays until 9900": (Recurrence(Frequency.WEEKLY, weekdays=(0, 2, 4), week_start=6, until=FAR), A_MONDAY),
    "months until 9900": (Recurrence(Frequency.MONTHLY, until=FAR), A_MONDAY),
    "31sts until 9900": (Recurrence(Frequency.MONTHLY, until=FAR), date(2026, 12, 31)),
    "a million 31sts": (Recurrence(Frequency.MONTHLY, count=10**6), date(1, 1, 31)),
    "a million fifth Mondays": (Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=5, count=10**6), date(2026, 11, 30)),
    "years since the year 1": (Recurrence(Frequency.YEARLY), date(1, 11, 23)),
    "29ths of February": (Recurrence(Frequency.YEARLY, count=10**6), date(4, 2, 29)),
    "an endless wait": (Recurrence(Frequency.DAILY, interval=10**15), A_MONDAY),
    "an endless wait for a month": (Recurrence(Frequency.MONTHLY, interval=10**15, until=FAR), A_MONDAY),
    "an endless wait for a year": (Recurrence(Frequency.YEARLY, interval=10**15, count=5), A_MONDAY),
    "an endless wait for a week": (Recurrence(Frequency.WEEKLY, interval=10**15, count=5), A_MONDAY),
    "until the end of time": (Recurrence(Frequency.DAILY, until=date.max), A_MONDAY),
    "at the end of time": (Recurrence(Frequency.WEEKLY), date(9998, 12, 28)),
    "after the end of time": (Recurrence(Frequency.MONTHLY, count=3), date.max),
}
QUESTIONS: dict[str, Callable[[Recurrence, date], object]] = {
    "the last date": last_day_of,
    "the canonical form": canonical,
    "whether a date fits": lambda rule, first: gives(rule, first, date(2027, 1, 4)),
    "whether the last of dates fits": lambda rule, first: gives(rule, first, date.max),
    "the dates of a window": lambda rule, first: days_between(rule, first, date(2026, 10, 1), date(2027, 10, 31)),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", WORST)
def test_no_rule_costs_more_than_a_breath(name: str, question: str) -> None:
    rule, first = WORST[name]

    with at_most(A_BREATH):
        QUESTIONS[question](rule, first)


def test_nothing_is_given_after_the_end_of_time() -> None:
    rule = Recurrence(Frequency.DAILY, until=date.max)

    assert last_day_of(rule, A_MONDAY) == LAST_DAY
    assert not gives(rule, A_MONDAY, date.max)


LINES = {
    "the 30th of February": ["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"],
    "a ninth Monday": ["RRULE:FREQ=WEEKLY;BYMONTH=2;BYSETPOS=9"],
    "the 31st of February": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2"],
    "everything but everything": ["RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"],
    "Mondays but every day": ["RRULE:FREQ=WEEKLY", "EXRULE:FREQ=DAILY"],
    "many until 9900": ["RRULE:FREQ=MONTHLY;BYDAY=MO,TU;UNTIL=99000101"],
    "a million": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=1,23;COUNT=1000000"],
    "ten thousand dates": [f"RDATE:{A_MONDAY + timedelta(days=number):%Y%m%d}T150000" for number in range(10_000)],
}


@pytest.mark.parametrize("name", LINES)
def test_no_lines_cost_more_than_a_breath(name: str) -> None:
    rule = Lines(tuple(LINES[name]))

    with at_most(A_BREATH):
        list(islice(line_days(rule, A_MONDAY), 50))
        found = days_between(rule, A_MONDAY, date(2026, 10, 1), date(2027, 10, 31))
        last_day_of(rule, A_MONDAY)
        clocks = {clock_on(rule, day) for day in found}

    assert clocks == ({time(15)} if name == "ten thousand dates" else {None} if found else set())


@given(
    st.dates(date(1990, 1, 1), date(9990, 1, 1)),
    st.sampled_from(
        [
            "FREQ=MONTHLY;BYMONTHDAY=1,15,-1",
            "FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO",
            "FREQ=YEARLY;BYYEARDAY=1,366",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;INTERVAL=3",
            "FREQ=DAILY;BYMONTH=1,2;COUNT=90",
            "FREQ=WEEKLY;BYDAY=SU,WE;WKST=SU;INTERVAL=2",
        ]
    ),
)
def test_lines_give_the_same_dates_wherever_in_the_calendar_they_are_computed(first: date, text: str) -> None:
    expected = [moment.date() for moment in islice(rrule.rrulestr(text, dtstart=datetime.combine(first, time.min)), 40)]
    near = [day for day in expected if day.year < first.year + SIGHT]

    found = list(islice(line_days(Lines((f"RRULE:{text}",)), first), 40))

    assert found[: len(near)] == near


def test_an_until_moves_with_the_series() -> None:
    lines = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=1,23;UNTIL=20270123", "RDATE:20280101"))

    assert list(line_days(lines, A_MONDAY)) == [
        A_MONDAY,
        date(2026, 12, 1),
        date(2026, 12, 23),
        date(2027, 1, 1),
        date(2027, 1, 23),
        date(2028, 1, 1),
    ]


def test_an_until_long_before_the_series_gives_nothing() -> None:
    assert list(line_days(Lines(("RRULE:FREQ=DAILY;UNTIL=00010101",)), date(9900, 1, 1))) == []


def test_what_a_rule_and_an_extra_date_both_give_comes_once_and_what_is_taken_out_does_not_come() -> None:
    lines = Lines(("RRULE:FREQ=DAILY;COUNT=6", "RDATE:20261124", "EXRULE:FREQ=DAILY;INTERVAL=2"))

    assert list(line_days(lines, A_MONDAY)) == [A_MONDAY + timedelta(days=days) for days in (1, 3, 5)]
