"""What a reading proves, and what it does not (rules R3, R4 and R6)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from desksync.store.states import Permission, SyncState
from desksync.sync.event import Side, Timed
from desksync.sync.lines import Lines
from desksync.sync.policy import Direction
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.desk import Limits
from desksync.worker.errors import RetryLater
from desksync.worker.window import WindowSize
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.worlds import LEASE, World, a_world


def _both_hold(world: World, *titles: str) -> bool:
    return world.neo.titles() == world.google.titles() == sorted(titles)


def test_what_is_the_same_on_both_sides_is_matched_and_not_doubled() -> None:
    world = a_world(neo=[an_event("Meeting")], google=[an_event("ｍｅｅｔｉｎｇ ")])

    run = world.sync()

    assert len(world.neo.events) == len(world.google.events) == 1
    assert run.counts["matched"] == 1
    assert [line.text for line in world.lines("matched")] == ["1 events were the same on both sides and are linked now"]


def test_an_event_that_a_complete_reading_lacks_is_looked_at_before_it_counts_as_deleted() -> None:
    world = a_world(neo=[an_event("A"), an_event("B", when=timed(14))])
    world.sync()
    gone = next(event_id for event_id, event in world.neo.events.items() if event.title == "A")

    world.neo.delete_event(gone)
    world.sync()

    assert _both_hold(world, "B")
    assert world.neo.calls("look") == 1


def test_an_event_that_was_moved_out_of_the_window_is_not_deleted() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Far"))
    world.sync()

    world.neo.edit(event_id, when=all_day(A_MONDAY + timedelta(days=700)))
    world.sync()

    assert _both_hold(world, "Far")
    assert [event.when for event in world.google.events.values()] == [all_day(A_MONDAY + timedelta(days=700))]
    assert (world.google.calls("delete"), world.neo.calls("delete")) == (0, 0)


def test_a_look_that_fails_deletes_nothing() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("A"))
    world.sync()

    world.neo.delete_event(event_id)
    world.neo.fail_next("look", RetryLater("NEO does not answer"))
    world.run_until_waiting()

    assert world.google.titles() == ["A"]
    world.sync_open()
    assert _both_hold(world)


@pytest.mark.parametrize("gets_through", [0, 1, 3])
def test_what_was_looked_at_is_kept_when_a_side_has_no_room_for_more(gets_through: int) -> None:
    world = a_world()
    for hour in range(9, 14):
        world.neo.add(an_event(f"{hour}", when=timed(hour)))
    world.sync()
    for event_id in list(world.neo.events):
        world.neo.delete_event(event_id)
    busy = RetryLater("Too many requests are under way.", is_fault=False)
    if not gets_through:
        world.neo.fail_next("look", busy)
    for turn in range(1, gets_through + 1):
        is_last = turn == gets_through
        world.after(Side.NEO, "look", partial(world.neo.fail_next, "look", busy) if is_last else world.neo.forget_faults)

    run = world.sync()
    left = len(world.google.events)
    world.sync()

    assert run.outcome == "ok"
    assert left == 5 - gets_through
    assert world.google.titles() == []
    assert world.errors() == []


def test_more_missing_events_than_one_stage_looks_at_are_looked_at_by_the_next() -> None:
    world = a_world(limits=Limits(lease=LEASE, looks=2))
    for hour in range(9, 14):
        world.neo.add(an_event(f"{hour}", when=timed(hour)))
    world.sync()

    for event_id in list(world.neo.events):
        world.neo.delete_event(event_id)
    left = []
    for _ in range(4):
        world.sync()
        left.append(len(world.google.events))

    assert left == [3, 1, 0, 0]


def test_the_window_moves_on_and_deletes_nothing() -> None:
    world = a_world(neo=[an_event("Old")], google=[an_event("Lunch", when=timed(12))])
    world.sync()

    world.clock.move(timedelta(days=60))
    run = world.sync()

    assert _both_hold(world, "Old", "Lunch")
    assert run.counts == {"errors": 0}


@pytest.mark.parametrize("side", list(Side))
def test_what_comes_into_the_window_is_picked_up_without_having_been_changed(side: Side) -> None:
    world = a_world()
    world.calendar(side).add(an_event("Far", when=all_day(A_MONDAY + timedelta(days=366))))
    world.sync()
    before = world.calendar(side.other).titles()

    world.clock.move(timedelta(days=5))
    world.sync()

    assert before == []
    assert _both_hold(world, "Far")


def test_a_window_that_is_made_longer_backwards_brings_what_lies_there() -> None:
    world = a_world(google=[an_event("Long ago", when=all_day(A_MONDAY - timedelta(days=50)))])
    world.sync()
    before = world.neo.titles()

    world.size = WindowSize(past=60, future=365)
    world.sync()

    assert before == []
    assert _both_hold(world, "Long ago")


def test_an_expired_cursor_deletes_nothing_and_loses_nothing() -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    world.sync()
    gone = next(event_id for event_id, event in world.google.events.items() if event.title == "B")

    world.google.expire_cursors()
    world.google.delete_event(gone)
    world.google.add(an_event("C", when=timed(16)))
    world.sync()

    assert _both_hold(world, "A", "C")


def test_switching_the_calendar_deletes_nothing_and_fills_the_new_one() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    world.sync()
    old = world.google

    world.choose_calendar("two@example.com", [an_event("There before", when=timed(16))])
    world.sync()

    assert old.titles() == ["From Google", "From NEO"]
    assert _both_hold(world, "From Google", "From NEO", "There before")
    assert old.calls("delete") == world.neo.calls("delete") == 0


def test_switching_back_to_the_old_calendar_doubles_nothing() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    world.sync()
    world.choose_calendar("two@example.com")
    world.sync()

    world.choose_calendar("one@example.com")
    world.sync()

    assert _both_hold(world, "From Google", "From NEO")


def test_connecting_another_google_account_deletes_nothing() -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    world.sync()

    world.connect("another@example.com")
    world.sync()

    assert _both_hold(world, "A", "B")


LEAVING: dict[str, Callable[[World], None]] = {
    "disabled": lambda world: world.set_permission(Permission.DISABLED),
    "stopped": lambda world: world.set_sync_state(SyncState.STOPPED),
    "vanished": World.vanish,
}


@pytest.mark.parametrize("how", list(LEAVING))
def test_a_user_who_may_not_sync_any_more_is_left_alone_and_loses_nothing(how: str) -> None:
    world = a_world(neo=[an_event("A")])
    world.sync()
    reads = world.neo.calls("read")
    message = world.order()

    LEAVING[how](world)
    world.drain(message)

    assert _both_hold(world, "A")
    assert world.neo.calls("read") == reads
    assert not world.is_open()
    assert (world.runs()[-1].outcome, world.runs()[-1].counts) == ("not_allowed", {"errors": 0})


def test_a_user_who_is_stopped_during_a_run_is_written_nothing_more() -> None:
    world = a_world(neo=[an_event("A")])
    world.after(Side.NEO, "read", lambda: world.set_sync_state(SyncState.STOPPED))

    world.run_until_waiting()

    assert world.google.titles() == []
    assert not world.is_open()
    assert [result.outcome for result in world.results()] == ["not_allowed"]


def test_stopping_and_resuming_carries_over_what_happened_between() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("A"))
    world.sync()
    world.set_sync_state(SyncState.STOPPED)
    world.neo.delete_event(event_id)
    world.google.add(an_event("B", when=timed(14)))

    world.set_sync_state(SyncState.SYNC)
    world.sync()

    assert _both_hold(world, "B")


@pytest.mark.parametrize("side", list(Side))
def test_an_odd_event_is_noted_once_and_harms_no_other(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("Odd"))
    world.calendar(side).add(an_event("Plain", when=timed(14)))
    world.calendar(side).set_odd(event_id, "it repeats in a way that nobody knows")

    for _ in range(3):
        world.sync()
        world.google.expire_cursors()

    assert world.calendar(side.other).titles() == ["Plain"]
    assert [(line.text, line.event_id, line.title) for line in world.lines("skipped")] == [
        ("it repeats in a way that nobody knows", event_id, "")
    ]
    assert world.errors() == []


@pytest.mark.parametrize("side", list(Side))
def test_a_linked_event_that_becomes_odd_is_left_alone_on_both_sides(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("A"))
    world.sync()

    world.calendar(side).set_odd(event_id, "it repeats in a way that nobody knows")
    world.sync()
    world.calendar(side).set_odd(event_id, None)
    world.calendar(side).edit(event_id, title="B")
    world.sync()

    assert _both_hold(world, "B")
    assert len(world.lines("skipped")) == 1


@pytest.mark.parametrize("side", list(Side))
def test_a_series_that_is_odd_for_a_while_keeps_its_exceptions_on_both_sides(side: Side) -> None:
    world = a_world(google=[an_event("Series", repeat=weekly(70))])
    world.sync()
    ids = {one: next(iter(world.calendar(one).events)) for one in Side}
    late = A_MONDAY + timedelta(weeks=60)
    for day in (A_MONDAY, late):
        world.google.cancel_occurrence(ids[Side.GOOGLE], day)
    world.sync()

    world.calendar(side).set_odd(ids[side], "it repeats in a way that nobody knows")
    world.sync()
    world.calendar(side).cancel_occurrence(ids[side], A_MONDAY + timedelta(weeks=1))
    world.sync()
    world.calendar(side).set_odd(ids[side], None)
    world.sync()

    expected = dict.fromkeys((A_MONDAY, A_MONDAY + timedelta(weeks=1), late))
    assert [event.exceptions for one in Side for event in world.calendar(one).events.values()] == [expected, expected]
    assert len(world.lines("skipped")) == 1


def test_r26_a_series_that_the_other_side_cannot_hold_is_noted_once() -> None:
    ranges = Timed(at(9), at(9) + timedelta(days=3))
    world = a_world(google=[an_event("Trips", when=ranges, repeat=Recurrence(Frequency.WEEKLY, weekdays=(0,), count=2))])

    for number in range(3):
        world.neo.add(an_event(f"{number}", when=timed(number)))  # Without any change nothing would be decided anew.
        world.sync()

    assert world.neo.titles() == ["0", "1", "2", "Trips", "Trips"]
    assert [(line.side, line.text, line.title) for line in world.lines("skipped")] == [
        (Side.GOOGLE, "It is copied as single events, date by date, because its occurrences last several days.", "Trips")
    ]
    assert world.errors() == []


LINES = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4",), "it repeats on several days of a month")


def test_r26_what_an_original_cannot_be_given_is_noted_once_with_what_to_do() -> None:
    world = a_world(neo=[an_event("Series", repeat=weekly())])
    world.sync()
    [google_id] = world.google.events

    world.google.edit(google_id, repeat=LINES)
    for number in range(3):
        world.neo.add(an_event(f"{number}", when=timed(number)))
        world.sync()

    [line] = world.lines("skipped")
    assert (line.side, line.event_id, line.title) == (Side.GOOGLE, google_id, "Series")
    assert line.text == (
        "Its times and its rule are not copied, because it repeats on several days of a month, and the event in NEO was made by "
        "a person and is not replaced. Both keep their own until one of the two is changed to what both calendars can hold; "
        "everything else of it is copied."
    )
    assert [event.repeat for event in world.neo.events.values() if event.title == "Series"] == [weekly()]


def test_r26_while_times_wait_a_refusal_of_something_else_is_not_tried_in_every_run() -> None:
    world = a_world(neo=[an_event("Series", repeat=weekly())])
    world.sync()
    [google_id] = world.google.events
    world.neo.refuses = lambda event: event.title == "Refused"

    world.google.edit(google_id, repeat=LINES, title="Refused")
    for number in range(3):
        world.neo.add(an_event(f"{number}", when=timed(number)))
        world.sync()

    assert world.neo.calls("update") == 1
    assert len(world.lines("refused")) == 1
    assert len(world.lines("skipped")) <= 1


def test_r26_a_change_of_one_of_the_single_events_is_written_to_its_occurrence() -> None:
    ranges = Timed(at(9), at(9) + timedelta(days=3))
    world = a_world(google=[an_event("Trips", when=ranges, repeat=Recurrence(Frequency.WEEKLY, weekdays=(0,), count=4))])
    world.sync()
    first, second, third, _ = world.neo.events

    world.neo.edit(first, title="Trip to Nara")
    world.neo.edit(second, location="Kobe")
    world.neo.delete_event(third)
    world.sync()
    writes = world.writes()
    world.sync()

    [series] = world.google.events.values()
    found = [None if one is None else (one.title, one.location) for one in series.exceptions.values()]
    assert found == [("Trip to Nara", ""), ("Trips", "Kobe"), None]
    assert len(world.neo.events) == 3
    assert world.writes() == writes


def test_turning_the_direction_takes_effect_with_the_next_run() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    world.save(direction=Direction.NEO_TO_GOOGLE)
    world.sync()
    one_way = (world.neo.titles(), world.google.titles())

    world.save(direction=Direction.BOTH)
    world.sync()

    assert one_way == (["From NEO"], ["From Google", "From NEO"])
    assert _both_hold(world, "From Google", "From NEO")
