from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import AllDay, Timed, When
from desksync.sync.recurrence import Frequency, Recurrence, days, gives
from desksync_google_worker.recurrence import canonical, instance_stamp, read_series, write_series
from desksync_google_worker.rule_parts import NotSayable
from tests.builders import A_MONDAY, TOKYO, all_day, timed

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def read(*lines: Any, when: When | None = None, zone: ZoneInfo = TOKYO, series_zone: ZoneInfo | None = None) -> Recurrence:
    return read_series(list(lines), when or timed(), zone, series_zone or zone).repeat


def excluded(*lines: str, when: When | None = None, zone: ZoneInfo = TOKYO) -> list[date]:
    return sorted(read_series(list(lines), when or timed(), zone, zone).excluded)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", Recurrence(Frequency.DAILY)),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4", Recurrence(Frequency.DAILY, 3, count=4)),
        ("freq=weekly", Recurrence(Frequency.WEEKLY, weekdays=(0,))),
        ("FREQ=WEEKLY;BYDAY=WE,MO,MO", Recurrence(Frequency.WEEKLY, weekdays=(0, 2))),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=MO", Recurrence(Frequency.WEEKLY, weekdays=(0,))),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=MO,WE", Recurrence(Frequency.WEEKLY, weekdays=(0, 2))),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU", Recurrence(Frequency.WEEKLY, 2, weekdays=(0, 6), week_start=6)),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", Recurrence(Frequency.WEEKLY, weekdays=(0, 1, 2, 3, 4))),
        ("FREQ=MONTHLY", Recurrence(Frequency.MONTHLY)),
        ("FREQ=MONTHLY;BYMONTHDAY=23", Recurrence(Frequency.MONTHLY)),
        ("FREQ=MONTHLY;BYDAY=4MO", Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4)),
        ("FREQ=MONTHLY;BYDAY=+4MO", Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=4", Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4)),
        ("FREQ=YEARLY", Recurrence(Frequency.YEARLY)),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=23;INTERVAL=2", Recurrence(Frequency.YEARLY, 2)),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4MO", Recurrence(Frequency.MONTHLY, 12, weekdays=(0,), nth=4)),
        ("FREQ=DAILY;UNTIL=20261201", Recurrence(Frequency.DAILY, until=date(2026, 12, 1))),
        ("FREQ=DAILY;UNTIL=20261201T145959Z", Recurrence(Frequency.DAILY, until=date(2026, 12, 1))),
        ("FREQ=DAILY;UNTIL=20261201T010000Z", Recurrence(Frequency.DAILY, until=date(2026, 12, 1))),
        ("FREQ=DAILY;UNTIL=20261201T005959Z", Recurrence(Frequency.DAILY, until=date(2026, 11, 30))),
        ("FREQ=DAILY;UNTIL=20261201T100000", Recurrence(Frequency.DAILY, until=date(2026, 12, 1))),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", Recurrence(Frequency.DAILY)),
    ],
)
def test_a_rule_of_google_is_read_in_its_one_form(rule: str, expected: Recurrence) -> None:
    assert read(f"RRULE:{rule}") == expected


def test_the_last_weekday_of_a_month_is_minus_one() -> None:
    assert read("RRULE:FREQ=MONTHLY;BYDAY=-1MO", when=timed(day=date(2026, 11, 30))).nth == -1


def test_until_of_whole_days_is_a_date_whatever_its_form() -> None:
    assert read("RRULE:FREQ=DAILY;UNTIL=20261201T000000Z", when=all_day()).until == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["RRULE:FREQ=HOURLY"], "more often than daily"),
        (["RRULE:INTERVAL=2"], "more often than daily"),
        (["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "more than one rule"),
        (["EXDATE:20261123T010000Z"], "without a rule"),
        (["RRULE:FREQ=DAILY", "RDATE:20261124T010000Z"], "RDATE"),
        (["RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"], "EXRULE"),
        (["RRULE:FREQ=DAILY", "X-ODD:1"], "neither a rule nor a date"),
        ([7], "not text"),
        (["RRULE:FREQ=DAILY;BYHOUR=9"], "BYHOUR"),
        (["RRULE:FREQ=DAILY;FREQ=DAILY"], "FREQ"),
        (["RRULE:FREQ=DAILY;"], "not understood"),
        (["RRULE:FREQ=DAILY;INTERVAL=0"], "number"),
        (["RRULE:FREQ=DAILY;COUNT=x"], "number"),
        (["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261201"], "readable end"),
        (["RRULE:FREQ=DAILY;UNTIL=tomorrow"], "readable end"),
        (["RRULE:FREQ=DAILY;UNTIL=20261399"], "readable end"),
        (["RRULE:FREQ=DAILY;UNTIL=20261201T250000Z"], "readable end"),
        (["RRULE:FREQ=WEEKLY;WKST=XX"], "weekday"),
        (["RRULE:FREQ=WEEKLY;BYDAY=MO,XX"], "weekday"),
        (["RRULE:FREQ=WEEKLY;BYDAY=1MO"], "numbered weekday"),
        (["RRULE:FREQ=WEEKLY;BYMONTH=11"], "weekly with BYMONTH"),
        (["RRULE:FREQ=WEEKLY;BYMONTHDAY=23"], "weekly with BYMONTHDAY"),
        (["RRULE:FREQ=DAILY;BYSETPOS=1"], "daily with BYSETPOS"),
        (["RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO"], "every few days"),
        (["RRULE:FREQ=MONTHLY;BYDAY=MO"], "every such weekday"),
        (["RRULE:FREQ=MONTHLY;BYDAY=4MO,4TU"], "several weekdays"),
        (["RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,4"], "several weekdays"),
        (["RRULE:FREQ=MONTHLY;BYDAY=4MO;BYSETPOS=1"], "numbered twice"),
        (["RRULE:FREQ=MONTHLY;BYDAY=-2MO"], "counted from the end"),
        (["RRULE:FREQ=MONTHLY;BYDAY=6MO"], "counted from the end"),
        (["RRULE:FREQ=MONTHLY;BYDAY=4MO;BYMONTHDAY=23"], "also a day of the month"),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=22"], "other days of the month"),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=22,23"], "other days of the month"),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=x"], "number"),
        (["RRULE:FREQ=MONTHLY;BYSETPOS=1"], "other days of the month"),
        (["RRULE:FREQ=MONTHLY;BYMONTH=11"], "monthly with BYMONTH"),
        (["RRULE:FREQ=YEARLY;BYMONTH=10"], "other months"),
        (["RRULE:FREQ=YEARLY;BYDAY=20MO"], "counted through the year"),
        (["RRULE:FREQ=WEEKLY;BYDAY=TU"], "first date does not fit"),
        (["RRULE:FREQ=DAILY;UNTIL=20200101"], "first date does not fit"),
        (["RRULE:FREQ=DAILY", "EXDATE:soon"], "EXDATE"),
        (["RRULE:FREQ=DAILY", "EXDATE:20261123T99"], "EXDATE"),
        (["RRULE:FREQ=DAILY", "EXDATE;TZID=Mars/Base:20261123T100000"], "time zone is unknown"),
    ],
)
def test_what_a_neutral_rule_cannot_hold_is_not_sayable(lines: list[Any], why: str) -> None:
    with pytest.raises(NotSayable, match=why):
        read(*lines)


def test_a_rule_that_is_no_list_is_not_sayable() -> None:
    with pytest.raises(NotSayable, match="not a list"):
        read_series("RRULE:FREQ=DAILY", timed(), TOKYO, TOKYO)


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20261124T010000Z",
        "EXDATE;TZID=Asia/Tokyo:20261124T100000",
        "exdate;tzid=Asia/Seoul:20261124T100000",
        "EXDATE;VALUE=DATE:20261124",
        "EXDATE:20261124T100000",
        "EXDATE:20261124T010000Z,20261124T020000Z,20251124T010000Z",
    ],
)
def test_exdates_are_dates_on_which_an_occurrence_is_cancelled(line: str) -> None:
    assert excluded("RRULE:FREQ=DAILY", line) == [date(2026, 11, 24)]


def test_exdates_of_whole_days_are_dates() -> None:
    assert excluded("RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261124,20261125", when=all_day()) == [
        A_MONDAY + DAY,
        A_MONDAY + 2 * DAY,
    ]


def test_a_series_in_a_zone_with_the_same_clock_is_read() -> None:
    assert read("RRULE:FREQ=DAILY", series_zone=ZoneInfo("Asia/Seoul")) == Recurrence(Frequency.DAILY)


@pytest.mark.parametrize("name", ["UTC", "America/New_York"])
def test_a_series_by_another_clock_is_not_sayable(name: str) -> None:
    with pytest.raises(NotSayable, match=name):
        read("RRULE:FREQ=DAILY", series_zone=ZoneInfo(name))


def test_a_series_is_not_sayable_when_the_clocks_part_later() -> None:
    summer = Timed(datetime(2026, 9, 1, 10, tzinfo=NEW_YORK), datetime(2026, 9, 1, 11, tzinfo=NEW_YORK))

    with pytest.raises(NotSayable, match="America/Puerto_Rico"):
        read("RRULE:FREQ=DAILY;COUNT=90", when=summer, zone=NEW_YORK, series_zone=ZoneInfo("America/Puerto_Rico"))
    assert read("RRULE:FREQ=DAILY;COUNT=30", when=summer, zone=NEW_YORK, series_zone=ZoneInfo("America/Puerto_Rico")).count == 30


def test_whole_days_have_no_clock() -> None:
    assert read("RRULE:FREQ=DAILY", when=all_day(), series_zone=NEW_YORK) == Recurrence(Frequency.DAILY)


@pytest.mark.parametrize(
    ("repeat", "when", "lines"),
    [
        (Recurrence(Frequency.DAILY, count=3), timed(), ["RRULE:FREQ=DAILY;COUNT=3"]),
        (Recurrence(Frequency.WEEKLY), timed(), ["RRULE:FREQ=WEEKLY;BYDAY=MO"]),
        (
            Recurrence(Frequency.WEEKLY, 2, weekdays=(0, 6), week_start=6),
            timed(),
            ["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU"],
        ),
        (Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4), timed(), ["RRULE:FREQ=MONTHLY;BYDAY=4MO"]),
        (Recurrence(Frequency.YEARLY, until=date(2030, 1, 1)), all_day(), ["RRULE:FREQ=YEARLY;UNTIL=20300101"]),
        (Recurrence(Frequency.DAILY, until=date(2026, 12, 1)), timed(), ["RRULE:FREQ=DAILY;UNTIL=20261201T145959Z"]),
    ],
)
def test_a_rule_is_written_as_google_takes_it(repeat: Recurrence, when: When, lines: list[str]) -> None:
    assert write_series(repeat, when) == lines


def test_cancelled_dates_are_written_as_exdate_lines() -> None:
    daily = Recurrence(Frequency.DAILY)
    gone = [A_MONDAY + DAY, A_MONDAY]

    assert write_series(daily, timed(), gone)[1:] == ["EXDATE:20261123T010000Z", "EXDATE:20261124T010000Z"]
    assert write_series(daily, all_day(), gone)[1:] == ["EXDATE;VALUE=DATE:20261123", "EXDATE;VALUE=DATE:20261124"]


def test_an_occurrence_is_named_by_its_time_in_utc_or_its_date() -> None:
    assert instance_stamp(timed(8), A_MONDAY) == "20261122T230000Z"
    assert instance_stamp(all_day(), A_MONDAY) == "20261123"


def test_an_occurrence_keeps_its_wall_clock_time_across_summer_time() -> None:
    before = Timed(datetime(2026, 3, 1, 9, tzinfo=NEW_YORK), datetime(2026, 3, 1, 10, tzinfo=NEW_YORK))

    assert instance_stamp(before, date(2026, 3, 7)) == "20260307T140000Z"
    assert instance_stamp(before, date(2026, 3, 8)) == "20260308T130000Z"


def test_a_time_without_a_named_zone_has_no_series() -> None:
    when = Timed(datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC))

    with pytest.raises(TypeError, match="named zone"):
        write_series(Recurrence(Frequency.DAILY, until=A_MONDAY), when)


@st.composite
def rules_with_start(draw: st.DrawFn) -> tuple[Recurrence, When]:
    frequency = draw(st.sampled_from(Frequency))
    weekdays: tuple[Any, ...] = ()
    nth = None
    if frequency is Frequency.WEEKLY:
        weekdays = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
    elif frequency is Frequency.MONTHLY and draw(st.booleans()):
        weekdays, nth = (draw(st.integers(0, 6)),), draw(st.sampled_from([1, 2, 3, 4, 5, -1]))
    asked = draw(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
    rule = Recurrence(frequency, draw(st.integers(1, 6)), weekdays, nth, week_start=draw(st.sampled_from([0, 6])))
    first = next(days(rule, asked))
    match draw(st.sampled_from(["count", "until", "endless"])):
        case "count":
            rule = Recurrence(rule.frequency, rule.interval, weekdays, nth, draw(st.integers(1, 50)), None, rule.week_start)
        case "until":
            until = first + timedelta(days=draw(st.integers(0, 2000)))
            rule = Recurrence(rule.frequency, rule.interval, weekdays, nth, None, until, rule.week_start)
    zone = draw(st.sampled_from([TOKYO, NEW_YORK, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("UTC")]))
    if draw(st.booleans()):
        return rule, AllDay(first, first + timedelta(days=draw(st.integers(0, 2))))
    start = datetime(first.year, first.month, first.day, draw(st.integers(0, 23)), draw(st.sampled_from([0, 30])), tzinfo=zone)
    start = start.astimezone(UTC).astimezone(zone)
    return rule, Timed(start, start + timedelta(minutes=draw(st.integers(1, 600))))


@given(rules_with_start())
def test_a_rule_that_was_written_is_read_as_the_same_rule(rule_and_start: tuple[Recurrence, When]) -> None:
    rule, when = rule_and_start
    zone = when.start.tzinfo if isinstance(when, Timed) else TOKYO
    assert isinstance(zone, ZoneInfo)
    first = when.first if isinstance(when, AllDay) else when.start.date()
    if not gives(rule, first, first):  # A start inside a DST gap was moved to another day.
        return

    series = read_series(write_series(rule, when), when, zone, zone)

    assert series.repeat == canonical(rule, when)
    assert not series.excluded


@given(rules_with_start(), st.data())
def test_cancelled_dates_that_were_written_are_read_again(rule_and_start: tuple[Recurrence, When], data: st.DataObject) -> None:
    rule, when = rule_and_start
    zone = when.start.tzinfo if isinstance(when, Timed) else TOKYO
    assert isinstance(zone, ZoneInfo)
    first = when.first if isinstance(when, AllDay) else when.start.date()
    given_days = [day for day, _ in zip(days(rule, first), range(10), strict=False)]
    gone = frozenset(data.draw(st.sets(st.sampled_from(given_days))))

    assert read_series(write_series(rule, when, gone), when, zone, zone).excluded == gone
