"""Carries errands out, one after the other. Any number of such loops may run, in any number of processes."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from desksync.store import errands
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.store.errands import Errand
from desksync.store.web_states import ErrandKind
from desksync.worker.desk import LeaseLost
from desksync.worker.standstill import RunUnderWay
from desksync_admin_api.doors import Tell

log = logging.getLogger(__name__)

Work = Callable[[Errand, Tell], Mapping[str, Any]]
"""Does what an errand asks for and returns its result. May be called again for an errand that was cut off."""

LEASE = timedelta(minutes=5)
"""How long a loop may be silent before another takes its errand over; longer than the longest single call to NEO or Google."""

_TURN_SECONDS = 0.5
_TOLD_EVERY = timedelta(seconds=1)
_GIVES_UP = timedelta(minutes=15)
_TRIES_AGAIN = timedelta(seconds=5)
_TRIES = 3


class CannotBeDone(Exception):
    """An errand that comes to nothing. `str()` is a sentence for whoever asked, without a secret."""


class Taken(Exception):
    """Another loop has the errand by now."""


@dataclass(frozen=True)
class ErrandLoop:
    """One loop. `refusals` are the errors whose text is a sentence for whoever asked."""

    begin: Begin
    works: Mapping[ErrandKind, Work]
    refusals: tuple[type[Exception], ...]
    now: Callable[[], datetime]
    turned: Callable[[], None]

    def run(self, stop: Event) -> None:
        """Work until told to stop."""
        while not stop.wait(_TURN_SECONDS):
            try:
                while self.turn() and not stop.is_set():
                    pass
            except DATABASE_ERRORS as problem:
                log.warning("the database does not answer, trying again", extra={"why": str(problem).partition("\n")[0]})
            self.turned()

    def turn(self) -> bool:
        """Carry out one errand, and say whether there was one."""
        with self.begin() as session:
            held = errands.claim_errand(session, self.now(), LEASE)
        if held is None:
            return False
        log.info("errand begun", extra={"errand": held.id, "kind": held.kind.value, "attempt": held.attempt})
        try:
            self._carry_out(held)
        except Taken:
            log.warning("another has taken the errand over", extra={"errand": held.id})
        return True

    def _carry_out(self, held: Errand) -> None:
        if held.attempt > _TRIES and self.now() - held.created_at > _GIVES_UP:
            self._fail(held, "It was cut off several times and is not tried again.")
            return
        refusals: tuple[type[Exception], ...] = (CannotBeDone, *self.refusals)
        try:
            result = self.works[held.kind](held, _Progress(self, held))
        except (RunUnderWay, LeaseLost):
            self._wait_or_fail(held)
        except refusals as problem:
            self._fail(held, str(problem))
        except Taken:
            raise
        except DATABASE_ERRORS:
            raise
        except Exception:
            # Whatever it was, it must not end the program, and whoever asked must hear of it.
            log.exception("an errand failed", extra={"errand": held.id, "kind": held.kind.value})
            self._fail(held, "Something went wrong on our side. The log of the program says what.")
        else:
            with self.begin() as session:
                is_ours = errands.finish_errand(session, held, result, self.now())
            log.info("errand done", extra={"errand": held.id, "kept": is_ours})

    def _wait_or_fail(self, held: Errand) -> None:
        now = self.now()
        if now - held.created_at > _GIVES_UP:
            self._fail(held, "Runs of this user have been under way all the time. Try again later.")
            return
        with self.begin() as session:
            errands.postpone_errand(session, held, now + _TRIES_AGAIN)

    def _fail(self, held: Errand, why: str) -> None:
        with self.begin() as session:
            errands.fail_errand(session, held, why, self.now())
        log.info("errand failed", extra={"errand": held.id, "why": why})


class _Progress:
    """Writes down how far an errand is, about once a second. Raises `Taken` when it is not ours any more."""

    def __init__(self, loop: ErrandLoop, held: Errand) -> None:
        self._loop = loop
        self._held = held
        self._told_at: datetime | None = None

    def __call__(self, done: int, total: int | None) -> None:
        now = self._loop.now()
        self._loop.turned()
        if self._told_at is not None and now - self._told_at < _TOLD_EVERY and done != total:
            return
        self._told_at = now
        with self._loop.begin() as session:
            if not errands.report_progress(session, self._held, done, total, now, LEASE):
                raise Taken
