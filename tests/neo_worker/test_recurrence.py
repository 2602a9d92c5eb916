from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import AllDay, Timed
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Frequency, Recurrence, days
from desksync_neo_worker.recurrence import RULE_FIELDS, read_rule, rule_fields
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from tests.builders import A_MONDAY, TOKYO, all_day, at, timed, weekly
from tests.neo_worker.records import a_series_record

DAILY = Recurrence(Frequency.DAILY, count=3)
MONTHLY = Recurrence(Frequency.MONTHLY, count=3)
YEARLY = Recurrence(Frequency.YEARLY, count=3)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"repeat": "d", "everyweekday": ""}, Recurrence(Frequency.DAILY, count=5)),
        ({"repeat": "d", "interval": ""}, Recurrence(Frequency.DAILY, count=5)),
        ({"repeat": "d", "interval": 3}, Recurrence(Frequency.DAILY, interval=3, count=5)),
        ({"everyweekday": "1010100"}, Recurrence(Frequency.WEEKLY, weekdays=(0, 2, 4), count=5)),
        ({"everyweekday": ""}, Recurrence(Frequency.WEEKLY, weekdays=(0,), count=5)),
        ({"everyweekday": "0000000", "interval": "2"}, Recurrence(Frequency.WEEKLY, interval=2, weekdays=(0,), count=5)),
        ({"rependtimes": ""}, Recurrence(Frequency.WEEKLY, weekdays=(0,), until=date(2026, 12, 21))),
        ({"rependtimes": ..., "enddate": ""}, Recurrence(Frequency.WEEKLY, weekdays=(0,))),
        ({"repeat": "m", "everyweekday": ""}, Recurrence(Frequency.MONTHLY, count=5)),
        ({"repeat": "m", "everyweek": "4"}, Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4, count=5)),
        ({"repeat": "m", "everyweek": "6"}, Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=-1, count=5)),
        ({"repeat": "m", "everyweek": "last"}, Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=-1, count=5)),
        ({"repeat": "y"}, Recurrence(Frequency.YEARLY, count=5)),
    ],
)
def test_a_rule_is_read(fields: dict[str, Any], rule: Recurrence) -> None:
    assert read_rule(a_series_record(**fields))[0] == rule


def test_the_first_occurrence_is_the_first_date_that_fits() -> None:
    _, first = read_rule(a_series_record(startdate="20261124", everyweekday="1000000"))

    assert first == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"repeat": "r"}, "without its dates"),
        ({"repeat": "x"}, "not known"),
        ({"repeat": "m", "everyweek": "1", "everyweekday": "1100000"}, "not just one weekday"),
        ({"repeat": "m", "everyweek": "1", "everyweekday": ""}, "not just one weekday"),
        ({"everyweekday": "100000"}, "not seven marks"),
        ({"everyweekday": "1000002"}, "not seven marks"),
        ({"rependtimes": "", "enddate": "20261122"}, "without a single date"),
        ({"rependtimes": "many"}, "no number"),
    ],
)
def test_a_rule_that_is_not_understood_is_strange(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(Strange, match=why):
        read_rule(a_series_record(**fields))


def test_a_plain_event_has_empty_rule_fields() -> None:
    assert rule_fields(timed(), None, TOKYO) == dict.fromkeys(RULE_FIELDS, "")


def test_a_count_is_written_with_the_last_date() -> None:
    assert rule_fields(timed(), weekly(5), TOKYO) == {
        "startdate": "20261123",
        "enddate": "20261221",
        "starttime": "1000",
        "endtime": "1100",
        "repeat": "w",
        "interval": "1",
        "everyweek": "",
        "everyweekday": "1000000",
        "rependtimes": "5",
    }


def test_a_last_date_is_written_as_it_is() -> None:
    rule = Recurrence(Frequency.WEEKLY, weekdays=(0,), until=date(2026, 12, 25))

    fields = rule_fields(timed(), rule, TOKYO)

    assert (fields["enddate"], fields["rependtimes"]) == ("20261225", "")


def test_a_weekly_rule_without_weekdays_means_that_of_the_start() -> None:
    assert rule_fields(timed(), weekly(weekdays=()), TOKYO)["everyweekday"] == "1000000"


@pytest.mark.parametrize(("nth", "written"), [(4, "4"), (-1, "6")])
def test_the_weekday_of_a_month_is_written(nth: int, written: str) -> None:
    rule = replace(MONTHLY, weekdays=(0,), nth=nth)

    fields = rule_fields(timed(), rule, TOKYO)

    assert (fields["everyweek"], fields["everyweekday"]) == (written, "1000000")


def test_a_monthly_rule_by_date_names_no_weekday() -> None:
    fields = rule_fields(timed(), MONTHLY, TOKYO)

    assert (fields["repeat"], fields["everyweek"], fields["everyweekday"]) == ("m", "", "")


def test_a_week_that_begins_on_sunday_is_written_where_it_means_the_same_dates() -> None:
    assert rule_fields(timed(), replace(weekly(), interval=2, week_start=6), TOKYO)["interval"] == "2"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Recurrence(Frequency.DAILY), "without an end"),
        (
            Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month"),
            "no field for this rule",
        ),
        (replace(DAILY, weekdays=(0, 1)), "weekdays in a daily or yearly"),
        (replace(YEARLY, weekdays=(0,), nth=4), "weekdays in a daily or yearly"),
        (replace(MONTHLY, weekdays=(0, 1), nth=1), "several weekdays in a monthly"),
        (replace(MONTHLY, weekdays=(0,)), "several weekdays in a monthly"),
        (replace(MONTHLY, nth=2), "several weekdays in a monthly"),
        (replace(MONTHLY, weekdays=(0,), nth=-2), "from 1 to 5"),
        (replace(weekly(weekdays=(0, 6)), interval=2, week_start=6), "weeks begin on Monday"),
    ],
)
def test_what_neo_has_no_field_for_is_refused(rule: Recurrence | Lines, why: str) -> None:
    with pytest.raises(Inexpressible, match=why):
        rule_fields(timed(), rule, TOKYO)


@pytest.mark.parametrize("when", [all_day(days=2), Timed(at(10), at(10, day=date(2026, 11, 24)))])
def test_occurrences_of_several_days_are_refused(when: AllDay | Timed) -> None:
    with pytest.raises(Inexpressible, match="longer than a day"):
        rule_fields(when, DAILY, TOKYO)


RULES = (
    st.builds(
        Recurrence,
        frequency=st.sampled_from([Frequency.DAILY, Frequency.YEARLY, Frequency.MONTHLY]),
        interval=st.integers(1, 4),
        count=st.integers(1, 8),
    )
    | st.builds(
        Recurrence,
        frequency=st.just(Frequency.WEEKLY),
        interval=st.integers(1, 4),
        weekdays=st.sets(st.sampled_from([1, 2, 3, 4, 5, 6])).map(lambda more: (0, *sorted(more))),
        until=st.dates(date(2026, 12, 1), date(2027, 6, 1)),
    )
    | st.builds(
        Recurrence,
        frequency=st.just(Frequency.MONTHLY),
        weekdays=st.just((0,)),
        nth=st.sampled_from([4, -1]),
        count=st.integers(1, 8),
    )
)


@given(RULES)
def test_a_rule_is_read_as_it_was_written(rule: Recurrence) -> None:
    begins = next(iter(days(rule, A_MONDAY)))
    when = timed(day=begins)

    read, first = read_rule(rule_fields(when, rule, TOKYO))

    assert (read, first) == (rule, begins)
    assert list(islice(days(read, first), 20)) == list(islice(days(rule, begins), 20))
