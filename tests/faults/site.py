"""A site as in production, small and quick, to be broken: real programs, stand-ins and people, on servers that are given.

Its clock runs ten times as fast as the machine's. A lease of half a minute is over after three seconds, and a wait of half a
minute after a failure as well.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

from desksync.ops.secrets import SecretKey, make_key
from desksync.ops.settings import PREFIX
from desksync.store.engine import DATABASE_ERRORS
from desksync.store.runs import Run, list_runs
from desksync.sync.event import Side
from desksync_embedded.trial import Trial, trial
from desksync_local.fleet import Fleet, Program
from desksync_local.patience import comes_true
from desksync_local.ports import free_ports
from desksync_local.production import Size, environment
from desksync_sandbox.faults import Faults
from desksync_sandbox.office import ZONE, make_office
from tests.faults.clock import Clock
from tests.faults.evidence import keep
from tests.faults.judge import WRITES, Judge
from tests.faults.people import People
from tests.faults.programs import CLOCK, MESSAGES
from tests.faults.tally import Tally
from tests.project.files import ROOT

SPEED = 10.0
QUIET_SECONDS = 120.0
"""How long a site may take to come to rest; only failures ever take so long."""

TUNED = {
    "sync_interval": "10s",
    "ticket_lease": "30s",
    "neo_timeout": "2s",
    "google_timeout": "2s",
    # Many tests fail on purpose, one after the other, and all within a day.
    "error_limit": "1000000",
}
START_SECONDS = 120.0


class NotQuiet(Exception):
    """The site did not come to rest. `str()` tells how far everybody is."""


@dataclass(frozen=True)
class Servers:
    """Where the programs find their servers, and where the test does: a proxy may stand between them."""

    database_url: str
    broker_url: str
    programs_database_url: str
    programs_broker_url: str


@dataclass
class Site:
    """A running site. `clocks` are those of the programs, by their name."""

    company: Trial
    fleet: Fleet
    clock: Clock
    clocks: Mapping[str, Clock]
    people: People
    chance: Random
    tally: Tally
    folder: Path
    judge: Judge

    def program(self, name: str) -> Program:
        """Return the program of that name, such as `neo-worker-1`."""
        return next(program for program in self.fleet.programs if program.name == name)

    def named(self, kind: str) -> list[Program]:
        """Return all programs of that kind, such as `neo-worker`."""
        return [program for program in self.fleet.programs if program.name.rpartition("-")[0] == kind or program.name == kind]

    def kill(self, *programs: Program) -> None:
        """Kill programs at once, and count it."""
        for program in programs:
            program.send(SIGKILL)
        self.tally.fault("kill -9", len(programs))

    def edit(self, most: int = 4) -> None:
        """Let people do a few things."""
        for _ in range(self.chance.randint(1, most)):
            self.people.edit()

    def wait_for_calls(self, number: int, within: float = 3.0) -> None:
        """Wait until the stand-ins were called so often, or so many seconds are over: a moment in the middle of things."""
        until = self._calls() + number
        comes_true(lambda: self._calls() >= until, within)

    def wait_for_leases(self) -> None:
        """Wait until every lease that stands at this moment is over."""
        until = self.clock.now() + 1.2 * self.company.resources.settings.ticket_lease
        comes_true(lambda: self.clock.now() > until)

    def wait_within_a_call(self) -> None:
        """Wait until one of the next writes to a stand-in is under way and stays so for a moment."""
        side = self.chance.choice(tuple(Side))
        faults = self.faults(side)
        faults.add(kind="slow", on=self.chance.choice(WRITES[side]), seconds=0.3)
        if not comes_true(lambda: not faults.standing(), 2.0):
            faults.clear()  # Nobody wrote that.

    def writes(self, side: Side) -> Sequence[str]:
        """Return the operations that change something on that side."""
        return WRITES[side]

    def jump(self, by: timedelta) -> None:
        """Set the clocks of all programs, the stand-ins and the test on or back."""
        for clock in (self.clock, *self.clocks.values()):
            clock.jump(by)

    def faults(self, side: Side) -> Faults:
        """Return where faults of a stand-in are ordered."""
        return self.company.neo.faults if side is Side.NEO else self.company.google.faults

    def settle(self) -> None:
        """Leave the site alone until it is quiet, then compare both calendars with what people did.

        Raises `NotQuiet`, and `AssertionError` when something was lost or doubled.
        """
        self.wait_until_quiet()
        verdict = self.judge.look()
        self.tally.lost += verdict.lost.total()
        self.tally.doubled += verdict.doubled.total() + verdict.created_again.total()
        if not verdict.is_good:
            keep(self.company, self.people.done, self.folder)
        assert verdict.is_good, f"{verdict}\nWhat has happened stands in {self.folder}"
        self.people.settle()

    def wait_until_quiet(self) -> None:
        """Wait until a run of everybody that began after this moment has found nothing to do. Raises `NotQuiet`."""
        # By their numbers and not by their times: clocks are among what fails.
        before = self._newest_run()
        left = set(self.company.people)

        def is_quiet() -> bool:
            left.difference_update(run.user_id for run in self._runs() if run.id > before and is_clean(run))
            return not left

        if not comes_true(is_quiet, QUIET_SECONDS):
            raise NotQuiet(self._state(left))

    def _newest_run(self) -> int:
        """Return the number of the newest run, once the database answers."""
        if not comes_true(lambda: bool(self._runs()), QUIET_SECONDS):
            raise NotQuiet("The database does not answer.")
        return self._runs()[0].id

    def _runs(self) -> Sequence[Run]:
        try:
            with self.company.resources.begin() as session:
                return list_runs(session, None, limit=100)
        except DATABASE_ERRORS:
            return ()  # It is away, for it is one of the things that fail.

    def _calls(self) -> int:
        return self.company.neo.calls.total + self.company.google.calls.total

    def _state(self, left: set[int]) -> str:
        newest = {user_id: next((run for run in self._runs() if run.user_id == user_id), None) for user_id in sorted(left)}
        lines = "\n".join(f"  user {user_id}: {run}" for user_id, run in newest.items())
        return f"{len(left)} users have no quiet run. Their newest ones:\n{lines}\nThe logs are in {self.folder}"


def is_clean(run: Run) -> bool:
    """Say whether a run ended well and wrote nothing."""
    return run.outcome == "ok" and not any(number for name, number in run.counts.items() if _is_write(name))


def _is_write(name: str) -> bool:
    return name == "errors" or name.startswith(("neo_", "google_"))


@contextmanager
def a_site(
    servers: Servers,
    folder: Path,
    chance: Random,
    *,
    users: int = 5,
    events: int = 30,
    size: Size | None = None,
    wrong: str = "",
    tell: Callable[[str], None] = lambda _line: None,
) -> Iterator[Site]:
    """Start a site in that folder, let it come in step, and end it when the block ends. `wrong` goes wrong with messages."""
    with ExitStack() as stack:
        clock = Clock.started(folder / "clock", SPEED)
        stack.callback(clock.close)
        today = clock.now().astimezone(ZoneInfo(ZONE)).date()
        office = make_office(users=users, events=events, seed=1, today=today)
        key = make_key()
        ours: dict[str, Any] = TUNED | {"database_url": servers.database_url, "broker_url": servers.broker_url}
        company = stack.enter_context(trial(office, clock.now, secret_keys=(SecretKey.parse(key),), **ours))
        of_programs = {
            "database_url": servers.programs_database_url,
            "broker_url": servers.programs_broker_url,
        }
        settings = environment(company, key, TUNED | of_programs) | {"PYTHONPATH": str(ROOT), MESSAGES: wrong}
        kinds = dict((size or Size()).programs())
        clocks = {name: clock.copy(folder / f"{name}.clock") for name in kinds}
        for one in clocks.values():
            stack.callback(one.close)
        fleet = Fleet(list(_programs(kinds, settings, folder)))
        stack.callback(fleet.end)
        fleet.start()
        fleet.wait_ready(START_SECONDS)
        stack.enter_context(_looked_after(fleet, tell))
        company.wait(QUIET_SECONDS, after_run=0)
        people = People(company, chance, today)
        site = Site(company, fleet, clock, clocks, people, chance, Tally(), folder, Judge(company, people))
        site.settle()
        yield site


def _programs(kinds: Mapping[str, str], settings: Mapping[str, str], folder: Path) -> Iterator[Program]:
    *ports, web_port = free_ports(len(kinds) + 1)
    for (name, command), port in zip(kinds.items(), ports, strict=True):
        what = command.removeprefix("desksync-")
        own = {f"{PREFIX}HTTP_PORT": str(web_port), f"{PREFIX}HEALTH_PORT": str(port), CLOCK: str(folder / f"{name}.clock")}
        words = [sys.executable, "-m", "tests.faults.programs", what]
        where = web_port if what == "admin-api" else port
        yield Program(name, words, {**settings, **own}, f"http://127.0.0.1:{where}", folder / f"{name}.log")


@contextmanager
def _looked_after(fleet: Fleet, tell: Callable[[str], None]) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=fleet.look_after, args=(stop, tell, 0.1), name="supervisor")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
