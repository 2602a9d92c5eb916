"""Deletes what the web side keeps for a while only: sessions that are over, old errands, and so on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.orm import Session

from desksync.store.attempts import purge_attempts
from desksync.store.audit import purge_entries
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.store.errands import purge_errands
from desksync.store.idempotency import purge_keys
from desksync.store.redirects import purge_redirects
from desksync.store.web_sessions import purge_sessions
from desksync_admin_api.access.throttle import FORGOTTEN

log = logging.getLogger(__name__)

ERRANDS_KEPT = timedelta(days=7)
"""Their results hold titles of people's events."""

KEYS_KEPT = timedelta(hours=24)
"""How long a machine that repeats a command gets the same answer."""

_EVERY = timedelta(minutes=10)
_TURN_SECONDS = 1.0
_PORTION = 1000


@dataclass
class Housekeeping:
    """One loop. Any number may run beside each other: what one has deleted, the others do not find."""

    begin: Begin
    now: Callable[[], datetime]
    session_idle: timedelta
    audit_kept: timedelta
    turned: Callable[[], None]
    _done_at: datetime | None = None

    def run(self, stop: Event) -> None:
        """Work until told to stop."""
        while not stop.wait(_TURN_SECONDS):
            now = self.now()
            if self._done_at is None or now - self._done_at >= _EVERY:
                self._done_at = now
                try:
                    self.turn()
                except DATABASE_ERRORS as problem:
                    log.warning("nothing was cleaned up", extra={"why": str(problem).partition("\n")[0]})
            self.turned()

    def turn(self) -> None:
        """Delete once, each kind in transactions of its own, so that nobody waits for long."""
        now = self.now()
        for purge in (
            lambda session: purge_sessions(session, now, now - self.session_idle),
            lambda session: purge_redirects(session, now),
            lambda session: purge_attempts(session, now - FORGOTTEN),
            lambda session: purge_keys(session, now - KEYS_KEPT),
            lambda session: purge_errands(session, now - ERRANDS_KEPT),
        ):
            self._purged(purge)
        while self._purged(lambda session: purge_entries(session, now - self.audit_kept, _PORTION)) == _PORTION:
            pass

    def _purged(self, purge: Callable[[Session], int]) -> int:
        with self.begin() as session:
            return purge(session)
