"""One call at a time, and 429 for ten seconds when more than ten wait (NEO common API)."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.sandbox.neo_office import Office

MONTH = {"startdate": "20261101", "enddate": "20261130"}


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit, "The condition did not come true within 10 s."
        time.sleep(0.005)


@contextmanager
def a_slow_call(neo: Office, waiting: int) -> Iterator[list[Future[httpx.Response]]]:
    """Occupy NEO with one call that does not end, and let others wait; at the end all are answered."""
    neo.server.faults.add(kind="slow", seconds=120, on="list_schedules")
    with ThreadPoolExecutor(waiting + 1) as threads:
        calls = [threads.submit(neo.post, "list_schedules", **MONTH)]
        until(lambda: not neo.server.faults.standing())
        calls += [threads.submit(neo.post, "list_schedules", **MONTH) for _ in range(waiting)]
        until(lambda: neo.server.queue.waiting == waiting)
        try:
            yield calls
        finally:
            neo.server.faults.clear()


def test_a_call_waits_until_the_one_before_is_answered(neo: Office) -> None:
    with a_slow_call(neo, waiting=1) as (first, second):
        answered_before = [first.done(), second.done()]
    answered = [first.result().status_code, second.result().status_code]

    assert answered_before == [False, False]
    assert answered == [200, 200]


def test_ten_waiting_calls_are_all_answered(neo: Office) -> None:
    with a_slow_call(neo, waiting=10) as calls:
        pass

    assert [call.result().status_code for call in calls] == [200] * 11


def test_the_eleventh_waiting_call_is_refused_and_so_are_all_for_ten_seconds(neo: Office) -> None:
    with a_slow_call(neo, waiting=10):
        eleventh = neo.post("list_schedules", **MONTH)
    neo.clock.advance(seconds=9.9)
    later = neo.post("list_schedules", **MONTH)
    neo.clock.advance(seconds=0.2)
    after = neo.post("list_schedules", **MONTH)

    assert [eleventh.status_code, later.status_code, after.status_code] == [429, 429, 200]
    assert "retry-after" not in eleventh.headers


def test_how_many_may_wait_can_be_switched(neo: Office) -> None:
    neo.turn(longest_queue=1, refusal_seconds=2)

    with a_slow_call(neo, waiting=1):
        refused = neo.post("list_schedules", **MONTH)
    neo.clock.advance(seconds=2)
    after = neo.post("list_schedules", **MONTH)

    assert [refused.status_code, after.status_code] == [429, 200]
