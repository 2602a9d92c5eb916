"""A copy that a run made and did not come to record is removed with the others, and what nobody can tell is told (rule R9)."""

from datetime import timedelta

import pytest

from desksync.store import links
from desksync.store.states import SyncState
from desksync.sync.event import Side
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates
from desksync.worker.clean import Cleaned, clean, count
from desksync.worker.errors import RetryLater
from tests.builders import A_MONDAY, an_event, weekly
from tests.fakes import Kind
from tests.worker.desks import desks
from tests.worlds import Crash, World, a_world

DATE_BY_DATE = {
    Side.NEO: Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month"),
    Side.GOOGLE: Dates((A_MONDAY, A_MONDAY + timedelta(days=3), A_MONDAY + timedelta(days=8))),
}
"""By the side to which they are copied as single events."""


def a_lost_creation(side: Side, *, is_made: bool = True) -> World:
    """Return a user whose run waits: it asked for a copy on that side and heard no answer."""
    world = a_world()
    world.calendar(side.other).add(an_event("One"))
    world.calendar(side).fail_next("create", RetryLater("no answer"), after_work=is_made)
    world.run_until_waiting()
    return world


def cleaned(world: World, side: Side) -> Cleaned:
    return clean(desks(world), world.user(), side)


def unsure(world: World, side: Side) -> int:
    with world.begin() as session:
        return count(session, world.user(), side).unsure


def whys(done: Cleaned) -> list[str]:
    return [line.text for line in done.left]


def assert_one_of_each_after_another_run(world: World) -> None:
    world.set_sync_state(SyncState.SYNC)
    world.sync_open()
    world.sync()
    assert world.neo.titles() == world.google.titles() == ["One"]


@pytest.mark.parametrize("side", Side)
def test_a_copy_of_which_the_answer_was_lost_is_removed(side: Side) -> None:
    world = a_lost_creation(side)

    done = cleaned(world, side)

    assert (done.removed, done.left) == (1, ())
    assert (world.calendar(side).titles(), world.calendar(side.other).titles()) == ([], ["One"])
    assert unsure(world, side) == 0
    assert_one_of_each_after_another_run(world)


@pytest.mark.parametrize("side", Side)
def test_a_copy_whose_maker_died_is_removed(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One", repeat=weekly(3)))
    world.crash_after(side, "create")
    world.run_until_waiting()
    world.take_over()

    done = cleaned(world, side)

    assert (done.removed, done.left) == (1, ())
    assert world.calendar(side).titles() == []
    assert_one_of_each_after_another_run(world)


@pytest.mark.parametrize("side", Side)
def test_the_dates_of_a_series_that_were_copied_and_not_recorded_are_removed(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One", repeat=DATE_BY_DATE[side]))
    world.calendar(side).fail_next("create", RetryLater("no answer"), after_work=True)
    world.run_until_waiting()
    assert world.calendar(side).titles() == ["One"]

    done = cleaned(world, side)

    assert (done.removed, done.left) == (1, ())
    assert world.calendar(side).titles() == []


@pytest.mark.parametrize("side", Side)
def test_a_copy_that_was_never_made_leaves_nothing_behind_and_is_made_once_later(side: Side) -> None:
    world = a_lost_creation(side, is_made=False)
    assert unsure(world, side) == 1

    done = cleaned(world, side)

    assert (done.removed, done.left) == (0, ())
    assert unsure(world, side) == 0
    assert_one_of_each_after_another_run(world)


@pytest.mark.parametrize("side", Side)
def test_a_copy_that_was_edited_before_it_was_found_stays_and_is_named(side: Side) -> None:
    world = a_lost_creation(side)
    (copy_id,) = world.calendar(side).events
    world.calendar(side).edit(copy_id, location="Room 1")

    done = cleaned(world, side)

    assert [(line.event_id, line.text) for line in done.left] == [(copy_id, "it was changed since it was last synced")]
    assert world.calendar(side).titles() == ["One"]


@pytest.mark.parametrize("side", Side)
def test_the_copy_of_what_was_deleted_meanwhile_is_removed_by_its_id_and_named_where_it_has_none(side: Side) -> None:
    world = a_lost_creation(side)
    world.calendar(side.other).delete_event(next(iter(world.calendar(side.other).events)))

    done = cleaned(world, side)

    if side is Side.GOOGLE:
        assert (whys(done), world.google.titles()) == ([], [])
    else:
        assert whys(done) == ["it may be a copy, but its original is gone, and nothing else tells whose it is"]
        assert world.neo.titles() == ["One"]


def test_of_two_that_look_like_the_copy_neither_is_removed() -> None:
    world = a_lost_creation(Side.NEO)
    world.neo.add(an_event("One"))

    done = cleaned(world, Side.NEO)

    assert world.neo.titles() == ["One", "One"]
    assert whys(done) == ["it may be a copy, but another event looks the same"] * 2


def test_a_copy_to_which_people_were_added_meanwhile_stays() -> None:
    world = a_lost_creation(Side.NEO)
    (copy_id,) = world.neo.events
    world.neo.edit(copy_id, attendance="参加者: Taro")

    done = cleaned(world, Side.NEO)

    assert whys(done) == ["it was changed since it was last synced"]
    assert world.neo.titles() == ["One"]


def test_where_neo_does_not_tell_everything_nothing_is_forgotten_and_the_cleaning_says_so() -> None:
    world = a_lost_creation(Side.NEO)
    world.neo.proves_nothing = True
    (copy_id,) = world.neo.events
    world.neo.set_odd(copy_id, "odd")

    done = cleaned(world, Side.NEO)

    assert whys(done) == ["a copy of it may have been made, and cannot be seen at present"]
    assert unsure(world, Side.NEO) == 1


def test_a_copy_on_google_that_cannot_be_read_is_named() -> None:
    world = a_lost_creation(Side.GOOGLE)
    (copy_id,) = world.google.events
    world.google.set_odd(copy_id, "odd")

    done = cleaned(world, Side.GOOGLE)

    assert whys(done) == ["a copy of it may have been made, and cannot be seen at present"]
    assert unsure(world, Side.GOOGLE) == 1


def test_a_copy_is_found_where_the_days_that_sync_have_moved_on_since() -> None:
    world = a_lost_creation(Side.NEO)
    world.set_sync_state(SyncState.STOPPED)
    world.clock.move(timedelta(days=60))

    done = cleaned(world, Side.NEO)

    assert (done.removed, world.neo.titles()) == (1, [])


def test_what_was_begun_on_the_other_side_is_left_to_the_next_run() -> None:
    world = a_lost_creation(Side.GOOGLE)

    done = cleaned(world, Side.NEO)

    assert (done.removed, done.left) == (0, ())
    assert world.google.titles() == ["One"]
    with world.begin() as session:
        assert len(links.intents(session, world.user_id)) == 1
    assert_one_of_each_after_another_run(world)


@pytest.mark.parametrize("kind", ["read", "look", "delete"])
@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize("side", Side)
def test_a_cleaning_that_dies_at_any_call_is_gone_on_with(side: Side, kind: Kind, *, is_before: bool) -> None:
    world = a_lost_creation(side)

    def die(called: Kind) -> None:
        if called == kind:
            world._die()
            raise Crash

    if is_before:
        world.calendar(side).before_call = die
    else:
        world.crash_after(side, kind)
    try:
        cleaned(world, side)
    except Crash:
        world._is_dead = False
    world.calendar(side).before_call = lambda _: None
    world.take_over()
    cleaned(world, side)

    assert (world.calendar(side).titles(), world.calendar(side.other).titles()) == ([], ["One"])
    assert_one_of_each_after_another_run(world)
