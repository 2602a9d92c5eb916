"""What `list_schedules` and `get_schedule` tell."""

import pytest

from tests.sandbox.neo_office import SATO, SUZUKI, Office, many

NOVEMBER = {"startdate": "20261101", "enddate": "20261130"}


def test_a_list_has_one_item_per_occurrence_by_date_time_and_sid(neo: Office) -> None:
    series = neo.insert(startdate="20261123", detail="朝会", starttime="0930", endtime="0945", repeat="d", rependtimes="2")
    late = neo.insert(startdate="20261123", detail="遅い", starttime="1700", endtime="1800")
    all_day = neo.insert(startdate="20261124", detail="終日")
    twin = neo.insert(startdate="20261124", detail="同時", starttime="0930", endtime="1000")

    items = neo.schedules()

    assert [(item["sid"], item["startdate"]) for item in items] == [
        (series, "20261123"),
        (late, "20261123"),
        (all_day, "20261124"),
        (series, "20261124"),
        (twin, "20261124"),
    ]
    assert [item["repeat"] for item in items] == ["d", "", "", "d", ""]


def test_a_list_pages_by_offset_and_limit_and_tells_the_whole_count(neo: Office) -> None:
    neo.insert(repeat="d", rependtimes="7")

    pages = [
        neo.ask("list_schedules", startdate="20261101", enddate="20261231", offset=str(start), limit="3")
        for start in (0, 3, 6, 9)
    ]

    assert [page["allcnt"] for page in pages] == ["7"] * 4
    assert [[item["seldate"][-2:] for item in many(page["list"])] for page in pages] == [
        ["24", "25", "26"],
        ["27", "28", "29"],
        ["30"],
        [],
    ]


def test_a_page_holds_100_items_unless_told_otherwise(neo: Office) -> None:
    neo.insert(startdate="20260101", repeat="d", rependtimes="150")

    answer = neo.ask("list_schedules", startdate="20260101", enddate="20261231")

    assert (len(many(answer["list"])), answer["allcnt"]) == (100, "150")


def test_a_list_of_one_holds_the_entry_itself_unless_switched(neo: Office) -> None:
    neo.insert()

    as_object = neo.ask("list_schedules", **NOVEMBER)["list"]
    neo.turn(one_item_as_object=False)
    as_array = neo.ask("list_schedules", **NOVEMBER)["list"]

    assert isinstance(as_object["item"], dict)
    assert as_object["item"]["otherto"] == {"item": {"id": SATO, "name": "佐藤 健一"}}
    assert isinstance(as_array["item"], list)
    assert as_array["item"][0]["otherto"] == {"item": [{"id": SATO, "name": "佐藤 健一"}]}


def test_an_empty_list_is_an_empty_object_or_no_data_as_switched(neo: Office) -> None:
    empty = neo.ask("list_schedules", **NOVEMBER)
    neo.turn(empty_list_is_an_error=True)
    error = neo.ask("list_schedules", **NOVEMBER)

    assert empty == {"status": "ok", "allcnt": "0", "list": {}}
    assert error["errorno"] == -110
    assert error["errormessage"] == "W:該当データが存在しません。[W110]"


@pytest.mark.parametrize(
    ("first", "last", "is_there"),
    [
        ("20261120", "20261122", False),
        ("20261120", "20261123", True),
        ("20261124", "20261124", True),
        ("20261125", "20261130", True),
        ("20261126", "20261130", False),
    ],
)
def test_the_dates_of_a_list_are_inclusive_and_an_event_touches_all_its_days(
    neo: Office, first: str, last: str, *, is_there: bool
) -> None:
    neo.insert(startdate="20261123", enddate="20261125", detail="出張")

    items = neo.schedules(first, last)

    assert bool(items) is is_there


def test_an_end_before_the_start_on_one_date_is_on_the_next_day(neo: Office) -> None:
    sid = neo.insert(startdate="20261124", enddate="20261124", starttime="2200", endtime="0100")

    next_day = neo.schedules("20261125", "20261125")

    assert [item["sid"] for item in next_day] == [sid]
    assert (next_day[0]["startdate"], next_day[0]["enddate"]) == ("20261124", "20261124")
    assert (next_day[0]["starttime"], next_day[0]["endtime"]) == ("2200", "0100")


def test_an_end_at_midnight_does_not_touch_the_next_day(neo: Office) -> None:
    neo.insert(startdate="20261124", starttime="2200", endtime="0000")

    assert neo.schedules("20261125", "20261125") == []


def test_the_evening_occurrence_of_a_series_touches_the_next_day(neo: Office) -> None:
    neo.insert(startdate="20261120", starttime="2200", endtime="0100", repeat="d", rependtimes="3")

    items = neo.schedules("20261123", "20261123")

    assert [item["seldate"] for item in items] == ["20261122"]


def test_no_times_is_the_all_day_row_and_a_start_may_stand_alone(neo: Office) -> None:
    neo.insert(startdate="20261124", detail="終日")
    neo.insert(startdate="20261125", detail="開始のみ", starttime="1000")

    items = neo.schedules()

    assert [(item["starttime"], item["endtime"]) for item in items] == [("", ""), ("1000", "")]


def test_a_list_has_no_rule_fields_and_a_record_has_them(neo: Office) -> None:
    sid = neo.insert(startdate="20261124", repeat="w", interval="2", everyweekday="0100000", rependtimes="3")

    item, record = neo.schedules()[0], neo.record(sid)

    rule_fields = {"interval", "everyweek", "everyweekday", "rependtimes", "dates"}
    assert not rule_fields & set(item)
    assert set(record) - set(item) == rule_fields
    assert (record["repeat"], record["interval"], record["everyweekday"], record["rependtimes"]) == ("w", "2", "0100000", "3")
    assert (record["startdate"], record["enddate"]) == ("20261124", "20261222")


def test_a_record_of_one_occurrence_has_its_own_dates(neo: Office) -> None:
    sid = neo.insert(startdate="20261124", repeat="w", rependtimes="3")

    record = neo.record(sid, seldate="20261201")

    assert (record["seldate"], record["startdate"], record["enddate"]) == ("20261201", "20261201", "20261201")
    assert record["rependtimes"] == "3"


@pytest.mark.parametrize("sent", [{"sid": "9999"}, {"sid": "501", "seldate": "20261125"}])
def test_what_does_not_exist_is_no_data(neo: Office, sent: dict[str, str]) -> None:
    neo.insert()

    assert neo.error("get_schedule", **sent) == -110


def test_an_event_that_somebody_else_registered_is_marked(neo: Office) -> None:
    sid = neo.world.add(SUZUKI, otherto=[SATO, SUZUKI], startdate="20261124", detail="定例")

    assert neo.record(sid)["entry"] == "1"
    assert neo.record(sid, by=SUZUKI)["entry"] == ""


def test_opaque_options_and_looks_are_kept_as_sent(neo: Office) -> None:
    sent = {
        "outflg": "1",
        "reserve": "1",
        "rankflg": "1",
        "flag": "1",
        "schcolor": "14",
        "iconno": "3",
        "alarm": "1",
        "alarmtime": "15",
    }

    record = neo.record(neo.insert(**sent))

    assert {name: record[name] for name in sent} == sent
