"""So many calls in a minute for everybody and for each user, whatever the number of processes: on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from desksync.sync.pacing import PORTION_LIFE, shared_pace, user_pace
from desksync.worker.errors import RetryLater
from desksync.worker.quota import Quota
from tests.waiting import eventually
from tests.worker.gates import Call, Machine, Process, counted, running

MINUTE = timedelta(minutes=1)


@pytest.fixture
def machine(database_url: str) -> Iterator[Machine]:
    machine = Machine(database_url)
    yield machine
    machine.close()


def begun(process: Process[Quota], user_id: int = 1) -> Call:
    """Begin a call, and turn the loop until it is under way."""
    call = Call(process.gate, user_id)

    def is_under_way() -> bool:
        process.gate.turn()
        return call.is_under_way.is_set()

    eventually(is_under_way)
    return call


def called(process: Process[Quota], user_id: int = 1) -> None:
    """Make one call from beginning to end."""
    begun(process, user_id).end()


def put_off(process: Process[Quota], user_id: int = 1) -> RetryLater:
    """Try a call that is put off, and return with what."""
    with pytest.raises(RetryLater) as caught, process.gate(user_id):
        pytest.fail("it was let through")
    return caught.value


def made_at_once(process: Process[Quota]) -> int:
    """Make calls, each for another user, until one would have to wait; return how many."""
    made = 0
    while True:
        process.gate.turn()
        with process.gate._line.changed:
            if not process.gate._has_some():
                return made
        with process.gate(1000 + made):
            made += 1


def test_nobody_is_let_through_before_the_loop_has_taken_a_portion(machine: Machine) -> None:
    process = machine.quota()
    call = Call(process.gate)
    eventually(lambda: len(process.gate._line) == 1)

    before = call.is_under_way.is_set()
    process.gate.turn()

    assert not before
    assert call.is_under_way.wait(20)
    call.end()


def test_many_processes_together_spend_what_there_is(machine: Machine) -> None:
    processes = [machine.quota(per_minute=600) for _ in range(4)]
    for process in processes:
        called(process)

    made = len(processes) + sum(made_at_once(process) for process in processes)

    assert made == shared_pace(600).burst


@pytest.mark.parametrize("per_minute", [60, 600])
def test_no_minute_holds_more_calls_than_the_limit(machine: Machine, per_minute: int) -> None:
    processes = [machine.quota(per_minute=per_minute) for _ in range(3)]
    for process in processes:
        process.gate._call()

    made = []
    for _ in range(130):
        made.append(sum(made_at_once(process) for process in processes))
        for process in processes:
            process.gate._call()
        machine.clock.move(timedelta(seconds=1))

    minutes = [sum(made[second : second + 60]) for second in range(70)]
    assert max(minutes) <= per_minute
    assert minutes[-1] >= 0.8 * per_minute


def test_a_portion_that_is_not_used_in_time_is_lost(machine: Machine) -> None:
    process = machine.quota()
    called(process)

    machine.clock.move(PORTION_LIFE)
    call = Call(process.gate)
    eventually(lambda: len(process.gate._line) == 1)

    assert not call.is_under_way.is_set()
    process.gate.turn()
    assert call.is_under_way.wait(20)
    call.end()


def test_busy_processes_take_larger_portions(machine: Machine) -> None:
    process = machine.quota(per_minute=60_000, per_user_minute=100_000)
    called(process)
    calls, before = 0, process.transactions
    for _ in range(200):
        machine.clock.move(timedelta(milliseconds=100))
        process.gate.turn()
        for user_id in range(20):
            with process.gate(user_id):
                calls += 1
            process.gate.turn()

    assert calls == 4000
    assert process.transactions - before < calls / 40


def test_a_call_now_and_then_costs_a_transaction_for_several(machine: Machine) -> None:
    process = machine.quota()
    called(process)
    before = process.transactions

    for _ in range(30):
        machine.clock.move(timedelta(seconds=1))
        process.gate.turn()
        called(process)

    assert process.transactions - before <= 16


def test_a_process_that_makes_no_calls_leaves_the_database_alone(machine: Machine) -> None:
    process = machine.quota()
    called(process)
    before = process.transactions

    for _ in range(10):
        machine.clock.move(timedelta(seconds=1))
        process.gate.turn()

    assert process.transactions == before


def test_a_user_has_a_limit_and_others_are_not_held_up_by_it(machine: Machine) -> None:
    process = machine.quota(per_user_minute=60)
    for _ in range(user_pace(60).burst):
        called(process, 1)

    greedy = Call(process.gate, 1)
    called(process, 2)
    machine.clock.move(timedelta(seconds=1.3))

    assert not greedy.is_under_way.is_set()
    assert greedy.is_under_way.wait(20)
    greedy.end()


def test_a_long_wait_of_a_user_is_put_off(machine: Machine) -> None:
    process = machine.quota(per_user_minute=10)
    called(process)

    error = put_off(process)

    assert error.after is not None
    assert timedelta(seconds=3) < error.after <= timedelta(seconds=8)
    assert not error.is_fault
    assert counted(process.metrics.remote_waits, "google", "put_off") == 1


def test_a_user_whom_the_remote_asked_to_wait_waits_and_nobody_else(machine: Machine) -> None:
    process = machine.quota()
    called(process, 1)
    called(process, 2)
    with pytest.raises(RetryLater), process.gate(1):
        raise RetryLater("Google asks to wait: too many requests.", after=timedelta(seconds=40), is_fault=False)

    called(process, 2)
    error = put_off(process, 1)
    machine.clock.move(timedelta(seconds=41))
    called(process, 1)

    assert error.after is not None
    assert abs(error.after - timedelta(seconds=40)) < timedelta(seconds=1)
    assert counted(process.metrics.remote_pauses, "google") == 1


def test_a_fault_of_the_remote_holds_nobody_back(machine: Machine) -> None:
    process = machine.quota()
    called(process)

    with pytest.raises(RetryLater), process.gate(1):
        raise RetryLater("Google Server Error 503", after=timedelta(seconds=40))

    called(process)
    assert counted(process.metrics.remote_pauses, "google") == 0


def test_only_so_many_users_are_remembered(machine: Machine) -> None:
    process = machine.quota(per_minute=1_000_000)
    now = machine.clock()
    with process.gate._line.changed:
        for user_id in range(12_000):
            process.gate._keep(user_id, now + timedelta(hours=user_id >= 6000))
        half = len(process.gate._users)
        for user_id in range(12_000, 24_000):
            process.gate._keep(user_id, now + timedelta(hours=1))

    assert half <= 10_000
    assert len(process.gate._users) <= 10_000
    assert 23_999 in process.gate._users


def test_a_clock_that_is_set_back_holds_nobody_up(machine: Machine) -> None:
    process = machine.quota()
    called(process)

    machine.clock.move(timedelta(hours=-1))

    called(process)
    called(machine.quota())


def test_whoever_waits_is_put_off_at_once_when_the_program_is_to_end(machine: Machine) -> None:
    process = machine.quota(per_user_minute=30)
    with running(process.gate.run) as stop:
        first = Call(process.gate)
        assert first.is_under_way.wait(20)
        first.end()
        resting = Call(process.gate)  # By the clock of the test it would rest for ever.

        stop.set()

        assert resting.has_ended.wait(20)
    assert isinstance(resting.error, RetryLater)
    assert not resting.error.is_fault


def test_a_database_that_is_away_costs_time_only(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    process = machine.quota()
    there, away = process.gate._begin, [True]

    def begin() -> object:
        if away:
            raise OperationalError("SELECT 1", None, ConnectionError("the server is restarting"))
        return there()

    process.gate._begin = begin  # type: ignore[assignment] # raises where a real one would
    call = Call(process.gate)
    eventually(lambda: len(process.gate._line) == 1)
    for _ in range(3):
        process.gate.turn()
    had_to_wait = not call.is_under_way.is_set()
    away.clear()
    process.gate.turn()

    assert had_to_wait
    assert call.is_under_way.wait(20)
    call.end()
    assert caplog.text.count("no calls taken") == 1
