from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import AllDay, Timed
from desksync_neo_worker.times import occurrence_fields, read_when, when_fields
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from tests.builders import A_MONDAY, TOKYO, at, timed
from tests.neo_worker.records import a_record

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = A_MONDAY + timedelta(days=1)


def fields(first: str, last: str, start: str, end: str) -> dict[str, str]:
    return {"startdate": first, "enddate": last, "starttime": start, "endtime": end}


def test_no_times_is_an_all_day_event() -> None:
    record = a_record(starttime="", endtime="", enddate="20261125")

    assert read_when(record, TOKYO) == AllDay(A_MONDAY, date(2026, 11, 25))


def test_a_missing_end_date_is_the_first_one() -> None:
    assert read_when(a_record(starttime="", endtime="", enddate=...), TOKYO) == AllDay(A_MONDAY, A_MONDAY)


def test_both_times_are_in_the_users_zone() -> None:
    when = read_when(a_record(), TOKYO)

    assert when == Timed(at(10), at(11))
    assert isinstance(when, Timed)
    assert when.start.tzinfo is TOKYO


def test_a_start_alone_stays_without_an_end() -> None:
    assert read_when(a_record(endtime=""), TOKYO) == Timed(at(10), None)


def test_an_end_before_the_start_on_one_date_is_on_the_next_day() -> None:
    assert read_when(a_record(starttime="2200", endtime="0200"), TOKYO) == Timed(at(22), at(2, day=TUESDAY))


def test_an_end_on_its_own_date_is_taken_as_it_is() -> None:
    record = a_record(starttime="2200", endtime="0200", enddate="20261125")

    assert read_when(record, TOKYO) == Timed(at(22), at(2, day=date(2026, 11, 25)))


def test_twenty_four_hundred_is_midnight() -> None:
    assert read_when(a_record(starttime="2200", endtime="2400"), TOKYO) == Timed(at(22), at(0, day=TUESDAY))


@pytest.mark.parametrize("start", ["", "0000"])
def test_the_all_day_flag_counts_without_a_start_or_at_midnight(start: str) -> None:
    assert read_when(a_record(starttime=start, endtime="", allday="1"), TOKYO) == AllDay(A_MONDAY, A_MONDAY)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"enddate": "20261122"}, "before the one on which it begins"),
        ({"starttime": ""}, "end time and no start time"),
        ({"allday": "1"}, "marked as all-day"),
        ({"startdate": ""}, "no date"),
        ({"starttime": "2500"}, "no time of day"),
    ],
)
def test_dates_that_make_no_sense_are_strange(record: dict[str, Any], why: str) -> None:
    with pytest.raises(Strange, match=why):
        read_when(a_record(**record), TOKYO)


def test_a_time_inside_a_gap_is_moved_out_of_it_and_keeps_its_length() -> None:
    record = a_record(startdate="20270328", enddate="20270328", starttime="0230", endtime="0300")

    when = read_when(record, BERLIN)

    assert when == Timed(datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN), datetime(2027, 3, 28, 4, 0, tzinfo=BERLIN))


def test_all_day_is_written_without_times() -> None:
    assert when_fields(AllDay(A_MONDAY, TUESDAY), TOKYO) == fields("20261123", "20261124", "", "")


def test_seconds_are_cut() -> None:
    when = Timed(at(10).replace(second=59), at(11).replace(second=1))

    assert when_fields(when, TOKYO) == fields("20261123", "20261123", "1000", "1100")


def test_an_open_end_is_written_empty() -> None:
    assert when_fields(Timed(at(10), None), TOKYO) == fields("20261123", "20261123", "1000", "")


def test_over_midnight_the_real_end_date_is_written() -> None:
    assert when_fields(Timed(at(22), at(2, day=TUESDAY)), TOKYO) == fields("20261123", "20261124", "2200", "0200")


def test_times_of_another_zone_are_written_in_the_users() -> None:
    when = Timed(datetime(2026, 11, 23, 20, tzinfo=BERLIN), datetime(2026, 11, 23, 21, tzinfo=BERLIN))

    assert when_fields(when, TOKYO) == fields("20261124", "20261124", "0400", "0500")


def test_an_end_in_the_repeated_hour_is_not_taken_for_the_next_day() -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    end = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)

    assert when_fields(Timed(start, end), BERLIN) == fields("20261025", "20261025", "0230", "0315")


def test_an_end_before_its_start_becomes_no_length() -> None:
    assert when_fields(Timed(at(10), at(9)), TOKYO) == fields("20261123", "20261123", "1000", "1000")


def test_an_occurrence_over_midnight_has_an_end_before_its_start() -> None:
    assert occurrence_fields(Timed(at(22), at(2, day=TUESDAY)), TOKYO) == {"starttime": "2200", "endtime": "0200"}


@pytest.mark.parametrize(
    "when",
    [AllDay(A_MONDAY, TUESDAY), Timed(at(10), at(10, day=TUESDAY)), Timed(at(10), at(9, day=TUESDAY + timedelta(days=1)))],
)
def test_an_occurrence_of_more_than_a_day_cannot_be_written(when: AllDay | Timed) -> None:
    with pytest.raises(Inexpressible, match="longer than a day"):
        occurrence_fields(when, TOKYO)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - wall-clock times
    minutes=st.none() | st.integers(0, 5000),
    zone=st.sampled_from([TOKYO, BERLIN]),
)
def test_what_is_written_is_read_back(start: datetime, minutes: int | None, zone: ZoneInfo) -> None:
    first = start.replace(second=0, microsecond=0)
    last = None if minutes is None else first + timedelta(minutes=minutes)
    record = fields(f"{first:%Y%m%d}", f"{last or first:%Y%m%d}", f"{first:%H%M}", "" if last is None else f"{last:%H%M}")

    when = read_when(record, zone)

    assert read_when(when_fields(when, zone), zone) == when


def test_a_plain_span_is_written_and_read_back() -> None:
    assert read_when(when_fields(timed(23, 120), TOKYO), TOKYO) == timed(23, 120)
