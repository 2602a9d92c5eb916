"""How a program begins while what it needs is not there yet: it waits, says so, and its loops begin when all is there.

Wrong settings are not waited for: whoever wrote them should hear of it at once. For composition roots.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from sqlalchemy import Engine

from desksync.broker.connection import BrokerRefuses, BrokerUnreachable, connect
from desksync.ops.service import CannotGoOn, Loop
from desksync.store.engine import DatabaseAway, DatabaseProblem
from desksync.store.schema import REMEDIES, SchemaState, migrate_engine, schema_state

log = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each new look; the last repeats."""

_TURN_SECONDS = 0.2

Look = Callable[[], str | None]
"""Answers `None` when all is there, else a sentence about what is missing. Raises `DatabaseProblem` where waiting is no help."""


class Start:
    """Lets loops wait until all is there. `waiting` is called while they do."""

    def __init__(self, look: Look, *, waiting: Callable[[], None] = lambda: None, pauses: Sequence[float] = PAUSES) -> None:
        """Look once. Raises `DatabaseProblem` where waiting does not help."""
        self._look = look
        self._waiting = waiting
        self._pauses = pauses
        self._is_there = Event()
        self.problem: str | None = None
        """What has turned out, while it was waited for, to need a person."""
        self._missing = look()
        if self._missing is None:
            self._is_there.set()

    def before(self, loop: Loop) -> Loop:
        """Return the loop, which begins when all is there."""

        def run(stop: Event) -> None:
            while not stop.is_set():
                if self._is_there.wait(_TURN_SECONDS):
                    loop(stop)
                    return

        return run

    def run(self, stop: Event) -> None:
        """Look until all is there. Raises `CannotGoOn` when waiting does not help any more."""
        tries = 0
        while self._missing is not None and not stop.is_set():
            pause = self._pauses[min(tries, len(self._pauses) - 1)]
            log.warning("waiting for what is needed to begin", extra={"why": self._missing, "seconds": pause})
            self._waiting()
            if not stop.wait(pause):
                self._missing = self._looked()
                tries += 1
        if self._missing is None:
            if tries:
                log.info("all is there by now", extra={"tries": tries})
            self._is_there.set()
            stop.wait()

    def _looked(self) -> str | None:
        try:
            return self._look()
        except DatabaseProblem as problem:
            self.problem = str(problem)
            raise CannotGoOn(self.problem) from problem


def tables_are_current(engine: Engine) -> Look:
    """Return what looks whether the program can work with the tables. Somebody else may be about to make them."""

    def look() -> str | None:
        try:
            state = schema_state(engine)
        except DatabaseAway as problem:
            return str(problem)
        if state is SchemaState.AHEAD:
            raise DatabaseProblem(REMEDIES[state])
        return REMEDIES.get(state)

    return look


def tables_are_made(engine: Engine) -> Look:
    """Return what brings the tables up to date as soon as the database answers."""

    def look() -> str | None:
        try:
            migrate_engine(engine)
        except DatabaseAway as problem:
            return str(problem)
        return None

    return look


def require_welcome(broker_url: str) -> None:
    """Return if the broker lets us in, or is away, which is waited for later. Raises `BrokerRefuses`."""
    try:
        connect(broker_url).release()
    except BrokerRefuses:
        raise
    except BrokerUnreachable as problem:
        log.warning("the broker is away; it is waited for", extra={"why": str(problem)})
