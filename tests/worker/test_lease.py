"""A lease that outlasts any call, however many requests it takes, and a ticket that nobody brings to an end."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from desksync.contracts.messages import StateChanged
from desksync.store.calendars import reading_state
from desksync.store.states import StopReason, SyncState
from desksync.sync.event import Side
from desksync.worker.desk import Limits
from desksync.worker.undo import undo
from desksync_scheduler.sweep import MOST_LAPSES, POISONOUS
from tests.builders import an_event, timed
from tests.fakes import Kind
from tests.worker.desks import desks, many
from tests.worlds import INTERVAL, LEASE, Crash, World, a_world

DAY = timedelta(days=1)


def slow(world: World, side: Side, *, requests: int, each: timedelta) -> None:
    """Let every call of a side send that many requests, each of which takes that long."""
    calendar = world.calendar(side)
    calendar.requests = requests
    calendar.before_request = lambda: world.clock.move(each)


@pytest.mark.parametrize("side", Side)
def test_a_reading_of_more_pages_than_a_lease_lasts_comes_to_its_end(side: Side) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    slow(world, side, requests=40, each=timedelta(seconds=30))
    seen: list[bool] = []
    # What the sweep of another process finds, whenever it looks.
    world.calendar(side).after_request = lambda: seen.append(world.is_abandoned())

    run = world.sync()

    assert run.outcome == "ok"
    assert (world.neo.titles(), world.google.titles()) == (["A", "B"], ["A", "B"])
    assert world.calendar(side).calls("read") == 1
    assert len(seen) >= 40
    assert not any(seen)
    assert world.errors() == []


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=-1)], ids=str)
def test_whoever_works_renews_the_lease_also_after_the_clock_was_set_back(by: timedelta) -> None:
    world = a_world(neo=[an_event("A")])
    world.neo.requests = 10
    leases: list[object] = []

    def request() -> None:
        world.clock.move(by if len(leases) == 1 else timedelta(seconds=1))
        leases.append(world.ticket().leased_until)

    world.neo.before_request = request

    world.run_until_waiting()

    assert world.runs()[-1].outcome == "ok"
    assert len(set(leases)) > 1


@pytest.mark.parametrize("kind", ["create", "update", "delete"])
@pytest.mark.parametrize("side", Side)
def test_a_write_of_more_requests_than_a_lease_lasts_comes_to_its_end(side: Side, kind: Kind) -> None:
    world = a_world()
    event_id = world.calendar(side.other).add(an_event("Meeting"))
    if kind != "create":
        world.sync()
        if kind == "update":
            world.calendar(side.other).edit(event_id, title="Renamed")
        else:
            world.calendar(side.other).delete_event(event_id)
    slow(world, side, requests=40, each=timedelta(seconds=30))
    seen: list[bool] = []
    world.calendar(side).after_request = lambda: seen.append(world.is_abandoned())

    world.sync()

    assert world.calendar(side).calls(kind) == 1
    assert world.neo.titles() == world.google.titles()
    assert not any(seen)


@pytest.mark.parametrize("side", Side)
def test_who_has_lost_the_lease_sends_no_further_request(side: Side) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    calendar = world.calendar(side)
    calendar.requests = 10
    sent: list[int] = []

    def request() -> None:
        sent.append(1)
        if len(sent) == 3:
            world.take_over()

    calendar.before_request = request
    world.run_until_waiting()

    assert len(sent) == 3
    with world.begin() as session:
        assert reading_state(session, world.user_id, side) is None
    assert world.errors() == []


def test_a_lease_is_not_renewed_more_often_than_it_has_to_be() -> None:
    world = a_world(neo=[an_event("A")])
    slow(world, Side.NEO, requests=100, each=LEASE / 100)
    renewed = set()
    world.neo.after_request = lambda: renewed.add(world.ticket().leased_until)

    world.sync()

    assert len(renewed) <= 4


def test_a_database_that_is_away_while_the_lease_is_renewed_costs_time_only() -> None:
    world = a_world(neo=[an_event("A")])
    slow(world, Side.NEO, requests=5, each=LEASE / 2)
    world.neo.after_request = world.break_database

    world.run_until_waiting()
    world.neo.after_request = lambda: None
    world.sync_open()

    assert world.google.titles() == ["A"]
    assert world.errors() == []


def test_an_undo_that_takes_longer_than_a_lease_keeps_runs_away() -> None:
    world = a_world(google=[an_event("A")])
    run = world.sync()
    slow(world, Side.NEO, requests=40, each=timedelta(seconds=30))
    seen: list[bool] = []
    world.neo.after_request = lambda: seen.append(world.is_abandoned())

    done = undo(desks(world), world.user(), run.id)

    assert done.number == 1
    assert not any(seen)


def die(world: World, side: Side, kind: Kind) -> None:
    """Let the process die of every such call."""

    def killed(called: Kind) -> None:
        if called == kind:
            world._die()
            raise Crash

    world.calendar(side).before_call = killed


def live(world: World, side: Side) -> None:
    world.calendar(side).before_call = lambda _kind: None


DEATHS: Mapping[str, tuple[Side, Kind]] = {
    "reading NEO": (Side.NEO, "read"),
    "reading Google": (Side.GOOGLE, "read"),
    "writing to Google": (Side.GOOGLE, "create"),
    "writing to NEO": (Side.NEO, "create"),
}


def next_death(world: World) -> None:
    """Let time pass until the next worker has died of the ticket."""
    attempt = world.ticket().attempt
    while world.ticket().attempt == attempt:
        world.wake()


@pytest.mark.parametrize("where", DEATHS)
def test_a_ticket_of_which_workers_die_again_and_again_becomes_an_error(where: str) -> None:
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    die(world, *DEATHS[where])

    world.run_until_waiting()
    numbers = []
    for _ in range(POISONOUS + 1):
        next_death(world)
        numbers.append(len(world.errors()))

    assert numbers == [0] * (POISONOUS - 1) + [1, 2]
    assert {error.kind for error in world.errors()} == {"abandoned"}
    assert f"{POISONOUS} times" in world.errors()[0].text
    assert len(world.error_messages()) == 2
    assert world.errors()[0].run_id == world.ticket().run_id
    assert [line.text for line in world.lines("failed")] == [error.text for error in world.errors()]


def test_a_ticket_that_nobody_brings_to_an_end_waits_longer_each_time() -> None:
    world = a_world(neo=[an_event("A")])
    die(world, Side.NEO, "read")
    world.run_until_waiting()

    waits = []
    for _ in range(POISONOUS + 6):
        died_at = world.clock() + LEASE
        next_death(world)
        waits.append(round((world.clock() - died_at).total_seconds()))

    assert waits == sorted(waits)
    assert waits[0] < 65
    assert 250 < waits[-1] <= (INTERVAL - LEASE).total_seconds() + 65


def test_a_user_of_whom_workers_die_again_and_again_is_stopped_long_before_a_day_is_over() -> None:
    world = a_world(neo=[an_event("A")])
    die(world, Side.NEO, "read")
    begun = world.clock()

    world.run_until_waiting()
    while world.is_open():
        world.wake()

    assert world.clock() - begun < timedelta(hours=3)
    user = world.user()
    assert (user.sync_state, user.stop_reason) == (SyncState.STOPPED, StopReason.ERRORS)
    assert f"{MOST_LAPSES} times in a row" in (user.stop_note or "")
    assert len(world.errors()) == MOST_LAPSES - POISONOUS + 1
    assert [line.text for line in world.lines("stopped")] == [
        f"stopped automatically after {user.stop_note}; set the account back to sync to go on"
    ]
    assert [told.user_id for told in world.published if isinstance(told, StateChanged)] == [user.id]
    assert world.runs()[-1].outcome == "not_allowed"


def test_who_was_stopped_because_workers_died_goes_on_when_set_back_to_sync() -> None:
    world = a_world(neo=[an_event("A")])
    die(world, Side.NEO, "read")
    world.run_until_waiting()
    while world.is_open():
        world.wake()

    world.set_sync_state(SyncState.SYNC)
    world.run_until_waiting()
    for _ in range(POISONOUS):
        next_death(world)
    state = world.user().sync_state
    live(world, Side.NEO)
    world.sync_open()

    assert state is SyncState.SYNC
    assert world.google.titles() == ["A"]


def test_a_ticket_that_is_brought_to_an_end_after_all_counts_for_nothing() -> None:
    world = a_world(neo=[an_event("A")])
    die(world, Side.NEO, "read")
    world.run_until_waiting()
    next_death(world)
    live(world, Side.NEO)
    world.sync_open()

    die(world, Side.NEO, "read")
    world.run_until_waiting()
    next_death(world)
    next_death(world)

    assert world.google.titles() == ["A"]
    assert world.errors() == []


def test_deaths_between_which_something_was_written_are_no_error() -> None:
    world = a_world(neo=many(12), limits=Limits(lease=LEASE, writes=1))
    calls: list[Kind] = []

    def every_second(kind: Kind) -> None:
        calls.append(kind)
        if kind == "create" and calls.count("create") % 2 == 0:
            world._die()
            raise Crash

    world.google.before_call = every_second
    world.sync()

    assert len(world.google.events) == 12
    assert calls.count("create") > 2 * POISONOUS
    assert world.errors() == []
