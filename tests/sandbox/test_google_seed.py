"""Seeds, the state behind the stand-in, and starting and stopping it."""

import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from desksync_sandbox.google import GoogleServer, GoogleSwitches
from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.world import World
from tests.sandbox.google_site import HANAKO, TARO, TEAM, Clock, Site, all_day, timed


def a_world(*accounts: dict[str, Any], **oauth: Any) -> World:
    return World({"oauth": oauth, "accounts": list(accounts)}, GoogleSwitches(), Clock())


def test_an_account_needs_no_more_than_an_address() -> None:
    world = a_world({"email": HANAKO})

    assert list(world.accounts[HANAKO].listed) == [HANAKO]
    assert world.calendar(HANAKO).time_zone == "Asia/Tokyo"
    assert world.accounts[HANAKO].listed[HANAKO].role == "owner"


def test_a_shared_calendar_belongs_to_its_owner_whoever_is_named_first() -> None:
    reader = {"email": TARO, "calendars": [{"id": TEAM, "accessRole": "reader", "timeZone": "UTC"}]}
    owner = {"email": HANAKO, "calendars": [{"id": TEAM, "summary": "開発", "timeZone": "Europe/Berlin"}]}

    world = a_world(reader, owner)

    calendar = world.calendar(TEAM)
    assert (calendar.owner, calendar.summary, calendar.time_zone) == (HANAKO, "開発", "Europe/Berlin")
    assert world.accounts[TARO].listed[TEAM].calendar is calendar
    assert world.accounts[TARO].listed[TEAM].role == "reader"


def test_a_seed_holds_events_series_and_exceptions() -> None:
    original = {"originalStartTime": {"dateTime": "2026-11-25T10:00:00+09:00"}, "recurringEventId": "series1"}
    cancelled = {
        "originalStartTime": {"dateTime": "2026-11-26T10:00:00+09:00"},
        "recurringEventId": "series1",
        "status": "cancelled",
    }
    events = [
        {"id": "series1", "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"], **timed("2026-11-24T10:00")},
        {**original, "summary": "変更"},
        cancelled,
        {"summary": "休み", "organizer": {"email": TARO}, "eventType": "outOfOffice", **all_day("2026-11-24", "2026-11-25")},
    ]

    world = a_world({"email": HANAKO, "calendars": [{"id": HANAKO, "events": events}]})

    held = world.events(HANAKO)
    assert [event["id"] for event in held[:3]] == ["series1", "series1_20261125T010000Z", "series1_20261126T010000Z"]
    assert (held[1]["summary"], held[2]["status"]) == ("変更", "cancelled")
    assert held[3]["organizer"] == {"email": TARO}


@pytest.mark.parametrize(
    "account",
    [
        {"name": "住所なし"},
        {"email": HANAKO, "colour": "red"},
        {"email": HANAKO, "calendars": [{"id": HANAKO, "timeZone": "Mars/Olympus"}]},
        {"email": HANAKO, "calendars": [{"id": HANAKO, "accessRole": "king"}]},
    ],
)
def test_a_seed_that_makes_no_sense_is_refused(account: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_world(account)


def test_a_seed_with_a_broken_event_is_refused() -> None:
    with pytest.raises(GoogleError, match="Missing start time"):
        a_world({"email": HANAKO, "calendars": [{"id": HANAKO, "events": [{"summary": "時刻なし"}]}]})


def test_reset_brings_events_and_tokens_of_the_seed_back() -> None:
    world = a_world(
        {"email": HANAKO, "refresh_tokens": ["1//h"], "calendars": [{"id": HANAKO, "events": [timed("2026-11-24T10:00")]}]}
    )
    access_token = world.grants.refresh("1//h").access_token
    [event] = world.events(HANAKO)
    world.delete(HANAKO, event["id"])
    world.grants.kill("1//h")

    world.reset()

    assert len(world.events(HANAKO)) == 1
    assert world.grants.holder(access_token) is None
    assert world.grants.refresh("1//h").scopes == ("https://www.googleapis.com/auth/calendar",)


def test_occurrences_are_what_a_person_sees_between_two_moments() -> None:
    world = a_world({"email": HANAKO})
    series = world.add(HANAKO, {"summary": "朝礼", "recurrence": ["RRULE:FREQ=DAILY"], **timed("2026-11-20T09:00")})
    world.delete(HANAKO, f"{series['id']}_20261125T000000Z")
    world.add(HANAKO, {"summary": "会議", **timed("2026-11-24T08:00")})
    world.delete(HANAKO, world.add(HANAKO, {"summary": "消えた", **timed("2026-11-24T08:00")})["id"])

    found = world.occurrences(HANAKO, datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 26, 15, tzinfo=UTC))

    assert [one["summary"] for one in found] == ["会議", "朝礼", "朝礼"]


def test_events_are_moved_between_calendars_by_hand() -> None:
    world = a_world({"email": HANAKO, "calendars": [{"id": TEAM}]})
    event = world.add(HANAKO, timed("2026-11-24T10:00"))

    world.move(HANAKO, event["id"], TEAM)

    assert world.events(HANAKO) == []
    assert [held["organizer"]["email"] for held in world.events(TEAM)] == [TEAM]


def test_moving_back_revives_the_event_where_it_was() -> None:
    world = a_world({"email": HANAKO, "calendars": [{"id": TEAM}]})
    event = world.add(HANAKO, timed("2026-11-24T10:00"))
    world.move(HANAKO, event["id"], TEAM)

    world.move(TEAM, event["id"], HANAKO)

    assert [held["status"] for held in world.events(HANAKO)] == ["confirmed"]
    with pytest.raises(GoogleError, match="cannot be moved"):
        world.move(TEAM, event["id"], HANAKO)


def test_an_unknown_event_is_an_error() -> None:
    world = a_world({"email": HANAKO})

    with pytest.raises(GoogleError, match="Not Found"):
        world.get(HANAKO, "nothere")


def test_many_threads_lose_nothing() -> None:
    world = a_world({"email": HANAKO})

    def insert() -> None:
        for _ in range(50):
            world.add(HANAKO, timed("2026-11-24T10:00"))

    threads = [threading.Thread(target=insert) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    held = world.events(HANAKO)
    assert len({event["id"] for event in held}) == len({event["etag"] for event in held}) == 400


def test_a_server_has_its_addresses_once_it_runs() -> None:
    server = GoogleServer()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = server.url

    with server:
        found = {server.auth_url, server.token_url, server.revoke_url, server.api_url, server.batch_url}

    paths = {address.removeprefix(server.url) for address in found}
    assert paths == {"/o/oauth2/v2/auth", "/token", "/revoke", "/calendar/v3/", "/batch/calendar/v3"}


def test_a_server_serves_until_it_is_stopped() -> None:
    server = GoogleServer().start()
    status = httpx.get(server.url).status_code

    server.stop()
    server.stop()

    assert status == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_the_clock_of_the_stand_in_is_the_real_one_unless_another_is_given(google: Site) -> None:
    made = GoogleServer().world.add(HANAKO, timed("2026-11-24T10:00"))

    assert abs(datetime.fromisoformat(made["updated"]) - datetime.now(UTC)).total_seconds() < 60
    assert google.insert()["updated"] == "2026-11-24T00:00:00.000Z"
