"""A user's other time zone: what NEO says means other moments, and no original is deleted because of it (rules R6 and R23)."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from desksync.store.links import links
from desksync.sync.event import Event, Side, Timed
from desksync.sync.lines import Lines
from desksync.sync.link import Link
from desksync.worker.errors import EventRefused
from tests.builders import TOKYO, an_event, timed, weekly
from tests.fakes import Kind
from tests.worlds import LEASE, World, a_world

WRITES: list[Kind] = ["create", "delete"]
NEW_YORK = ZoneInfo("America/New_York")


def _in_step(world: World) -> None:
    writes = world.writes()
    world.sync()
    assert world.writes() == writes, "a run after a finished run writes nothing"


def _starts(events: Sequence[Event], zone: ZoneInfo) -> list[str]:
    moments = [event.when.start.astimezone(zone) for event in events if isinstance(event.when, Timed)]
    return sorted(f"{moment:%d %H:%M}" for moment in moments)


def _links(world: World) -> list[Link]:
    with world.begin() as session:
        return links(session, world.user_id)


def _move(world: World, zone: ZoneInfo = NEW_YORK) -> None:
    world.save(time_zone=zone.key)


def test_a_series_of_neo_stays_and_its_copy_on_google_follows() -> None:
    world = a_world(neo=[an_event("Series", repeat=weekly())])
    world.sync()
    ids = [list(world.calendar(side).events) for side in Side]

    _move(world)
    world.sync()

    assert [list(world.calendar(side).events) for side in Side] == ids
    assert [event for side in Side for event in world.calendar(side).events.values()] == [
        an_event("Series", when=timed(zone=NEW_YORK), repeat=weekly())
    ] * 2
    assert [world.calendar(side).calls("delete") for side in Side] == [0, 0]
    _in_step(world)


def test_a_series_of_google_is_not_touched_and_its_copy_in_neo_becomes_single_events_at_the_right_hours() -> None:
    world = a_world(google=[an_event("Series", repeat=weekly(3))])
    world.sync()
    before = world.google.events

    _move(world)
    world.sync()

    assert world.google.events == before
    assert world.google.calls("update") == 0
    assert _starts(list(world.neo.events.values()), NEW_YORK) == ["06 20:00", "22 20:00", "29 20:00"]
    assert {event.repeat for event in world.neo.events.values()} == {None}
    _in_step(world)


@pytest.mark.parametrize("side", list(Side))
def test_a_single_event_keeps_its_clock_where_it_was_made(side: Side) -> None:
    world = a_world()
    world.calendar(side).add(an_event("Meeting"))
    world.sync()

    _move(world)
    world.sync()

    zone = NEW_YORK if side is Side.NEO else TOKYO
    for one in Side:
        assert _starts(list(world.calendar(one).events.values()), zone) == ["23 10:00"]
    assert world.calendar(side).calls("update") == 0
    _in_step(world)


def test_everything_at_once_there_and_back_is_as_before() -> None:
    lines = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=3",), "it repeats on several days of a month")
    world = a_world(
        neo=[an_event("In NEO", repeat=weekly()), an_event("Once in NEO"), an_event("On both", repeat=weekly(2))],
        google=[
            an_event("On Google", repeat=weekly()),
            an_event("Once on Google", when=timed(15)),
            an_event("On both", repeat=weekly(2)),
            an_event("Many days", repeat=lines),
        ],
    )
    world.sync()
    originals = {
        Side.NEO: {event_id for event_id, event in world.neo.events.items() if "NEO" in event.title or "both" in event.title},
        Side.GOOGLE: {event_id for event_id in world.google.events if event_id.startswith("google")},
    }
    titles = [world.calendar(side).titles() for side in Side]

    for zone in (NEW_YORK, TOKYO):
        _move(world, zone)
        world.sync()
        _in_step(world)
        for side in Side:
            assert originals[side] <= world.calendar(side).events.keys()

    assert [world.calendar(side).titles() for side in Side] == titles
    assert {event.when for event in world.neo.events.values() if event.title == "In NEO"} == {timed()}
    assert {event.when for event in world.google.events.values() if event.title == "On Google"} == {timed()}
    assert world.lines("held") == []


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", WRITES)
def test_a_crash_while_copies_are_replaced_loses_and_doubles_nothing_although_the_zone_is_set_back(
    kind: Kind, number: int
) -> None:
    world = a_world(google=[an_event("Series", repeat=weekly(3))])
    world.sync()
    before = world.google.events
    _move(world)
    for _ in range(number):
        world.after(Side.NEO, kind, lambda: None)
    world.crash_after(Side.NEO, kind)
    world.run_until_waiting()

    _move(world, TOKYO)
    world.clock.move(LEASE + timedelta(seconds=1))
    if world.is_open():
        world.sync_open()
    world.sync()

    assert world.google.events == before
    assert list(world.neo.events.values()) == [an_event("Series", repeat=weekly(3))]
    _in_step(world)


@pytest.mark.parametrize("is_stale", [True, False])
def test_a_copy_that_was_to_be_replaced_and_is_not_stays_linked_as_it_was(*, is_stale: bool) -> None:
    world = a_world(google=[an_event("Series", repeat=weekly(3))])
    world.sync()
    [before] = _links(world)
    _move(world)
    world.neo.fail_next("delete", EventRefused("no", is_stale=is_stale))

    world.run_until_waiting()
    during = {link.neo_id: link for link in _links(world)}

    assert during[before.neo_id] == before
    assert before.neo_id in world.neo.events
