"""A side that checks no versions is written on the strength of a fresh reading only."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from desksync.sync.event import Side, first_day
from desksync.sync.lines import Lines
from desksync.worker.clean import clean
from desksync.worker.desk import Limits
from desksync.worker.undo import undo
from tests.builders import A_MONDAY, all_day, an_event, weekly
from tests.fakes import Kind
from tests.worker.desks import desks, many
from tests.worlds import LEASE, World, a_world

FRESHNESS = Limits(lease=LEASE).freshness
TOO_LATE = FRESHNESS + timedelta(seconds=1)
SECOND = A_MONDAY + timedelta(weeks=1)
TWO_DAYS = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month")


def a_pair(title: str = "Meeting") -> tuple[World, str, str]:
    """Return a world in which one event is linked, and its ids in NEO and on Google."""
    world = a_world(neo=[an_event(title)])
    world.sync()
    world.sync()
    return world, next(iter(world.neo.events)), next(iter(world.google.events))


def meanwhile(world: World, do: Callable[[], None]) -> None:
    """Let something happen in NEO after both sides were read, and the push come later than a reading is good for."""

    def later() -> None:
        do()
        world.clock.move(TOO_LATE)

    world.after(Side.GOOGLE, "read", later)


def slow(world: World, side: Side, seconds: dict[Kind, float]) -> None:
    """Let calls of a side take that long."""
    world.calendar(side).before_call = lambda kind: world.clock.move(timedelta(seconds=seconds.get(kind, 0)))


def ages_of_writes(world: World) -> list[timedelta]:
    """Return a list that fills with the age of NEO's last reading, whenever an update or deletion is about to be sent to NEO."""
    ages: list[timedelta] = []
    read_at: list[datetime] = []
    before = world.neo.before_call

    def watch(kind: Kind) -> None:
        if kind == "read":
            read_at.append(world.clock())
        if kind in ("update", "delete"):
            ages.append(world.clock() - read_at[-1])
        before(kind)

    world.neo.before_call = watch
    return ages


def test_an_edit_made_in_neo_while_the_run_was_under_way_is_not_overwritten() -> None:
    world, neo_id, google_id = a_pair()
    world.google.edit(google_id, title="From Google")

    meanwhile(world, lambda: world.neo.edit(neo_id, title="By hand"))
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["By hand"], ["By hand"])
    assert [line.content and line.content.title for line in world.lines("lost")] == ["From Google"]


def test_an_event_that_is_changed_in_neo_while_the_run_was_under_way_is_not_deleted() -> None:
    world, neo_id, google_id = a_pair()
    world.google.delete_event(google_id)

    meanwhile(world, lambda: world.neo.edit(neo_id, title="By hand"))
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["By hand"], ["By hand"])
    assert world.neo.calls("delete") == 0


def test_an_event_that_is_deleted_in_neo_while_the_run_was_under_way_is_looked_at_and_not_updated() -> None:
    world, neo_id, google_id = a_pair()
    world.google.edit(google_id, title="From Google")

    meanwhile(world, lambda: world.neo.delete_event(neo_id))
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["From Google"], ["From Google"])
    assert world.neo.calls("look") == 1
    assert world.neo.calls("update") == 0


@pytest.mark.parametrize("on_google", ["changed", "cancelled"])
def test_one_date_that_is_changed_in_neo_while_the_run_was_under_way_is_not_overwritten(on_google: str) -> None:
    world = a_world(neo=[an_event(repeat=weekly(5))])
    world.sync()
    world.sync()
    [neo_id], [google_id] = world.neo.events, world.google.events
    if on_google == "changed":
        world.google.change_occurrence(google_id, SECOND, title="From Google")
    else:
        world.google.cancel_occurrence(google_id, SECOND)

    meanwhile(world, lambda: world.neo.change_occurrence(neo_id, SECOND, title="By hand"))
    world.sync()
    world.sync()

    for calendar in (world.neo, world.google):
        [series] = calendar.events.values()
        assert {day: one and one.title for day, one in series.exceptions.items()} == {SECOND: "By hand"}


def test_a_single_copy_that_is_changed_in_neo_while_the_run_was_under_way_is_not_overwritten() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    world.sync()
    neo_id = min(world.neo.events, key=lambda event_id: first_day(world.neo.events[event_id].when))
    day = first_day(world.neo.events[neo_id].when)
    [google_id] = world.google.events
    world.google.change_occurrence(google_id, day, title="From Google")

    meanwhile(world, lambda: world.neo.edit(neo_id, title="By hand"))
    world.sync()
    world.sync()

    assert world.neo.events[neo_id].title == "By hand"
    [series] = world.google.events.values()
    assert [one and one.title for one in series.exceptions.values()] == ["By hand"]


def test_what_is_not_touched_meanwhile_is_written_after_the_second_reading() -> None:
    world, _, google_id = a_pair()
    world.google.edit(google_id, title="From Google")
    reads = world.neo.calls("read")

    meanwhile(world, lambda: None)
    run = world.sync()

    assert world.neo.titles() == ["From Google"]
    assert world.neo.calls("read") == reads + 2
    assert run.counts == {"neo_updated": 1, "errors": 0}
    assert (world.runs()[-1].outcome, world.errors()) == ("ok", [])


def test_r1_a_run_after_one_that_read_twice_writes_nothing() -> None:
    world, _, google_id = a_pair()
    world.google.edit(google_id, title="From Google")
    meanwhile(world, lambda: None)
    world.sync()
    writes = world.writes()

    world.sync()

    assert world.writes() == writes


def test_a_lone_change_costs_no_further_reading() -> None:
    world, _, google_id = a_pair()
    world.google.edit(google_id, title="From Google")
    before = world.neo.calls("read")

    world.sync()

    assert world.neo.calls("read") == before + 1


@pytest.mark.parametrize("side", Side)
def test_one_percent_of_a_thousand_changed_costs_no_more_than_six_requests_for_five_changes(side: Side) -> None:
    thousand = [an_event(f"E{number}", when=all_day(A_MONDAY + timedelta(days=number % 360))) for number in range(1000)]
    world = a_world(neo=thousand, google=thousand)
    world.sync()
    world.sync()
    for event_id in list(world.calendar(side.other).events)[:1000:100]:
        world.calendar(side.other).edit(event_id, description="changed")
    before = requests(world)

    # Each write takes as long as one over the network does.
    slow(world, side, {"update": 0.5, "read": 2})
    world.sync()

    assert sum(event.description == "changed" for event in world.calendar(side).events.values()) == 10
    assert requests(world) - before <= 1.2 * 10


def requests(world: World) -> int:
    kinds: tuple[Kind, ...] = ("read", "look", "create", "update", "delete")
    return sum(calendar.calls(kind) for calendar in (world.neo, world.google) for kind in kinds)


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_no_write_of_many_rests_on_an_older_reading(kind: Kind) -> None:
    world = a_world(neo=many(30))
    world.sync()
    world.sync()
    for event_id in list(world.google.events)[:9]:
        if kind == "update":
            world.google.edit(event_id, title="changed")
        else:
            world.google.delete_event(event_id)
    slow(world, Side.NEO, {"update": 4, "delete": 4, "read": 1})
    ages = ages_of_writes(world)

    world.sync()

    assert len(ages) == 9
    assert max(ages) <= FRESHNESS
    assert (world.neo.titles(), world.errors()) == (world.google.titles(), [])


def test_a_reading_that_takes_longer_than_it_is_good_for_is_written_on_for_as_long_as_it_took() -> None:
    world = a_world(neo=many(30))
    world.sync()
    world.sync()
    for event_id in list(world.google.events)[:9]:
        world.google.edit(event_id, title="changed")
    reads = world.neo.calls("read")
    slow(world, Side.NEO, {"update": 5, "read": 20})
    ages = ages_of_writes(world)

    world.sync()

    assert len(ages) == 9
    assert max(ages) <= timedelta(seconds=40)
    assert world.neo.calls("read") - reads == 3


def test_a_write_that_takes_longer_than_a_reading_is_good_for_goes_through_all_the_same() -> None:
    world = a_world(neo=many(5), limits=Limits(lease=LEASE, freshness=timedelta(microseconds=1)))
    world.sync()
    world.sync()
    for event_id in world.google.events:
        world.google.edit(event_id, title="changed")
    slow(world, Side.NEO, {"update": 30})

    world.sync()

    assert world.neo.titles() == ["changed"] * 5
    assert world.errors() == []


def test_creations_need_no_second_reading() -> None:
    world = a_world(google=many(3))
    reads = world.neo.calls("read")

    meanwhile(world, lambda: None)
    world.sync()

    assert len(world.neo.events) == 3
    assert world.neo.calls("read") == reads + 1


def test_a_side_that_checks_versions_is_not_read_again() -> None:
    world, neo_id, _ = a_pair()
    world.neo.edit(neo_id, title="From NEO")
    reads = world.google.calls("read")

    meanwhile(world, lambda: None)
    world.sync()

    assert world.google.titles() == ["From NEO"]
    assert world.google.calls("read") == reads + 1


def test_settings_saved_before_the_second_reading_end_the_run_and_nothing_is_written() -> None:
    world, _, google_id = a_pair()
    world.google.edit(google_id, title="From Google")

    meanwhile(world, lambda: world.switch("two@example.com"))
    world.run_until_waiting()

    assert world.neo.calls("update") == 0
    assert "settings_changed" in [run.outcome for run in world.runs()]


def test_r5_deletions_that_the_second_reading_shows_are_weighed() -> None:
    world = a_world(neo=many(30))
    world.sync()
    world.sync()
    world.google.delete_event(next(iter(world.google.events)))

    def mass_deletion() -> None:
        for event_id in list(world.neo.events)[5:]:
            world.neo.delete_event(event_id)

    meanwhile(world, mass_deletion)
    world.sync()
    world.sync()

    assert world.google.calls("delete") == 0


def test_an_undo_looks_again_when_its_look_is_old() -> None:
    world = a_world(google=[an_event("A")])
    run = world.sync()
    (neo_id,) = world.neo.events

    def later() -> None:
        world.neo.edit(neo_id, title="By hand")
        world.clock.move(TOO_LATE)

    world.after(Side.GOOGLE, "look", later)
    done = undo(desks(world), world.user(), run.id)

    assert world.neo.titles() == ["By hand"]
    assert [line.text for line in done.lines] == ["it was changed meanwhile"]
    world.sync()
    assert world.google.titles() == ["By hand"]


def test_an_undo_of_an_update_looks_again_when_its_look_is_old() -> None:
    world, neo_id, google_id = a_pair()
    world.google.edit(google_id, title="From Google")
    run = world.sync()

    def later() -> None:
        world.neo.edit(neo_id, title="By hand")
        world.clock.move(TOO_LATE)

    world.after(Side.NEO, "look", later)
    undo(desks(world), world.user(), run.id)

    assert world.neo.titles() == ["By hand"]


def test_a_cleaning_looks_again_when_its_look_is_old() -> None:
    world = a_world(google=[an_event("A")])
    world.sync()
    (neo_id,) = world.neo.events

    def later() -> None:
        world.neo.edit(neo_id, title="By hand")
        world.clock.move(TOO_LATE)

    world.after(Side.NEO, "look", later)
    done = clean(desks(world), world.user(), Side.NEO)

    assert (done.removed, world.neo.titles()) == (0, ["By hand"])


def test_what_an_undo_finds_unchanged_at_its_second_look_is_taken_back() -> None:
    world = a_world(google=[an_event("A")])
    run = world.sync()

    world.after(Side.GOOGLE, "look", lambda: world.clock.move(TOO_LATE))
    undo(desks(world), world.user(), run.id)

    assert world.neo.titles() == []
    assert world.neo.calls("look") == 2
