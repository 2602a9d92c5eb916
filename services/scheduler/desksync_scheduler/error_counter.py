"""Stops a user who fails too often (administrator's manual: 120 errors within 24 hours). Counts rows; a message only wakes it.

Any number may run: the statement that stops a user counts as well, so that of several at once one does it.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, StateChanged, SyncError
from desksync.ops.metrics import Metrics
from desksync.store import errors, runs
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.store.states import StopReason, SyncState
from desksync.worker import history

log = logging.getLogger(__name__)

_TURN_SECONDS = 1.0
_SWEEP = timedelta(minutes=1)


@dataclass(frozen=True)
class ErrorCounter:
    """Counts each user's errors since the later of `period` ago and the last resume, and stops the user at `limit`.

    `publish` must not raise.
    """

    begin: Begin
    publish: Callable[[Sequence[Message]], None]
    metrics: Metrics
    now: Callable[[], datetime]
    limit: int
    period: timedelta

    def handle(self, message: SyncError) -> None:
        """Look at the user whom the message names. Harmless when called twice: a user is stopped once.

        A database that is away costs time only: the sweep counts the same rows.
        """
        try:
            self.look(message.user_id)
        except DATABASE_ERRORS as problem:
            why = str(problem).partition("\n")[0]
            log.warning("errors not counted, the sweep will", extra={"user": message.user_id, "why": why})

    def look(self, user_id: int) -> bool:
        """Count, stop the user if it is too much, and say whether this call did so. The history says so too, and an event."""
        now, reason = self.now(), StopReason.ERRORS.value
        note = f"{self.limit} errors within {self.period.total_seconds() / 3600:g} hours"
        with self.begin() as session:
            is_stopped = errors.stop_for_errors(session, user_id, now - self.period, self.limit, note)
            if is_stopped:
                _write_down(session, user_id, note, now)
        if is_stopped:
            log.warning("user stopped automatically", extra={"user": user_id, "limit": self.limit})
            self.metrics.automatic_stops.labels(reason).inc()
            self.publish([StateChanged(user_id=user_id, state=SyncState.STOPPED.value, reason=reason, at=now)])
        return is_stopped

    def sweep(self) -> int:
        """Stop those whose message was lost, and return how many."""
        with self.begin() as session:
            found = errors.users_over_limit(session, self.now() - self.period, self.limit)
        return sum(self.look(user_id) for user_id in found)

    def run(self, stop: Event) -> None:
        """Sweep every minute until told to stop. A database that is away is waited for."""
        due = self.now()
        while not stop.wait(_TURN_SECONDS):
            if self.now() < due:
                continue
            due = self.now() + _SWEEP
            try:
                self.sweep()
            except DATABASE_ERRORS as problem:
                log.warning("errors not swept, trying again", extra={"why": str(problem).partition("\n")[0]})


def _write_down(session: Session, user_id: int, note: str, now: datetime) -> None:
    """Put the stop into the history, as a line of the newest run: that one failed last."""
    for newest in runs.list_runs(session, user_id, limit=1):
        runs.add_line(session, newest.id, user_id, now, history.stopped(note))
