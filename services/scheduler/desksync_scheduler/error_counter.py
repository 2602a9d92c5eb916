"""Stops a user who fails too often (administrator's manual: 120 errors within 24 hours). Counts rows; a message only wakes it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from desksync.contracts.messages import SyncError
from desksync.store import errors
from desksync.store.engine import DATABASE_ERRORS, Begin

log = logging.getLogger(__name__)

_TURN_SECONDS = 1.0
_SWEEP = timedelta(minutes=1)


@dataclass(frozen=True)
class ErrorCounter:
    """Counts each user's errors since the later of `period` ago and the last resume, and stops the user at `limit`."""

    begin: Begin
    now: Callable[[], datetime]
    limit: int
    period: timedelta

    def handle(self, message: SyncError) -> None:
        """Look at the user whom the message names. Harmless when called twice: a user is stopped once."""
        self.look(message.user_id)

    def look(self, user_id: int) -> bool:
        """Count, stop the user if it is too much, and say whether this call did so."""
        note = f"{self.limit} errors within {self.period.total_seconds() / 3600:g} hours"
        with self.begin() as session:
            is_stopped = errors.stop_for_errors(session, user_id, self.now() - self.period, self.limit, note)
        if is_stopped:
            log.warning("user stopped automatically", extra={"user": user_id, "limit": self.limit})
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
