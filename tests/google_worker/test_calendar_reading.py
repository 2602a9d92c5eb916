from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from desksync.sync.absorb import absorb
from desksync.sync.event import AllDay, Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.recurrence import Recurrence
from desksync.worker.errors import Reason, RetryLater, SideUnreadable, UserMustAct
from tests.builders import A_MONDAY, WINDOW, an_event, timed, weekly
from tests.google_worker.desk import ADDRESS, Desk

DAY = timedelta(days=1)
NEXT_MONDAY = A_MONDAY + 7 * DAY
WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=5"]
SECOND = "abc12_20261130T010000Z"


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


def test_a_series_comes_with_its_occurrences(desk: Desk) -> None:
    desk.add(recurrence=[*WEEKLY, "EXDATE:20261214T010000Z"])
    desk.server.world.patch(ADDRESS, SECOND, {"summary": "Moved"})
    desk.server.world.delete(ADDRESS, "abc12_20261207T010000Z")

    reading = desk.read()

    assert [stored.event for stored in reading.events] == [an_event(repeat=weekly(5), exceptions={NEXT_MONDAY + 14 * DAY: None})]
    assert {one.original: one.stored and one.stored.event.title for one in reading.occurrences} == {
        NEXT_MONDAY: "Moved",
        NEXT_MONDAY + 7 * DAY: None,
    }


def events_in(known: Known) -> list[Event]:
    return [item.event for item in known.values() if isinstance(item, Stored)]


@pytest.mark.parametrize("resends", [True, False])
def test_what_is_absorbed_from_readings_is_what_was_answered_to_the_writes(desk: Desk, resends: bool) -> None:  # noqa: FBT001
    desk.server.world.switch(resends_whole_series=resends)
    moved = an_event("Moved", when=timed(14, day=NEXT_MONDAY + DAY))
    cursor = desk.read().cursor
    first = desk.create(an_event(repeat=weekly(5), exceptions={NEXT_MONDAY: moved, NEXT_MONDAY + 7 * DAY: None}))
    reading = desk.read(cursor, {})
    known = absorb({}, reading, {}, ()).known
    wanted = an_event("Review", when=timed(11), repeat=weekly(5), exceptions={NEXT_MONDAY: None, NEXT_MONDAY + 14 * DAY: None})
    second = desk.update(desk.look(), wanted)
    later = absorb(known, desk.read(reading.cursor, known), {}, ()).known
    anew = absorb({}, desk.read(), {}, ()).known

    assert events_in(known) == [first.event]
    assert events_in(later) == events_in(anew) == [second.event] == [wanted]


@pytest.mark.parametrize(
    "change",
    [
        {"start": {"dateTime": "2026-11-23T12:00:00+09:00"}, "end": {"dateTime": "2026-11-23T13:00:00+09:00"}},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE:20261214T010000Z"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"]},
        {"summary": "Review"},
    ],
)
def test_what_a_person_changes_in_a_series_is_absorbed_as_google_shows_it(desk: Desk, change: dict[str, Any]) -> None:
    desk.add(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261214T010000Z"])
    desk.server.world.delete(ADDRESS, SECOND)
    desk.server.world.patch(ADDRESS, "abc12_20261207T010000Z", {"summary": "Moved"})
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    desk.server.world.patch(ADDRESS, "abc12", change)

    later = absorb(known, desk.read(reading.cursor, known), {}, ()).known

    assert events_in(later) == [desk.look("abc12").event]


@pytest.mark.parametrize("was_readable", [True, False])
def test_a_series_that_can_be_read_again_is_told_with_the_exceptions_that_it_has_by_now(
    desk: Desk, *, was_readable: bool
) -> None:
    desk.server.world.switch(resends_whole_series=False)
    odd, plain = ["RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=10"], ["RRULE:FREQ=WEEKLY;COUNT=5"]
    desk.add(recurrence=plain if was_readable else odd)
    desk.server.world.delete(ADDRESS, SECOND)
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    for recurrence in (odd, plain):
        desk.server.world.patch(ADDRESS, "abc12", {"recurrence": recurrence})
        if recurrence is odd:
            desk.server.world.patch(ADDRESS, "abc12_20261207T010000Z", {"summary": "Moved"})
        reading = desk.read(reading.cursor, known)
        known = absorb(known, reading, {}, ["abc12"]).known

    [event] = events_in(known)
    assert event == desk.look("abc12").event
    assert len(event.exceptions) == 2


def test_r27_a_series_that_was_declined_and_comes_back_has_its_old_exceptions(desk: Desk) -> None:
    guests = [{"email": ADDRESS}, {"email": "boss@example.jp"}]
    desk.server.world.switch(resends_whole_series=False)
    desk.add(recurrence=WEEKLY, attendees=guests, organizer={"email": "boss@example.jp"})
    desk.server.world.delete(ADDRESS, SECOND)
    desk.server.world.patch(ADDRESS, "abc12_20261207T010000Z", {"summary": "Moved"})
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    for answer in ("declined", "accepted"):
        desk.server.world.patch(ADDRESS, "abc12", {"attendees": [guests[0] | {"responseStatus": answer}, guests[1]]})
        reading = desk.read(reading.cursor, known)
        known = absorb(known, reading, {}, ["abc12"]).known

    [event] = events_in(known)
    assert event == desk.look("abc12").event
    assert len(event.exceptions) == 2


def unreadable(desk: Desk, instance: str) -> None:
    """Let an occurrence have a start that nobody understands, in the next list of all of them."""
    item = {**desk.held(instance), "start": {"date": "soon"}}
    desk.server.faults.add(on="events.instances", kind="status", status=200, body={"kind": "calendar#events", "items": [item]})


def test_r27_a_look_leaves_a_date_that_cannot_be_read_as_it_was_known(desk: Desk) -> None:
    desk.add(recurrence=WEEKLY)
    desk.server.world.patch(ADDRESS, SECOND, {"summary": "Moved"})
    known = absorb({}, desk.read(), {}, ()).known
    unreadable(desk, SECOND)

    after = absorb(known, Reading(Side.GOOGLE, WINDOW), {"abc12": desk.look("abc12")}, ["abc12"]).known

    [event] = events_in(after)
    assert {day: one and one.title for day, one in event.exceptions.items()} == {NEXT_MONDAY: "Moved"}


def test_r27_a_series_that_moves_tells_nothing_of_a_date_that_cannot_be_read(desk: Desk) -> None:
    desk.server.world.switch(resends_whole_series=False)
    desk.add(recurrence=WEEKLY)
    desk.server.world.patch(ADDRESS, SECOND, {"summary": "Moved"})
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    desk.server.world.patch(ADDRESS, "abc12", {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]})
    unreadable(desk, SECOND)

    later = absorb(known, desk.read(reading.cursor, known), {}, ["abc12"]).known

    [event] = events_in(later)
    assert {day: one and one.title for day, one in event.exceptions.items()} == {NEXT_MONDAY: "Moved"}


def test_a_series_whose_title_changes_costs_no_further_look(desk: Desk) -> None:
    desk.add(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261214T010000Z"])
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    desk.server.world.patch(ADDRESS, "abc12", {"summary": "Review"})
    desk.server.calls.clear()

    desk.read(reading.cursor, known)

    assert desk.asked() == ["events.list"]


@pytest.mark.parametrize(("status", "is_gone"), [(404, True), (400, False)])
def test_a_series_that_is_gone_since_the_list_does_not_end_the_run(desk: Desk, status: int, is_gone: bool) -> None:  # noqa: FBT001
    desk.add(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261214T010000Z"])
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    desk.server.world.patch(ADDRESS, "abc12", {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"]})
    desk.server.faults.add(on="events.instances", kind="status", status=status)

    with nullcontext() if is_gone else pytest.raises(SideUnreadable):
        assert desk.read(reading.cursor, known).events


@pytest.mark.parametrize("resends", [True, False])
def test_a_cancelled_occurrence_comes_with_the_next_reading(desk: Desk, resends: bool) -> None:  # noqa: FBT001 - a switch
    desk.server.world.switch(resends_whole_series=resends)
    desk.add(recurrence=WEEKLY)
    before = desk.read()
    desk.server.world.delete(ADDRESS, SECOND)

    reading = desk.read(before.cursor, absorb({}, before, {}, ()).known)

    assert [(one.series_id, one.original, one.stored) for one in reading.occurrences] == [("abc12", NEXT_MONDAY, None)]
    assert "abc12" not in reading.gone


def test_this_and_following_is_two_series(desk: Desk) -> None:
    desk.add(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])
    cursor = desk.read().cursor
    desk.server.world.split(ADDRESS, SECOND, {"summary": "Later"})

    events = {stored.event.title: stored.event for stored in desk.read(cursor, {}).events}

    ended = events["Stand-up"].repeat
    assert isinstance(ended, Recurrence)
    assert ended.until == NEXT_MONDAY - DAY
    assert events["Later"].repeat == weekly(4)


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


def test_a_look_at_a_series_finds_its_exceptions(desk: Desk) -> None:
    desk.add(recurrence=[*WEEKLY, "EXDATE:20261214T010000Z"])
    desk.server.world.patch(ADDRESS, SECOND, {"summary": "Moved"})
    desk.server.world.delete(ADDRESS, "abc12_20261207T010000Z")

    exceptions = desk.look("abc12").event.exceptions

    assert {day: one and one.title for day, one in exceptions.items()} == {
        NEXT_MONDAY: "Moved",
        NEXT_MONDAY + 7 * DAY: None,
        NEXT_MONDAY + 14 * DAY: None,
    }


def test_a_look_passes_over_an_occurrence_that_makes_no_sense(desk: Desk) -> None:
    desk.add(recurrence=WEEKLY)
    desk.server.faults.add(
        on="events.instances",
        kind="status",
        status=200,
        body={"kind": "calendar#events", "items": [{"id": "abc12_x", "recurringEventId": "abc12"}]},
    )

    assert desk.look("abc12").event == an_event(repeat=weekly(5))


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
