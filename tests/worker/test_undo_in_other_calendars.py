"""A run is put back in the calendars that it wrote to, or not at all; the same for a cleaning that was cut off."""

import pytest
from sqlalchemy import update

from desksync.store.states import SyncState
from desksync.store.tables import run
from desksync.sync.event import Side
from desksync.worker.clean import clean, count
from desksync.worker.errors import RetryLater
from desksync.worker.undo import NothingToUndo, NoUndo, ahead, undo
from tests.builders import an_event
from tests.worker.desks import desks
from tests.worlds import World, a_world


def a_world_with_a_deletion() -> tuple[World, int]:
    """Return a user, and the number of a run that deleted a copy on Google."""
    world = a_world(neo=[an_event("One")])
    world.sync()
    [event_id] = world.neo.events
    world.neo.delete_event(event_id)
    return world, world.sync().id


def why_not(world: World, run_id: int) -> NoUndo:
    with pytest.raises(NothingToUndo) as problem:
        undo(desks(world), world.user(), run_id)
    with world.begin() as session, pytest.raises(NothingToUndo, match="another pair of calendars"):
        ahead(session, world.user(), run_id)
    return problem.value.why


def forget_the_calendars_of(world: World, *run_ids: int) -> None:
    """Make runs such as there were before it was kept which calendars they wrote to."""
    with world.begin() as session:
        session.connection().execute(update(run).where(run.c.id.in_(run_ids)).values(scope=None))


@pytest.mark.parametrize("is_synced_since", [True, False])
def test_an_undo_writes_to_no_calendar_that_was_chosen_after_the_run(*, is_synced_since: bool) -> None:
    world, run_id = a_world_with_a_deletion()
    other = world.choose_calendar("two@example.com")
    if is_synced_since:
        world.sync()

    why = why_not(world, run_id)

    assert why is NoUndo.ELSEWHERE
    assert other.titles() == world.neo.titles() == []


def test_with_the_old_calendar_chosen_again_the_run_is_put_back() -> None:
    world, run_id = a_world_with_a_deletion()
    world.choose_calendar("two@example.com")
    world.sync()
    world.choose_calendar("one@example.com")

    done = undo(desks(world), world.user(), run_id)

    assert (done.number, world.google.titles()) == (1, ["One"])


def test_a_run_that_went_on_with_another_calendar_is_not_put_back() -> None:
    world = a_world(neo=[an_event("One"), an_event("Two")])
    world.after(Side.GOOGLE, "create", lambda: world.google.fail_next("create", RetryLater("503")))
    world.run_until_waiting()
    world.choose_calendar("two@example.com")
    run_id = world.sync_open().id

    assert why_not(world, run_id) is NoUndo.ELSEWHERE


def test_a_run_of_which_the_calendars_were_not_kept_is_put_back_where_the_next_one_says_that_they_are_the_same() -> None:
    world, run_id = a_world_with_a_deletion()
    forget_the_calendars_of(world, run_id)
    world.sync()

    assert undo(desks(world), world.user(), run_id).number == 1


def test_a_run_of_which_the_calendars_were_not_kept_is_not_put_back_where_the_next_one_had_others() -> None:
    world, run_id = a_world_with_a_deletion()
    forget_the_calendars_of(world, run_id)
    world.sync()
    world.choose_calendar("two@example.com")

    assert why_not(world, run_id) is NoUndo.ELSEWHERE


@pytest.mark.parametrize("side", Side)
def test_what_a_cut_off_cleaning_had_announced_in_another_calendar_counts_no_more(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One"))
    world.sync()
    world.calendar(side).fail_next("delete", RetryLater("503"))
    with pytest.raises(RetryLater):
        clean(desks(world), world.user(), side)
    old = world.google
    world.choose_calendar("two@example.com")
    world.set_sync_state(SyncState.SYNC)
    world.sync()

    with world.begin() as session:
        before = count(session, world.user(), side).number
    done = clean(desks(world), world.user(), side)

    assert (before, done.removed) == ((1, 1) if side is Side.GOOGLE else (0, 0))
    assert (old.titles(), world.neo.titles()) == (["One"], ["One"])
