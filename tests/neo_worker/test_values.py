from datetime import date, timedelta
from typing import Any

import pytest

from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import clock, day, members, number, text


@pytest.mark.parametrize(("sent", "read"), [("x", "x"), (501, "501"), (1.5, "1.5"), (True, "1"), (False, "0"), (None, "")])
def test_any_single_value_is_read_as_text(sent: object, read: str) -> None:
    assert text({"memo": sent}, "memo") == read


def test_a_missing_value_is_empty() -> None:
    assert text({}, "memo") == ""


@pytest.mark.parametrize("sent", [{}, [], {"val": "x"}])
def test_a_structure_is_no_text(sent: object) -> None:
    with pytest.raises(Strange, match="no text as memo"):
        text({"memo": sent}, "memo")


@pytest.mark.parametrize("sent", ["20261123", 20261123, "2026-11-23", "2026/11/23", " 20261123 "])
def test_a_date_is_read_with_and_without_separators(sent: object) -> None:
    assert day({"startdate": sent}, "startdate") == date(2026, 11, 23)


@pytest.mark.parametrize("sent", ["", None, "20261131", "tomorrow", "2026112", "0000-00-00"])
def test_what_is_no_date_is_strange(sent: object) -> None:
    with pytest.raises(Strange, match="no date as startdate"):
        day({"startdate": sent}, "startdate")


@pytest.mark.parametrize(
    ("sent", "hours"), [("0000", 0), ("0930", 9.5), (930, 9.5), (0, 0), ("9:30", 9.5), ("2400", 24), ("", None), (None, None)]
)
def test_a_time_of_day_is_read_as_time_since_midnight(sent: object, hours: float | None) -> None:
    assert clock({"starttime": sent}, "starttime") == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize("sent", ["2401", "1060", "noon", "-100"])
def test_what_is_no_time_of_day_is_strange(sent: str) -> None:
    with pytest.raises(Strange, match="no time of day as starttime"):
        clock({"starttime": sent}, "starttime")


@pytest.mark.parametrize(("sent", "read"), [("10", 10), (10, 10), ("007", 7), ("", None), ("0", None), (None, None)])
def test_a_number_is_at_least_one_or_absent(sent: object, read: int | None) -> None:
    assert number({"interval": sent}, "interval") == read


@pytest.mark.parametrize("sent", ["-1", "two", "1.5", "²"])
def test_what_is_no_number_is_strange(sent: str) -> None:
    with pytest.raises(Strange, match="no number as interval"):
        number({"interval": sent}, "interval")


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ({"item": None}, []),
        ({"item": {"id": "84"}}, [{"id": "84"}]),
        ({"item": [{"id": "84"}, {"id": "85"}]}, [{"id": "84"}, {"id": "85"}]),
        ([{"id": "84"}], [{"id": "84"}]),
        ("strange", ["strange"]),
    ],
)
def test_a_list_may_be_absent_one_object_or_an_array(sent: Any, held: list[object]) -> None:
    assert list(members(sent, "item")) == held
