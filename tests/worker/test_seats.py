"""Few calls at once, whatever the number of processes, and a rest for all of them when there were too many: on both databases."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desksync.store import remotes
from desksync.store.engine import make_begin
from desksync.sync.event import Side
from desksync.sync.seats import CLOCK_SKEW, SEAT_LIFE, TURN
from desksync.worker.errors import EventRefused, RetryLater
from desksync.worker.seats import LONGEST_REST, Seats
from tests.waiting import eventually
from tests.worker.gates import Call, Machine, Process, counted, running

BUSY = RetryLater("NEO is busy (HTTP 429).", after=timedelta(seconds=10), is_fault=False)


@pytest.fixture
def machine(database_url: str) -> Iterator[Machine]:
    machine = Machine(database_url)
    yield machine
    machine.close()


def seated(process: Process[Seats], *, user_id: int = 1) -> Call:
    """Begin a call, and turn the loop until it is under way."""
    call = Call(process.gate, user_id)

    def is_under_way() -> bool:
        process.gate.turn()
        return call.is_under_way.is_set()

    eventually(is_under_way)
    return call


def in_line(process: Process[Seats], number: int) -> None:
    """Wait until so many calls wait in the process."""
    eventually(lambda: len(process.gate._line) == number)


def called(process: Process[Seats]) -> None:
    """Make one call from beginning to end."""
    seated(process).end()


def put_off(process: Process[Seats]) -> RetryLater:
    """Try a call that is put off, and return with what."""
    with pytest.raises(RetryLater) as caught, process.gate(1):
        pytest.fail("it was let through")
    return caught.value


def refused(process: Process[Seats], error: RetryLater = BUSY) -> None:
    """Make one call that the remote refuses, and tell the others."""
    called(process)
    with pytest.raises(RetryLater), process.gate(1):
        raise error
    process.gate.turn()


def seats_in(process: Process[Seats]) -> dict[str, int]:
    with make_begin(process.engine)() as session:
        return {one.holder: one.seats for one in remotes.look(session, Side.NEO).members}


def test_nobody_is_let_through_before_the_loop_has_found_a_seat(machine: Machine) -> None:
    process = machine.seats("a")
    call = Call(process.gate)
    in_line(process, 1)

    before = call.is_under_way.is_set()
    process.gate.turn()
    call.end()

    assert (before, call.error) == (False, None)


def test_only_so_many_calls_are_under_way_at_once(machine: Machine) -> None:
    process = machine.seats("a", most=2)
    first, second = seated(process), seated(process)
    third = Call(process.gate)
    in_line(process, 1)

    process.gate.turn()
    had_to_wait = not third.is_under_way.is_set()
    first.end()

    assert third.is_under_way.wait(20)
    assert had_to_wait
    for call in (second, third):
        call.end()
    assert counted(process.metrics.remote_waits, "neo", "waited") >= 1


def test_calls_go_in_the_order_in_which_they_came_whichever_user_they_are_for(machine: Machine) -> None:
    process = machine.seats("a", most=1)
    first = seated(process)
    waiting = []
    for number in range(3):
        waiting.append(Call(process.gate, user_id=1 if number < 2 else 2))
        in_line(process, number + 1)

    order = []
    first.end()
    for call in waiting:
        assert call.is_under_way.wait(20)
        order.append([one.is_under_way.is_set() for one in waiting])
        call.end()

    assert order == [[True, False, False], [True, True, False], [True, True, True]]


def test_calls_cost_no_transaction_of_their_own(machine: Machine) -> None:
    process = machine.seats("a")
    called(process)
    before = process.transactions

    for _ in range(1000):
        with process.gate(1):
            pass

    assert process.transactions == before


def test_a_process_that_makes_no_calls_gives_its_seats_back_and_leaves_the_database_alone(machine: Machine) -> None:
    process = machine.seats("a")
    called(process)

    machine.clock.move(timedelta(seconds=2.1))
    process.gate.turn()
    before = process.transactions
    for _ in range(10):
        process.gate.turn()

    assert process.transactions == before
    assert seats_in(process) == {}


def test_a_call_that_comes_while_the_seats_are_given_back_is_not_forgotten(machine: Machine) -> None:
    process = machine.seats("a")
    called(process)
    machine.clock.move(timedelta(seconds=2.1))
    begin, late = process.gate._begin, list[Call]()

    def begin_late() -> AbstractContextManager[Session]:
        if not late:
            process.gate._usable = 0
            late.append(Call(process.gate))
            in_line(process, 1)
        return begin()

    process.gate._begin = begin_late
    process.gate._wake.clear()
    process.gate.turn()
    is_called_again = process.gate._wake.is_set()
    process.gate.turn()

    assert is_called_again
    assert late[0].is_under_way.wait(20)
    late[0].end()


def test_two_processes_share_the_seats(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    first, second = seated(one), seated(one)
    third = Call(two.gate)
    in_line(two, 1)
    for process in (two, one, two):
        process.gate.turn()
    had_to_wait = not third.is_under_way.is_set()

    first.end()
    for process in (one, two):
        process.gate.turn()

    assert had_to_wait
    assert third.is_under_way.wait(20)
    assert seats_in(one) == {"a": 1, "b": 1}
    for call in (second, third):
        call.end()


def test_of_many_processes_each_has_its_turn(machine: Machine) -> None:
    processes = [machine.seats(name, most=1) for name in "abc"]
    calls = [Call(process.gate) for process in processes]
    for process in processes:
        in_line(process, 1)

    order = []
    for _ in range(20):
        for name, process, call in zip("abc", processes, calls, strict=True):
            process.gate.turn()
            if call.is_under_way.is_set() and not call.has_ended.is_set():
                order.append(name)
                call.end()
        machine.clock.move(TURN)

    assert sorted(order) == ["a", "b", "c"]


def test_the_seats_of_a_killed_process_are_free_after_some_seconds(machine: Machine) -> None:
    killed, other = machine.seats("a"), machine.seats("b")
    seated(killed)
    seated(killed)
    waiting = Call(other.gate)
    in_line(other, 1)

    machine.clock.move(SEAT_LIFE + CLOCK_SKEW)
    other.gate.turn()
    held_still = not waiting.is_under_way.is_set()
    machine.clock.move(timedelta(milliseconds=1))
    other.gate.turn()

    assert held_still
    assert waiting.is_under_way.wait(20)
    waiting.end()


def test_a_process_that_was_frozen_begins_no_call_on_seats_that_have_run_out(machine: Machine) -> None:
    frozen, other = machine.seats("a", most=1), machine.seats("b", most=1)
    called(frozen)
    machine.clock.move(SEAT_LIFE + CLOCK_SKEW + timedelta(milliseconds=1))
    theirs = seated(other)

    thawed = Call(frozen.gate)
    in_line(frozen, 1)
    frozen.gate.turn()
    had_to_wait = not thawed.is_under_way.is_set()
    theirs.end()
    machine.clock.move(TURN)
    for process in (other, frozen):
        process.gate.turn()

    assert had_to_wait
    assert thawed.is_under_way.wait(20)
    thawed.end()


def test_when_there_were_too_many_calls_every_process_rests(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    called(two)
    refused(one)

    two.gate.turn()
    errors = [put_off(one), put_off(two)]

    assert [(error.after, error.is_fault) for error in errors] == [(timedelta(seconds=10), False)] * 2
    assert [counted(one.metrics.remote_pauses, "neo"), counted(two.metrics.remote_pauses, "neo")] == [1, 0]
    assert counted(two.metrics.remote_waits, "neo", "put_off") == 1


def test_a_process_that_was_idle_hears_of_the_rest_before_its_first_call(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    refused(one)
    call = Call(two.gate)
    in_line(two, 1)

    two.gate.turn()

    assert call.has_ended.wait(20)
    assert isinstance(call.error, RetryLater)
    assert not call.is_under_way.is_set()


def test_the_rest_lasts_as_long_as_the_remote_asked_and_no_longer(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    refused(one, RetryLater("busy", after=timedelta(seconds=33), is_fault=False))
    machine.clock.move(timedelta(seconds=30))
    call = Call(two.gate)
    in_line(two, 1)
    two.gate.turn()

    assert call.has_ended.wait(20)
    assert isinstance(call.error, RetryLater)
    assert call.error.after == timedelta(seconds=3)
    machine.clock.move(timedelta(seconds=3))
    for process in (one, two):
        called(process)


def test_a_refusal_that_does_not_say_for_how_long_lasts_ten_seconds(machine: Machine) -> None:
    process = machine.seats("a")

    refused(process, RetryLater("busy", is_fault=False))

    assert put_off(process).after == timedelta(seconds=10)


def test_nobody_rests_for_an_hour_because_one_was_told_to(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    called(two)
    called(one)

    with pytest.raises(RetryLater) as told, one.gate(1):
        raise RetryLater("busy", after=timedelta(hours=1), is_fault=False)
    for process in (one, two):
        process.gate.turn()
    rests = [put_off(process).after for process in (one, two)]
    machine.clock.move(LONGEST_REST)

    assert told.value.after == timedelta(hours=1)
    assert rests == [LONGEST_REST, LONGEST_REST]
    for process in (one, two):
        called(process)


def test_a_rest_of_a_clock_that_is_ahead_holds_nobody_up_and_bars_no_later_one(machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    ahead = machine.clock() + timedelta(hours=5)
    with make_begin(one.engine)() as session:
        remotes.pause(session, Side.NEO, ahead, ahead)

    called(two)
    refused(one)
    two.gate.turn()

    assert put_off(two).after == BUSY.after


def test_a_rest_that_is_nearly_over_is_waited_for(machine: Machine) -> None:
    process = machine.seats("a")
    refused(process)
    machine.clock.move(timedelta(seconds=9))
    call = Call(process.gate)
    in_line(process, 1)
    process.gate.turn()

    had_to_wait = not call.is_under_way.is_set()
    machine.clock.move(timedelta(seconds=1))
    process.gate.turn()

    assert had_to_wait
    assert call.is_under_way.wait(20)
    call.end()


def test_processes_come_back_from_a_rest_at_different_moments(machine: Machine) -> None:
    early, late = machine.seats("a"), machine.seats("b", chance=0.9)
    for process in (early, late):
        called(process)
    refused(early)
    late.gate.turn()
    machine.clock.move(timedelta(seconds=5))

    assert [put_off(process).after for process in (early, late)] == [timedelta(seconds=5), timedelta(seconds=5.9)]


@pytest.mark.parametrize("begin", [called, refused])
def test_a_clock_that_is_set_back_holds_nobody_up(machine: Machine, begin: Callable[[Process[Seats]], None]) -> None:
    one, two = machine.seats("a", most=1), machine.seats("b", most=1)
    begin(one)

    machine.clock.move(timedelta(hours=-2))
    called(two)
    machine.clock.move(TURN)
    waiting = Call(one.gate)
    in_line(one, 1)
    for process in (one, two, one):
        process.gate.turn()

    assert waiting.is_under_way.wait(20)
    waiting.end()


@pytest.mark.parametrize("error", [RetryLater("NEO Server Error (HTTP 503)."), EventRefused("no right"), ValueError("a mistake")])
def test_other_errors_make_nobody_rest_and_give_the_seat_back(machine: Machine, error: Exception) -> None:
    process = machine.seats("a", most=1)
    called(process)

    for _ in range(3):
        with pytest.raises(type(error)), process.gate(1):
            raise error

    called(process)
    assert counted(process.metrics.remote_pauses, "neo") == 0


def test_a_call_that_finds_no_seat_in_time_is_put_off_and_nobodys_fault(machine: Machine) -> None:
    holder, other = machine.seats("a", most=1), machine.seats("b", most=1, patience=0.02)
    first = seated(holder)

    error = put_off(other)

    assert (error.after, error.is_fault) == (None, False)
    assert counted(other.metrics.remote_waits, "neo", "put_off") == 1
    first.end()


def test_whoever_waits_is_put_off_at_once_when_the_program_is_to_end(machine: Machine) -> None:
    process = machine.seats("a", most=1)
    with running(process.gate.run) as stop:
        first, second = Call(process.gate), None
        assert first.is_under_way.wait(20)
        second = Call(process.gate)
        in_line(process, 1)

        stop.set()

        assert second.has_ended.wait(20)
        held_meanwhile = seats_in(process)
        first.end()
    assert isinstance(second.error, RetryLater)
    assert not second.error.is_fault
    assert held_meanwhile == {"a": 1}
    assert seats_in(process) == {}
    assert isinstance(put_off(process), RetryLater)


def test_a_seat_is_kept_as_long_as_its_call_lasts(machine: Machine) -> None:
    slow, other = machine.seats("a", most=1), machine.seats("b", most=1)
    call = seated(slow)
    waiting = Call(other.gate)
    in_line(other, 1)

    for _ in range(40):
        machine.clock.move(timedelta(seconds=0.5))
        for process in (slow, other):
            process.gate.turn()
        assert not waiting.is_under_way.is_set()
    call.end()
    for process in (slow, other):
        process.gate.turn()

    assert waiting.is_under_way.wait(20)
    waiting.end()


def test_a_database_that_is_away_costs_time_only(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    process = machine.seats("a")
    there, away = process.gate._begin, [True]

    def begin() -> object:
        if away:
            raise OperationalError("SELECT 1", None, ConnectionError("the server is restarting"))
        return there()

    process.gate._begin = begin  # type: ignore[assignment] # raises where a real one would
    call = Call(process.gate)
    in_line(process, 1)
    for _ in range(3):
        process.gate.turn()
    had_to_wait = not call.is_under_way.is_set()
    away.clear()
    process.gate.turn()

    assert had_to_wait
    assert call.is_under_way.wait(20)
    call.end()
    assert caplog.text.count("seats not renewed") == 1
