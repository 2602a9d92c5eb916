"""A reading of many requests gets on however busy its side is: it waits for room instead of beginning anew."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import pytest

from desksync.sync.event import Side
from desksync.worker.errors import RetryLater
from desksync.worker.patience import LONGEST_REST, TRIES, Patience, impatient, pause_after
from tests.builders import an_event, timed
from tests.worlds import World, a_world

BUSY = RetryLater("Too many requests are under way.", is_fault=False)
RESTING = RetryLater("NEO is busy (HTTP 429).", after=timedelta(seconds=20), is_fault=False)
REST_OF_ALL = RetryLater("All requests rest.", after=LONGEST_REST + timedelta(seconds=1), is_fault=False)
DOWN = RetryLater("NEO Server Error (HTTP 503).")


def a_busy_reading(side: Side, *answers: RetryLater | None) -> tuple[World, list[int]]:
    """Return a world in which a reading of that side takes ten requests, answered so at first, and how many were sent."""
    world = a_world(neo=[an_event("A")], google=[an_event("B", when=timed(14))])
    left, sent = list(answers), [0]

    def request() -> None:
        sent[0] += 1
        problem = left.pop(0) if left else None
        if problem is not None:
            raise problem

    world.calendar(side).requests = 10
    world.calendar(side).before_request = request
    return world, sent


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("problem", [BUSY, RESTING])
def test_a_reading_waits_for_room_and_loses_nothing_of_what_it_has_read(side: Side, problem: RetryLater) -> None:
    world, sent = a_busy_reading(side, None, problem, problem, None, problem)
    begun = world.clock()

    world.run_until_waiting()

    assert world.runs()[-1].outcome == "ok"
    assert world.calendar(side).calls("read") == 1
    pauses = [problem.after or pause_after(tries) for tries in (0, 1, 0)]
    assert world.clock() - begun == sum(pauses, timedelta(0))
    assert sent[0] >= 13
    assert world.errors() == []


def test_a_limit_that_goes_by_the_minute_costs_no_reading_also_where_nobody_says_how_long_to_wait() -> None:
    world, _ = a_busy_reading(Side.GOOGLE)
    opens_at = world.clock() + timedelta(seconds=60)
    asked: list[int] = []

    def request() -> None:
        asked.append(1)
        if len(asked) > 1 and world.clock() < opens_at:
            raise BUSY

    world.google.before_request = request

    world.run_until_waiting()

    assert world.runs()[-1].outcome == "ok"
    assert world.google.calls("read") == 1


def test_a_rest_of_a_minute_is_waited_for() -> None:
    world, _ = a_busy_reading(Side.NEO, None, RetryLater("NEO is busy (HTTP 429).", after=timedelta(minutes=1), is_fault=False))

    world.run_until_waiting()

    assert world.runs()[-1].outcome == "ok"
    assert world.neo.calls("read") == 1


def test_a_reading_that_waits_keeps_its_lease() -> None:
    answers = [answer for _ in range(9) for answer in (None, *[RESTING] * TRIES)]
    world, _ = a_busy_reading(Side.NEO, *answers)
    seen: list[bool] = []
    world.neo.after_request = lambda: seen.append(world.is_abandoned())

    world.run_until_waiting()

    assert world.runs()[-1].outcome == "ok"
    assert not any(seen)


def test_a_reading_that_waits_for_longer_than_a_message_may_be_silent_counts_as_alive() -> None:
    answers = [answer for _ in range(9) for answer in (None, *[RESTING] * TRIES)]
    world, _ = a_busy_reading(Side.NEO, *answers)
    under_way, begun = world.health.work("messages", timedelta(minutes=15)), world.clock()
    alive: list[bool] = []
    world.neo.after_request = lambda: alive.append(world.health.liveness().is_good)

    with under_way():
        world.run_until_waiting()

    assert world.clock() - begun > timedelta(minutes=30)
    assert world.runs()[-1].outcome == "ok"
    assert len(alive) >= 10
    assert all(alive)


@pytest.mark.parametrize(
    ("answers", "sent"),
    [([BUSY], 1), ([None, DOWN], 2), ([None, REST_OF_ALL], 2), ([None, *[BUSY] * (TRIES + 1)], TRIES + 2)],
    ids=["nothing is lost yet", "a fault", "a long rest", "no room for minutes"],
)
def test_what_is_not_worth_waiting_for_puts_the_ticket_off(answers: list[RetryLater | None], sent: int) -> None:
    world, seen = a_busy_reading(Side.NEO, *answers)

    world.run_until_waiting()

    assert world.is_open()
    assert seen[0] == sent
    assert world.neo.calls("read") == 0


def test_a_reading_does_not_wait_when_the_program_ends() -> None:
    world, sent = a_busy_reading(Side.NEO, None, BUSY)
    world.neo.after_request = world.stop

    world.run_until_waiting()

    assert world.is_open()
    assert sent[0] == 2


def test_calls_outside_of_readings_are_never_waited_for() -> None:
    patience = impatient()
    patience.through(nullcontext, lambda: None)

    with pytest.raises(RetryLater):
        patience.through(nullcontext, _raising(BUSY))


def test_a_gate_that_is_closed_for_a_while_is_tried_again_too() -> None:
    patience = Patience(lambda _: True)
    doors: list[Callable[[], AbstractContextManager[None]]] = [nullcontext, _raising(BUSY), nullcontext]

    def next_door() -> AbstractContextManager[None]:
        return doors.pop(0)()

    answers = [patience.through(next_door, lambda: "through") for _ in range(2)]

    assert answers == ["through", "through"]
    assert doors == []


def _raising(error: RetryLater) -> Callable[[], AbstractContextManager[None]]:
    def fail() -> AbstractContextManager[None]:
        raise error

    return fail
