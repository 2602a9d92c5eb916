"""What a caller sees and may do: absent, masked, full; read-only; whose key."""

from typing import Any

import pytest

from tests.sandbox.neo_office import SATO, SEED, SUZUKI, TANAKA, Office

EVENT: dict[str, Any] = {
    "startdate": "20261124",
    "starttime": "1000",
    "endtime": "1100",
    "event": "会議",
    "detail": "人事",
    "place": "本社",
}


def test_times_only_are_seen_where_the_owner_grants_no_more(neo: Office) -> None:
    neo.world.add(TANAKA, plant=["9"], rankflg="1", **EVENT)

    (item,) = neo.schedules(user_id=TANAKA)

    told = {name: value for name, value in item.items() if value not in ("", {})}
    assert told == {
        "sid": "501",
        "seldate": "20261124",
        "startdate": "20261124",
        "enddate": "20261124",
        "starttime": "1000",
        "endtime": "1100",
    }


def test_a_masked_item_has_the_same_keys_as_a_full_one(neo: Office) -> None:
    neo.world.add(TANAKA, **EVENT)
    neo.world.add(SATO, **EVENT)

    (masked,), (full,) = neo.schedules(user_id=TANAKA), neo.schedules()

    assert set(masked) == set(full)


def test_a_masked_series_still_shows_its_letter_and_hides_its_rule(neo: Office) -> None:
    sid = neo.world.add(TANAKA, **EVENT, repeat="w", rependtimes="2")

    items, record = neo.schedules(user_id=TANAKA), neo.record(sid)

    assert [item["repeat"] for item in items] == ["w", "w"]
    assert (record["repeat"], record["rependtimes"], record["interval"], record["detail"]) == ("w", "", "", "")


def test_times_and_event_are_seen_where_so_granted(neo: Office) -> None:
    neo.server.load_seed({**SEED, "rights": [{"owner": SATO, "viewer": SUZUKI, "view": "time_event"}]})
    neo.world.add(SATO, **EVENT)

    (item,) = neo.schedules(by=SUZUKI, user_id=SATO)

    assert (item["event"], item["detail"], item["place"], item["accessmod"]) == ("会議", "", "", "")


def test_a_list_is_refused_where_nothing_is_granted(neo: Office) -> None:
    neo.server.load_seed({**SEED, "rights": [{"owner": SATO, "viewer": "*", "view": "none"}]})
    sid = neo.world.add(SATO, **EVENT)

    assert neo.error("list_schedules", by=SUZUKI, user_id=SATO, startdate="20261101", enddate="20261130") == -10008
    assert neo.error("get_schedule", by=SUZUKI, sid=sid) == -110


def test_the_site_key_sees_everything_unless_a_user_grants_it_less(neo: Office) -> None:
    neo.server.load_seed({**SEED, "rights": [{"owner": SUZUKI, "viewer": "site", "view": "time"}]})
    neo.world.add(SATO, **EVENT, public_level="secret")
    neo.world.add(SUZUKI, **EVENT)

    (of_sato,), (of_suzuki,) = neo.schedules(by="site", user_id=SATO), neo.schedules(by="site", user_id=SUZUKI)

    assert (of_sato["detail"], of_sato["accessmod"]) == ("人事", "1")
    assert (of_suzuki["detail"], of_suzuki["accessmod"]) == ("", "")


@pytest.mark.parametrize(("mask", "event"), [("time", ""), ("time_event", "会議")])
def test_an_event_can_be_masked_for_every_key(neo: Office, mask: str, event: str) -> None:
    sid = neo.world.add(SATO, mask=mask, **EVENT)

    (own,), (by_site,) = neo.schedules(), neo.schedules(by="site", user_id=SATO)

    assert own == by_site
    assert (own["event"], own["detail"]) == (event, "")
    assert neo.error("update_schedule", sid=sid, detail="x") == -10008
    assert neo.world.records(SATO)[0]["detail"] == "人事"


def test_a_restricted_event_is_absent_for_those_who_are_not_permitted(neo: Office) -> None:
    sid = neo.insert(**EVENT, public_level="permission")

    assert neo.schedules(by=SUZUKI, user_id=SATO) == []
    assert neo.error("get_schedule", by=SUZUKI, sid=sid) == -110
    assert neo.error("update_schedule", by=SUZUKI, sid=sid, detail="x") == -110
    assert neo.schedules()[0]["level"] == "1"


def test_a_restricted_event_is_seen_by_those_who_are_permitted(neo: Office) -> None:
    neo.insert(**EVENT, public_level="permission", permit_user=[SUZUKI])

    (item,) = neo.schedules(by=SUZUKI, user_id=SATO)

    assert item["detail"] == "人事"
    assert item["permit_user"] == {"item": {"id": SUZUKI, "name": "鈴木 美咲"}}


def test_a_secret_event_is_masked_or_absent_for_others_as_switched(neo: Office) -> None:
    neo.insert(**EVENT, public_level="secret")

    masked = neo.schedules(by=SUZUKI, user_id=SATO)
    neo.turn(non_public_for_others="absent")
    absent = neo.schedules(by=SUZUKI, user_id=SATO)

    assert [(item["starttime"], item["detail"], item["public_level"]) for item in masked] == [("1000", "", "")]
    assert absent == []
    assert neo.schedules()[0]["public_level"] == "secret"


@pytest.mark.parametrize("by", [SATO, "site"])
def test_a_read_only_event_is_shown_in_full_and_cannot_be_written(neo: Office, by: str) -> None:
    sid = neo.world.add(SATO, creator=SUZUKI, is_read_only=True, **EVENT)

    (item,) = neo.schedules(by=by, user_id=SATO)

    assert (item["detail"], item["accessopen"], item["accessmod"], item["accessdel"]) == ("人事", "1", "", "")
    assert neo.error("update_schedule", by=by, sid=sid, detail="x") == -10008
    assert neo.error("delete_schedule", by=by, sid=sid) == -10008


def test_a_read_only_event_is_its_creators_to_change(neo: Office) -> None:
    sid = neo.world.add(SATO, creator=SUZUKI, is_read_only=True, **EVENT)

    neo.ask("update_schedule", by=SUZUKI, sid=sid, detail="変更")

    assert neo.schedules()[0]["detail"] == "変更"


def test_others_may_look_but_not_write_without_a_grant(neo: Office) -> None:
    sid = neo.insert(**EVENT)

    (item,) = neo.schedules(by=SUZUKI, user_id=SATO)

    assert (item["detail"], item["accessmod"], item["accessdel"]) == ("人事", "", "")
    assert neo.error("update_schedule", by=SUZUKI, sid=sid, detail="x") == -10008
    assert neo.error("delete_schedule", by=SUZUKI, sid=sid) == -10008
    assert neo.error("insert_schedule", by=SUZUKI, otherto=SATO, **EVENT) == -10008
    assert neo.error("update_schedule", sid=sid, otherto=[SATO, SUZUKI]) == -10008


def test_grants_let_others_write(neo: Office) -> None:
    whole = {"owner": SATO, "viewer": SUZUKI, "add": True, "change": True, "delete": True}
    neo.server.load_seed({**SEED, "rights": [whole]})

    sid = neo.insert(by=SUZUKI, otherto=SATO, **EVENT)
    neo.ask("update_schedule", by=SUZUKI, sid=sid, detail="変更")
    changed = neo.schedules()[0]
    neo.ask("delete_schedule", by=SUZUKI, sid=sid)

    assert (changed["detail"], changed["entry"]) == ("変更", "1")
    assert neo.schedules() == []


def test_a_registered_user_may_write_what_another_made(neo: Office) -> None:
    sid = neo.world.add(SUZUKI, otherto=[SATO, SUZUKI], **EVENT)

    answer = neo.ask("update_schedule", sid=sid, detail="変更")

    assert answer["status"] == "ok"
    assert neo.schedules(by=SUZUKI)[0]["detail"] == "変更"


def test_nobody_takes_another_user_off_with_an_own_key(neo: Office) -> None:
    sid = neo.world.add(SATO, otherto=[SATO, SUZUKI], **EVENT)

    assert neo.error("delete_schedule", sid=sid, delkind="1", user_id=SUZUKI) == -10008
