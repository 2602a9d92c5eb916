from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.pacing import PORTION_LIFE, Pace, granted, held_back, shared_pace, user_pace

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEN_A_SECOND = Pace(timedelta(seconds=0.1), 5)

ASKING = st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 400)), min_size=1, max_size=200)
"""When processes ask, in milliseconds after the one before, and for how many calls."""


def most_in_a_minute(moments: list[tuple[datetime, int]]) -> int:
    """Return the most calls that any 60 seconds hold. A minute with the most of them ends with a call."""
    most, begin, held = 0, 0, 0
    for moment, number in moments:
        held += number
        while moments[begin][0] <= moment - MINUTE:
            held -= moments[begin][1]
            begin += 1
        most = max(most, held)
    return most


def test_after_a_rest_a_burst_is_granted_at_once_and_not_more() -> None:
    grant = granted(TEN_A_SECOND, None, 9, NOW)

    assert grant.number == 5
    assert grant.wait == timedelta(seconds=0.1)


def test_a_call_is_granted_when_its_time_has_come() -> None:
    spent = granted(TEN_A_SECOND, None, 5, NOW)

    early = granted(TEN_A_SECOND, spent.spent_until, 1, NOW + timedelta(seconds=0.09))
    due = granted(TEN_A_SECOND, spent.spent_until, 1, NOW + spent.wait)

    assert (early.number, early.wait) == (0, timedelta(seconds=0.01))
    assert due.number == 1


def test_a_long_rest_saves_up_no_more_than_a_burst() -> None:
    spent = granted(TEN_A_SECOND, None, 5, NOW)

    assert granted(TEN_A_SECOND, spent.spent_until, 100, NOW + timedelta(days=1)).number == 5


def test_asking_in_vain_costs_nothing() -> None:
    spent = granted(TEN_A_SECOND, None, 5, NOW).spent_until

    for _ in range(10):
        spent = granted(TEN_A_SECOND, spent, 1, NOW).spent_until

    assert granted(TEN_A_SECOND, spent, 1, NOW + timedelta(seconds=0.1)).number == 1


def test_whoever_is_held_back_is_told_for_how_long() -> None:
    held = held_back(TEN_A_SECOND, NOW + MINUTE)

    assert granted(TEN_A_SECOND, held, 1, NOW).wait == MINUTE + timedelta(seconds=0.1)
    assert granted(TEN_A_SECOND, held, 1, NOW + MINUTE).number == 0
    assert granted(TEN_A_SECOND, held, 1, NOW + MINUTE + timedelta(seconds=0.1)).number == 1


@given(per_minute=st.integers(60, 20_000), asking=ASKING, data=st.data())
def test_no_minute_holds_more_calls_than_the_limit_however_late_they_are_made(
    per_minute: int, asking: list[tuple[int, int]], data: st.DataObject
) -> None:
    pace, now, spent, made = shared_pace(per_minute), NOW, None, list[tuple[datetime, int]]()
    for pause, wanted in asking:
        now += timedelta(milliseconds=pause)
        grant = granted(pace, spent, wanted, now)
        spent = grant.spent_until
        made.append((now + data.draw(st.sampled_from([timedelta(0), PORTION_LIFE / 2, PORTION_LIFE])), grant.number))

    assert most_in_a_minute(sorted(made)) <= per_minute


@pytest.mark.parametrize("per_minute", [60, 600, 10_000, 1_000_000])
def test_most_of_the_limit_can_be_used(per_minute: int) -> None:
    assert 0.85 * per_minute <= shared_pace(per_minute).per_second * 60 <= per_minute


@pytest.mark.parametrize(("per_minute", "processes"), [(10, 2), (60, 3), (600, 12)])
def test_a_user_may_go_on_in_other_processes_within_a_minute(per_minute: int, processes: int) -> None:
    pace = user_pace(per_minute)

    assert pace.per_second * 60 + pace.burst * processes <= per_minute
