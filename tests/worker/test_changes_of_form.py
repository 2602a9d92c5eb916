"""Rule R26 in the worker: a series has its new copies before the old ones go, and keeps the old ones where those are refused."""

from typing import Any

import pytest

from desksync.store import links
from desksync.sync.event import Side
from desksync.sync.recurrence import Dates
from desksync.worker.errors import RetryLater
from tests.builders import A_MONDAY, an_event, timed, weekly
from tests.sync.originals import SECOND, THIRD
from tests.worlds import World, a_world

DATES = Dates((A_MONDAY, SECOND, THIRD))
FORMS: list[tuple[Any, Any]] = [(weekly(3), DATES), (DATES, weekly(3))]


def a_synced_series(repeat: Any) -> tuple[World, str]:
    """Return a user with a series of three dates in NEO and its copies on Google, and its id."""
    world = a_world(neo=[an_event(repeat=repeat)])
    world.sync()
    (series_id,) = world.neo.events
    return world, series_id


def refusals(world: World) -> int:
    with world.begin() as session:
        return len(links.refusals(session, world.user_id, Side.GOOGLE))


@pytest.mark.parametrize(("before", "after"), FORMS)
def test_what_google_refuses_leaves_the_old_copies_and_a_line_in_the_history(before: Any, after: Any) -> None:
    world, series_id = a_synced_series(before)
    held = world.google.events
    world.google.refuses_new = lambda event: (event.repeat is None) == (before == weekly(3))

    world.neo.edit(series_id, repeat=after)
    world.sync()
    world.sync()
    writes = world.writes()
    world.sync()

    assert world.google.events == held
    assert world.writes() == writes, "nothing is tried again"
    assert len(world.lines("refused")) == refusals(world) == (3 if before == weekly(3) else 1)


def test_a_series_is_divided_when_its_refused_date_was_edited() -> None:
    world, series_id = a_synced_series(weekly(3))
    world.neo.change_occurrence(series_id, SECOND, title="Forbidden")
    world.sync()
    world.google.refuses_new = lambda event: event.title == "Forbidden"
    world.neo.edit(series_id, repeat=DATES)
    world.sync()
    world.sync()
    while_refused = [event.repeat for event in world.google.events.values()]

    world.neo.change_occurrence(series_id, SECOND, title="Allowed")
    world.sync()

    assert while_refused == [weekly(3)]
    assert world.google.titles() == ["Allowed", "Stand-up", "Stand-up"]
    assert refusals(world) == 1, "that it comes as single events"


@pytest.mark.parametrize(("before", "after"), FORMS)
def test_a_creation_that_fails_leaves_the_old_copies_and_what_a_person_does_to_them_counts(before: Any, after: Any) -> None:
    world, series_id = a_synced_series(before)
    held = world.google.events
    world.google.fail_next("create", RetryLater("no"))

    world.neo.edit(series_id, repeat=after)
    world.run_until_waiting()
    after_failure = world.google.events
    day = timed(day=THIRD)
    for event_id, event in held.items():
        if event.repeat is not None:
            world.google.cancel_occurrence(event_id, THIRD)
        elif event.when == day:
            world.google.delete_event(event_id)
    world.sync_open()
    world.sync()

    assert after_failure == held
    assert world.neo.events[series_id].exceptions == {THIRD: None}
    shown = [event for event in world.google.events.values() if event.repeat is not None or event.when != day]
    assert len(shown) == len(world.google.events) == (1 if after == weekly(3) else 2)


@pytest.mark.parametrize("problem", [RetryLater("usage limits exceeded", is_fault=False), RetryLater("Google Server Error 503")])
def test_an_edit_of_a_copy_that_is_to_be_replaced_is_not_lost_while_the_run_waits(problem: RetryLater) -> None:
    world = a_world(neo=[an_event(repeat=Dates((A_MONDAY, SECOND, THIRD)))])
    world.sync()
    [series] = world.neo.events
    world.google.fail_next("delete", problem)
    world.neo.edit(series, repeat=weekly(3))
    world.run_until_waiting()

    last = next(
        event_id for event_id, event in world.google.events.items() if event.repeat is None and event.when == timed(day=THIRD)
    )
    world.google.edit(last, title="Renamed")
    world.sync_open()
    world.sync()

    assert "Renamed" in {one.title for event in world.neo.events.values() for one in event.exceptions.values() if one is not None}
