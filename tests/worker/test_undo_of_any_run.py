"""Any run that is undone stays undone: what was put back is there for good, and nothing is written again (rules R1 and R2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from desksync.sync.event import Event, Side
from desksync.sync.lines import Lines
from desksync.sync.policy import Direction
from desksync.sync.recurrence import Dates, Frequency, Recurrence, Rule, days
from desksync.worker.undo import NothingToUndo, undo
from tests.builders import A_MONDAY, all_day, an_event, timed, weekly
from tests.fakes import FakeCalendar
from tests.worker.desks import desks
from tests.worlds import World, a_world

DAY = timedelta(days=1)
MOST = max(settings().max_examples // 4, 10)
"""A story is half a dozen runs with a database."""

RULES: dict[Side, list[Rule | None]] = {
    Side.NEO: [None, None, weekly(4), Dates((A_MONDAY, A_MONDAY + 3 * DAY, A_MONDAY + 8 * DAY))],
    Side.GOOGLE: [
        None,
        None,
        weekly(4),
        Recurrence(Frequency.WEEKLY, weekdays=(0,)),
        Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month"),
        Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23",), "it repeats on another day"),
    ],
}
DEEDS = ["add", "write", "move", "delete", "change one", "cancel one", "restore one", "repeat", "days pass"]


class People:
    """Edits two calendars at random. `written` is what nobody but a person has written since it was last cleared."""

    def __init__(self, world: World, data: st.DataObject) -> None:
        self.world = world
        self.data = data
        self.number = 0

    def act(self, deeds: list[str], most: int) -> None:
        for _ in range(self.data.draw(st.integers(1, most))):
            self._do(self.data.draw(st.sampled_from(deeds)))

    def _do(self, deed: str) -> None:
        side = self.data.draw(st.sampled_from(Side))
        if deed == "add":
            self._add(side)
            return
        if deed == "days pass":
            self.world.clock.move(self.data.draw(st.sampled_from([3, 20, 50])) * DAY)
            return
        calendar = self.world.calendar(side)
        is_for_series = deed in {"change one", "cancel one", "restore one"}
        there = sorted(event_id for event_id, event in calendar.events.items() if event.repeat is not None or not is_for_series)
        if there:
            self._edit(calendar, self.data.draw(st.sampled_from(there)), deed)

    def _add(self, side: Side) -> None:
        self.number += 1
        rule = self.data.draw(st.sampled_from(RULES[side]))
        when = self.data.draw(st.sampled_from([timed(self.number % 20), all_day()]))
        note(f"{side} adds {self.number} {rule}")
        self.world.calendar(side).add(an_event(f"Event {self.number}", when=when, repeat=rule))

    def _edit(self, calendar: FakeCalendar, event_id: str, deed: str) -> None:
        event = calendar.events[event_id]
        changes: dict[str, Any] = self.data.draw(
            st.sampled_from([{"title": f"{event.title}'"}, {"location": f"{event.location}+"}, {"is_tentative": True}])
        )
        note(f"{calendar.side} {event_id}: {deed} {changes}")
        match deed:
            case "delete":
                calendar.delete_event(event_id)
            case "write":
                calendar.edit(event_id, **changes)
            case "move" if event.repeat is None:
                calendar.edit(event_id, when=timed(21, day=A_MONDAY + self.data.draw(st.integers(0, 5)) * DAY))
            case "repeat" if event.repeat is not None:
                rules = [rule for rule in RULES[calendar.side] if rule is not None]
                calendar.edit(event_id, repeat=self.data.draw(st.sampled_from(rules)))
            case "change one" | "cancel one" | "restore one":
                self._touch(calendar, event_id, event, deed, changes)
            case _:
                calendar.edit(event_id, description=f"{event.description}.")

    def _touch(self, calendar: FakeCalendar, event_id: str, event: Event, deed: str, changes: dict[str, Any]) -> None:
        assert event.repeat is not None
        ahead = days(event.repeat, A_MONDAY)
        day = [next(ahead), next(ahead)][self.data.draw(st.integers(0, 1))]
        match deed:
            case "change one":
                calendar.change_occurrence(event_id, day, **changes)
            case "cancel one":
                calendar.cancel_occurrence(event_id, day)
            case _:
                calendar.restore_occurrence(event_id, day)


def a_synced_world(data: st.DataObject, direction: Direction) -> tuple[World, People]:
    world = a_world()
    world.save(direction=direction)
    people = People(world, data)
    people.act(["add"], 3)
    world.sync()
    return world, people


def held(world: World) -> dict[Side, dict[str, Event]]:
    return {side: dict(world.calendar(side).events) for side in Side}


def is_kept(before: dict[Side, dict[str, Event]], after: dict[Side, dict[str, Event]]) -> bool:
    """Say whether all that was there is there as it was. What is new beside it is a copy of what was put back."""
    return all(after[side].get(event_id) == event for side in Side for event_id, event in before[side].items())


@settings(max_examples=MOST)
@given(st.data())
def test_r1_after_an_undo_the_next_run_only_copies_what_was_put_back_and_the_one_after_it_writes_nothing(
    data: st.DataObject,
) -> None:
    world, people = a_synced_world(data, data.draw(st.sampled_from([Direction.BOTH, *Direction])))
    people.act(DEEDS, 4)
    run = world.sync()
    try:
        done = undo(desks(world), world.user(), run.id)
    except NothingToUndo:
        return
    after_the_undo = held(world)
    note(f"{[(line.kind, line.side, line.event_id, line.text) for line in done.lines]}")

    world.sync()
    writes, after_a_run = world.writes(), held(world)
    world.sync()

    assert world.writes() == writes
    assert held(world) == after_a_run
    assert is_kept(after_the_undo, after_a_run)


@settings(max_examples=MOST)
@given(st.data())
def test_r2_what_people_did_since_a_run_outlives_its_undo(data: st.DataObject) -> None:
    world, people = a_synced_world(data, Direction.BOTH)
    people.act(DEEDS, 3)
    run = world.sync()
    before = held(world)
    people.act(["add", "write", "delete", "change one"], 3)
    edited = {
        (side, event_id): event
        for side in Side
        for event_id, event in held(world)[side].items()
        if before[side].get(event_id) != event
    }
    try:
        undo(desks(world), world.user(), run.id)
    except NothingToUndo:
        return

    for _ in range(2):
        world.sync()
    writes = world.writes()
    world.sync()

    assert world.writes() == writes
    for (side, event_id), event in edited.items():
        now = world.calendar(side).events.get(event_id)
        assert now is not None, f"{event_id} is lost"
        was = before[side].get(event_id, replace(event, title="", location="", description="", exceptions={}))
        for name in ("title", "location", "description", "is_tentative"):
            if getattr(event, name) != getattr(was, name):
                assert getattr(now, name) == getattr(event, name), f"{event_id}: what a person wrote is lost"
