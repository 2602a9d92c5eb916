"""Who may read and write which calendar, and what is seen without the right to details."""

import pytest

from desksync_sandbox.google.scopes import PREFIX
from tests.sandbox.google_site import HANAKO, TARO, TEAM, Site, refused, timed


def share(google: Site, role: str) -> None:
    google.world.list_calendar(TARO, google.world.calendar(TEAM), role)


@pytest.mark.parametrize("role", ["reader", "freeBusyReader"])
def test_a_reader_may_not_write(google: Site, role: str) -> None:
    share(google, role)
    event = google.insert(TEAM)
    events = google.by(TARO).events()
    body = timed("2026-11-24T10:00")

    assert refused(events.insert(calendarId=TEAM, body=body)) == (403, "forbidden")
    assert refused(events.patch(calendarId=TEAM, eventId=event["id"], body=body)) == (403, "forbidden")
    assert refused(events.update(calendarId=TEAM, eventId=event["id"], body=body)) == (403, "forbidden")
    assert refused(events.delete(calendarId=TEAM, eventId=event["id"])) == (403, "forbidden")
    assert refused(events.move(calendarId=TEAM, eventId=event["id"], destination=TARO)) == (403, "forbidden")


@pytest.mark.parametrize("role", ["writer", "writerWithoutPrivateAccess"])
def test_a_writer_may_write_and_is_the_creator(google: Site, role: str) -> None:
    share(google, role)

    made = google.by(TARO).events().insert(calendarId=TEAM, body=timed("2026-11-24T10:00")).execute()

    assert made["creator"] == {"email": TARO}
    assert google.ids(calendarId=TEAM) == [made["id"]]


def test_a_free_busy_reader_sees_times_and_nothing_else(google: Site) -> None:
    share(google, "freeBusyReader")
    google.insert(TEAM, summary="秘密", description="詳細", location="場所", attendees=[{"email": "x@example.jp"}])

    page = google.by(TARO).events().list(calendarId=TEAM).execute()

    assert page["accessRole"] == "freeBusyReader"
    [event] = page["items"]
    assert {"summary", "description", "location", "attendees", "creator", "organizer"}.isdisjoint(event)
    assert event["visibility"] == "private"
    assert event["start"]["dateTime"] == "2026-11-24T10:00:00+09:00"


@pytest.mark.parametrize(("role", "is_seen"), [("reader", False), ("writerWithoutPrivateAccess", False), ("writer", True)])
def test_private_events_are_hidden_from_those_without_the_right(google: Site, role: str, is_seen: bool) -> None:  # noqa: FBT001 - a table of facts
    share(google, role)
    google.insert(TEAM, summary="内緒", visibility="private")
    google.insert(TEAM, summary="公開")

    items = google.by(TARO).events().list(calendarId=TEAM).execute()["items"]

    assert [item.get("summary") for item in items] == ["内緒" if is_seen else None, "公開"]


def test_a_calendar_that_is_not_in_the_list_is_not_found(google: Site) -> None:
    google.world.unlist(TARO, TEAM)

    assert refused(google.by(TARO).events().list(calendarId=TEAM)) == (404, "notFound")
    assert refused(google.by(TARO).events().list(calendarId=HANAKO)) == (404, "notFound")


def test_primary_is_the_calendar_of_the_caller(google: Site) -> None:
    google.insert()

    assert google.by(TARO).events().list(calendarId="primary").execute()["items"] == []
    assert google.by(TARO).calendars().get(calendarId="primary").execute()["id"] == TARO


def test_the_list_of_calendars_tells_role_zone_and_which_is_primary(google: Site) -> None:
    own = google.service.calendarList().list().execute()["items"]
    theirs = google.by(TARO).calendarList().list(minAccessRole="writer").execute()["items"]

    assert [(entry["id"], entry["accessRole"], entry.get("primary", False)) for entry in own] == [
        (HANAKO, "owner", True),
        (TEAM, "owner", False),
    ]
    assert own[1]["summary"] == "開発チーム"
    assert own[1]["timeZone"] == "Asia/Tokyo"
    assert [entry["id"] for entry in theirs] == [TARO]


def test_the_list_of_calendars_has_pages_and_hides_what_is_hidden(google: Site) -> None:
    google.world.accounts[HANAKO].listed[TEAM].hidden = True
    lists = google.service.calendarList()

    first = lists.list(maxResults=1, showHidden=True).execute()
    second = lists.list(maxResults=1, showHidden=True, pageToken=first["nextPageToken"]).execute()

    assert [entry["id"] for entry in first["items"] + second["items"]] == [HANAKO, TEAM]
    assert [entry["id"] for entry in lists.list().execute()["items"]] == [HANAKO]
    assert refused(lists.list(pageToken="nonsense")) == (400, "badRequest")


def test_the_list_of_calendars_has_a_sync_token(google: Site) -> None:
    lists = google.service.calendarList()
    token = lists.list().execute()["nextSyncToken"]
    quiet = lists.list(syncToken=token).execute()["items"]
    google.world.add_calendar(HANAKO, "new@group.calendar.google.com", summary="新しい")

    changed = lists.list(syncToken=token).execute()["items"]

    assert quiet == []
    assert "new@group.calendar.google.com" in [entry["id"] for entry in changed]
    assert refused(lists.list(syncToken="nonsense")) == (410, "fullSyncRequired")
    assert refused(lists.list(syncToken=token, minAccessRole="reader")) == (400, "badRequest")


def test_every_call_needs_a_scope_that_opens_it(google: Site) -> None:
    service = google.by(HANAKO, PREFIX + "calendar.events.readonly")
    events = service.events()

    assert events.list(calendarId="primary").execute()["items"] == []
    assert refused(events.insert(calendarId="primary", body=timed("2026-11-24T10:00"))) == (403, "insufficientPermissions")
    assert refused(service.calendarList().list()) == (403, "insufficientPermissions")


def test_scopes_for_owned_calendars_open_no_others(google: Site) -> None:
    share(google, "writer")
    events = google.by(TARO, PREFIX + "calendar.events.owned").events()

    assert events.list(calendarId="primary").execute()["items"] == []
    assert refused(events.list(calendarId=TEAM)) == (403, "insufficientPermissions")


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic abc"}])
def test_without_a_good_access_token_nothing_is_answered(google: Site, header: dict[str, str]) -> None:
    response = google.web.get("/calendar/v3/calendars/primary/events", headers=header)

    assert response.status_code == 401
    assert response.json()["error"]["errors"][0]["reason"] == "authError"
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_an_access_token_dies_with_age(google: Site) -> None:
    header = {"authorization": f"Bearer {google.world.grants.access_token_for(HANAKO)}"}
    google.clock.advance(minutes=59)
    young = google.web.get("/calendar/v3/colors", headers=header)
    google.clock.advance(minutes=1)

    old = google.web.get("/calendar/v3/colors", headers=header)

    assert (young.status_code, old.status_code) == (200, 401)


def test_what_the_api_does_not_have_is_not_found(google: Site) -> None:
    header = {"authorization": f"Bearer {google.world.grants.access_token_for(HANAKO)}"}

    assert google.web.get("/calendar/v3/nothing", headers=header).status_code == 404
    assert google.web.post("/calendar/v3/colors", headers=header).status_code == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(google: Site, body: bytes) -> None:
    header = {"authorization": f"Bearer {google.world.grants.access_token_for(HANAKO)}", "content-type": "application/json"}

    response = google.web.post("/calendar/v3/calendars/primary/events", content=body, headers=header)

    assert response.status_code == 400
    assert response.json()["error"]["errors"][0]["reason"] == "badRequest"


def test_an_id_with_a_slash_or_a_space_is_one_id(google: Site) -> None:
    google.world.add_calendar(HANAKO, "a b/c@example.jp")

    assert google.service.calendars().get(calendarId="a b/c@example.jp").execute()["id"] == "a b/c@example.jp"
