"""A cleaning that was cut off, and runs before it is said again: what it announced is removed, counted and told once."""

import pytest
from sqlalchemy import update

from desksync.store import runs
from desksync.store.states import SyncState
from desksync.store.tables import users
from desksync.sync.event import Side
from desksync.worker.clean import Cleaned, Written, clean, count
from desksync.worker.errors import RetryLater, UserMustAct
from desksync.worker.history import LineKind
from desksync.worker.undo import undo
from tests.builders import an_event, timed
from tests.worker.desks import desks
from tests.worlds import World, a_world


def a_world_with_a_copy_on(side: Side) -> World:
    world = a_world()
    world.calendar(side.other).add(an_event("One"))
    world.sync()
    return world


def counted(world: World, side: Side) -> Written:
    with world.begin() as session:
        return count(session, world.user(), side)


def cleaned(world: World, side: Side) -> Cleaned:
    return clean(desks(world), world.user(), side)


def cut_off(world: World, side: Side, *, after_work: bool = False) -> None:
    world.calendar(side).fail_next("delete", RetryLater("503"), after_work=after_work)
    with pytest.raises(RetryLater):
        cleaned(world, side)


def synced_again(world: World) -> None:
    world.set_sync_state(SyncState.SYNC)
    world.sync()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("after_work", [True, False])
def test_after_a_run_in_between_the_copy_counts_once_and_its_original_stays(side: Side, *, after_work: bool) -> None:
    world = a_world_with_a_copy_on(side)
    cut_off(world, side, after_work=after_work)
    synced_again(world)

    before = counted(world, side)
    done = cleaned(world, side)
    left_there = world.calendar(side).titles()
    synced_again(world)

    assert (before.number, before.others) == (1, 0)
    assert (done.removed, done.left, left_there) == (1, (), [])
    assert world.neo.titles() == world.google.titles() == ["One"]


@pytest.mark.parametrize("side", Side)
def test_a_copy_that_a_run_in_between_has_changed_is_removed(side: Side) -> None:
    world = a_world_with_a_copy_on(side)
    cut_off(world, side)
    [source_id] = world.calendar(side.other).events
    world.calendar(side.other).edit(source_id, when=timed(15))
    synced_again(world)

    done = cleaned(world, side)

    assert (done.removed, done.left) == (1, ())
    assert (world.calendar(side).titles(), world.calendar(side.other).titles()) == ([], ["One"])


@pytest.mark.parametrize("side", Side)
def test_no_cleaning_says_twice_that_it_removed_an_event_and_nothing_is_left_begun(side: Side) -> None:
    world = a_world_with_a_copy_on(side)
    cut_off(world, side, after_work=True)
    synced_again(world)

    cleaned(world, side)

    with world.begin() as session:
        assert runs.lines_of_kind(session, world.user_id, LineKind.BEGUN) == []
        deleted = [line.run_id for line in runs.lines_of_kind(session, world.user_id, LineKind.DELETED)]
    assert sorted(set(deleted)) == deleted


def test_a_copy_in_neo_whose_taking_back_was_cut_off_is_a_copy_still() -> None:
    world = a_world_with_a_copy_on(Side.NEO)
    [run] = [run for run in world.runs() if run.counts.get("neo_created")]
    world.neo.fail_next("delete", RetryLater("503"))
    with pytest.raises(RetryLater):
        undo(desks(world), world.user(), run.id)
    world.sync()

    assert counted(world, Side.NEO).number == 1


def test_nobody_is_stopped_for_a_cleaning_that_cannot_begin() -> None:
    world = a_world_with_a_copy_on(Side.GOOGLE)
    with world.begin() as session:
        session.connection().execute(update(users).values(google_token=None))

    with pytest.raises(UserMustAct):
        cleaned(world, Side.GOOGLE)

    assert world.user().sync_state is SyncState.SYNC
