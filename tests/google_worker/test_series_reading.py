"""Series as Google lists them: what changed in them, and what a list of changes does not tell."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from desksync.sync.absorb import absorb
from desksync.sync.event import Event, Side
from desksync.sync.reading import Known, Reading, Stored
from desksync.sync.recurrence import Recurrence
from desksync.worker.errors import Reason, SideUnreadable, UserMustAct
from tests.builders import A_MONDAY, WINDOW, an_event, timed, weekly
from tests.google_worker.desk import ADDRESS, Desk

DAY = timedelta(days=1)


NEXT_MONDAY = A_MONDAY + 7 * DAY


WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=5"]


SECOND = "abc12_20261130T010000Z"


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


def test_a_calendar_that_vanished_since_the_list_ends_the_reading(desk: Desk) -> None:
    desk.add(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261214T010000Z"])
    reading = desk.read()
    known = absorb({}, reading, {}, ()).known
    desk.server.world.patch(ADDRESS, "abc12", {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"]})
    desk.server.faults.add(on="events.instances", kind="status", status=404)
    desk.server.faults.add(on="events.list", kind="status", status=404, skip=1)

    with pytest.raises(UserMustAct) as caught:
        desk.read(reading.cursor, known)

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


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
