"""A process that dies between a call and its record, an answer that is lost, a lease that runs out (rules R2, R8 and R9)."""

from datetime import timedelta

import pytest

from desksync.store.calendars import reading_state
from desksync.sync.event import Side
from desksync.worker.errors import RetryLater
from tests.builders import A_MONDAY, an_event, timed, weekly
from tests.fakes import Kind
from tests.worlds import LEASE, World, a_world

WRITES: list[Kind] = ["create", "update", "delete"]


def _about_to_write(world: World, side: Side, kind: Kind) -> list[str]:
    """Bring about such a write to a side with the next run, and return the titles that both sides must hold after it."""
    event_id = world.calendar(side.other).add(an_event("Meeting"))
    world.calendar(side.other).add(an_event("Other", when=timed(15)))
    if kind == "create":
        return ["Meeting", "Other"]
    world.sync()
    if kind == "update":
        world.calendar(side.other).edit(event_id, title="Renamed")
        return ["Other", "Renamed"]
    world.calendar(side.other).delete_event(event_id)
    return ["Other"]


def _assert_in_step(world: World, titles: list[str]) -> None:
    assert (world.neo.titles(), world.google.titles()) == (titles, titles)
    writes = world.writes()
    world.sync()
    assert world.writes() == writes, "a run after a finished run writes nothing"
    assert (world.neo.titles(), world.google.titles()) == (titles, titles)


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("side", list(Side))
def test_a_crash_between_a_call_and_its_record_neither_loses_nor_doubles(side: Side, kind: Kind) -> None:
    world = a_world()
    titles = _about_to_write(world, side, kind)

    world.crash_after(side, kind)
    world.sync()

    _assert_in_step(world, titles)


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("side", list(Side))
def test_a_message_that_comes_again_after_a_crash_neither_loses_nor_doubles(side: Side, kind: Kind) -> None:
    world = a_world()
    titles = _about_to_write(world, side, kind)
    world.crash_after(side, kind)
    world.run_until_waiting()

    world.clock.move(LEASE + timedelta(seconds=1))
    stuck = world.ticket()
    world.drain(world.message(stuck.stage))
    if world.is_open():
        world.sync_open()
    world.sync()

    _assert_in_step(world, titles)


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("side", list(Side))
def test_a_lost_answer_neither_loses_nor_doubles(side: Side, kind: Kind) -> None:
    world = a_world()
    titles = _about_to_write(world, side, kind)

    world.calendar(side).fail_next(kind, RetryLater("no answer within 30 s"), after_work=True)
    world.sync()

    _assert_in_step(world, titles)


@pytest.mark.parametrize("side", list(Side))
def test_a_crash_after_reading_costs_nothing(side: Side) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])

    world.crash_after(side, "read")
    world.sync()

    _assert_in_step(world, ["A", "B"])


@pytest.mark.parametrize("side", list(Side))
def test_a_series_whose_creation_was_cut_short_is_found_again(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side.other).add(an_event("Series", repeat=weekly()))
    world.calendar(side.other).cancel_occurrence(event_id, A_MONDAY + timedelta(weeks=1))

    world.crash_after(side, "create")
    world.sync()

    _assert_in_step(world, ["Series"])
    [copy] = world.calendar(side).events.values()
    assert copy.exceptions == {A_MONDAY + timedelta(weeks=1): None}


@pytest.mark.parametrize("side", list(Side))
def test_a_copy_whose_answer_was_lost_is_adopted_although_the_original_was_edited_meanwhile(side: Side) -> None:
    world = a_world()
    event_id = world.calendar(side.other).add(an_event("Meeting", description="old"))
    world.calendar(side).fail_next("create", RetryLater("no answer"), after_work=True)

    world.run_until_waiting()
    world.calendar(side.other).edit(event_id, title="Renamed", description="new")
    world.sync_open()

    _assert_in_step(world, ["Renamed"])
    assert [event.description for event in world.calendar(side).events.values()] == ["new"]


@pytest.mark.parametrize("side", list(Side))
def test_a_copy_whose_answer_was_lost_keeps_what_a_person_has_written_into_it_meanwhile(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("Meeting", description="old"))
    world.calendar(side).fail_next("create", RetryLater("no answer"), after_work=True)

    world.run_until_waiting()
    [copy_id] = world.calendar(side).events
    world.calendar(side).edit(copy_id, description="by hand")
    world.sync_open()

    _assert_in_step(world, ["Meeting"])
    for calendar in (world.neo, world.google):
        assert [event.description for event in calendar.events.values()] == ["by hand"]


def test_a_copy_on_google_whose_answer_was_lost_goes_when_the_original_is_deleted_meanwhile() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Meeting"))
    world.google.fail_next("create", RetryLater("no answer"), after_work=True)

    world.run_until_waiting()
    world.neo.delete_event(event_id)
    world.sync_open()

    _assert_in_step(world, [])


def test_an_event_outside_the_days_that_sync_is_copied_anew_to_neo_only_when_they_reach_it() -> None:
    world = a_world(google=[an_event("Meeting")])
    world.sync()
    [neo_id], [google_id] = world.neo.events, world.google.events
    far = A_MONDAY + timedelta(days=370)
    world.google.edit(google_id, title="Moved", when=timed(day=far))
    world.neo.delete_event(neo_id)

    world.crash_after(Side.NEO, "create")
    world.sync()
    while_far = world.neo.titles()
    world.clock.move(timedelta(days=10))
    world.sync()

    assert while_far == []
    _assert_in_step(world, ["Moved"])


def test_neo_is_read_again_before_a_creation_is_tried_a_second_time() -> None:
    world = a_world(google=[an_event("Meeting")])
    world.crash_after(Side.NEO, "create")
    world.run_until_waiting()
    reads = world.neo.calls("read")

    world.clock.move(LEASE + timedelta(seconds=1))
    world.sweep()

    assert not world.is_open()
    assert (world.neo.calls("create"), world.neo.calls("read")) == (1, reads + 1)
    assert world.errors() == []
    _assert_in_step(world, ["Meeting"])


def test_a_creation_in_neo_that_was_begun_and_not_made_is_made_after_a_reading() -> None:
    world = a_world(google=[an_event("Meeting")])
    world.neo.before_call = lambda kind: world._die() if kind == "create" else None
    world.neo.fail_next("create", RetryLater("the process died"))
    world.run_until_waiting()
    world.neo.before_call = lambda _kind: None

    world.clock.move(LEASE + timedelta(seconds=1))
    world.sweep()

    assert world.neo.calls("create") == 2
    _assert_in_step(world, ["Meeting"])


@pytest.mark.parametrize("side", list(Side))
def test_a_worker_that_has_lost_its_lease_while_writing_writes_nothing_more(side: Side) -> None:
    world = a_world()
    for hour in range(9, 14):
        world.calendar(side.other).add(an_event(f"{hour}", when=timed(hour)))
    world.after(side, "create", lambda: None)
    world.after(side, "create", world.take_over)

    world.run_until_waiting()

    assert world.calendar(side).calls("create") == 2
    assert len(world.lines("created")) == 1
    assert world.errors() == []
    world.sync_open()
    _assert_in_step(world, ["10", "11", "12", "13", "9"])


@pytest.mark.parametrize("side", list(Side))
def test_a_worker_that_has_lost_its_lease_while_reading_records_nothing(side: Side) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    world.after(side, "read", world.take_over)

    world.run_until_waiting()

    assert world.writes() == 0
    with world.begin() as session:
        assert reading_state(session, world.user_id, side) is None
    world.sync_open()
    _assert_in_step(world, ["A", "B"])


@pytest.mark.parametrize("side", list(Side))
def test_a_worker_that_has_lost_its_lease_cannot_fail_the_ticket_either(side: Side) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    world.calendar(side).fail_next("create", RetryLater("no answer"))
    world.calendar(side).before_call = lambda kind: world.take_over() if kind == "create" else None

    world.run_until_waiting()
    world.calendar(side).before_call = lambda _kind: None

    assert world.errors() == []
    assert world.ticket().retries == 0
    world.sync_open()
    _assert_in_step(world, ["A", "B"])


def test_a_person_who_undoes_in_neo_just_what_was_written_is_heard() -> None:
    world = a_world(google=[an_event("Meeting")])
    world.sync()

    [neo_id] = world.neo.events
    world.neo.delete_event(neo_id)
    world.sync()

    _assert_in_step(world, [])
