"""Calls that make no sense get a clear error with an invented number, and change nothing."""

import pytest

from tests.sandbox.neo_office import SATO, SUZUKI, Office


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ({}, -90003),
        ({"startdate": ""}, -90003),
        ({"startdate": "2026-11-24"}, -90004),
        ({"startdate": "20261131"}, -90004),
        ({"startdate": "19691231"}, -90004),
        ({"startdate": "２０２６１１２４"}, -90004),
        ({"startdate": "20261124", "enddate": "20261123"}, -90006),
        ({"startdate": "20261124", "starttime": "2400"}, -90005),
        ({"startdate": "20261124", "starttime": "10:00"}, -90005),
        ({"startdate": "20261124", "starttime": "1000", "endtime": "1060"}, -90005),
        ({"startdate": "20261124", "endtime": "1100"}, -90005),
        ({"startdate": "20261124", "public_level": "private"}, -90008),
        ({"startdate": "20261124", "otherto": "999"}, -90011),
        ({"startdate": "20261124", "permit_user": "999"}, -90011),
        ({"startdate": "20261124", "plant": "999"}, -90012),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(neo: Office, sent: dict[str, str], number: int) -> None:
    assert neo.error("insert_schedule", detail="x", **sent) == number
    assert neo.world.records(SATO) == []


@pytest.mark.parametrize("filled", [{}, {"detail": ""}, {"event": "--"}, {"reserve": "0"}, {"schcolor": "3"}])
def test_something_must_be_filled(neo: Office, filled: dict[str, str]) -> None:
    assert neo.error("insert_schedule", startdate="20261124", **filled) == -90009


@pytest.mark.parametrize("filled", [{"event": "会議"}, {"place": "本社"}, {"other": "5階"}, {"memo": "内容"}, {"reserve": "1"}])
def test_any_text_or_option_is_enough(neo: Office, filled: dict[str, str]) -> None:
    answer = neo.ask("insert_schedule", startdate="20261124", **filled)

    assert answer["status"] == "ok"


def test_a_site_key_must_say_whose_event_it_is(neo: Office) -> None:
    assert neo.error("insert_schedule", by="site", startdate="20261124", detail="x") == -90010

    sid = neo.insert(by="site", otherto=[SUZUKI, SATO])

    assert [item["sid"] for item in neo.schedules(by=SUZUKI)] == [sid]
    assert neo.record(sid, by=SUZUKI)["entry"] == ""


def test_without_a_name_the_keys_own_user_is_registered(neo: Office) -> None:
    neo.insert()

    assert neo.schedules()[0]["otherto"] == {"item": {"id": SATO, "name": "佐藤 健一"}}


def test_a_change_that_makes_no_sense_changes_nothing(neo: Office) -> None:
    sid = neo.insert(starttime="1000", endtime="1100")
    before = neo.record(sid)

    numbers = [
        neo.error("update_schedule", sid=sid, detail="x", otherto=""),
        neo.error("update_schedule", sid=sid, detail="x", startdate=""),
        neo.error("update_schedule", sid=sid, detail="x", startdate="20261125"),
        neo.error("update_schedule", sid=sid, detail="x", starttime=""),
        neo.error("update_schedule", sid=sid, detail=""),
        neo.error("update_schedule", sid=sid, repeat="d"),
    ]

    assert numbers == [-90010, -90003, -90006, -90005, -90009, -90013]
    assert neo.record(sid) == before


def test_a_split_that_is_refused_leaves_the_series_whole(neo: Office) -> None:
    sid = neo.insert(repeat="d", rependtimes="5")

    number = neo.error("update_schedule", sid=sid, modkind="2", seldate="20261126", starttime="9999")

    assert number == -90005
    assert len(neo.dates(sid)) == 5


@pytest.mark.parametrize("action", ["get_schedule", "update_schedule", "delete_schedule"])
def test_an_unknown_or_missing_sid_is_told(neo: Office, action: str) -> None:
    assert neo.error(action, sid="4711") == -110
    assert neo.error(action) == -90003


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ({"startdate": "20261101"}, -90003),
        ({"startdate": "20261130", "enddate": "20261101"}, -90006),
        ({"startdate": "20261101", "enddate": "20261130", "limit": "5001"}, -90007),
        ({"startdate": "20261101", "enddate": "20261130", "limit": "0"}, -90007),
        ({"startdate": "20261101", "enddate": "20261130", "offset": "-1"}, -90007),
    ],
)
def test_a_list_needs_a_range_and_a_page_that_make_sense(neo: Office, sent: dict[str, str], number: int) -> None:
    assert neo.error("list_schedules", **sent) == number
