"""Incremental lists of Google events.list: what changed since, and when a client must begin again."""

from datetime import timedelta

import pytest

from tests.sandbox.google_site import HANAKO, TEAM, Site, all_day, refused, timed


def test_a_quiet_incremental_list_is_empty_and_gives_a_token_again(google: Site) -> None:
    google.insert()
    token = google.token()

    page = google.page(syncToken=token)

    assert page["items"] == []
    assert google.page(syncToken=page["nextSyncToken"])["items"] == []


def test_an_incremental_list_tells_inserts_changes_and_deletions_once_each_by_their_last_change(google: Site) -> None:
    kept, gone = google.insert(summary="変わる")["id"], google.insert(summary="消える")["id"]
    token = google.token()
    google.delete(gone)
    new = google.insert(summary="新しい")["id"]
    google.patch(kept, summary="一度目")
    google.patch(kept, summary="二度目")

    items = google.items(syncToken=token)

    assert [item["id"] for item in items] == [gone, new, kept]
    assert items[0]["status"] == "cancelled"
    assert items[2]["summary"] == "二度目"


def test_a_tombstone_is_kind_etag_id_and_status_only(google: Site) -> None:
    event = google.insert()
    token = google.token()
    google.delete(event["id"])

    [tombstone] = google.items(syncToken=token)

    assert set(tombstone) == {"kind", "etag", "id", "status"}
    assert tombstone["etag"] != event["etag"]


def test_what_was_made_and_deleted_between_two_lists_is_told_as_deleted(google: Site) -> None:
    token = google.token()
    google.delete(google.insert()["id"])

    statuses = [item["status"] for item in google.items(syncToken=token)]

    assert statuses == ["cancelled"]


@pytest.mark.parametrize(
    "parameter",
    [
        {"iCalUID": "x@google.com"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"q": "会議"},
        {"timeMin": "2026-11-24T00:00:00Z"},
        {"timeMax": "2026-11-24T00:00:00Z"},
        {"updatedMin": "2026-11-24T00:00:00Z"},
        {"showDeleted": False},
        {"singleEvents": True},
        {"eventTypes": "default"},
        {"timeZone": "Europe/Berlin"},
    ],
)
def test_a_sync_token_refuses_other_filters(google: Site, parameter: dict[str, object]) -> None:
    token = google.token()

    found = refused(google.events.list(calendarId="primary", syncToken=token, **parameter))

    assert found == (400, "badRequest")


def test_parameters_that_equal_those_of_the_first_list_go_with_its_token(google: Site) -> None:
    token = google.token(singleEvents=True, eventTypes=["default", "birthday"], timeZone="UTC")
    made = google.insert()

    items = google.items(syncToken=token, singleEvents=True, eventTypes=["birthday", "default"], timeZone="UTC", maxResults=7)

    assert [item["id"] for item in items] == [made["id"]]
    assert items[0]["start"]["dateTime"] == "2026-11-24T01:00:00Z"


@pytest.mark.parametrize("token", ["nonsense", "WyJzIl0=", "あ"])
def test_an_unknown_sync_token_asks_for_a_full_list(google: Site, token: str) -> None:
    assert refused(google.events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")


def test_the_sync_token_of_another_calendar_asks_for_a_full_list(google: Site) -> None:
    token = google.token()

    assert refused(google.events.list(calendarId=TEAM, syncToken=token)) == (410, "fullSyncRequired")


def test_expired_sync_tokens_ask_for_a_full_list_and_new_ones_work(google: Site) -> None:
    token = google.token()
    google.web.post("/control/expire-sync-tokens", json={"calendar_id": HANAKO})

    found = refused(google.events.list(calendarId="primary", syncToken=token))

    assert found == (410, "fullSyncRequired")
    assert google.page(syncToken=google.token())["items"] == []


def test_a_sync_token_expires_with_age_where_it_has_a_life(google: Site) -> None:
    google.turn(sync_token_life=timedelta(days=7))
    token = google.token()
    google.clock.advance(days=6)
    renewed = google.page(syncToken=token)["nextSyncToken"]
    google.clock.advance(days=1)

    found = refused(google.events.list(calendarId="primary", syncToken=token))

    assert found == (410, "fullSyncRequired")
    assert google.page(syncToken=renewed)["items"] == []


def test_after_deleted_events_have_vanished_a_full_list_is_needed_and_their_ids_are_free(google: Site) -> None:
    google.insert(id="vanish1")
    google.delete("vanish1")
    token = google.token()
    google.world.forget_deleted(HANAKO)

    found = refused(google.events.list(calendarId="primary", syncToken=token))

    assert found == (410, "fullSyncRequired")
    assert refused(google.events.get(calendarId="primary", eventId="vanish1")) == (404, "notFound")
    assert google.insert(id="vanish1")["status"] == "confirmed"


def test_a_reset_of_the_stand_in_makes_old_tokens_worthless(google: Site) -> None:
    google.insert()
    token = google.token()
    google.server.reset()
    google.insert()

    assert refused(google.events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")


def test_a_changed_reminder_comes_again_but_does_not_move_updated(google: Site) -> None:
    event = google.insert()
    token = google.token()
    google.clock.advance(minutes=5)
    google.patch(event["id"], reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]})

    [item] = google.items(syncToken=token)

    assert item["updated"] == event["updated"]
    assert item["etag"] != event["etag"]


def test_a_no_op_patch_comes_again_unless_the_switch_says_otherwise(google: Site) -> None:
    event = google.insert()
    token = google.token()
    google.patch(event["id"], summary=event["summary"])
    told = google.ids(syncToken=token)
    google.turn(no_op_moves_etag=False)
    later = google.token()

    same = google.patch(event["id"], summary=event["summary"])

    assert told == [event["id"]]
    assert same["etag"] == google.get(event["id"])["etag"]
    assert google.ids(syncToken=later) == []


def test_a_token_of_a_windowed_list_tells_of_everything_by_default(google: Site) -> None:
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z"}
    token = google.token(**window)
    far = google.insert(**all_day("2027-05-01", "2027-05-02"))["id"]

    assert google.ids(syncToken=token) == [far]


def test_a_token_can_remember_its_window_from_list_to_list(google: Site) -> None:
    google.turn(token_remembers_window=True)
    inside = google.insert()["id"]
    token = google.token(timeMin="2026-11-01T00:00:00Z", timeMax="2026-12-01T00:00:00Z")
    token = google.page(syncToken=token)["nextSyncToken"]
    google.insert(**all_day("2027-05-01", "2027-05-02"))
    near = google.insert(**timed("2026-11-30T10:00"))["id"]
    google.delete(inside)

    assert google.ids(syncToken=token) == [near, inside]


def test_changes_during_paging_are_told_by_the_token_of_its_last_page(google: Site) -> None:
    made = [google.insert()["id"] for _ in range(3)]
    first = google.page(maxResults=1)
    google.patch(made[0], summary="途中で変わる")
    second = google.page(maxResults=2, pageToken=first["nextPageToken"])

    told = google.items(syncToken=second["nextSyncToken"])

    assert [item["id"] for item in first["items"] + second["items"]] == made
    assert [item["summary"] for item in told] == ["途中で変わる"]


def test_updated_min_tells_changes_and_deletions_since_then(google: Site) -> None:
    google.insert()
    google.clock.advance(hours=1)
    new, gone = google.insert()["id"], google.insert()["id"]
    google.delete(gone)

    assert google.ids(updatedMin="2026-11-24T00:30:00Z") == [new, gone]


def test_updated_min_too_long_ago_asks_for_a_full_list(google: Site) -> None:
    found = refused(google.events.list(calendarId="primary", updatedMin="2026-09-01T00:00:00Z"))

    assert found == (410, "updatedMinTooLongAgo")
