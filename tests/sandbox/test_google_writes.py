"""Google events.insert, update, patch, delete, move and import on single events."""

from typing import Any

import pytest

from desksync_sandbox.google.switches import LongText
from tests.sandbox.google_site import HANAKO, TEAM, Site, all_day, refused, timed


def popup(minutes: int) -> dict[str, Any]:
    return {"method": "popup", "minutes": minutes}


def test_an_event_gets_everything_that_google_adds(google: Site) -> None:
    event = google.insert()

    assert len(event["id"]) == 26
    assert event["iCalUID"] == f"{event['id']}@google.com"
    assert event["status"] == "confirmed"
    assert event["sequence"] == 0
    assert event["reminders"] == {"useDefault": True}
    assert event["creator"] == event["organizer"] == {"email": HANAKO, "self": True}
    assert event["created"] == "2026-11-24T00:00:00.000Z"
    assert event["htmlLink"].startswith(google.server.url)
    assert {"transparency", "visibility", "description"}.isdisjoint(event)


def test_a_secondary_calendar_is_itself_the_organizer(google: Site) -> None:
    event = google.insert(TEAM)

    assert event["organizer"] == {"email": TEAM, "displayName": "開発チーム", "self": True}
    assert event["creator"] == {"email": HANAKO}


def test_a_client_may_choose_the_id_and_a_second_insert_is_a_duplicate(google: Site) -> None:
    event = google.insert(id="0123456789abcdefghijklmnopqrstuv")

    again = google.events.insert(calendarId="primary", body={"id": event["id"], **timed("2026-11-25T10:00")})

    assert refused(again) == (409, "duplicate")
    assert google.get(event["id"])["start"]["dateTime"] == "2026-11-24T10:00:00+09:00"


@pytest.mark.parametrize("event_id", ["abcd", "ABCDE", "hello-world", "wxyz1", "a_b_c", "a" * 1025, "あいうえお"])
def test_an_id_outside_base32hex_is_refused(google: Site, event_id: str) -> None:
    call = google.events.insert(calendarId="primary", body={"id": event_id, **timed("2026-11-24T10:00")})

    assert refused(call) == (400, "invalid")


def test_the_id_of_a_deleted_event_stays_taken_but_update_revives_it(google: Site) -> None:
    google.insert(id="revive1")
    google.delete("revive1")
    body = {"summary": "復活", **timed("2026-11-25T10:00")}
    again = refused(google.events.insert(calendarId="primary", body={"id": "revive1", **body}))

    revived = google.events.update(calendarId="primary", eventId="revive1", body={**body, "status": "confirmed"}).execute()

    assert again == (409, "duplicate")
    assert revived["status"] == "confirmed"
    assert google.ids() == ["revive1"]


def test_the_id_of_a_deleted_event_can_be_free_again(google: Site) -> None:
    google.turn(deleted_ids_stay_taken=False)
    google.insert(id="again1", summary="一")
    google.delete("again1")

    google.insert(id="again1", summary="二")

    assert [item["summary"] for item in google.items()] == ["二"]


def test_a_deleted_event_can_be_seen_and_brought_back_with_its_details(google: Site) -> None:
    event = google.insert(summary="消したもの")
    google.delete(event["id"])
    seen = google.get(event["id"])

    back = google.patch(event["id"], status="confirmed")

    assert (seen["status"], seen["summary"]) == ("cancelled", "消したもの")
    assert (back["status"], back["summary"]) == ("confirmed", "消したもの")


def test_a_deleted_event_can_be_a_bare_tombstone(google: Site) -> None:
    google.turn(deleted_events_keep_details=False)
    event = google.insert()
    google.delete(event["id"])

    assert set(google.get(event["id"])) == {"kind", "etag", "id", "status"}


def test_deleting_twice_answers_410_deleted(google: Site) -> None:
    event = google.insert()
    google.delete(event["id"])

    assert refused(google.events.delete(calendarId="primary", eventId=event["id"])) == (410, "deleted")


def test_patching_the_status_cancelled_deletes(google: Site) -> None:
    event = google.insert()
    token = google.token()

    google.patch(event["id"], status="cancelled")

    assert [item["status"] for item in google.items(syncToken=token)] == ["cancelled"]
    assert google.ids() == []


def test_unknown_events_and_calendars_are_not_found(google: Site) -> None:
    assert refused(google.events.get(calendarId="primary", eventId="nothere")) == (404, "notFound")
    assert refused(google.events.list(calendarId="nobody@example.jp")) == (404, "notFound")
    assert refused(google.events.delete(calendarId="primary", eventId="nothere")) == (404, "notFound")


def test_patch_merges_objects_deletes_by_null_and_replaces_arrays(google: Site) -> None:
    event = google.insert(
        description="メモ",
        extendedProperties={"private": {"a": "1", "b": "2"}},
        attendees=[{"email": "x@example.jp"}, {"email": "y@example.jp"}],
    )

    changed = google.patch(
        event["id"],
        description=None,
        extendedProperties={"private": {"a": None, "c": "3"}},
        attendees=[{"email": "z@example.jp"}],
    )

    assert "description" not in changed
    assert changed["extendedProperties"] == {"private": {"b": "2", "c": "3"}}
    assert [guest["email"] for guest in changed["attendees"]] == ["z@example.jp"]
    assert changed["summary"] == event["summary"]


def test_patching_a_date_over_a_time_needs_the_time_to_be_deleted(google: Site) -> None:
    event = google.insert()
    half = google.events.patch(calendarId="primary", eventId=event["id"], body=all_day("2026-11-24", "2026-11-25"))

    refusal = refused(half)
    edges = {
        name: {"date": day, "dateTime": None, "timeZone": None} for name, day in (("start", "2026-11-24"), ("end", "2026-11-25"))
    }
    changed = google.patch(event["id"], **edges)

    assert refusal == (400, "invalid")
    assert changed["start"] == {"date": "2026-11-24"}


def test_update_clears_what_is_not_sent_and_keeps_what_google_owns(google: Site) -> None:
    event = google.insert(description="メモ", location="会議室", reminders={"useDefault": False}, visibility="private")

    changed = google.events.update(
        calendarId="primary", eventId=event["id"], body={"summary": "新しい題", **timed("2026-11-24T10:00")}
    ).execute()

    assert {"description", "location", "visibility"}.isdisjoint(changed)
    assert changed["reminders"] == {"useDefault": True}
    assert (changed["created"], changed["iCalUID"]) == (event["created"], event["iCalUID"])


def test_a_changed_time_raises_the_sequence_and_a_lower_one_is_refused(google: Site) -> None:
    event = google.insert()

    moved = google.patch(event["id"], **timed("2026-11-24T15:00"))
    renamed = google.patch(event["id"], summary="題")
    lower = google.events.patch(calendarId="primary", eventId=event["id"], body={"sequence": 0})

    assert (moved["sequence"], renamed["sequence"]) == (1, 1)
    assert refused(lower) == (400, "invalid")


def test_every_change_makes_a_new_etag_even_when_the_clock_stands_still(google: Site) -> None:
    event = google.insert()

    etags = [event["etag"]] + [google.patch(event["id"], summary=str(number))["etag"] for number in range(3)]

    assert len(set(etags)) == 4
    assert etags == sorted(etags)


@pytest.mark.parametrize("verb", ["patch", "update", "delete"])
def test_a_write_under_an_old_etag_is_refused(google: Site, verb: str) -> None:
    event = google.insert()
    google.patch(event["id"], summary="先に変わった")
    body = {} if verb == "delete" else {"body": {"summary": "遅い", **timed("2026-11-24T10:00")}}
    call = getattr(google.events, verb)(calendarId="primary", eventId=event["id"], **body)
    call.headers["If-Match"] = event["etag"]

    found = refused(call)

    assert found == (412, "conditionNotMet")
    assert google.get(event["id"])["summary"] == "先に変わった"


def test_a_write_under_the_current_etag_goes_through(google: Site) -> None:
    event = google.insert()
    call = google.events.patch(calendarId="primary", eventId=event["id"], body={"summary": "題"})
    call.headers["If-Match"] = event["etag"]

    assert call.execute()["summary"] == "題"


def test_get_with_the_current_etag_answers_304(google: Site) -> None:
    event = google.insert()
    url = f"{google.server.api_url}calendars/primary/events/{event['id']}"
    headers = {"authorization": f"Bearer {google.world.grants.access_token_for(HANAKO)}"}

    same = google.web.get(url, headers={**headers, "if-none-match": event["etag"]})
    other = google.web.get(url, headers={**headers, "if-none-match": '"1"'})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "required")),
        ({"start": {"dateTime": "2026-11-24T10:00:00+09:00"}}, (400, "required")),
        ({**timed("2026-11-24T10:00"), "start": {"dateTime": "2026-11-24T10:00:00"}}, (400, "required")),
        ({**timed("2026-11-24T10:00"), "start": {"date": "2026-11-24"}}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "start": {"dateTime": "24.11.2026"}}, (400, "invalid")),
        ({**all_day("2026-11-24", "2026-11-24")}, (400, "timeRangeEmpty")),
        ({**all_day("2026-11-24", "2026-02-30")}, (400, "invalid")),
        ({**all_day("0001-01-01", "2026-11-24")}, (400, "invalid")),
        ({**timed("9999-12-31T10:00")}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "attendees": [{"email": "x@example.jp", "responseStatus": "perhaps"}]}, (400, "invalid")),
        ({**timed("2026-11-24T10:00", minutes=-5)}, (400, "timeRangeEmpty")),
        ({**timed("2026-11-24T10:00", zone="Mars/Olympus")}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "visibility": "secret"}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "colorId": "99"}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "status": "cancelled"}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "summary": 7}, (400, "badRequest")),
        ({**timed("2026-11-24T10:00"), "eventType": "fromGmail"}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "eventType": "birthday"}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "attendees": [{"displayName": "誰か"}]}, (400, "required")),
        ({**timed("2026-11-24T10:00"), "extendedProperties": {"private": {"a": 1}}}, (400, "badRequest")),
        ({**timed("2026-11-24T10:00"), "reminders": {"useDefault": False, "overrides": [popup(50_000)]}}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "reminders": {"useDefault": False, "overrides": [popup(5)] * 6}}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "reminders": {"useDefault": True, "overrides": [popup(5)]}}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "recurrence": ["RRULE:FREQ=SOMETIMES"]}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "recurrence": ["DTSTART:20261124T100000"]}, (400, "invalid")),
        ({**timed("2026-11-24T10:00"), "recurrence": ["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261201T000000Z"]}, (400, "invalid")),
    ],
)  # fmt: skip
def test_bodies_that_make_no_sense_are_refused(google: Site, body: dict[str, Any], expected: tuple[int, str]) -> None:
    assert refused(google.events.insert(calendarId="primary", body=body)) == expected
    assert google.ids() == []


def test_a_series_needs_a_named_zone(google: Site) -> None:
    edges = {"start": {"dateTime": "2026-11-24T10:00:00+09:00"}, "end": {"dateTime": "2026-11-24T11:00:00+09:00"}}
    call = google.events.insert(calendarId="primary", body={**edges, "recurrence": ["RRULE:FREQ=DAILY"]})

    assert refused(call) == (400, "required")


def test_texts_are_kept_as_given(google: Site) -> None:
    text = "一行目\r\n<b>太字</b> &amp; ～ 😀 髙橋 "

    event = google.insert(summary=text, description=text, location=text)

    assert event["summary"] == event["description"] == event["location"] == text


def test_long_texts_are_cut_refused_or_kept_as_the_switch_says(google: Site) -> None:
    cut = google.insert(summary="あ" * 1025, description="い" * 8193)
    google.turn(long_text=LongText.REFUSE)
    refusal = refused(google.events.insert(calendarId="primary", body={"summary": "あ" * 1025, **timed("2026-11-24T10:00")}))
    google.turn(long_text=LongText.KEEP)

    assert (len(cut["summary"]), len(cut["description"])) == (1024, 8192)
    assert refusal == (400, "invalid")
    assert len(google.insert(summary="あ" * 1025)["summary"]) == 1025


def test_read_only_and_unknown_fields_are_ignored(google: Site) -> None:
    event = google.insert(organizer={"email": "boss@example.jp"}, etag='"1"', locked=True, unheardOf={"a": 1})

    assert event["organizer"]["email"] == HANAKO
    assert {"locked", "unheardOf"}.isdisjoint(event)


def test_conference_data_and_labels_are_ignored_without_their_version(google: Site) -> None:
    conference = {"conferenceId": "abc", "notes": "n"}

    silent = google.insert(conferenceData=conference, eventLabelId="l1", colorId="3")
    body = {**timed("2026-11-24T10:00"), "conferenceData": conference, "eventLabelId": "l1", "colorId": "3"}
    loud = google.events.insert(calendarId="primary", body=body, conferenceDataVersion=1, eventLabelVersion=1).execute()
    kept = google.events.update(calendarId="primary", eventId=loud["id"], body=timed("2026-11-24T10:00")).execute()

    assert {"conferenceData", "eventLabelId"}.isdisjoint(silent)
    assert silent["colorId"] == "3"
    assert (loud["conferenceData"], loud["eventLabelId"]) == (conference, "l1")
    assert "colorId" not in loud
    assert kept["conferenceData"] == conference


def test_the_type_of_an_event_never_changes(google: Site) -> None:
    away = google.insert(eventType="outOfOffice")

    assert refused(google.events.patch(calendarId="primary", eventId=away["id"], body={"eventType": "default"})) == (
        400,
        "invalid",
    )
    body = {**timed("2026-11-24T10:00"), "eventType": "focusTime"}
    assert refused(google.events.insert(calendarId=TEAM, body=body)) == (400, "invalid")


def test_guests_are_mailed_only_when_asked_for(google: Site) -> None:
    guests = [{"email": "x@example.jp"}, {"email": HANAKO}]
    event = google.insert(attendees=guests)
    google.patch(event["id"], summary="静かに")
    google.insert()
    silent = list(google.world.mails)

    google.events.patch(calendarId="primary", eventId=event["id"], body={"summary": "知らせる"}, sendUpdates="all").execute()

    assert silent == []
    assert [(mail.event_id, mail.guests) for mail in google.world.mails] == [(event["id"], ("x@example.jp",))]
    assert google.web.get("/control/mails").json()[0]["send_updates"] == "all"


def test_guests_have_an_answer_and_self_is_the_calendar(google: Site) -> None:
    event = google.insert(attendees=[{"email": "x@example.jp"}, {"email": HANAKO}])

    assert event["attendees"] == [
        {"responseStatus": "needsAction", "email": "x@example.jp"},
        {"responseStatus": "accepted", "email": HANAKO, "self": True},
    ]


def test_too_many_guests_are_left_out_on_request(google: Site) -> None:
    event = google.insert(attendees=[{"email": "x@example.jp"}, {"email": HANAKO}])

    found = google.events.get(calendarId="primary", eventId=event["id"], maxAttendees=1).execute()

    assert found["attendeesOmitted"] is True
    assert [guest["email"] for guest in found["attendees"]] == [HANAKO]


def test_an_invitation_keeps_its_organizer_and_protects_what_is_the_organizers(google: Site) -> None:
    invitation = google.world.add(
        HANAKO,
        {
            "id": "invited1",
            "summary": "社長の会議",
            "organizer": {"email": "boss@example.jp"},
            "locked": True,
            "attendees": [{"email": HANAKO, "responseStatus": "needsAction"}],
            **timed("2026-11-24T10:00"),
        },
    )
    patch = {"calendarId": "primary", "eventId": invitation["id"]}

    shared = refused(google.events.patch(**patch, body={"extendedProperties": {"shared": {"a": "1"}}}))
    locked = refused(google.events.patch(**patch, body={"summary": "私の会議"}))
    own = google.patch("invited1", colorId="5", extendedProperties={"private": {"a": "1"}})

    assert shared == (403, "forbiddenForNonOrganizer")
    assert locked == (403, "forbidden")
    assert own["organizer"] == {"email": "boss@example.jp"}


def test_import_keeps_organizer_and_uid_and_updates_the_copy_the_next_time(google: Site) -> None:
    body = {"iCalUID": "meeting@example.jp", "organizer": {"email": "boss@example.jp"}, **timed("2026-11-24T10:00")}

    made = google.events.import_(calendarId="primary", body={**body, "summary": "一"}).execute()
    again = google.events.import_(calendarId="primary", body={**body, "summary": "二"}).execute()

    assert made["organizer"]["email"] == "boss@example.jp"
    assert (again["id"], again["summary"]) == (made["id"], "二")


def test_move_answers_cancelled_although_the_event_lives_on(google: Site) -> None:
    event = google.insert(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    exception = google.patch(f"{event['id']}_20261125T010000Z", summary="変更")

    moved = google.events.move(calendarId="primary", eventId=event["id"], destination=TEAM).execute()

    assert moved["status"] == "cancelled"
    assert google.ids() == []
    assert google.ids(calendarId=TEAM) == [event["id"], exception["id"]]
    arrived = google.events.get(calendarId=TEAM, eventId=event["id"]).execute()
    assert (arrived["status"], arrived["organizer"]["email"]) == ("confirmed", TEAM)
