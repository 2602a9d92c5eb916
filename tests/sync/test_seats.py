"""Who has seats, from the written rows alone: never too many, nobody forgotten, whatever the processes do."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.seats import CLOCK_SKEW, SEAT_LIFE, TURN, Arranged, Member, arranged

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Office:
    """Processes that write down what they have, one after the other, and one clock."""

    cap: int
    now: datetime = NOW
    rows: dict[str, Member] = field(default_factory=dict)

    def turn(self, name: str, wanted: int, busy: int = 0) -> Arranged:
        """Let one process decide, and write down what it decided."""
        decided = arranged(list(self.rows.values()), name, wanted, busy, self.cap, self.now)
        self.rows.pop(name, None)
        if not decided.mine.is_idle:
            self.rows[name] = decided.mine
        return decided

    def turns(self, names: str, wanted: int) -> dict[str, int]:
        """Let several processes take turns, and return on how many seats each may begin calls."""
        return {name: self.turn(name, wanted).usable for name in names}

    def wait(self, length: timedelta = TURN / 2) -> None:
        self.now += length

    def given_out(self) -> int:
        return sum(row.seats for row in self.rows.values() if row.until + CLOCK_SKEW >= self.now)


def test_a_process_alone_gets_as_many_seats_as_it_wants_and_there_are() -> None:
    office = Office(cap=2)

    assert [office.turn("a", wanted).usable for wanted in (1, 2, 9)] == [1, 2, 2]


def test_a_process_that_wants_nothing_leaves_no_row() -> None:
    office = Office(cap=2)
    office.turn("a", 2)

    office.turn("a", 0)

    assert office.rows == {}


def test_when_all_seats_are_taken_the_next_one_waits() -> None:
    office = Office(cap=2)
    office.turn("a", 2)

    second = office.turn("b", 2)

    assert (second.usable, second.mine.is_waiting) == (0, True)


def test_a_process_with_more_than_its_share_gives_back_at_once() -> None:
    office = Office(cap=2)
    office.turns("ab", 2)

    shared = office.turns("ab", 2)

    assert shared == {"a": 1, "b": 1}


def test_a_seat_that_is_in_use_is_given_back_when_its_call_has_ended() -> None:
    office = Office(cap=2)
    office.turns("ab", 2)

    busy = office.turn("a", 2, busy=2)
    other = office.turn("b", 2)
    idle = office.turn("a", 2, busy=1)

    assert (busy.usable, busy.mine.seats, other.usable) == (1, 2, 0)
    assert (idle.usable, idle.mine.seats, office.turn("b", 2).usable) == (1, 1, 1)


def test_whoever_came_first_gets_the_seat_that_becomes_free() -> None:
    office = Office(cap=1)
    for name in "abc":
        office.turn(name, 1)
        office.wait(timedelta(milliseconds=10))

    office.turn("a", 0)
    late, early = office.turn("c", 1), office.turn("b", 1)

    assert (early.usable, late.usable) == (1, 0)


def test_a_newcomer_does_not_pass_those_who_wait() -> None:
    office = Office(cap=1)
    office.turns("ab", 1)
    office.turn("a", 0)

    assert office.turn("c", 1).usable == 0


def test_with_more_processes_than_seats_each_has_one_in_turn() -> None:
    office, had = Office(cap=2), Counter[str]()
    for _ in range(120):
        usable = office.turns("abcde", 3)
        had.update(name for name, number in usable.items() if number)
        assert sum(usable.values()) <= 2
        office.wait()

    assert set(had) == set("abcde")
    assert max(had.values()) - min(had.values()) <= 10


def test_a_seat_is_kept_for_a_turn_though_others_wait() -> None:
    office = Office(cap=1)
    office.turns("ab", 1)

    early = office.turn("a", 1).usable
    office.wait(TURN)
    late = office.turn("a", 1).usable

    assert (early, late) == (1, 0)


def test_one_of_two_holders_gives_way_to_one_who_waits_and_not_both() -> None:
    office = Office(cap=2)
    office.turn("a", 1)
    office.wait(timedelta(milliseconds=10))
    office.turns("bc", 1)
    office.wait(TURN)

    assert office.turns("ba", 1) == {"b": 1, "a": 0}


def test_the_younger_holder_gives_way_when_the_older_one_cannot() -> None:
    office = Office(cap=2)
    office.turn("a", 1)
    office.wait(timedelta(milliseconds=10))
    office.turns("bc", 1)
    office.wait(TURN * 2)

    assert (office.turn("a", 1, busy=1).mine.seats, office.turn("b", 1).mine.seats) == (1, 0)


def test_the_seats_of_a_process_that_says_nothing_run_out() -> None:
    office = Office(cap=2)
    office.turn("a", 2)

    office.wait(SEAT_LIFE + CLOCK_SKEW)
    held_still = office.turn("b", 2).usable
    office.wait(timedelta(milliseconds=1))
    free = office.turn("b", 2).usable

    assert (held_still, free) == (0, 2)


def test_a_process_that_was_frozen_has_lost_its_seats() -> None:
    office = Office(cap=2)
    office.turn("a", 2)
    office.wait(SEAT_LIFE + CLOCK_SKEW + timedelta(milliseconds=1))
    office.turn("b", 2)

    thawed = office.turn("a", 2, busy=2)

    assert (thawed.usable, thawed.mine.seats) == (0, 0)


def test_one_who_died_in_line_holds_up_the_others_for_some_seconds_only() -> None:
    office = Office(cap=1)
    office.turns("ab", 1)
    office.turn("a", 0)
    office.wait(SEAT_LIFE + CLOCK_SKEW + timedelta(milliseconds=1))

    assert office.turn("c", 1).usable == 1


def test_seats_that_a_clock_wrote_before_it_was_set_back_are_nobodys() -> None:
    office = Office(cap=2)
    office.turn("a", 1)
    office.wait(timedelta(hours=-1))

    assert office.turn("b", 2).usable == 2
    assert office.turn("a", 1).usable == 0


def test_fewer_seats_by_another_setting_are_given_back() -> None:
    office = Office(cap=4)
    office.turn("a", 4)

    office.cap = 2

    assert office.turn("a", 4).usable == 2


STEPS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 4), st.integers(0, 1500), st.booleans()), min_size=1, max_size=120
)
"""Which process takes its turn, how many calls it wants, how long after the last one, and whether its calls have ended."""


@given(cap=st.integers(1, 4), steps=STEPS)
def test_never_are_more_calls_under_way_than_there_are_seats(cap: int, steps: list[tuple[str, int, int, bool]]) -> None:
    office, begun = Office(cap), Counter[str]()
    for name, wanted, pause, has_ended in steps:
        office.wait(timedelta(milliseconds=pause))
        row = office.rows.get(name)
        if has_ended or row is None or row.until < office.now:
            begun[name] = 0  # A frozen process is not in this test: its calls would still be under way.
        decided = office.turn(name, wanted, begun[name])
        begun[name] = max(begun[name], min(decided.usable, wanted))
        live = sum(number for one, number in begun.items() if one in office.rows and office.rows[one].until >= office.now)

        assert live <= cap
        assert office.given_out() <= cap
        assert decided.usable <= decided.mine.seats


@pytest.mark.parametrize("cap", [1, 2, 3, 5])
@given(names=st.permutations("abcdef"), wanted=st.integers(1, 4))
def test_nobody_waits_for_ever(cap: int, names: list[str], wanted: int) -> None:
    office, waited = Office(cap), Counter[str]()
    for _ in range(60):
        for name, usable in office.turns("".join(names), wanted).items():
            waited[name] = 0 if usable else waited[name] + 1
            assert waited[name] <= 2 * len(names) + 4
        office.wait()


def test_what_is_said_twice_changes_nothing_but_the_time() -> None:
    office = Office(cap=2)
    first = office.turn("a", 2)
    office.wait()

    again = office.turn("a", 2)

    assert again == replace(first, mine=replace(first.mine, until=office.now + SEAT_LIFE))
