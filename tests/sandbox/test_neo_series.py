"""Which dates a series gives (recurrence fields of NEO's entry form)."""

import pytest

from tests.sandbox.neo_office import Office

TUESDAY = "20261124"


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ({"repeat": "d", "rependtimes": "3"}, ["20261124", "20261125", "20261126"]),
        ({"repeat": "d", "interval": "3", "enddate": "20261130"}, ["20261124", "20261127", "20261130"]),
        ({"repeat": "w", "rependtimes": "2"}, ["20261124", "20261201"]),
        ({"repeat": "w", "everyweekday": "1000100", "rependtimes": "3"}, ["20261127", "20261130", "20261204"]),
        ({"repeat": "w", "interval": "2", "everyweekday": "1100000", "rependtimes": "3"}, ["20261124", "20261207", "20261208"]),
        ({"repeat": "w", "interval": "2", "everyweekday": "0100001", "rependtimes": "3"}, ["20261124", "20261129", "20261208"]),
        ({"repeat": "m", "rependtimes": "3"}, ["20261124", "20261224", "20270124"]),
        ({"repeat": "m", "everyweek": "4", "everyweekday": "0100000", "rependtimes": "2"}, ["20261124", "20261222"]),
        ({"repeat": "m", "everyweek": "6", "everyweekday": "0000100", "rependtimes": "2"}, ["20261127", "20261225"]),
        ({"repeat": "m", "everyweek": "5", "everyweekday": "1000000", "rependtimes": "2"}, ["20261130", "20270329"]),
        ({"repeat": "y", "rependtimes": "2"}, ["20261124", "20271124"]),
        ({"repeat": "y", "interval": "2", "enddate": "20281124"}, ["20261124", "20281124"]),
        ({"repeat": "r", "dates": ["20261203", "20261124", "20261201"]}, ["20261124", "20261201", "20261203"]),
    ],
)
def test_a_rule_gives_its_dates(neo: Office, rule: dict[str, str | list[str]], dates: list[str]) -> None:
    sid = neo.insert(startdate=TUESDAY, **rule)

    assert neo.dates(sid, last="20301231") == dates


def test_months_without_the_day_are_skipped(neo: Office) -> None:
    sid = neo.insert(startdate="20261031", repeat="m", rependtimes="3")

    assert neo.dates(sid, first="20261001", last="20271231") == ["20261031", "20261231", "20270131"]


def test_a_leap_day_repeats_in_leap_years(neo: Office) -> None:
    sid = neo.insert(startdate="20240229", repeat="y", rependtimes="2")

    assert neo.dates(sid, first="20240101", last="20301231") == ["20240229", "20280229"]


def test_the_number_of_times_wins_over_the_end_date(neo: Office) -> None:
    sid = neo.insert(startdate=TUESDAY, repeat="d", rependtimes="2", enddate="20261230")

    record = neo.record(sid)

    assert (record["rependtimes"], record["startdate"], record["enddate"]) == ("2", "20261124", "20261125")


def test_the_record_tells_the_first_date_of_the_rule_and_the_last_possible_one(neo: Office) -> None:
    sid = neo.insert(startdate=TUESDAY, repeat="w", everyweekday="1000000", enddate="20261220")

    record = neo.record(sid)

    assert (record["startdate"], record["enddate"], record["rependtimes"]) == ("20261130", "20261220", "")


def test_the_times_of_a_series_are_those_of_each_occurrence(neo: Office) -> None:
    neo.insert(startdate=TUESDAY, starttime="1000", endtime="1130", repeat="d", enddate="20261126")

    items = neo.schedules()

    assert {(item["starttime"], item["endtime"]) for item in items} == {("1000", "1130")}
    assert all(item["startdate"] == item["enddate"] == item["seldate"] for item in items)


def test_irregular_dates_are_told_in_the_record(neo: Office) -> None:
    sid = neo.insert(repeat="r", dates=["20261203", "20261124"])

    record = neo.record(sid)

    assert record["dates"] == {"item": ["20261124", "20261203"]}
    assert (record["repeat"], record["interval"], record["startdate"], record["enddate"]) == ("r", "", "20261124", "20261203")


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        ({"repeat": "d"}, -90013),
        ({"repeat": "d", "rependtimes": "", "enddate": ""}, -90013),
        ({"repeat": "w", "everyweekday": "1000000", "enddate": "20261125"}, -90014),
        ({"repeat": "d", "enddate": "20261101"}, -90014),
        ({"repeat": "r"}, -90003),
        ({"repeat": "r", "dates": "2026-11-24"}, -90004),
        ({"repeat": "x", "rependtimes": "2"}, -90008),
        ({"repeat": "w", "everyweekday": "10", "rependtimes": "2"}, -90008),
        ({"repeat": "m", "everyweek": "1", "everyweekday": "1100000", "rependtimes": "2"}, -90008),
        ({"repeat": "m", "everyweek": "1", "rependtimes": "2"}, -90008),
        ({"repeat": "d", "interval": "0", "rependtimes": "2"}, -90007),
        ({"repeat": "d", "rependtimes": "endless"}, -90007),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(neo: Office, rule: dict[str, str], number: int) -> None:
    assert neo.error("insert_schedule", startdate=TUESDAY, detail="x", **rule) == number
    assert neo.world.records("84") == []
