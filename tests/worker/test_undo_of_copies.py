"""Taking back a copy: of what cannot be read, and with a death at any step and whatever people do before the next run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum
from typing import Any

import pytest
from sqlalchemy.orm import Session

from desksync.store import calendars
from desksync.store.runs import Run
from desksync.sync.event import Access, Side
from desksync.sync.lines import Lines
from desksync.sync.policy import Direction
from desksync.sync.recurrence import Dates
from desksync.worker.errors import RetryLater
from desksync.worker.quarantine import left_alone
from desksync.worker.undo import Undone, undo
from tests.builders import A_MONDAY, an_event, timed, weekly
from tests.fakes import Kind
from tests.worker.desks import desks
from tests.worlds import Crash, World, a_world

DATE_BY_DATE = {
    Side.NEO: Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26",), "it repeats on several days of a month"),
    Side.GOOGLE: Dates((A_MONDAY, A_MONDAY + timedelta(days=3), A_MONDAY + timedelta(days=8))),
}
"""By the side to which they are copied as single events."""


def undone(world: World, run: Run) -> Undone:
    return undo(desks(world), world.user(), run.id)


def whys(done: Undone) -> list[str]:
    return [line.text for line in done.lines if line.kind == "not_undone"]


def titles(world: World) -> dict[Side, list[str]]:
    return {side: world.calendar(side).titles() for side in Side}


def assert_quiet(world: World) -> None:
    writes, held = world.writes(), titles(world)
    for _ in range(2):
        world.sync()
    assert world.writes() == writes
    assert titles(world) == held


def the_only(world: World, side: Side) -> str:
    [event_id] = world.calendar(side).events
    return event_id


# What cannot be read.


@pytest.mark.parametrize("is_noticed", [True, False])
@pytest.mark.parametrize("side", Side)
def test_a_copy_of_what_cannot_be_read_at_present_is_taken_back_and_stays_away_until_its_source_changes(
    side: Side, *, is_noticed: bool
) -> None:
    world = a_world()
    source = world.calendar(side.other)
    event_id = source.add(an_event("One"))
    run = world.sync()
    source.set_odd(event_id, "odd")
    if is_noticed:
        world.sync()

    done = undone(world, run)

    assert (done.number, titles(world)[side]) == (1, [])
    world.sync()
    source.set_odd(event_id, None)
    assert_quiet(world)
    assert titles(world)[side] == []
    source.edit(event_id, title="Two")
    world.sync()
    assert titles(world)[side] == ["Two"]


@pytest.mark.parametrize("side", Side)
def test_the_dates_of_a_series_that_cannot_be_read_stay_away_too_and_no_new_ones_come(side: Side) -> None:
    world = a_world()
    source = world.calendar(side.other)
    event_id = source.add(an_event("One", repeat=DATE_BY_DATE[side]))
    run = world.sync()
    assert len(titles(world)[side]) >= 3
    source.set_odd(event_id, "odd")

    done = undone(world, run)
    world.sync()
    source.set_odd(event_id, None)
    world.clock.move(timedelta(days=40))
    world.sync()

    assert whys(done) == []
    assert titles(world)[side] == []
    assert_quiet(world)


def test_a_copy_of_what_could_never_be_read_stays_and_the_undo_says_so() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.neo.set_odd(the_only(world, Side.NEO), "odd")
    with world.begin() as session:
        calendars.save_seen(session, world.user_id, Side.NEO, [], list(world.neo.events))

    done = undone(world, run)

    assert done.number == 0
    assert "cannot be read" in whys(done)[0]
    assert world.google.titles() == ["One"]


def test_what_was_taken_back_and_cannot_be_read_is_listed_with_what_was_known_of_it() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.neo.set_odd(the_only(world, Side.NEO), "odd")
    undone(world, run)
    world.sync()

    with world.begin() as session:
        listed = left_alone(session, world.user_id)

    assert [(one.side, one.title, one.why, one.remedy) for one in listed] == [
        (Side.GOOGLE, "One", "its copy was taken back by an undo", "Change it in NEO, if it should be copied again."),
        (Side.NEO, "One", "odd", "Change it in NEO; the next run then tries it again."),
    ]


# Deaths.


class Moment(IntEnum):
    """When an undo dies, counted in what it does after it has looked at the copy."""

    LOOKING_AT_THE_SOURCE = 1
    ANNOUNCING = 2
    ANNOUNCED = 3
    DELETING = 4
    RECORDING = 5
    RECORDED = 6


CRITICAL = (Moment.ANNOUNCED, Moment.RECORDING)
"""One moment at which the copy is still there, and one at which it is not."""


@dataclass
class Fate:
    """Lets the process die at a moment."""

    world: World
    moment: Moment
    steps: int = -1

    def called(self, kind: Kind) -> None:
        """Count a call; the first is the look at the copy."""
        if kind == "look" or self.steps >= 0:
            self._step()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Count a transaction that writes as two steps, its beginning and its end."""
        is_counted = self.steps >= Moment.LOOKING_AT_THE_SOURCE
        if is_counted:
            self._step()
        with self.world.begin() as session:
            yield session
        if is_counted:
            self._step()

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.moment:
            self.world._die()
            raise Crash


def a_death(side: Side, moment: Moment, *, days: int = 0, **fields: Any) -> tuple[World, Run, bool]:
    """Return a world in which the undo of a copy on that side died, and whether the copy is there still.

    The undo comes so many days after the copy was made.
    """
    world = a_world()
    world.calendar(side.other).add(an_event("One", **fields))
    run = world.sync()
    if days:
        world.clock.move(timedelta(days=days))
        world.sync()
    fate = Fate(world, moment)
    for one in Side:
        world.calendar(one).before_call = fate.called
    with pytest.raises(Crash):
        undo({one: replace(desk, begin=fate.begin) for one, desk in desks(world).items()}, world.user(), run.id)
    world._is_dead = False
    for one in Side:
        world.calendar(one).before_call = lambda _: None
    world.take_over()
    is_there = moment < Moment.RECORDING
    assert bool(world.calendar(side).events) == is_there
    return world, run, is_there


def go_on(world: World) -> None:
    if world.is_open():
        world.sync_open()
    world.sync()


@pytest.mark.parametrize("is_tried_again", [True, False])
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_a_copy_that_is_edited_then_is_doubled_nowhere(
    side: Side, moment: Moment, *, is_tried_again: bool
) -> None:
    world, run, is_there = a_death(side, moment)
    if is_there:
        world.calendar(side).edit(the_only(world, side), title="Edited", when=timed(15))

    if is_tried_again and moment is not Moment.RECORDED:
        assert whys(undone(world, run)) == (["it was changed since"] if is_there else [])
    go_on(world)

    expected = [an_event("Edited", when=timed(15))] if is_there else [an_event("One")]
    assert list(world.calendar(side.other).events.values()) == expected
    assert list(world.calendar(side).events.values()) == (expected if is_there else [])
    assert_quiet(world)


@pytest.mark.parametrize("moment", [moment for moment in Moment if moment is not Moment.RECORDED])
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_it_is_said_again_and_done_and_stays_done(side: Side, moment: Moment) -> None:
    world, run, _ = a_death(side, moment)

    done = undone(world, run)
    go_on(world)

    assert whys(done) == []
    assert titles(world) == {side: [], side.other: ["One"]}
    assert_quiet(world)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("moment", CRITICAL)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_no_source_goes_in_any_direction(side: Side, moment: Moment, direction: Direction) -> None:
    world, _, is_there = a_death(side, moment)
    world.save(direction=direction)

    go_on(world)

    assert titles(world) == {side: ["One"] if is_there else [], side.other: ["One"]}
    assert_quiet(world)


@pytest.mark.parametrize("moment", CRITICAL)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_a_source_that_is_edited_then_is_copied(side: Side, moment: Moment) -> None:
    world, _, _ = a_death(side, moment)
    world.calendar(side.other).edit(the_only(world, side.other), title="Edited")

    go_on(world)

    assert titles(world) == {side: ["Edited"], side.other: ["Edited"]}
    assert_quiet(world)


@pytest.mark.parametrize("moment", CRITICAL)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_a_source_that_is_deleted_then_takes_its_copy_with_it(side: Side, moment: Moment) -> None:
    world, _, _ = a_death(side, moment)
    world.calendar(side.other).delete_event(the_only(world, side.other))

    go_on(world)

    assert titles(world) == {side: [], side.other: []}


@pytest.mark.parametrize("side", Side)
def test_a_copy_that_was_not_deleted_after_all_is_a_copy_like_any_other_after_the_next_run(side: Side) -> None:
    world, _, _ = a_death(side, Moment.ANNOUNCED)
    go_on(world)

    world.calendar(side).delete_event(the_only(world, side))
    world.sync()

    assert titles(world) == {side: [], side.other: []}


@pytest.mark.parametrize("moment", CRITICAL)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_a_source_that_cannot_be_read_then_is_not_copied_again(side: Side, moment: Moment) -> None:
    world, _, is_there = a_death(side, moment)
    source = world.calendar(side.other)
    source.set_odd(the_only(world, side.other), "odd")
    go_on(world)
    source.set_odd(the_only(world, side.other), None)

    go_on(world)

    assert titles(world) == {side: ["One"] if is_there else [], side.other: ["One"]}
    assert_quiet(world)


def test_a_source_keeps_what_its_copy_cannot_hold_when_the_copy_is_edited_after_a_death() -> None:
    world, _, _ = a_death(Side.GOOGLE, Moment.ANNOUNCED, access=Access.RESTRICTED, description="long " * 2000)
    world.google.edit(the_only(world, Side.GOOGLE), location="Room 1")
    before = world.writes()

    go_on(world)

    [source] = world.neo.events.values()
    assert (source.location, source.access, len(source.description)) == ("Room 1", Access.RESTRICTED, 10_000)
    assert world.writes() == before + 1


@pytest.mark.parametrize("moment", CRITICAL)
@pytest.mark.parametrize("side", Side)
def test_wherever_an_undo_dies_outside_the_days_that_sync_no_source_goes(side: Side, moment: Moment) -> None:
    world, _, _ = a_death(side, moment, days=60)

    go_on(world)
    world.neo.add(an_event("Later", when=timed(day=A_MONDAY + timedelta(days=70))))
    go_on(world)

    assert titles(world)[side.other] == ["Later", "One"]


@pytest.mark.parametrize("side", Side)
def test_where_the_last_date_of_a_series_is_taken_back_in_a_death_no_new_dates_come(side: Side) -> None:
    world = a_world()
    world.calendar(side.other).add(an_event("One", repeat=DATE_BY_DATE[side]))
    run = world.sync()
    number = len(world.calendar(side).events)
    for _ in range(number - 1):
        world.after(side, "delete", lambda: None)
    world.crash_after(side, "delete")

    with pytest.raises(Crash):
        undone(world, run)
    world._is_dead = False
    world.take_over()
    go_on(world)
    world.clock.move(timedelta(days=40))
    world.sync()

    assert titles(world) == {side: [], side.other: ["One"]}
    assert_quiet(world)


@pytest.mark.parametrize("fault", [RetryLater("limits", is_fault=False), RetryLater("503")])
def test_a_copy_in_an_old_form_that_is_edited_before_it_is_deleted_keeps_what_a_person_wrote(fault: RetryLater) -> None:
    third = A_MONDAY + timedelta(days=14)
    world = a_world()
    event_id = world.neo.add(an_event("One", repeat=Dates((A_MONDAY, A_MONDAY + timedelta(days=7), third))))
    world.sync()
    world.google.fail_next("delete", fault)
    world.neo.edit(event_id, repeat=weekly(3))
    world.run_until_waiting()
    one = next(one for one, event in world.google.events.items() if event.repeat is None and event.when == timed())

    world.google.edit(one, title="Renamed")
    world.sync_open()
    world.sync()

    [series] = world.neo.events.values()
    assert "Renamed" in {one.title for one in series.exceptions.values() if one is not None}
