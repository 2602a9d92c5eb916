"""What we wrote is removed from one side, and nothing else anywhere."""

import pytest

from desksync.store.states import StopReason, SyncState
from desksync.sync.event import Event, Side
from desksync.worker.clean import Cleaned, Written, clean, count
from desksync.worker.errors import RetryLater
from desksync.worker.standstill import RunUnderWay
from desksync.worker.undo import undo
from tests.builders import an_event, timed
from tests.fakes import Kind
from tests.worker.desks import desks
from tests.worlds import Crash, World, a_world


def a_world_in_step() -> World:
    """Return a user with an event from each side, and one that both had from the start."""
    both: list[Event] = [an_event("Both", when=timed(9))]
    world = a_world(neo=[*both, an_event("From NEO", when=timed(12))], google=[*both, an_event("From Google", when=timed(15))])
    world.sync()
    return world


def counted(world: World, side: Side) -> Written:
    with world.begin() as session:
        return count(session, world.user(), side)


def cleaned(world: World, side: Side) -> Cleaned:
    return clean(desks(world), world.user(), side)


@pytest.mark.parametrize(("side", "title"), [(Side.GOOGLE, "From NEO"), (Side.NEO, "From Google")])
def test_only_what_we_created_is_removed_and_the_other_side_keeps_everything(side: Side, title: str) -> None:
    world = a_world_in_step()
    before = counted(world, side)

    done = cleaned(world, side)

    assert (before.number, before.others) == (1, 2)
    assert (done.removed, done.left) == (1, ())
    assert title not in world.calendar(side).titles()
    assert len(world.calendar(side).events) == 2
    assert len(world.calendar(side.other).events) == 3


def test_the_user_is_stopped_and_nothing_is_copied_until_they_sync_again() -> None:
    world = a_world_in_step()

    cleaned(world, Side.GOOGLE)
    user = world.user()
    world.set_sync_state(SyncState.SYNC)
    world.sync()

    assert (user.sync_state, user.stop_reason) == (SyncState.STOPPED, StopReason.ADMINISTRATOR)
    assert world.neo.titles() == world.google.titles() == ["Both", "From Google", "From NEO"]


def test_a_copy_that_was_changed_since_it_was_synced_stays() -> None:
    world = a_world_in_step()
    [event_id] = [event_id for event_id, event in world.google.events.items() if event.title == "From NEO"]
    world.google.edit(event_id, location="Room 1")

    done = cleaned(world, Side.GOOGLE)

    assert [line.text for line in done.left] == ["it was changed since it was last synced"]
    assert "From NEO" in world.google.titles()


def test_a_copy_that_is_gone_already_or_is_refused_is_no_obstacle() -> None:
    world = a_world(neo=[an_event(name, when=timed(hour)) for hour, name in enumerate(("A", "B", "C"), 9)])
    world.sync()
    ids = {event.title: event_id for event_id, event in world.google.events.items()}
    world.google.delete_event(ids["A"])
    world.google.set_editable(ids["B"], is_editable=False)

    done = cleaned(world, Side.GOOGLE)

    assert world.google.titles() == ["B"]
    assert [line.text for line in done.left] == ["the account may not delete it"]
    assert len(world.neo.events) == 3


@pytest.mark.parametrize("side", Side)
def test_a_cleaning_that_crashed_is_gone_on_with_and_deletes_no_source(side: Side) -> None:
    world = a_world()
    for hour, name in enumerate(("A", "B", "C"), 9):
        world.calendar(side.other).add(an_event(name, when=timed(hour)))
    world.sync()
    world.crash_after(side, "delete")

    with pytest.raises(Crash):
        cleaned(world, side)
    world._is_dead = False
    world.take_over()
    world.sync_open()
    rest = counted(world, side)
    cleaned(world, side)

    assert rest.number == 3  # One of them was called and not recorded.
    assert world.calendar(side).titles() == []
    assert world.calendar(side.other).titles() == ["A", "B", "C"]


def test_a_cleaning_that_a_server_cut_off_is_gone_on_with() -> None:
    world = a_world(neo=[an_event(name, when=timed(hour)) for hour, name in enumerate(("A", "B"), 9)])
    world.sync()
    world.after(Side.GOOGLE, "delete", lambda: world.google.fail_next("look", RetryLater("Google Server Error 503")))

    with pytest.raises(RetryLater):
        cleaned(world, Side.GOOGLE)

    assert len(world.google.events) == 1
    assert cleaned(world, Side.GOOGLE).removed == 1
    assert world.google.titles() == []


def test_a_cleaning_can_be_undone() -> None:
    world = a_world_in_step()
    done = cleaned(world, Side.GOOGLE)

    undo(desks(world), world.user(), done.run_id)
    world.set_sync_state(SyncState.SYNC)
    writes = world.writes()
    world.sync()

    assert world.writes() == writes
    assert world.neo.titles() == world.google.titles() == ["Both", "From Google", "From NEO"]


def test_a_run_under_way_keeps_the_cleaning_off_and_the_user_syncing() -> None:
    world = a_world_in_step()
    world.handle(world.order())

    with pytest.raises(RunUnderWay):
        cleaned(world, Side.GOOGLE)

    assert world.user().sync_state is SyncState.SYNC


def cleaned_with_a_death_before_the_deletion(world: World, side: Side) -> None:
    def die(kind: Kind) -> None:
        if kind == "delete":
            world._die()
            raise Crash

    world.calendar(side).before_call = die
    with pytest.raises(Crash):
        cleaned(world, side)
    world._is_dead = False
    world.calendar(side).before_call = lambda _: None
    world.take_over()


@pytest.mark.parametrize("is_tried_again", [True, False])
@pytest.mark.parametrize("side", Side)
def test_a_copy_that_is_edited_after_a_death_before_its_deletion_is_doubled_nowhere(side: Side, *, is_tried_again: bool) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One"))
    world.sync()

    cleaned_with_a_death_before_the_deletion(world, side)
    [copy_id] = world.calendar(side).events
    world.calendar(side).edit(copy_id, title="Edited", when=timed(15))

    if is_tried_again:
        assert [line.text for line in cleaned(world, side).left] == ["it was changed since"]
    world.set_sync_state(SyncState.SYNC)
    world.sync_open()
    world.sync()

    assert world.neo.titles() == world.google.titles() == ["Edited"]


@pytest.mark.parametrize("side", Side)
def test_a_cleaning_that_dies_again_after_a_run_in_between_deletes_no_source(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One"))
    world.sync()
    cleaned_with_a_death_before_the_deletion(world, side)
    world.set_sync_state(SyncState.SYNC)
    world.sync_open()
    world.sync()

    world.crash_after(side, "delete")
    with pytest.raises(Crash):
        cleaned(world, side)
    world._is_dead = False
    world.take_over()
    world.set_sync_state(SyncState.SYNC)
    world.sync_open()
    world.sync()

    assert world.neo.titles() == world.google.titles() == ["One"]
