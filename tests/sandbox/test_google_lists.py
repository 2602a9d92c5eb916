"""Full lists of Google events.list: pages, windows, filters and order."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.google_site import HANAKO, Site, all_day, refused, timed


def test_pages_hold_250_unless_asked_otherwise_and_only_the_last_has_a_sync_token(google: Site) -> None:
    for number in range(251):
        google.world.add(HANAKO, {"summary": str(number), **timed("2026-11-24T10:00")})

    pages = google.pages()

    assert [len(page["items"]) for page in pages] == [250, 1]
    assert "nextSyncToken" not in pages[0]
    assert "nextPageToken" not in pages[1]


def test_max_results_is_cut_at_2500(google: Site) -> None:
    for number in range(2501):
        google.world.add(HANAKO, {"summary": str(number), **all_day("2026-11-24", "2026-11-25")})

    pages = google.pages(maxResults=9999, fields="items/id,nextPageToken,nextSyncToken")

    assert [len(page["items"]) for page in pages] == [2500, 1]


def test_pages_can_be_shorter_than_asked_for_and_the_first_empty(google: Site) -> None:
    made = [google.insert()["id"] for _ in range(5)]
    google.turn(page_limit=2, starts_with_an_empty_page=True)

    pages = google.pages(maxResults=100)

    assert [len(page["items"]) for page in pages] == [0, 2, 2, 1]
    assert [item["id"] for page in pages for item in page["items"]] == made


def test_incremental_lists_have_pages_too(google: Site) -> None:
    token = google.token()
    made = [google.insert()["id"] for _ in range(5)]

    pages = google.pages(syncToken=token, maxResults=2)

    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [item["id"] for page in pages for item in page["items"]] == made


def test_a_page_token_works_with_the_same_parameters_only(google: Site) -> None:
    google.insert()
    google.insert()
    token = google.page(maxResults=1)["nextPageToken"]

    assert refused(google.events.list(calendarId="primary", pageToken=token, singleEvents=True)) == (400, "badRequest")
    assert refused(google.events.list(calendarId="primary", pageToken="nonsense")) == (400, "badRequest")
    assert len(google.page(pageToken=token)["items"]) == 1


def test_both_bounds_of_the_window_are_exclusive(google: Site) -> None:
    google.insert(**timed("2026-11-24T09:00"))
    inside = google.insert(**timed("2026-11-24T10:00"))["id"]
    google.insert(**timed("2026-11-24T11:00"))

    found = google.ids(timeMin="2026-11-24T10:00:00+09:00", timeMax="2026-11-24T11:00:00+09:00")

    assert found == [inside]


def test_days_count_in_the_zone_of_the_calendar(google: Site) -> None:
    day = google.insert(**all_day("2026-11-24", "2026-11-25"))["id"]

    assert google.ids(timeMin="2026-11-24T14:59:59Z") == [day]
    assert google.ids(timeMin="2026-11-24T15:00:00Z") == []
    assert google.ids(timeMax="2026-11-23T15:00:00Z") == []
    assert google.ids(timeMax="2026-11-23T15:00:01Z") == [day]


def test_a_series_is_in_the_window_when_one_of_its_instances_is(google: Site) -> None:
    series = google.insert(**timed("2026-11-02T10:00"), recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])["id"]

    assert google.ids(timeMin="2026-11-16T00:00:00Z") == [series]
    assert google.ids(timeMin="2026-11-16T02:00:00Z") == []
    assert google.ids(timeMin="2026-11-10T00:00:00Z", timeMax="2026-11-15T00:00:00Z") == []


def test_an_exception_comes_with_its_series_when_it_was_or_is_in_the_window(google: Site) -> None:
    series = google.insert(**timed("2026-11-02T10:00"), recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])["id"]
    moved_out = f"{series}_20261109T010000Z"
    google.patch(moved_out, **timed("2027-03-01T10:00"))
    window = {"timeMin": "2026-11-08T00:00:00Z", "timeMax": "2026-11-15T00:00:00Z"}

    assert google.ids(**window) == [series, moved_out]
    assert google.ids(timeMin="2027-02-01T00:00:00Z") == [series, moved_out]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"timeMin": "2026-11-24T00:00:00"}, (400, "badRequest")),
        ({"timeMin": "yesterday"}, (400, "badRequest")),
        ({"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"}, (400, "timeRangeEmpty")),
        ({"orderBy": "startTime"}, (400, "badRequest")),
        ({"maxResults": 0}, (400, "invalid")),
        ({"timeZone": "Mars/Olympus"}, (400, "invalid")),
        ({"privateExtendedProperty": "no equals sign"}, (400, "invalid")),
    ],
)
def test_parameters_that_make_no_sense_are_refused(google: Site, parameters: dict[str, Any], expected: tuple[int, str]) -> None:
    assert refused(google.events.list(calendarId="primary", **parameters)) == expected


def test_deleted_events_are_listed_on_request_only(google: Site) -> None:
    google.insert(id="deleted1")
    google.delete("deleted1")

    assert google.ids() == []
    assert google.ids(showDeleted=True) == ["deleted1"]


def test_cancelled_instances_come_with_their_series_even_when_deleted_events_do_not(google: Site) -> None:
    series = google.insert(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])["id"]
    cancelled = f"{series}_20261125T010000Z"
    google.delete(cancelled)

    assert google.ids() == [series, cancelled]
    assert google.ids(singleEvents=True) == [f"{series}_20261124T010000Z", f"{series}_20261126T010000Z"]
    assert cancelled in google.ids(singleEvents=True, showDeleted=True)


def test_single_events_expands_series_in_the_window_and_hides_the_series_itself(google: Site) -> None:
    series = google.insert(recurrence=["RRULE:FREQ=DAILY"])["id"]

    found = google.ids(singleEvents=True, timeMin="2027-01-01T00:00:00Z", timeMax="2027-01-03T00:00:00Z")

    assert found == [f"{series}_20270101T010000Z", f"{series}_20270102T010000Z"]


def test_an_endless_series_is_expanded_up_to_a_horizon(google: Site) -> None:
    google.turn(expansion_horizon=timedelta(days=10))
    google.insert(recurrence=["RRULE:FREQ=DAILY"])

    assert len(google.items(singleEvents=True)) == 10


def test_events_are_ordered_by_start_or_by_change(google: Site) -> None:
    late, early = google.insert(**timed("2026-11-26T10:00"))["id"], google.insert(**timed("2026-11-25T10:00"))["id"]
    google.patch(late, summary="変更")

    assert google.ids(singleEvents=True, orderBy="startTime", maxResults=1) == [early, late]
    assert google.ids(orderBy="updated", maxResults=1) == [early, late]


def test_lists_that_are_ordered_or_searched_give_no_sync_token(google: Site) -> None:
    assert "nextSyncToken" not in google.page(orderBy="updated")
    assert "nextSyncToken" not in google.page(q="会議")
    assert "nextSyncToken" in google.page(timeMin="2026-11-24T00:00:00Z")


def test_q_searches_texts_and_people(google: Site) -> None:
    found = google.insert(summary="予算会議", location="第3会議室", attendees=[{"email": TARO_MAIL, "displayName": "鈴木 太郎"}])[
        "id"
    ]
    google.insert(summary="朝礼")

    assert google.ids(q="予算") == [found]
    assert google.ids(q="第3 予算") == [found]
    assert google.ids(q="鈴木") == [found]
    assert google.ids(q="昼礼") == []


TARO_MAIL = "taro@example.jp"


def test_events_are_found_by_ical_uid_type_and_extended_property(google: Site) -> None:
    plain = google.insert(iCalUID="uid-1@example.jp")["id"]
    away = google.insert(eventType="outOfOffice")["id"]
    tagged = google.insert(extendedProperties={"private": {"pair": "7", "kind": "a"}, "shared": {"team": "x"}})["id"]

    assert google.ids(iCalUID="uid-1@example.jp") == [plain]
    assert google.ids(eventTypes="outOfOffice") == [away]
    assert google.ids(eventTypes=["outOfOffice", "default"]) == [plain, away, tagged]
    assert google.ids(privateExtendedProperty="pair=7") == [tagged]
    assert google.ids(sharedExtendedProperty="team=x") == [tagged]
    assert google.ids(privateExtendedProperty="team=x") == []


def test_repeated_property_filters_are_joined_by_and_or_by_or_as_the_switch_says(google: Site) -> None:
    tagged = google.insert(extendedProperties={"private": {"pair": "7", "kind": "a"}})["id"]
    half = ["pair=7", "kind=b"]

    strict = google.ids(privateExtendedProperty=half)
    google.turn(property_filters_match_any=True)

    assert strict == []
    assert google.ids(privateExtendedProperty=half) == [tagged]


def test_times_are_shown_in_the_zone_that_is_asked_for(google: Site) -> None:
    google.insert(**timed("2026-11-24T10:00"))

    page = google.page(timeZone="America/New_York")

    assert page["timeZone"] == "America/New_York"
    assert page["items"][0]["start"] == {"dateTime": "2026-11-23T20:00:00-05:00", "timeZone": "Asia/Tokyo"}


def test_a_mask_of_fields_leaves_the_rest_out(google: Site) -> None:
    event = google.insert()

    page = google.page(fields="items(id,start/dateTime),nextSyncToken")

    assert set(page) == {"items", "nextSyncToken"}
    assert page["items"] == [{"id": event["id"], "start": {"dateTime": "2026-11-24T10:00:00+09:00"}}]
    assert refused(google.events.list(calendarId="primary", fields="items(id")) == (400, "invalidParameter")


def test_a_url_of_more_than_2048_characters_comes_as_a_post_and_is_answered(google: Site) -> None:
    event = google.insert(summary="x" * 900)

    assert google.ids(q="x" * 900 + " " + "x" * 800 + " " + "x" * 700) == [event["id"]]
    assert google.server.calls.all("events.list")[-1].status == 200
