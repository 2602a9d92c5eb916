"""Several processes that call one NEO: never too many at once, and a rest for all when there were."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta

import pytest

from desksync.worker.errors import RetryLater
from desksync_neo_worker.client import NeoClient
from tests.neo_worker.caller import MOST
from tests.neo_worker.office import ACCOUNT, Office
from tests.project.files import ROOT
from tests.waiting import eventually
from tests.worker.gates import Machine, running

DAY = date(2026, 11, 23)
PATIENCE = 90.0
"""Seconds, on a machine that is busy with other things."""


@pytest.fixture
def machine(database_url: str) -> Iterator[Machine]:
    with closing(Machine(database_url)) as machine:
        yield machine


def test_a_429_that_one_process_gets_makes_both_rest(office: Office, machine: Machine) -> None:
    one, two = machine.seats("a"), machine.seats("b")
    with (
        running(one.gate.run),
        running(two.gate.run),
        NeoClient(office.server.base_url, gate=one.gate) as first,
        NeoClient(office.server.base_url, gate=two.gate) as second,
    ):
        for client in (first, second):
            client.list_schedules(ACCOUNT, DAY, DAY)
        office.server.faults.add(kind="status", status=429, headers={"retry-after": "30"})
        with pytest.raises(RetryLater):
            first.list_schedules(ACCOUNT, DAY, DAY)
        eventually(lambda: two.gate._rest is not None)
        office.forget_calls()

        errors = []
        for client in (first, second):
            with pytest.raises(RetryLater) as caught:
                client.list_schedules(ACCOUNT, DAY, DAY)
            errors.append(caught.value)
        sent_meanwhile = office.calls()
        machine.clock.move(timedelta(seconds=31))
        for client in (first, second):
            client.list_schedules(ACCOUNT, DAY, DAY)

    assert [(error.after, error.is_fault) for error in errors] == [(timedelta(seconds=30), False)] * 2
    assert (sent_meanwhile, office.calls()) == (0, 2)


class Crowd:
    """Processes that call the office's NEO as fast as they are let."""

    def __init__(self, office: Office, database_url: str, stack: ExitStack) -> None:
        self._office = office
        self._command = [sys.executable, "-m", "tests.neo_worker.caller", database_url, office.server.base_url]
        self._stack = stack

    def start(self, number: int) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([*self._command, str(number)], cwd=ROOT)  # noqa: S603 - a program of the tests
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def served(self) -> Counter[int]:
        """Return how many calls of each process were answered."""
        return Counter(int(one["startdate"][6:]) for one in self._office.posted("list_schedules"))

    def refused(self) -> int:
        return sum(call.status == 429 for call in self._office.server.calls.all())

    def go_on(self, *numbers: int, calls: int = 10) -> None:
        """Wait until each of the processes was served so many times more."""
        before = self.served()
        eventually(lambda: all(self.served()[number] >= before[number] + calls for number in numbers), within=PATIENCE)


def freeze(process: "subprocess.Popen[bytes]", machine: Machine) -> None:
    """Stop the process at a moment when it holds no lock of SQLite's, which nobody could take from it."""

    def is_outside_of_a_transaction() -> bool:
        process.send_signal(signal.SIGSTOP)
        if machine.is_free():
            return True
        process.send_signal(signal.SIGCONT)
        return False

    eventually(is_outside_of_a_transaction, within=PATIENCE)


def test_processes_that_are_many_killed_or_frozen_never_crowd_neo_and_all_get_their_turn(
    office: Office, database_url: str, machine: Machine
) -> None:
    office.turn(longest_queue=MOST - 1)  # One more call at once, and NEO refuses.
    office.server.faults.add(kind="slow", seconds=0.02, times=1_000_000)
    with ExitStack() as stack:
        stack.callback(office.server.faults.clear)
        crowd = Crowd(office, database_url, stack)
        one, two, three = (crowd.start(number) for number in (1, 2, 3))
        crowd.go_on(1, 2, 3)

        one.kill()
        crowd.go_on(2, 3)
        refused_before_the_freeze = crowd.refused()

        freeze(two, machine)
        crowd.go_on(3, calls=100)
        two.send_signal(signal.SIGCONT)
        crowd.go_on(2, 3)

        for process in (two, three):
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(PATIENCE) for process in (two, three)]

    assert codes == [0, 0]
    assert refused_before_the_freeze == 0
    assert crowd.refused() <= MOST  # What the frozen one was about to send, it sends when it wakes up.
