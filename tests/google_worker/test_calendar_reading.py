from dataclasses import replace
from datetime import date, timedelta

import pytest

from desksync.sync.event import AllDay, Side, Window
from desksync.sync.reading import Odd
from desksync.worker.errors import Reason, RetryLater, SideUnreadable, UserMustAct
from tests.builders import A_MONDAY, WINDOW, an_event
from tests.google_worker.desk import ADDRESS, Desk

DAY = timedelta(days=1)


def test_the_first_reading_is_complete_and_gives_a_cursor(desk: Desk) -> None:
    desk.add("abc12")
    desk.add("abc13", start={"date": "2026-11-24"}, end={"date": "2026-11-26"})

    reading = desk.read()

    assert (reading.side, reading.is_complete, reading.is_unchanged) == (Side.GOOGLE, True, False)
    assert reading.window == Window(WINDOW.first, date.max)  # The list has no upper bound.
    assert {stored.id: stored.event.when for stored in reading.events} == {
        "abc12": an_event().when,
        "abc13": AllDay(A_MONDAY + DAY, A_MONDAY + 2 * DAY),
    }
    assert reading.cursor


def test_the_adapter_is_the_google_side(desk: Desk) -> None:
    assert desk.calendar.side is Side.GOOGLE


def test_a_list_of_changes_that_is_forbidden_needs_a_person(desk: Desk) -> None:
    cursor = desk.read().cursor
    desk.server.faults.add(on="events.list", kind="status", status=403, body="forbidden")

    with pytest.raises(UserMustAct) as caught:
        desk.read(cursor)

    assert caught.value.reason is Reason.NO_ACCESS


def test_the_first_reading_begins_at_the_window_and_has_no_end(desk: Desk) -> None:
    desk.add("old01", start={"date": "2026-10-23"}, end={"date": "2026-10-24"})
    desk.add("edge1", start={"date": "2026-10-24"}, end={"date": "2026-10-25"})
    desk.add("far01", start={"date": "2031-01-01"}, end={"date": "2031-01-02"})

    assert {stored.id for stored in desk.read().events} == {"edge1", "far01"}


def test_a_quiet_cycle_is_one_request_and_unchanged(desk: Desk) -> None:
    desk.add()
    cursor = desk.read().cursor
    desk.server.calls.clear()

    reading = desk.read(cursor)

    assert (reading.is_unchanged, reading.is_complete, reading.events) == (True, False, ())
    assert reading.cursor
    assert [call.operation for call in desk.server.calls.all()] == ["events.list"]


def test_changes_and_deletions_come_with_the_next_reading(desk: Desk) -> None:
    desk.add("abc12")
    desk.add("abc13")
    desk.add("abc14")
    cursor = desk.read().cursor
    desk.server.world.patch(ADDRESS, "abc12", {"summary": "Review"})
    desk.server.world.delete(ADDRESS, "abc13")

    reading = desk.read(cursor)

    assert [(stored.id, stored.event.title) for stored in reading.events] == [("abc12", "Review")]
    assert reading.gone == {"abc13"}
    assert not reading.is_complete
    assert desk.read(reading.cursor).is_unchanged


def test_an_expired_cursor_gives_a_complete_reading(desk: Desk) -> None:
    desk.add()
    cursor = desk.read().cursor
    desk.server.world.expire_sync_tokens()

    reading = desk.read(cursor)

    assert (reading.is_complete, len(reading.events)) == (True, 1)
    assert desk.read(reading.cursor).is_unchanged


@pytest.mark.parametrize("cursor", ["nonsense", ""])
def test_a_cursor_that_is_no_token_gives_a_complete_reading(desk: Desk, cursor: str) -> None:
    desk.add()

    assert desk.read(cursor).is_complete


def test_pages_are_followed_to_the_last_one(desk: Desk) -> None:
    desk.server.world.switch(page_limit=2, starts_with_an_empty_page=True)
    for number in range(5):
        desk.add(f"abc{number:02}")

    reading = desk.read()
    for number in range(5):
        desk.server.world.patch(ADDRESS, f"abc{number:02}", {"location": "3F"})
    changes = desk.read(reading.cursor)

    assert len(reading.events) == 5
    assert [stored.event.location for stored in changes.events] == ["3F"] * 5
    assert desk.asked().count("events.list") >= 6


def test_a_list_that_breaks_off_between_its_pages_is_no_reading(desk: Desk) -> None:
    desk.server.world.switch(page_limit=2)
    for number in range(5):
        desk.add(f"abc{number:02}")
    desk.server.faults.add(on="events.list", kind="status", status=503, skip=1)

    with pytest.raises(RetryLater, match="Google Server Error 503"):
        desk.read()


def test_half_a_list_is_no_reading(desk: Desk) -> None:
    desk.add()
    desk.server.faults.add(on="events.list", kind="garbage")

    with pytest.raises(SideUnreadable):
        desk.read()


def test_a_thousand_events_are_one_reading(desk: Desk) -> None:
    for number in range(1000):
        desk.add(f"abc{number:04}", summary=f"会議 {number}")

    reading = desk.read()

    assert len({stored.event.title for stored in reading.events}) == 1000
    assert desk.asked() == ["events.list"]


def test_what_cannot_be_said_is_odd(desk: Desk) -> None:
    desk.add(recurrence=["RRULE:FREQ=DAILY;BYHOUR=9,14"])

    reading = desk.read()

    assert reading.events == ()
    assert [odd.id for odd in reading.odd] == ["abc12"]
    assert isinstance(desk.calendar.look(desk.account, "abc12"), Odd)


def test_other_kinds_of_event_are_not_there(desk: Desk) -> None:
    desk.add("abc12", eventType="focusTime")
    desk.add("abc13", attendees=[{"email": ADDRESS, "responseStatus": "declined"}], organizer={"email": "boss@example.jp"})

    reading = desk.read()

    assert (reading.events, reading.odd) == ((), ())
    assert desk.calendar.look(desk.account, "abc12") is None
    assert desk.calendar.look(desk.account, "abc13") is None


def test_an_invitation_may_not_be_changed_until_it_is_declined(desk: Desk) -> None:
    desk.add(attendees=[{"email": ADDRESS}, {"email": "boss@example.jp"}], organizer={"email": "boss@example.jp"})
    first = desk.read()
    desk.server.world.patch(ADDRESS, "abc12", {"attendees": [{"email": ADDRESS, "responseStatus": "declined"}]})

    second = desk.read(first.cursor)

    assert [stored.is_editable for stored in first.events] == [False]
    assert second.events == ()
    assert second.gone == {"abc12"}


def a_shared_calendar(desk: Desk, role: str) -> Desk:
    world = desk.server.world
    world.add_account("taro@example.jp", "太郎")
    shared = world.add_calendar("taro@example.jp", "team@group.example.jp")
    world.add(shared.id, {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}, "summary": "Team"})
    world.add(shared.id, {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}, "visibility": "private"})
    world.list_calendar(ADDRESS, shared, role)
    return replace(desk, account=replace(desk.account, address=shared.id))


def test_in_a_calendar_that_may_only_be_read_nothing_is_editable(desk: Desk) -> None:
    reading = a_shared_calendar(desk, "reader").read()

    assert [(stored.event.title, stored.is_editable) for stored in reading.events] == [("Team", False)]
    assert len(reading.odd) == 1


def test_an_account_that_sees_busy_times_only_has_no_access(desk: Desk) -> None:
    with pytest.raises(UserMustAct) as caught:
        a_shared_calendar(desk, "freeBusyReader").read()

    assert caught.value.reason is Reason.NO_ACCESS


def test_the_events_of_a_secondary_calendar_are_its_own(desk: Desk) -> None:
    reading = a_shared_calendar(desk, "writer").read()

    assert [stored.is_editable for stored in reading.events] == [True, True]


def test_a_look_finds_an_event_wherever_it_is(desk: Desk) -> None:
    desk.add("old01", start={"date": "2001-01-01"}, end={"date": "2001-01-02"})

    assert desk.look("old01").event.title == "Stand-up"


def test_a_look_at_a_deleted_event_finds_nothing(desk: Desk) -> None:
    desk.add("abc12")
    desk.server.world.delete(ADDRESS, "abc12")

    assert desk.calendar.look(desk.account, "abc12") is None
    assert desk.calendar.look(desk.account, "never1") is None


def test_a_look_into_a_calendar_that_vanished_is_no_deletion(desk: Desk) -> None:
    nowhere = replace(desk.account, address="nowhere@example.jp")

    with pytest.raises(UserMustAct) as caught:
        desk.calendar.look(nowhere, "abc12")

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


def test_a_look_that_is_forbidden_is_no_deletion(desk: Desk) -> None:
    desk.server.faults.add(on="events.get", kind="status", status=403, body="forbidden")

    with pytest.raises(UserMustAct) as caught:
        desk.calendar.look(desk.account, "abc12")

    assert caught.value.reason is Reason.NO_ACCESS
