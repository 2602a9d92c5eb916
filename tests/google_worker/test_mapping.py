from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import Access, AllDay, Event, Side, Timed, shifted
from desksync.sync.text import tidy
from desksync.sync.views import kept_by
from desksync_google_worker.description import BLOCK_BEGIN
from desksync_google_worker.mapping import (
    Unmappable,
    body_of,
    event_of,
    excluded_days,
    has_rich_description,
    original_day,
    patch_of,
    revival_of,
    stored_of,
)
from desksync_google_worker.reading import Viewer, collected
from tests.builders import A_MONDAY, TOKYO, all_day, an_event, at, timed, weekly
from tests.google_worker.items import an_item

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
NEXT_MONDAY = A_MONDAY + 7 * DAY
ADDRESS = "taro@x.example"


def body(event: Event, **options: Any) -> dict[str, Any]:
    return body_of(event, shows_attendance=True, **options)


def patch(before: Event, after: Event, **options: Any) -> dict[str, Any]:
    return patch_of(before, after, **({"shows_attendance": True} | options))


def test_a_timed_event_is_read_in_the_users_zone() -> None:
    item = an_item(start={"dateTime": "2026-11-23T01:00:00Z"}, end={"dateTime": "2026-11-22T21:00:00-05:00"})

    assert event_of(item, TOKYO) == an_event()


@pytest.mark.parametrize(
    "start",
    [
        {"dateTime": "2026-11-23T10:00:00", "timeZone": "Asia/Tokyo"},
        {"dateTime": "2026-11-23T10:00:00"},
        {"dateTime": "2026-11-22T20:00:00", "timeZone": "America/New_York"},
        {"dateTime": "2026-11-23T10:00:00.000+09:00", "timeZone": "Asia/Tokyo"},
    ],
)
def test_the_same_instant_in_another_notation_is_no_change(start: dict[str, str]) -> None:
    assert event_of(an_item(start=start), TOKYO) == an_event()


def test_all_fields_are_read() -> None:
    item = an_item(
        location="3F ",
        description=f"memo\r\n\n{BLOCK_BEGIN}\n太郎",
        visibility="confidential",
        status="tentative",
        summary="会議 ",
    )

    event = event_of(item, TOKYO)

    assert event == an_event(
        "会議", location="3F", description="memo", attendance="太郎", access=Access.SECRET, is_tentative=True
    )


@pytest.mark.parametrize("visibility", [None, "default", "public", "some day new"])
def test_any_other_visibility_is_open(visibility: str | None) -> None:
    assert event_of(an_item(visibility=visibility), TOKYO).access is Access.OPEN


def test_half_a_character_is_read_as_the_sign_for_none() -> None:
    texts = dict.fromkeys(("summary", "location"), "a\ud83d") | {"description": f"b\ude00\n\n{BLOCK_BEGIN}\n太\ud83d"}

    event = event_of(an_item(**texts), TOKYO)

    assert (event.title, event.location, event.description, event.attendance) == ("a\ufffd", "a\ufffd", "b\ufffd", "太\ufffd")


def test_an_event_without_a_summary_has_an_empty_title() -> None:
    assert event_of(an_item(summary=None), TOKYO).title == ""


def test_an_event_across_the_end_of_summer_time_keeps_its_length() -> None:
    item = an_item(start={"dateTime": "2026-11-01T01:50:00-04:00"}, end={"dateTime": "2026-11-01T01:10:00-05:00"})

    when = event_of(item, NEW_YORK).when

    assert isinstance(when, Timed)
    assert when.end is not None
    assert when.end.astimezone(UTC) - when.start.astimezone(UTC) == timedelta(minutes=20)


def test_an_all_day_event_ends_the_day_before_googles_end() -> None:
    item = an_item(start={"date": "2026-11-23"}, end={"date": "2026-11-25"})

    assert event_of(item, TOKYO).when == AllDay(A_MONDAY, A_MONDAY + DAY)


def test_an_end_that_is_not_after_the_start_makes_no_negative_length() -> None:
    all_days = an_item(start={"date": "2026-11-23"}, end={"date": "2026-11-23"})
    times = an_item(end={"dateTime": "2026-11-23T09:00:00+09:00"})

    assert event_of(all_days, TOKYO).when == all_day()
    assert event_of(times, TOKYO).when == timed(minutes=0)


def test_a_time_in_the_gap_of_summer_time_is_moved_out_of_it() -> None:
    gap = {"dateTime": "2026-03-08T02:30:00", "timeZone": "America/New_York"}
    item = an_item(start=gap, end={"dateTime": "2026-03-08T08:00:00Z"})

    when = event_of(item, NEW_YORK).when

    assert isinstance(when, Timed)
    assert when.start.isoformat() == "2026-03-08T03:30:00-04:00"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"start": None}, "no date and time"),
        ({"end": None}, "no date and time"),
        ({"start": "today"}, "no date and time"),
        ({"start": {}}, "no date and time"),
        ({"start": {"date": "2026-11-23"}}, "no date and time"),
        ({"end": {"date": "2026-11-24"}}, "no date and time"),
        ({"start": {"date": 20261123}, "end": {"date": "2026-13-01"}}, "no date and time"),
        ({"start": {"dateTime": "9999-12-31T23:59:59-09:00"}}, "no date and time"),
        ({"start": {"date": "0001-01-01"}, "end": {"date": "0001-01-01"}}, "no date and time"),
        ({"start": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Mars/Base"}}, "no date and time"),
        ({"recurrence": ["RRULE:FREQ=DAILY", "EXDATE:99991231T235959Z"]}, "out of range"),
        ({"summary": 7}, "summary"),
        ({"description": ["x"]}, "description"),
        ({"location": {}}, "location"),
        ({"recurrence": ["RRULE:FREQ=HOURLY"]}, "2026-11-23 cannot be synced"),
        ({"recurrence": "RRULE:FREQ=DAILY"}, "not a list"),
        (
            {"recurrence": ["RRULE:FREQ=DAILY"], "start": {"dateTime": "2026-11-23T10:00:00+09:00", "timeZone": "Mars/Base"}},
            "time zone",
        ),
        ({"etag": 7}, "etag"),
        ({"id": None}, "no id"),
    ],
)
def test_what_makes_no_sense_is_unmappable_with_a_reason(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(Unmappable, match=why) as caught:
        stored_of(an_item(**fields), TOKYO, ADDRESS)

    assert "Stand-up" not in str(caught.value)


def test_a_series_is_read_with_its_rule_and_its_cancelled_dates() -> None:
    item = an_item(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261130T010000Z"])

    stored = stored_of(item, TOKYO, ADDRESS)

    assert stored.event == an_event(repeat=weekly(5), exceptions={NEXT_MONDAY: None})
    assert excluded_days(stored) == {NEXT_MONDAY}


def test_a_stored_event_keeps_id_and_etag() -> None:
    stored = stored_of(an_item("abc99", etag='"7"'), TOKYO, ADDRESS)

    assert (stored.id, stored.version, dict(stored.extra), excluded_days(stored)) == ("abc99", '"7"', {}, frozenset())


def test_a_description_with_formatting_is_remembered_as_such() -> None:
    assert has_rich_description(stored_of(an_item(description="<b>x</b>"), TOKYO, ADDRESS))
    assert not has_rich_description(stored_of(an_item(description="x<br>y"), TOKYO, ADDRESS))


@pytest.mark.parametrize(
    ("fields", "is_editable"),
    [
        ({}, True),
        ({"organizer": None}, True),
        ({"organizer": {"displayName": "unknown"}}, True),
        ({"organizer": {"email": ADDRESS}}, True),
        ({"organizer": {"email": "boss@x.example"}}, False),
        ({"organizer": {"email": "boss@x.example", "self": False}}, False),
        ({"locked": True}, False),
        ({"locked": False}, True),
    ],
)
def test_only_the_organizers_unlocked_event_may_be_changed(fields: dict[str, Any], is_editable: bool) -> None:  # noqa: FBT001
    assert stored_of(an_item(**fields), TOKYO, ADDRESS).is_editable is is_editable


def test_in_a_calendar_of_readers_nothing_may_be_changed() -> None:
    assert not stored_of(an_item(), TOKYO, ADDRESS, is_writable=False).is_editable


@pytest.mark.parametrize(
    ("original", "day"),
    [
        ({"dateTime": "2026-11-29T20:00:00-05:00"}, NEXT_MONDAY),
        ({"dateTime": "2026-11-30T10:00:00+09:00", "timeZone": "Asia/Tokyo"}, NEXT_MONDAY),
        ({"date": "2026-11-30"}, NEXT_MONDAY),
    ],
)
def test_the_original_day_is_a_local_date(original: dict[str, str], day: date) -> None:
    assert original_day({"originalStartTime": original}, TOKYO) == day


@pytest.mark.parametrize("original", [None, {}, {"date": "soon"}])
def test_an_occurrence_that_does_not_say_which_one_it_is_is_unmappable(original: dict[str, str] | None) -> None:
    with pytest.raises(Unmappable, match="which one"):
        original_day({"originalStartTime": original}, TOKYO)


def test_a_timed_event_is_written_with_its_named_zone() -> None:
    written = body(an_event(location="3F", description="memo"))

    assert written == {
        "summary": "Stand-up",
        "location": "3F",
        "description": "memo",
        "visibility": "default",
        "status": "confirmed",
        "start": {"dateTime": "2026-11-23T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": "2026-11-23T11:00:00+09:00", "timeZone": "Asia/Tokyo"},
    }


def test_an_open_end_is_written_as_thirty_minutes() -> None:
    assert body(an_event(when=Timed(at(10), None)))["end"]["dateTime"] == "2026-11-23T10:30:00+09:00"


def test_an_all_day_event_is_written_with_an_exclusive_end() -> None:
    written = body(an_event(when=all_day(days=2)))

    assert (written["start"], written["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-25"})


@pytest.mark.parametrize(
    ("access", "visibility"), [(Access.OPEN, "default"), (Access.RESTRICTED, "private"), (Access.SECRET, "private")]
)
def test_access_is_written_as_private_or_default_and_never_public(access: Access, visibility: str) -> None:
    assert body(an_event(access=access))["visibility"] == visibility


def test_a_tentative_event_is_written_as_tentative() -> None:
    assert body(an_event(is_tentative=True))["status"] == "tentative"


def test_a_series_is_written_with_its_cancelled_dates() -> None:
    assert body(an_event(repeat=weekly(5)), excluded=[NEXT_MONDAY])["recurrence"] == [
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5",
        "EXDATE:20261130T010000Z",
    ]


def test_participants_are_shown_only_where_they_are_wanted() -> None:
    event = an_event(attendance="太郎")

    assert "太郎" in body_of(event, shows_attendance=True)["description"]
    assert body_of(event, shows_attendance=False)["description"] == ""


def test_a_long_title_is_cut() -> None:
    assert len(body(an_event("x" * 2000))["summary"]) == 1024


def test_a_time_without_a_named_zone_is_not_written() -> None:
    start = datetime(2026, 11, 23, 1, tzinfo=UTC)

    with pytest.raises(TypeError, match="named zones"):
        body(an_event(when=Timed(start, start)))


def test_nothing_is_patched_when_nothing_differs_for_google() -> None:
    held = an_event(access=Access.SECRET, when=timed(minutes=30))
    wanted = an_event("Stand-up ", access=Access.RESTRICTED, when=Timed(at(10), None))

    assert patch(held, wanted) == {}


def test_a_patch_holds_only_what_differs() -> None:
    held = an_event(location="3F")

    assert patch(held, replace(held, title="Review")) == {"summary": "Review"}
    assert patch(held, replace(held, location="")) == {"location": ""}


def test_a_patch_from_times_to_days_takes_the_times_away() -> None:
    assert patch(an_event(), an_event(when=all_day())) == {
        "start": {"date": "2026-11-23", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-11-24", "dateTime": None, "timeZone": None},
    }


def test_a_patch_of_the_end_alone_names_the_start_too() -> None:
    assert patch(an_event(), an_event(when=timed(minutes=90))).keys() == {"start", "end"}


def test_a_series_that_becomes_a_single_event_loses_its_rule() -> None:
    assert patch(an_event(repeat=weekly()), an_event()) == {"recurrence": None}


def test_a_date_that_comes_back_is_taken_out_of_the_exdates() -> None:
    held = an_event(repeat=weekly(5), exceptions={NEXT_MONDAY: None, NEXT_MONDAY + 7 * DAY: None})
    wanted = replace(held, exceptions={NEXT_MONDAY: None})

    changed = patch(held, wanted, excluded=[NEXT_MONDAY, NEXT_MONDAY + 7 * DAY])

    assert changed == {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5", "EXDATE:20261130T010000Z"]}


def test_a_date_that_is_changed_instead_of_cancelled_is_taken_out_of_the_exdates() -> None:
    held = an_event(repeat=weekly(5), exceptions={NEXT_MONDAY: None})
    wanted = replace(held, exceptions={NEXT_MONDAY: an_event("Moved")})

    assert patch(held, wanted, excluded=[NEXT_MONDAY]) == {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5"]}


def test_turning_participants_off_takes_the_block_away() -> None:
    held = an_event(description="memo", attendance="太郎")

    assert patch(held, held, shows_attendance=False) == {"description": "memo"}


def test_a_cancelled_occurrence_is_revived_with_all_its_values() -> None:
    revived = revival_of(an_event(repeat=weekly()), shows_attendance=True)

    assert revived["status"] == "confirmed"
    assert revived["start"]["date"] is None
    assert "recurrence" not in revived


texts = st.text(st.sampled_from("ab <>&;\r\n　会議"), max_size=30)


@st.composite
def events(draw: st.DrawFn) -> Event:
    zone = draw(st.sampled_from([TOKYO, NEW_YORK]))
    day = draw(st.dates(date(2025, 1, 1), date(2027, 12, 31)))
    when: AllDay | Timed = AllDay(day, day + timedelta(days=draw(st.integers(0, 3))))
    if draw(st.booleans()):
        start = datetime(2025, 1, 1, draw(st.integers(0, 23)), draw(st.integers(0, 59)), tzinfo=zone)
        end = draw(st.sampled_from([None, start, start + timedelta(minutes=draw(st.integers(0, 3000)))]))
        when = shifted(Timed(start, end), day)
    return Event(
        when=when,
        title=draw(texts),
        location=draw(texts),
        description=draw(texts),
        attendance=draw(texts),
        access=draw(st.sampled_from(Access)),
        is_tentative=draw(st.booleans()),
    )


def zone_of(event: Event) -> ZoneInfo:
    zone = event.when.start.tzinfo if isinstance(event.when, Timed) else TOKYO
    assert isinstance(zone, ZoneInfo)
    return zone


@given(events())
def test_what_is_written_is_read_as_google_can_say_it(event: Event) -> None:
    said = kept_by(Side.GOOGLE, event)
    expected = replace(
        said,
        title=tidy(said.title),
        location=tidy(said.location),
        description=tidy(said.description),
        attendance=tidy(said.attendance),
    )

    read = event_of(an_item(**body(event)), zone_of(event))

    if isinstance(expected.when, Timed) and expected.when.end is not None:
        expected = replace(expected, when=Timed(expected.when.start, max(expected.when.start, expected.when.end)))
    assert read == expected
    assert patch(read, event) == {}


@given(events(), events())
def test_a_patch_brings_one_event_to_the_other(before: Event, after: Event) -> None:
    item = an_item(**body(before))
    held = event_of(item, zone_of(after))

    for name, value in patch(held, after).items():
        merged = {**item[name], **value} if isinstance(value, dict) else value
        item[name] = {key: one for key, one in merged.items() if one is not None} if isinstance(merged, dict) else merged

    assert event_of(item, zone_of(after)) == event_of(an_item(**body(after)), zone_of(after))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["2026-11-23", "2026-11-23T10:00:00Z", "cancelled"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["date", "dateTime", "timeZone", "self"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(an_item())), JSON, max_size=4))
def test_no_resource_whatever_breaks_a_run(fields: dict[str, Any]) -> None:
    item = an_item("abc12", **{name: value for name, value in fields.items() if name != "id"})

    found = collected([item], Viewer(TOKYO, ADDRESS))

    assert all(odd.id == "abc12" and odd.why for odd in found.odd)
    assert all(stored.id == "abc12" for stored in found.events)
