from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import Access, Event, Timed
from desksync.sync.recurrence import Frequency, Recurrence
from desksync_neo_worker.mapping import (
    after_writing,
    changed_fields,
    fields_of,
    is_editable,
    is_masked,
    is_shared,
    new_fields,
    read_event,
    read_extra,
    read_series,
)
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from tests.builders import TOKYO, all_day, an_event, at, timed, weekly
from tests.neo_worker.records import EYES, a_masked_record, a_record, a_series_record


def test_a_record_is_read_as_an_event() -> None:
    record = a_record(event="会議", detail="定例", place="本社", other="3階", memo="一行目 \r\n二行目\r\n", reserve="1")

    event = read_event(record, EYES)

    assert event == Event(when=timed(), title="会議: 定例", location="本社 3階", description="一行目\n二行目", is_tentative=True)


@pytest.mark.parametrize(
    ("fields", "access"),
    [
        ({"public_level": "open"}, Access.OPEN),
        ({"public_level": "secret"}, Access.SECRET),
        ({"public_level": "permission"}, Access.RESTRICTED),
        ({"public_level": ""}, Access.OPEN),
        ({"public_level": ..., "level": "1"}, Access.RESTRICTED),
        ({"public_level": "open", "level": "1"}, Access.OPEN),
        ({"public_level": "newly invented"}, Access.RESTRICTED),
    ],
)
def test_the_level_is_read(fields: dict[str, Any], access: Access) -> None:
    assert read_event(a_record(**fields), EYES).access is access


def test_our_placeholder_is_read_as_no_title() -> None:
    assert read_event(a_record(detail="(無題)"), EYES).title == ""


def test_others_and_facilities_are_the_attendance() -> None:
    people = {"item": [{"id": "84", "name": "佐藤 健一"}, {"id": "85", "name": "鈴木 美咲"}, {"id": 86, "name": ""}]}
    record = a_record(otherto=people, plant={"item": {"id": "9", "name": "第1会議室"}})

    assert read_event(record, EYES).attendance == "参加者: 鈴木 美咲\n参加者: 86\n設備: 第1会議室"


def test_oneself_alone_is_no_attendance() -> None:
    assert read_event(a_record(), EYES).attendance == ""


def test_the_attendance_can_be_switched_off() -> None:
    record = a_record(otherto=[{"id": "85", "name": "鈴木 美咲"}])

    assert read_event(record, replace(EYES, shows_attendance=False)).attendance == ""


def test_people_that_are_no_people_are_strange() -> None:
    with pytest.raises(Strange, match="no users or facilities as otherto"):
        read_event(a_record(otherto="everybody"), EYES)


def test_odd_types_are_read_all_the_same() -> None:
    record = a_record(sid=501, starttime=1000, endtime=1100, startdate=20261123, memo=None, reserve=1, otherto=None, place=...)

    assert read_event(record, EYES) == Event(when=timed(), title="朝会", is_tentative=True)


def test_a_series_begins_with_its_first_real_occurrence() -> None:
    record = a_series_record(startdate="20261120", everyweekday="1000000")

    assert read_series(record, EYES) == Event(when=timed(), title="朝会", repeat=weekly(5))


def test_a_record_without_a_rule_is_a_plain_event() -> None:
    assert read_series(a_record(), EYES) == read_event(a_record(), EYES)


def test_kind_place_and_others_are_remembered() -> None:
    people = [{"id": "84", "name": "佐藤 健一"}, {"id": "85", "name": "鈴木 美咲"}]

    extra = read_extra(a_record(event=" 会議 ", place="本社", otherto=people), EYES)

    assert extra == {"kind": "会議", "first place": "本社", "shared": "1"}


def test_nothing_is_remembered_of_a_bare_event() -> None:
    assert read_extra(a_record(event="--"), EYES) == {}
    assert not is_shared(a_record(), EYES)


@pytest.mark.parametrize("record", [a_masked_record(), a_masked_record(event="会議"), a_masked_record(accessopen=...)])
def test_an_event_with_its_time_only_is_masked(record: dict[str, Any]) -> None:
    assert is_masked(record)


@pytest.mark.parametrize(
    "record", [a_record(), a_masked_record(detail="x"), a_masked_record(accessopen="1"), a_masked_record(public_level="open")]
)
def test_an_event_that_shows_more_is_not_masked(record: dict[str, Any]) -> None:
    assert not is_masked(record)


@pytest.mark.parametrize(("right", "editable"), [("1", True), ("", False), (None, False), ("0", False), (..., True)])
def test_the_right_to_change_is_read(right: object, *, editable: bool) -> None:
    assert is_editable(a_record(accessmod=right)) is editable


def test_a_new_event_is_posted_without_empty_fields() -> None:
    event = an_event("定例", description="一行目\n二行目", access=Access.SECRET, is_tentative=True)

    assert new_fields(event, {}, TOKYO) == {
        "detail": "定例",
        "memo": "一行目\n二行目",
        "public_level": "secret",
        "reserve": "1",
        "startdate": "20261123",
        "enddate": "20261123",
        "starttime": "1000",
        "endtime": "1100",
    }


def test_a_new_all_day_event_has_no_times() -> None:
    fields = new_fields(an_event(when=all_day(days=2)), {}, TOKYO)

    assert (fields["startdate"], fields["enddate"]) == ("20261123", "20261124")
    assert not {"starttime", "endtime"} & fields.keys()


def test_a_new_restricted_event_is_secret_because_only_neo_knows_who_may_see_it() -> None:
    assert new_fields(an_event(access=Access.RESTRICTED), {}, TOKYO)["public_level"] == "secret"


def test_an_event_without_a_title_gets_a_placeholder_on_the_wire_only() -> None:
    fields = new_fields(an_event(""), {}, TOKYO)

    assert fields["detail"] == "(無題)"
    assert after_writing(None, fields, {}, EYES)[0].title == ""


def test_half_characters_cannot_be_sent() -> None:
    with pytest.raises(Inexpressible, match="half characters"):
        new_fields(an_event("\ud83d"), {}, TOKYO)


def test_only_what_differs_is_posted() -> None:
    held = an_event("定例")

    assert changed_fields(held, replace(held, description="新"), {}, TOKYO) == {"memo": "新"}
    assert changed_fields(held, replace(held, attendance="参加者: x"), {}, TOKYO) == {}
    assert changed_fields(held, held, {}, TOKYO) == {}


def test_the_kind_is_kept_while_its_prefix_stands() -> None:
    held = an_event("会議: 定例")

    fields = changed_fields(held, replace(held, title="会議: 臨時"), {"kind": "会議"}, TOKYO)

    assert fields == {"event": "会議", "detail": "臨時"}


def test_the_kind_is_dropped_with_its_prefix() -> None:
    held = an_event("会議: 定例")

    fields = changed_fields(held, replace(held, title="臨時"), {"kind": "会議"}, TOKYO)

    assert fields == {"event": "", "detail": "臨時"}


def test_the_place_is_kept_while_the_location_begins_with_it() -> None:
    held = an_event(location="本社 3階")

    assert changed_fields(held, replace(held, location="本社 4階"), {"first place": "本社"}, TOKYO) == {
        "place": "本社",
        "other": "4階",
    }


def test_a_move_posts_dates_and_times_together() -> None:
    held = an_event()

    fields = changed_fields(held, replace(held, when=timed(11)), {}, TOKYO)

    assert fields == {"startdate": "20261123", "enddate": "20261123", "starttime": "1100", "endtime": "1200"}


def test_an_event_that_becomes_all_day_loses_its_times() -> None:
    fields = changed_fields(an_event(), an_event(when=all_day()), {}, TOKYO)

    assert (fields["starttime"], fields["endtime"]) == ("", "")


def test_the_time_of_a_series_is_posted_with_its_whole_rule() -> None:
    held = an_event(repeat=weekly(5))

    fields = changed_fields(held, replace(held, when=timed(11)), {}, TOKYO)

    assert fields == {
        "startdate": "20261123",
        "enddate": "20261221",
        "starttime": "1100",
        "endtime": "1200",
        "repeat": "w",
        "interval": "1",
        "everyweek": "",
        "everyweekday": "1000000",
        "rependtimes": "5",
    }


def test_the_title_of_a_series_is_posted_alone() -> None:
    held = an_event(repeat=weekly(5))

    assert changed_fields(held, replace(held, title="新"), {}, TOKYO) == {"event": "", "detail": "新"}


def test_a_series_that_becomes_a_plain_event_has_its_rule_cleared() -> None:
    fields = changed_fields(an_event(repeat=weekly(5)), an_event(), {}, TOKYO)

    assert fields["repeat"] == fields["rependtimes"] == fields["everyweekday"] == ""
    assert fields["enddate"] == "20261123"


@pytest.mark.parametrize(
    ("held", "wanted", "posted"),
    [
        (Access.OPEN, Access.SECRET, "secret"),
        (Access.SECRET, Access.OPEN, "open"),
        (Access.OPEN, Access.RESTRICTED, "secret"),
        (Access.SECRET, Access.RESTRICTED, None),
        (Access.RESTRICTED, Access.OPEN, None),
        (Access.RESTRICTED, Access.SECRET, None),
        (Access.OPEN, Access.OPEN, None),
    ],
)
def test_a_restricted_event_is_never_loosened(held: Access, wanted: Access, posted: str | None) -> None:
    fields = changed_fields(an_event(access=held), an_event(access=wanted), {}, TOKYO)

    assert fields.get("public_level") == posted


def test_after_writing_the_attendance_and_the_restriction_are_still_there() -> None:
    held = an_event("会議: 定例", attendance="参加者: 鈴木 美咲", access=Access.RESTRICTED)
    extra = {"kind": "会議", "shared": "1"}

    event, remembered = after_writing(held, {"event": "", "detail": "臨時"}, extra, EYES)

    assert event == replace(held, title="臨時")
    assert remembered == {"shared": "1"}


def test_after_writing_texts_are_as_neo_gives_them_back() -> None:
    wanted = an_event(" 定例\n第2回 ", location=" 本社 ", description="x \r\ny\n\n")
    fields = new_fields(wanted, {}, TOKYO)

    event, _ = after_writing(None, fields, {}, EYES)

    assert (event.title, event.location, event.description) == ("定例 第2回", "本社", "x\ny")


TEXTS = st.text(st.sampled_from("aあ:- \r\n\t無題()"), max_size=12)
RECORDS = st.fixed_dictionaries(
    {
        "startdate": st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
        "starttime": st.sampled_from(["", "0000", "0930", "2345"]),
        "event": TEXTS,
        "detail": TEXTS,
        "place": TEXTS,
        "other": TEXTS,
        "memo": TEXTS,
        "reserve": st.sampled_from(["", "0", "1"]),
        "public_level": st.sampled_from(["open", "secret", "permission", ""]),
    }
).flatmap(
    lambda fields: st.sampled_from([""] if not fields["starttime"] else ["", "0000", "0930", "2350"]).map(
        lambda end: a_record(**{**fields, "enddate": fields["startdate"], "endtime": end})
    )
)


@given(RECORDS)
def test_a_record_read_written_and_read_again_is_the_same_event(record: dict[str, Any]) -> None:
    event, extra = read_event(record, EYES), read_extra(record, EYES)

    written = fields_of(event, extra, TOKYO)

    assert read_event(written, EYES) == event
    assert read_extra(written, EYES) == extra
    assert fields_of(read_event(written, EYES), extra, TOKYO) == written


@given(RECORDS, RECORDS)
def test_posting_what_differs_gives_the_wanted_event(held_record: dict[str, Any], wanted_record: dict[str, Any]) -> None:
    held, extra = read_event(held_record, EYES), read_extra(held_record, EYES)
    wanted = read_event(wanted_record, EYES)

    event, _ = after_writing(held, changed_fields(held, wanted, extra, TOKYO), extra, EYES)

    kept_closed = held.access is Access.RESTRICTED or wanted.access is Access.RESTRICTED
    assert replace(event, access=wanted.access) == wanted
    assert kept_closed or event.access is wanted.access
    assert not kept_closed or event.access is not Access.OPEN


@given(RECORDS)
def test_a_series_written_and_read_again_is_the_same_series(record: dict[str, Any]) -> None:
    event = read_event(record, EYES)
    series = replace(event, repeat=Recurrence(Frequency.DAILY, interval=2, count=4))
    extra = read_extra(record, EYES)

    assert read_series(fields_of(series, extra, TOKYO), EYES) == series


def test_an_open_end_survives_writing() -> None:
    event = an_event(when=Timed(at(10), None))

    assert read_event(fields_of(event, {}, TOKYO), EYES) == event


@pytest.mark.parametrize(
    "fields",
    [
        {"startdate": "99991231", "enddate": "99991231", "starttime": "2300", "endtime": "0100"},
        {"startdate": "05001123", "enddate": "05001123"},
    ],
)
def test_what_lies_at_the_ends_of_time_is_odd(fields: dict[str, str]) -> None:
    with pytest.raises(Strange, match="out of the range"):
        read_event(a_record(**fields), EYES)
