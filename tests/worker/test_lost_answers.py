"""A change that was written without our hearing of it, and what people do before it is found (rules R2 and R8)."""

from datetime import timedelta

import pytest

from desksync.store.changes import begun_ids
from desksync.sync.event import Side
from desksync.sync.lines import Lines
from desksync.sync.ticket import Stage
from desksync.worker.errors import EventRefused, RetryLater
from tests.builders import A_MONDAY, an_event, weekly
from tests.worlds import World, a_world

WEEK = timedelta(weeks=1)
TWO_DAYS = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month")


def a_lost_answer(world: World, side: Side) -> None:
    world.calendar(side).fail_next("update", RetryLater("no answer"), after_work=True)
    world.run_until_waiting()


def assert_in_step(world: World) -> None:
    writes = world.writes()
    world.sync()
    assert world.writes() == writes


@pytest.mark.parametrize("side", Side)
def test_r2_a_second_edit_after_a_lost_answer_is_not_taken_for_a_conflict_with_the_first(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("First"))
    world.sync()
    world.calendar(side).edit(event_id, title="Second")
    a_lost_answer(world, side.other)

    world.calendar(side).edit(event_id, title="Third")
    world.sync_open()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Third"], ["Third"])
    assert world.lines("lost") == []
    assert_in_step(world)


@pytest.mark.parametrize("side", Side)
def test_a_deletion_after_a_lost_answer_is_not_taken_for_one_of_something_that_was_changed(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("First"))
    world.sync()
    world.calendar(side).edit(event_id, title="Second")
    a_lost_answer(world, side.other)

    world.calendar(side).delete_event(event_id)
    world.sync_open()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == ([], [])


@pytest.mark.parametrize("side", Side)
def test_a_write_that_was_never_done_is_no_excuse_for_what_a_person_wrote_there(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("First", location="A"))
    world.sync()
    world.calendar(side).edit(event_id, title="Second")
    world.calendar(side.other).fail_next("update", RetryLater("not now"))
    world.run_until_waiting()

    world.calendar(side.other).edit(next(iter(world.calendar(side.other).events)), location="B")
    world.sync_open()
    world.sync()

    for calendar in (world.neo, world.google):
        assert [(event.title, event.location) for event in calendar.events.values()] == [("Second", "B")]


@pytest.mark.parametrize("side", Side)
def test_a_text_that_only_begins_like_what_was_to_be_written_was_not_written(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("Meeting", description="Agenda"))
    world.sync()
    world.calendar(side).edit(event_id, title="Meeting, moved", description="Agenda: budget")
    world.calendar(side.other).fail_next("update", RetryLater("not now"))
    world.run_until_waiting()

    world.sync_open()
    world.sync()

    for calendar in (world.neo, world.google):
        assert [(event.title, event.description) for event in calendar.events.values()] == [("Meeting, moved", "Agenda: budget")]


def test_a_text_that_a_person_made_shorter_meanwhile_is_no_cut_of_ours() -> None:
    world = a_world()
    event_id = world.google.add(an_event("A", description="long" * 60))
    world.sync()
    world.google.edit(event_id, description="long" * 50)
    world.neo.fail_next("update", RetryLater("not now"))
    world.run_until_waiting()

    world.neo.edit(next(iter(world.neo.events)), description="long" * 40)
    world.sync_open()
    world.sync()

    assert {event.description for calendar in (world.neo, world.google) for event in calendar.events.values()} == {"long" * 40}


def test_a_write_that_was_not_reached_is_no_excuse_for_what_a_person_wrote_there() -> None:
    world = a_world()
    for name in ("One", "Two"):
        world.google.add(an_event(name))
    world.sync()
    for event_id, event in dict(world.google.events).items():
        world.google.edit(event_id, title=f"{event.title}, moved")
    world.after(Side.NEO, "update", world.stop)
    world.order()

    for stage in (Stage.PULL_NEO, Stage.PULL_GOOGLE, Stage.PUSH_NEO):
        world.handle(world.message(stage))

    assert world.neo.calls("update") == 1
    with world.begin() as session:
        assert begun_ids(session, world.user_id, Side.NEO) == frozenset()


def test_a_write_that_an_earlier_try_may_have_made_is_remembered_when_the_next_does_not_reach_it() -> None:
    world = a_world()
    for name in ("One", "Two"):
        world.google.add(an_event(name))
    world.sync()
    for event_id, event in dict(world.google.events).items():
        world.google.edit(event_id, title=f"{event.title}, moved")
    world.neo.fail_next("update", EventRefused("it changed meanwhile", is_stale=True))
    world.after(Side.NEO, "update", world.stop)
    world.order()

    for stage in (Stage.PULL_NEO, Stage.PULL_GOOGLE, Stage.PUSH_NEO):
        world.handle(world.message(stage))

    with world.begin() as session:
        assert len(begun_ids(session, world.user_id, Side.NEO)) == 1


def test_what_a_person_changed_beside_our_write_travels() -> None:
    world = a_world()
    event_id = world.google.add(an_event("First", location="A"))
    world.sync()
    world.google.edit(event_id, title="Second")
    a_lost_answer(world, Side.NEO)

    world.neo.edit(next(iter(world.neo.events)), location="B")
    world.google.edit(event_id, title="Third")
    world.sync_open()
    world.sync()

    for calendar in (world.neo, world.google):
        assert [(event.title, event.location) for event in calendar.events.values()] == [("Third", "B")]
    assert_in_step(world)


@pytest.mark.parametrize("side", Side)
def test_an_occurrence_that_was_changed_without_an_answer_may_be_changed_back(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event(repeat=weekly(4)))
    world.sync()
    world.calendar(side).change_occurrence(event_id, A_MONDAY + WEEK, title="Other")
    a_lost_answer(world, side.other)

    world.calendar(side).restore_occurrence(event_id, A_MONDAY + WEEK)
    world.sync_open()
    world.sync()

    for calendar in (world.neo, world.google):
        assert [dict(event.exceptions) for event in calendar.events.values()] == [{}]
    assert_in_step(world)


def test_a_date_of_a_series_that_was_changed_without_an_answer_may_be_changed_again() -> None:
    world = a_world(google=[an_event("First", repeat=TWO_DAYS)])
    world.sync()
    second = sorted(world.neo.events, key=lambda event_id: f"{world.neo.events[event_id].when}")[1]
    world.neo.edit(second, title="Second")
    a_lost_answer(world, Side.GOOGLE)

    world.neo.edit(second, title="Third")
    world.sync_open()
    world.sync()

    [series] = world.google.events.values()
    assert [one and one.title for one in series.exceptions.values()] == ["Third"]
    assert_in_step(world)


def test_a_record_of_a_write_holds_for_the_state_in_which_it_was_begun_only() -> None:
    world = a_world()
    event_id = world.google.add(an_event("First"))
    world.sync()
    world.google.edit(event_id, title="Second")
    a_lost_answer(world, Side.NEO)
    world.sync_open()

    world.neo.edit(next(iter(world.neo.events)), title="First")
    world.sync()
    world.neo.edit(next(iter(world.neo.events)), title="Second")
    world.google.edit(event_id, title="Third")
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Second"], ["Second"])


@pytest.mark.parametrize("last", ["Third", "First"])
@pytest.mark.parametrize("side", Side)
def test_r2_what_was_written_of_a_change_before_it_was_refused_is_not_taken_for_an_edit(side: Side, last: str) -> None:
    world = a_world()
    event_id = world.calendar(side).add(an_event("First"))
    world.sync()
    world.calendar(side).edit(event_id, title="Second")
    world.calendar(side.other).fail_next("update", EventRefused("one date is not taken"), after_work=True)
    world.sync()

    world.calendar(side).edit(event_id, title=last)
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == ([last], [last])


def test_r2_a_write_into_an_event_that_cannot_be_read_for_a_while_is_not_taken_for_an_edit() -> None:
    world = a_world()
    event_id = world.google.add(an_event("First"))
    world.sync()
    world.google.edit(event_id, title="Second")
    a_lost_answer(world, Side.NEO)
    [neo_id] = world.neo.events
    world.neo.set_odd(neo_id, "it cannot be read just now")
    world.sync_open()

    world.google.edit(event_id, title="Third")
    world.neo.set_odd(neo_id, None)
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Third"], ["Third"])
