"""What tests of commands share: both sides as a command reaches them, and calendars with many events."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from desksync.store import held
from desksync.store.held import Held
from desksync.sync.event import Event, Side
from desksync.worker.desk import Desk
from desksync.worker.held import refuse, release
from tests.builders import A_MONDAY, an_event, timed
from tests.worlds import World


def desks(world: World) -> Mapping[Side, Desk]:
    return {side: world.runner(side).desk for side in Side}


def reading_desks(world: World) -> Mapping[Side, Desk]:
    """Return the same, for work that must not write."""
    return {side: replace(desk, begin=world.begin) for side, desk in desks(world).items()}


def many(number: int) -> list[Event]:
    return [an_event(f"Event {day:02}", when=timed(day=A_MONDAY + timedelta(days=day))) for day in range(number)]


def delete_all(world: World, side: Side, *, but: int = 0) -> None:
    calendar = world.calendar(side)
    for event_id in list(calendar.events)[but:]:
        calendar.delete_event(event_id)


def waiting(world: World) -> Held | None:
    with world.begin() as session:
        found = held.list_waiting(session, world.user_id)
    return found[0] if found else None


def say(world: World, what: str) -> Held | None:
    with world.begin() as session:
        answered = (release if what == "release" else refuse)(session, world.user_id, "admin", world.clock())
    return None if answered is None else answered[0]
