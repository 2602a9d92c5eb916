"""`update_schedule` and `delete_schedule`: fields, `modkind`, `delkind`, and the questions that no document answers."""

import pytest

from tests.sandbox.neo_office import SATO, SUZUKI, Office


def a_series(neo: Office, **fields: str | list[str]) -> str:
    """Add five Tuesdays from 24 November 2026."""
    return neo.insert(**{"detail": "定例", "starttime": "1000", "endtime": "1100", "repeat": "w", "rependtimes": "5"} | fields)


def change(neo: Office, sid: str, **fields: str | list[str]) -> str:
    answer = neo.ask("update_schedule", sid=sid, **fields)
    assert answer["status"] == "ok", answer
    changed: str = answer["sid"]
    return changed


TUESDAYS = ["20261124", "20261201", "20261208", "20261215", "20261222"]


def test_fields_that_are_not_posted_stay_and_empty_ones_clear(neo: Office) -> None:
    sid = neo.insert(detail="前", place="本社", memo="持ち物", starttime="1000", endtime="1100", public_level="secret")

    answered = change(neo, sid, detail="後", place="")

    record = neo.record(sid)
    assert answered == sid
    assert (record["detail"], record["place"], record["memo"], record["starttime"]) == ("後", "", "持ち物", "1000")
    assert record["public_level"] == "secret"


def test_clearing_both_times_makes_it_all_day(neo: Office) -> None:
    sid = neo.insert(starttime="1000", endtime="1100")

    change(neo, sid, starttime="", endtime="")

    assert (neo.record(sid)["starttime"], neo.record(sid)["endtime"]) == ("", "")


def test_an_event_is_moved_by_its_dates(neo: Office) -> None:
    sid = neo.insert(startdate="20261124", enddate="20261125")

    change(neo, sid, startdate="20261201", enddate="20261202")

    assert [(item["startdate"], item["enddate"]) for item in neo.schedules()] == [("20261201", "20261202")]


def test_changing_everything_is_the_default(neo: Office) -> None:
    sid = a_series(neo)

    change(neo, sid, detail="新しい定例")

    assert [item["detail"] for item in neo.schedules()] == ["新しい定例"] * 5


def test_a_changed_occurrence_keeps_the_sid_and_has_a_record_of_its_own(neo: Office) -> None:
    sid = a_series(neo)

    answered = change(neo, sid, modkind="1", seldate="20261201", startdate="20261203", enddate="20261203", detail="特別")

    record = neo.record(sid, seldate="20261201")
    assert answered == sid
    assert neo.dates(sid) == ["20261124", "20261203", "20261208", "20261215", "20261222"]
    assert (record["seldate"], record["startdate"], record["detail"]) == ("20261201", "20261203", "特別")
    assert [item["repeat"] for item in neo.schedules()] == ["w"] * 5
    assert neo.record(sid)["detail"] == "定例"


def test_a_changed_occurrence_can_be_changed_again_by_its_original_date(neo: Office) -> None:
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261201", startdate="20261203", enddate="20261203", memo="一回目")

    change(neo, sid, modkind="1", seldate="20261201", detail="二回目")

    record = neo.record(sid, seldate="20261201")
    assert (record["startdate"], record["memo"], record["detail"]) == ("20261203", "一回目", "二回目")


def test_a_changed_occurrence_becomes_an_event_of_its_own_when_so_switched(neo: Office) -> None:
    neo.turn(changed_occurrence_keeps_sid=False)
    sid = a_series(neo)

    new = change(neo, sid, modkind="1", seldate="20261201", startdate="20261203", enddate="20261203", detail="特別")

    record = neo.record(new)
    assert new != sid
    assert neo.dates(sid) == ["20261124", "20261208", "20261215", "20261222"]
    assert (record["startdate"], record["repeat"], record["detail"], record["starttime"]) == ("20261203", "", "特別", "1000")
    assert neo.error("get_schedule", sid=sid, seldate="20261201") == -110


@pytest.mark.parametrize(("shows", "letter", "times"), [(True, "w", "5"), (False, "", "")])
def test_the_record_of_a_changed_occurrence_shows_the_rule_or_not(neo: Office, *, shows: bool, letter: str, times: str) -> None:
    neo.turn(changed_occurrence_shows_rule=shows)
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261201", detail="特別")

    changed, unchanged = neo.record(sid, seldate="20261201"), neo.record(sid, seldate="20261208")

    assert (changed["repeat"], changed["rependtimes"]) == (letter, times)
    assert (unchanged["repeat"], unchanged["rependtimes"]) == ("w", "5")


def test_from_one_date_on_the_series_becomes_two(neo: Office) -> None:
    sid = a_series(neo)

    new = change(neo, sid, modkind="2", seldate="20261208", starttime="1500", endtime="1600")

    assert neo.dates(sid) == TUESDAYS[:2]
    assert neo.dates(new) == TUESDAYS[2:]
    assert (neo.record(sid)["rependtimes"], neo.record(new)["rependtimes"]) == ("2", "3")
    assert (neo.record(sid)["starttime"], neo.record(new)["starttime"]) == ("1000", "1500")


def test_a_series_with_an_end_date_ends_the_day_before_the_split(neo: Office) -> None:
    sid = a_series(neo, rependtimes="", enddate="20261225")

    new = change(neo, sid, modkind="2", seldate="20261208", detail="後半")

    assert (neo.record(sid)["enddate"], neo.record(new)["enddate"]) == ("20261207", "20261225")
    assert (neo.dates(sid), neo.dates(new)) == (TUESDAYS[:2], TUESDAYS[2:])


def test_from_the_first_date_on_nothing_is_left_of_the_old_series(neo: Office) -> None:
    sid = a_series(neo)

    new = change(neo, sid, modkind="2", seldate="20261124", detail="すべて")

    assert new != sid
    assert neo.error("get_schedule", sid=sid) == -110
    assert neo.dates(new) == TUESDAYS


def test_exceptions_go_with_their_part_of_a_split_series(neo: Office) -> None:
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261201", detail="前の例外")
    change(neo, sid, modkind="1", seldate="20261215", detail="後の例外")

    change(neo, sid, modkind="1", seldate="20261208", detail="境の例外")

    new = change(neo, sid, modkind="2", seldate="20261208", memo="後半")

    assert neo.record(sid, seldate="20261201")["detail"] == "前の例外"
    assert neo.record(new, seldate="20261208")["detail"] == "境の例外"
    assert neo.record(new, seldate="20261215")["detail"] == "後の例外"
    assert neo.dates(new) == TUESDAYS[2:]
    assert {item["sid"] for item in neo.schedules()} == {sid, new}


def test_irregular_dates_are_split_by_date(neo: Office) -> None:
    sid = neo.insert(repeat="r", dates=["20261124", "20261203", "20261210"])

    new = change(neo, sid, modkind="2", seldate="20261203", detail="後半")

    assert (neo.dates(sid), neo.dates(new)) == (["20261124"], ["20261203", "20261210"])


def test_changing_the_start_drops_exceptions_that_no_longer_fit(neo: Office) -> None:
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261124", detail="消える")
    change(neo, sid, modkind="1", seldate="20261208", detail="残る")

    change(neo, sid, startdate="20261201")

    assert [item["detail"] for item in neo.schedules()] == ["定例", "残る", "定例", "定例", "定例"]


def test_changing_the_rule_drops_exceptions_that_no_longer_fit(neo: Office) -> None:
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261201", detail="消える")
    neo.ask("delete_schedule", sid=sid, modkind="1", seldate="20261208")

    change(neo, sid, everyweekday="0010000")

    assert neo.dates(sid) == ["20261125", "20261202", "20261209", "20261216", "20261223"]
    assert {item["detail"] for item in neo.schedules()} == {"定例"}


def test_the_end_of_a_series_can_be_changed_to_a_date_and_back(neo: Office) -> None:
    sid = a_series(neo)

    change(neo, sid, rependtimes="", enddate="20261205")
    until = neo.dates(sid)
    change(neo, sid, rependtimes="3", enddate="20261208")

    assert until == TUESDAYS[:2]
    assert neo.dates(sid) == TUESDAYS[:3]


def test_a_plain_event_becomes_a_series_and_a_series_a_plain_event(neo: Office) -> None:
    sid = neo.insert(startdate="20261124")

    change(neo, sid, repeat="d", rependtimes="3")
    as_series = neo.dates(sid)
    change(neo, sid, repeat="", startdate="20261125", enddate="20261126")

    assert as_series == ["20261124", "20261125", "20261126"]
    assert [(item["startdate"], item["enddate"], item["repeat"]) for item in neo.schedules()] == [("20261125", "20261126", "")]


def test_deleting_takes_the_whole_series_with_its_exceptions(neo: Office) -> None:
    sid = a_series(neo)
    change(neo, sid, modkind="1", seldate="20261201", startdate="20261203", enddate="20261203")

    answer = neo.ask("delete_schedule", sid=sid)

    assert answer == {"status": "ok"}
    assert neo.schedules() == []
    assert neo.error("delete_schedule", sid=sid) == -110


def test_one_occurrence_is_deleted_without_a_trace(neo: Office) -> None:
    sid = a_series(neo)

    neo.ask("delete_schedule", sid=sid, modkind="1", seldate="20261208")

    assert neo.dates(sid) == ["20261124", "20261201", "20261215", "20261222"]
    assert neo.record(sid)["rependtimes"] == "5"
    assert neo.error("delete_schedule", sid=sid, modkind="1", seldate="20261208") == -110


def test_deleting_the_last_occurrence_that_is_left_deletes_the_series(neo: Office) -> None:
    sid = a_series(neo, rependtimes="1")

    neo.ask("delete_schedule", sid=sid, modkind="1", seldate="20261124")

    assert neo.error("get_schedule", sid=sid) == -110


def test_deleting_from_a_date_on_keeps_what_was_before(neo: Office) -> None:
    sid = a_series(neo)

    neo.ask("delete_schedule", sid=sid, modkind="2", seldate="20261208")

    assert neo.dates(sid) == TUESDAYS[:2]


@pytest.mark.parametrize("action", ["update_schedule", "delete_schedule"])
@pytest.mark.parametrize("modkind", ["1", "2"])
def test_a_part_of_a_series_needs_a_living_date(neo: Office, action: str, modkind: str) -> None:
    sid = a_series(neo)

    assert neo.error(action, sid=sid, modkind=modkind) == -90003
    assert neo.error(action, sid=sid, modkind=modkind, seldate="20261125") == -110
    assert neo.error(action, sid=sid, modkind="4", seldate="20261124") == -90007
    assert neo.dates(sid) == TUESDAYS


def test_taking_oneself_off_leaves_the_event_to_the_others(neo: Office) -> None:
    sid = neo.world.add(SATO, otherto=[SATO, SUZUKI], startdate="20261124", detail="共有")

    neo.ask("delete_schedule", sid=sid, delkind="1")

    assert neo.schedules() == []
    assert [item["sid"] for item in neo.schedules(by=SUZUKI)] == [sid]


def test_the_last_user_takes_the_event_away(neo: Office) -> None:
    sid = neo.insert()

    neo.ask("delete_schedule", sid=sid, delkind="1")

    assert neo.error("get_schedule", sid=sid) == -110


def test_the_site_key_takes_the_named_user_off(neo: Office) -> None:
    sid = neo.world.add(SATO, otherto=[SATO, SUZUKI], startdate="20261124", detail="共有")

    neo.ask("delete_schedule", by="site", sid=sid, delkind="1", user_id=SUZUKI)

    assert neo.error("delete_schedule", by="site", sid=sid, delkind="1") == -90003
    assert [item["sid"] for item in neo.schedules()] == [sid]
    assert neo.schedules(by=SUZUKI) == []


@pytest.mark.parametrize(("modkind", "left"), [("1", ["20261124", "20261208", "20261215", "20261222"]), ("2", TUESDAYS[:1])])
def test_a_user_leaves_a_part_of_a_series_and_the_others_keep_it(neo: Office, modkind: str, left: list[str]) -> None:
    neo.world.add(SATO, otherto=[SATO, SUZUKI], startdate="20261124", detail="共有", repeat="w", rependtimes="5")

    neo.ask("delete_schedule", sid="501", delkind="1", modkind=modkind, seldate="20261201")

    assert [item["startdate"] for item in neo.schedules()] == left
    assert [item["startdate"] for item in neo.schedules(by=SUZUKI)] == TUESDAYS


def test_a_user_leaves_a_series_with_its_changed_occurrences(neo: Office) -> None:
    sid = neo.world.add(SATO, otherto=[SATO, SUZUKI], startdate="20261124", detail="共有", repeat="w", rependtimes="3")
    neo.world.change(sid, modkind=1, seldate="20261201", otherto=[SATO], detail="佐藤のみ")
    neo.world.change(sid, modkind=1, seldate="20261208", detail="二人")

    neo.ask("delete_schedule", sid=sid, delkind="1")

    assert neo.schedules() == []
    assert [(item["startdate"], item["detail"]) for item in neo.schedules(by=SUZUKI)] == [
        ("20261124", "共有"),
        ("20261208", "二人"),
    ]


def test_nobody_is_taken_off_who_is_not_registered(neo: Office) -> None:
    sid = neo.insert()

    assert neo.error("delete_schedule", by="site", sid=sid, delkind="1", user_id=SUZUKI) == -110


def test_a_moved_occurrence_is_listed_where_it_is_now(neo: Office) -> None:
    sid = a_series(neo)

    change(neo, sid, modkind="1", seldate="20261201", startdate="20270105", enddate="20270105")

    assert neo.schedules("20261201", "20261201") == []
    assert [item["seldate"] for item in neo.schedules("20270105", "20270105")] == ["20261201"]


def test_a_series_whose_earlier_dates_are_all_taken_out_leaves_nothing_before_a_split(neo: Office) -> None:
    sid = a_series(neo)
    neo.ask("delete_schedule", sid=sid, modkind="1", seldate="20261124")

    new = change(neo, sid, modkind="2", seldate="20261201", detail="後半")

    assert neo.error("get_schedule", sid=sid) == -110
    assert neo.dates(new) == TUESDAYS[1:]


def test_deleting_for_everybody_is_the_default(neo: Office) -> None:
    neo.world.add(SATO, otherto=[SATO, SUZUKI], startdate="20261124", detail="共有")

    neo.ask("delete_schedule", sid="501")

    assert neo.schedules(by=SUZUKI) == []
