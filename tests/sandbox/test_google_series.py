"""Series, instances and exceptions, as Google's guide on recurring events and recorded answers have them."""

from typing import Any

import pytest

from tests.sandbox.google_site import HANAKO, Site, all_day, refused, timed


def a_series(google: Site, rule: str = "RRULE:FREQ=DAILY;COUNT=5", **event: Any) -> str:
    event_id: str = google.insert(**{"summary": "朝礼", "recurrence": [rule], **event})["id"]
    return event_id


def starts(google: Site, event_id: str, **parameters: Any) -> list[str]:
    found = google.instances(event_id, **parameters)
    return [item["start"].get("date") or item["start"]["dateTime"][:16] for item in found]


@pytest.mark.parametrize(
    ("first", "lines", "expected"),
    [
        ("2026-11-24", ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"], ["2026-11-24", "2026-11-26", "2026-11-28"]),
        ("2026-11-24", ["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261201"], ["2026-11-24", "2026-11-26", "2026-12-01"]),
        ("2026-01-31", ["RRULE:FREQ=MONTHLY;COUNT=3"], ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("2026-11-24", ["RRULE:FREQ=MONTHLY;BYDAY=4TU;COUNT=2"], ["2026-11-24", "2026-12-22"]),
        ("2026-11-30", ["RRULE:FREQ=MONTHLY;BYDAY=-1MO;COUNT=2"], ["2026-11-30", "2026-12-28"]),
        ("2026-11-24", ["RRULE:FREQ=YEARLY;COUNT=2"], ["2026-11-24", "2027-11-24"]),
        ("2026-11-24", ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261125"], ["2026-11-24", "2026-11-26"]),
        ("2026-11-24", ["RDATE;VALUE=DATE:20261130,20261210"], ["2026-11-24", "2026-11-30", "2026-12-10"]),
        ("2026-11-24", ["RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=9"], ["2026-11-25", "2026-11-27"]),
    ],
)
def test_rules_give_their_days(google: Site, first: str, lines: list[str], expected: list[str]) -> None:
    day_after = f"{first[:8]}{int(first[8:]) + 1:02d}" if first != "2026-01-31" else "2026-02-01"
    day_after = "2026-12-01" if first == "2026-11-30" else day_after
    series = google.insert(**all_day(first, day_after), recurrence=lines)["id"]

    assert starts(google, series) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=DAILY;UNTIL=20261126T010000Z"], ["2026-11-24T10:00", "2026-11-25T10:00", "2026-11-26T10:00"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261126T005959Z"], ["2026-11-24T10:00", "2026-11-25T10:00"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261125"], ["2026-11-24T10:00", "2026-11-25T10:00"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261125T010000Z"], ["2026-11-24T10:00", "2026-11-26T10:00"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Asia/Tokyo:20261125T100000"], ["2026-11-24T10:00", "2026-11-26T10:00"]),
        (["RDATE;TZID=Europe/Berlin:20261128T023000"], ["2026-11-24T10:00", "2026-11-28T10:30"]),
    ],
)
def test_limits_and_dates_are_read_in_their_own_zone(google: Site, lines: list[str], expected: list[str]) -> None:
    assert starts(google, google.insert(recurrence=lines)["id"]) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        f"FREQ=DAILY;COUNT={'9' * 40}",
        "FREQ=SECONDLY;COUNT=100000000",
        "FREQ=MINUTELY",
        "freq=daily;interval=0",
    ],
)
def test_a_rule_that_nobody_could_wait_for_is_refused(google: Site, rule: str) -> None:
    series = google.insert(recurrence=["RRULE:FREQ=DAILY"])["id"]

    for lines in ([f"RRULE:{rule}"], ["RRULE:FREQ=DAILY", f"EXRULE:{rule}"]):
        change = google.events.patch(calendarId="primary", eventId=series, body={"recurrence": lines})
        assert refused(change) == (400, "invalid")


def test_a_series_keeps_its_local_time_over_a_change_of_the_clock(google: Site) -> None:
    series = google.insert(**timed("2026-10-24T10:00", zone="Europe/Berlin"), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])["id"]

    found = google.instances(series, timeZone="Europe/Berlin")

    assert [item["start"]["dateTime"] for item in found] == ["2026-10-24T10:00:00+02:00", "2026-10-25T10:00:00+01:00"]
    assert [item["id"] for item in found] == [f"{series}_20261024T080000Z", f"{series}_20261025T090000Z"]


def test_an_instance_in_a_gap_of_the_clock_takes_place_after_it_and_can_be_fetched(google: Site) -> None:
    series = google.insert(**timed("2026-03-28T02:30", zone="Europe/Berlin"), recurrence=["RRULE:FREQ=DAILY;COUNT=3"])["id"]

    found = google.instances(series, timeZone="Europe/Berlin")

    assert found[1]["start"]["dateTime"] == "2026-03-29T03:30:00+02:00"
    assert google.get(found[1]["id"])["start"]["dateTime"] == "2026-03-29T10:30:00+09:00"


def test_an_instance_names_its_series_and_its_original_start_and_has_no_rule(google: Site) -> None:
    series = a_series(google)

    found = google.get(f"{series}_20261125T010000Z")

    assert found["recurringEventId"] == series
    assert found["originalStartTime"] == {"dateTime": "2026-11-25T10:00:00+09:00", "timeZone": "Asia/Tokyo"}
    assert found["iCalUID"] == f"{series}@google.com"
    assert "recurrence" not in found


def test_instances_of_whole_days_are_named_by_the_day(google: Site) -> None:
    series = a_series(google, **all_day("2026-11-24", "2026-11-26"))

    found = google.instances(series)

    assert found[1]["id"] == f"{series}_20261125"
    assert (found[1]["start"], found[1]["end"]) == ({"date": "2026-11-25"}, {"date": "2026-11-27"})


def test_an_instance_that_the_rule_does_not_give_is_not_found(google: Site) -> None:
    series = a_series(google)

    for wrong in (f"{series}_20261125T020000Z", f"{series}_20261125", f"{series}_20271125T010000Z", f"{series}_20269999"):
        assert refused(google.events.get(calendarId="primary", eventId=wrong)) == (404, "notFound")


def test_the_window_of_instances_is_inclusive_below_and_original_start_picks_one(google: Site) -> None:
    series = a_series(google)

    assert starts(google, series, timeMin="2026-11-27T02:00:00Z") == ["2026-11-27T10:00", "2026-11-28T10:00"]
    assert starts(google, series, timeMax="2026-11-25T01:00:00Z") == ["2026-11-24T10:00"]
    assert starts(google, series, originalStart="2026-11-26T01:00:00Z") == ["2026-11-26T10:00"]


def test_instances_have_pages(google: Site) -> None:
    series = a_series(google)
    first = google.events.instances(calendarId="primary", eventId=series, maxResults=3).execute()

    rest = google.events.instances(calendarId="primary", eventId=series, maxResults=3, pageToken=first["nextPageToken"]).execute()

    assert (len(first["items"]), len(rest["items"])) == (3, 2)
    assert "nextPageToken" not in rest


def test_instances_of_a_single_event_are_refused(google: Site) -> None:
    single = google.insert()["id"]

    assert refused(google.events.instances(calendarId="primary", eventId=single)) == (400, "invalid")
    assert refused(google.events.instances(calendarId="primary", eventId="nothere")) == (404, "notFound")


def test_deleting_an_instance_sends_the_series_again_and_a_minimal_cancelled_instance(google: Site) -> None:
    series = a_series(google)
    before = google.get(series)
    token = google.token()
    google.delete(f"{series}_20261125T010000Z")

    master, cancelled = google.items(syncToken=token)

    moving = {"etag", "updated"}
    assert {name: value for name, value in master.items() if name not in moving} == {
        name: value for name, value in before.items() if name not in moving
    }
    assert set(cancelled) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert (cancelled["id"], cancelled["status"]) == (f"{series}_20261125T010000Z", "cancelled")
    assert cancelled["etag"] == master["etag"]
    assert google.get(cancelled["id"]) == cancelled


def test_changing_an_instance_sends_the_series_again_and_the_full_exception(google: Site) -> None:
    series = a_series(google, description="毎日")
    token = google.token()
    google.patch(f"{series}_20261125T010000Z", summary="特別朝礼", **timed("2026-11-25T15:00"))

    master, exception = google.items(syncToken=token)

    assert (master["id"], master["summary"]) == (series, "朝礼")
    assert (exception["summary"], exception["description"], exception["sequence"]) == ("特別朝礼", "毎日", 1)
    assert exception["start"]["dateTime"] == "2026-11-25T15:00:00+09:00"
    assert exception["originalStartTime"]["dateTime"] == "2026-11-25T10:00:00+09:00"


def test_a_change_sends_all_exceptions_again_or_only_the_changed_one(google: Site) -> None:
    series = a_series(google)
    first, second = f"{series}_20261125T010000Z", f"{series}_20261126T010000Z"
    google.patch(first, summary="一")
    token = google.token()
    google.patch(second, summary="二")
    whole = google.ids(syncToken=token)
    google.turn(resends_whole_series=False)
    token = google.token()
    google.patch(second, summary="三")

    assert whole == [series, first, second]
    assert google.ids(syncToken=token) == [series, second]


def test_deleting_a_series_sends_one_tombstone_and_takes_its_exceptions_along(google: Site) -> None:
    series = a_series(google)
    exception = f"{series}_20261125T010000Z"
    google.patch(exception, summary="変更")
    token = google.token()
    google.delete(series)

    items = google.items(syncToken=token)

    assert [set(item) for item in items] == [{"kind", "etag", "id", "status"}]
    assert (items[0]["id"], items[0]["status"]) == (series, "cancelled")
    assert refused(google.events.get(calendarId="primary", eventId=exception)) == (404, "notFound")
    assert refused(google.events.delete(calendarId="primary", eventId=exception)) == (410, "deleted")


def test_an_incremental_list_of_single_events_cancels_every_instance_of_a_deleted_series(google: Site) -> None:
    series = a_series(google)
    token = google.token(singleEvents=True)
    google.delete(series)

    items = google.items(syncToken=token, singleEvents=True)

    assert {item["status"] for item in items} == {"cancelled"}
    assert len(items) == 5


def test_a_cancelled_instance_comes_back_by_the_status_confirmed(google: Site) -> None:
    series = a_series(google)
    instance = f"{series}_20261125T010000Z"
    google.delete(instance)
    twice = refused(google.events.delete(calendarId="primary", eventId=instance))
    still = google.patch(instance, summary="無視される")

    back = google.patch(instance, status="confirmed")

    assert twice == (410, "deleted")
    assert still["status"] == "cancelled"
    assert (back["status"], back["summary"]) == ("confirmed", "朝礼")
    assert len(google.instances(series)) == 5


def test_patching_an_instance_to_cancelled_is_deleting_it(google: Site) -> None:
    series = a_series(google)

    answer = google.patch(f"{series}_20261125T010000Z", status="cancelled")

    assert set(answer) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert len(google.instances(series)) == 4
    assert len(google.instances(series, showDeleted=True)) == 5


def test_an_instance_cannot_be_given_a_rule(google: Site) -> None:
    series = a_series(google)
    body = {"recurrence": ["RRULE:FREQ=DAILY"]}

    assert refused(google.events.patch(calendarId="primary", eventId=f"{series}_20261125T010000Z", body=body)) == (400, "invalid")


def test_updating_an_instance_clears_what_is_not_sent_but_not_what_ties_it_to_its_series(google: Site) -> None:
    series = a_series(google, description="毎日")

    changed = google.events.update(
        calendarId="primary", eventId=f"{series}_20261125T010000Z", body={"summary": "別", **timed("2026-11-25T10:00")}
    ).execute()

    assert "description" not in changed
    assert changed["recurringEventId"] == series


def test_a_change_of_the_series_reaches_exceptions_that_had_not_changed_that_field(google: Site) -> None:
    series = a_series(google, location="1階")
    exception = f"{series}_20261125T010000Z"
    google.patch(exception, summary="特別")

    google.patch(series, summary="昼礼", location="2階")
    followed = google.get(exception)
    google.turn(exceptions_inherit=False)
    google.patch(series, location="3階")

    assert (followed["summary"], followed["location"]) == ("特別", "2階")
    assert google.get(exception)["location"] == "2階"


@pytest.mark.parametrize(
    "change",
    [
        {**timed("2026-11-24T11:00")},
        {"recurrence": ["RRULE:FREQ=DAILY;COUNT=1"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]},
        {"recurrence": None},
    ],
)
def test_exceptions_that_no_longer_fit_their_series_are_dropped(google: Site, change: dict[str, Any]) -> None:
    series = a_series(google)
    google.patch(f"{series}_20261125T010000Z", summary="変更")
    google.delete(f"{series}_20261126T010000Z")

    google.patch(series, **change)

    assert google.ids() == [series]


def test_exceptions_that_still_fit_stay(google: Site) -> None:
    series = a_series(google)
    google.patch(f"{series}_20261125T010000Z", summary="変更")

    google.patch(series, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])

    assert google.ids() == [series, f"{series}_20261125T010000Z"]


def test_a_more_restrictive_instance_restricts_the_series_and_a_less_restrictive_one_changes_nothing(google: Site) -> None:
    series = a_series(google)
    other = f"{series}_20261126T010000Z"
    google.patch(other, summary="別")

    google.patch(f"{series}_20261125T010000Z", visibility="private")
    loosened = google.patch(other, visibility="public")

    assert google.get(series)["visibility"] == "private"
    assert loosened["visibility"] == "private"


def test_this_and_following_ends_the_series_before_local_midnight_and_begins_another(google: Site) -> None:
    series = google.insert(**timed("2026-03-12T08:15", 45, "America/Chicago"), recurrence=["RRULE:FREQ=DAILY"])["id"]
    google.patch(f"{series}_20260315T131500Z", summary="残る")
    google.patch(f"{series}_20260327T131500Z", summary="失われる")
    token = google.token()

    google.world.split(HANAKO, f"{series}_20260326T131500Z", {"summary": "以後"})

    master, exception, following = google.items(syncToken=token)
    assert master["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20260326T045959Z"]
    assert exception["id"] == f"{series}_20260315T131500Z"
    assert following["id"] == f"{series}_R20260326T131500"
    assert following["iCalUID"] == f"{series}_R20260326T131500@google.com"
    assert (following["summary"], following["recurrence"]) == ("以後", ["RRULE:FREQ=DAILY"])


def test_instances_of_a_split_off_series_have_ids_of_their_own(google: Site) -> None:
    series = a_series(google)
    following = google.world.split(HANAKO, f"{series}_20261126T010000Z", {})["id"]

    changed = google.patch(f"{following}_20261127T010000Z", summary="変更")

    assert starts(google, series) == ["2026-11-24T10:00", "2026-11-25T10:00"]
    assert starts(google, following) == ["2026-11-26T10:00", "2026-11-27T10:00", "2026-11-28T10:00"]
    assert changed["recurringEventId"] == following


def test_whole_days_split_at_the_day(google: Site) -> None:
    series = a_series(google, **all_day("2026-11-24", "2026-11-25"))

    following = google.world.split(HANAKO, f"{series}_20261126", {"summary": "以後"})

    assert google.get(series)["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20261125"]
    assert following["id"] == f"{series}_R20261126"
    assert starts(google, following["id"]) == ["2026-11-26", "2026-11-27", "2026-11-28"]


def test_splitting_again_keeps_one_mark_in_the_id(google: Site) -> None:
    series = a_series(google)
    second = google.world.split(HANAKO, f"{series}_20261125T010000Z", {})["id"]

    third = google.world.split(HANAKO, f"{second}_20261127T010000Z", {})["id"]

    assert third == f"{series}_R20261127T010000"
