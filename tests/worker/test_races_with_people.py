"""What people and the clock do while a run is under way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desksync.sync.event import Event, Side
from desksync.sync.lines import Lines
from desksync.sync.reading import Stored
from desksync.worker.calendar import Account
from desksync.worker.clean import clean
from desksync.worker.errors import EventRefused, RetryLater
from desksync.worker.undo import undo
from tests.builders import A_MONDAY, an_event, timed, weekly
from tests.worker.desks import desks, say
from tests.worlds import World, a_world

TWO_DAYS = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month")


def test_midnight_between_the_two_readings_doubles_no_event_beyond_the_window() -> None:
    far = an_event("Far", when=timed(day=A_MONDAY + timedelta(days=366)))
    world = a_world(neo=[far], google=[far])
    world.clock.moment = datetime(2026, 11, 23, 14, 59, 50, tzinfo=UTC)

    world.after(Side.NEO, "read", lambda: world.clock.move(timedelta(seconds=20)))
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Far"], ["Far"])


@pytest.mark.parametrize("side", Side)
def test_r1_what_was_deleted_before_the_days_that_sync_is_looked_at_and_not_written_for_ever(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("First"))
    world.sync()
    world.calendar(side.other).delete_event(next(iter(world.calendar(side.other).events)))
    world.clock.move(timedelta(days=60))
    world.calendar(side).edit(event_id, title="Second")
    world.sync()
    world.sync()
    writes = world.writes()

    world.sync()

    assert world.writes() == writes
    assert world.errors() == []


def test_what_no_reading_tells_is_looked_at_when_a_write_finds_it_changed() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("First"))
    world.sync()
    (google_id,) = world.google.events
    world.google.edit(google_id, location="Room 5")
    world.google.lose_news()
    world.neo.edit(event_id, title="Second")

    world.sync()
    looks = world.google.calls("look")
    world.sync()

    assert [(event.title, event.location) for event in world.google.events.values()] == [("Second", "Room 5")]
    assert [(event.title, event.location) for event in world.neo.events.values()] == [("Second", "Room 5")]
    assert (looks, world.google.calls("look"), world.errors()) == (1, 1, [])


def test_r27_a_date_of_which_no_reading_tells_is_looked_at_when_a_write_finds_it_changed() -> None:
    world = a_world()
    series_id = world.neo.add(an_event("Weekly", repeat=weekly(3)))
    world.sync()
    (google_id,) = world.google.events
    world.google.change_occurrence(google_id, A_MONDAY, location="Room 5")
    world.google.lose_news()
    world.neo.change_occurrence(series_id, A_MONDAY, title="First of all")

    world.sync()
    world.sync()

    for calendar in (world.neo, world.google):
        (series,) = calendar.events.values()
        assert [(one.title, one.location) for one in series.exceptions.values() if one] == [("First of all", "Room 5")]
    assert world.errors() == []


def test_r27_a_date_far_ahead_that_was_cancelled_in_neo_is_not_written_in_vain_for_ever() -> None:
    world = a_world()
    far_ahead = A_MONDAY + timedelta(weeks=70)
    series_id = world.neo.add(an_event("Weekly", repeat=weekly(100)))
    world.sync()
    as_usual = world.neo.update

    def update(account: Account, stored: Stored, event: Event) -> Stored:
        is_gone = world.neo.events[series_id].exceptions.get(far_ahead, event) is None
        if is_gone and stored.event.exceptions.get(far_ahead, event) is not None:
            raise EventRefused("NEO has no such date.", is_stale=True)
        return as_usual(account, stored, event)

    world.neo.update = update  # type: ignore[method-assign] # as the stand-in for NEO answers
    world.neo.cancel_occurrence(series_id, far_ahead)
    (google_id,) = world.google.events
    world.google.change_occurrence(google_id, far_ahead, title="Moved")

    world.sync()
    world.sync()
    looks = world.neo.calls("look")
    world.sync()

    for calendar in (world.neo, world.google):
        (series,) = calendar.events.values()
        assert [one and one.title for one in series.exceptions.values()] == ["Moved"], "the change wins (rule R12)"
    assert (looks, world.neo.calls("look"), world.errors()) == (1, 1, [])


def test_what_was_deleted_without_being_told_is_created_anew_when_a_write_finds_it_gone() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("First"))
    world.sync()
    (google_id,) = world.google.events
    world.google.delete_event(google_id)
    world.google.lose_news()
    world.neo.edit(event_id, title="Second")

    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Second"], ["Second"])


def test_what_became_unreadable_without_being_told_is_left_alone_and_told_once() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("First"))
    world.sync()
    (google_id,) = world.google.events
    world.google.edit(google_id, location="Room 5")
    world.google.set_odd(google_id, "it is of a kind that nobody knows")
    world.google.lose_news()
    world.neo.edit(event_id, title="Second")

    world.sync()
    world.sync()

    assert (world.google.titles(), world.google.calls("look")) == (["First"], 1)
    assert [line.text for line in world.lines("skipped")] == ["it is of a kind that nobody knows"]


def test_a_series_that_was_looked_at_is_not_written_on_the_strength_of_what_was_known_before() -> None:
    world = a_world()
    series_id = world.google.add(an_event("Months", repeat=TWO_DAYS))
    world.sync()
    dates = sorted(world.neo.events, key=lambda one: str(world.neo.events[one].when))
    world.google.change_occurrence(series_id, A_MONDAY, location="Room 5")
    world.google.lose_news()
    for event_id in dates[:2]:
        world.neo.edit(event_id, title="Moved")

    world.sync()
    refused = world.google.calls("update")
    world.sync()

    assert refused == 1
    assert [world.neo.events[one].location for one in dates] == ["Room 5", "", "", ""]
    assert [world.neo.events[one].title for one in dates] == ["Moved", "Moved", "Months", "Months"]
    (series,) = world.google.events.values()
    assert sorted((one.title, one.location) for one in series.exceptions.values() if one) == [("Moved", ""), ("Moved", "Room 5")]


@pytest.mark.parametrize("is_fault", [False, True])
def test_a_side_that_cannot_be_looked_at_now_is_looked_at_the_next_time(*, is_fault: bool) -> None:
    world = a_world()
    event_id = world.neo.add(an_event("First"))
    world.sync()
    (google_id,) = world.google.events
    world.google.edit(google_id, location="Room 5")
    world.google.lose_news()
    world.neo.edit(event_id, title="Second")
    world.google.fail_next("look", RetryLater("not now", is_fault=is_fault))

    world.sync()
    world.sync()
    world.sync()

    assert [(event.title, event.location) for event in world.neo.events.values()] == [("Second", "Room 5")]
    assert [error.text for error in world.errors()] == ["not now"] * is_fault


def test_an_event_that_cannot_be_looked_at_does_not_bar_the_others() -> None:
    world = a_world()
    first, second = (world.neo.add(an_event(name, when=timed(hour))) for name, hour in (("A", 9), ("B", 15)))
    world.sync()
    changed = next(event_id for event_id, event in world.google.events.items() if event.title == "A")
    world.google.edit(changed, location="Room 5")
    world.google.lose_news()
    world.neo.edit(first, title="A2")
    world.neo.edit(second, title="B2")
    world.google.fail_next("look", EventRefused("its dates cannot be asked for"))

    world.sync()

    assert (world.google.titles(), world.google.calls("look"), world.errors()) == (["A", "B2"], 1, [])


def test_a_release_given_while_neo_is_read_is_carried_out() -> None:
    world = a_world(neo=[an_event(f"E{number}", when=timed(8 + number % 10)) for number in range(20)])
    world.sync()
    for event_id in list(world.neo.events)[:15]:
        world.neo.delete_event(event_id)
    world.sync()
    held = len(world.google.events)

    def release() -> None:
        say(world, "release")

    world.after(Side.NEO, "read", release)
    world.sync()
    world.sync()

    assert (held, len(world.google.events)) == (20, 5)


def test_an_event_that_neo_gives_a_new_id_is_still_its_makers() -> None:
    world = a_world(neo=[an_event("Theirs")])
    world.sync()
    _give_new_ids(world)
    (google_id,) = world.google.events
    world.google.edit(google_id, title="Edited")
    world.sync()

    done = clean(desks(world), world.user(), Side.NEO)

    assert (done.removed, world.neo.titles()) == (0, ["Edited"])


def test_an_undo_that_cannot_look_at_the_source_leaves_the_pair_a_pair() -> None:
    world = a_world(google=[an_event("A")])
    run = world.sync()
    (google_id,) = world.google.events
    world.google.edit(google_id, title="B")
    world.google.fail_next("look", RetryLater("Google does not answer."))

    with pytest.raises(RetryLater):
        undo(desks(world), world.user(), run.id)
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["B"], ["B"])


def _give_new_ids(world: World) -> None:
    """Let NEO answer every update with another id, as it may for an occurrence."""
    update = world.neo.update

    def updated(account: Account, stored: Stored, event: Event) -> Stored:
        answered = update(account, stored, event)
        events: Any = world.neo._events
        events[f"9{answered.id}"] = events.pop(answered.id)
        return replace(answered, id=f"9{answered.id}")

    world.neo.update = updated  # type: ignore[method-assign]
