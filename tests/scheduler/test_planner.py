from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desksync_scheduler.planner import next_due, phase, room

INTERVAL = timedelta(minutes=10)
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


@given(user_id=st.integers(1, 1_000_000), now=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
def test_the_next_slot_is_after_now_and_at_most_one_interval_away(user_id: int, now: datetime) -> None:
    due = next_due(user_id, now, INTERVAL)

    assert now < due <= now + INTERVAL


def test_slots_stay_in_place_after_an_outage() -> None:
    before = next_due(7, NOW, INTERVAL)

    after = next_due(7, NOW + timedelta(hours=2), INTERVAL)

    assert (after - before) % INTERVAL == timedelta(0)


def test_the_load_is_flat_over_the_interval() -> None:
    minutes = Counter(int(phase(user_id, INTERVAL).total_seconds() // 60) for user_id in range(1, 1001))

    assert set(minutes) == set(range(10))
    assert max(minutes.values()) - min(minutes.values()) <= 5


def test_a_few_are_sent_out_to_find_out_how_fast_the_workers_are() -> None:
    assert room(queued=0, closed_lately=0, most=1000) == 50
    assert room(queued=50, closed_lately=0, most=1000) == 0


def test_the_queues_hold_what_is_finished_in_twenty_seconds() -> None:
    assert room(queued=130, closed_lately=100, most=1000) == 70
    assert room(queued=900, closed_lately=100, most=1000) == 0


def test_no_more_are_sent_out_than_the_limits_let_through() -> None:
    assert room(queued=0, closed_lately=10_000, most=146) == 146


@given(throughput=st.integers(1, 300), most=st.integers(1, 300))
def test_the_workers_are_kept_busy_whatever_their_speed(throughput: int, most: int) -> None:
    queued, closed = 0, [0] * 10
    for _ in range(60):
        queued += room(queued, sum(closed[-10:]), most)
        closed.append(min(queued, throughput))
        queued -= closed[-1]

    assert closed[-1] == min(throughput, most)
    assert queued <= max(50, 20 * throughput)
