"""Opens tickets for whoever is due and wakes tickets whose message was lost. Any number may run; a lease makes one active."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, SyncTicket
from desksync.store import errors, leases, runs, tickets, users
from desksync.store.engine import Begin
from desksync.store.tickets import OpenedTicket
from desksync_scheduler.planner import next_due

log = logging.getLogger(__name__)

LEASE = "scheduler"
_TURN = timedelta(seconds=1)
_LEASE_LENGTH = timedelta(seconds=15)
_MESSAGE_IS_LATE = timedelta(seconds=60)
"""How long a message may lie in a queue before it counts as lost. A second one does no harm: it finds nothing to claim."""
_PORTION = 1000
_HOUSEKEEPING = timedelta(hours=1)
_QUIET_RUNS_KEPT = timedelta(days=2)
_TICKETS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did. `is_active` is false when another scheduler holds the lease."""

    is_active: bool
    opened: int = 0
    woken: int = 0


@dataclass
class Scheduler:
    """One scheduler. `holder` is a name that no other process has. `publish` must not raise."""

    begin: Begin
    publish: Callable[[Sequence[Message]], None]
    now: Callable[[], datetime]
    holder: str
    interval: timedelta
    history: timedelta
    turned: Callable[[], None] = lambda: None
    _cleaned_at: datetime | None = None

    def run(self, stop: Event) -> None:
        """Tick every second until told to stop, then let another scheduler take over at once."""
        while not stop.wait(_TURN.total_seconds()):
            self.tick()
            self.turned()
        with self.begin() as session:
            held = leases.take(session, LEASE, self.holder, self.now(), _LEASE_LENGTH)
            if held is not None:
                leases.release(session, held, self.now())

    def tick(self) -> Ticked:
        """Open and wake tickets, as far as this scheduler is the active one. Harmless when two do it at once."""
        now = self.now()
        with self.begin() as session:
            if leases.take(session, LEASE, self.holder, now, _LEASE_LENGTH) is None:
                return Ticked(is_active=False)
            due = users.due(session, now, _PORTION)
            following = {user.id: next_due(user.id, now, self.interval) for user in due}
            opened = tickets.open_tickets(session, list(following), now, next_due=following) if due else []
            woken = tickets.stranded(session, now, _MESSAGE_IS_LATE, _PORTION)
            tickets.mark_published(session, [ticket.id for ticket in woken], now)
        self._send([*opened, *woken])
        if opened or woken:
            log.info("tickets sent", extra={"opened": len(opened), "woken": len(woken)})
        if self._cleaned_at is None or now - self._cleaned_at >= _HOUSEKEEPING:
            self._clean(now)
            self._cleaned_at = now
        return Ticked(is_active=True, opened=len(opened), woken=len(woken))

    def _send(self, found: Sequence[OpenedTicket]) -> None:
        if found:
            self.publish([SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in found])

    def _clean(self, now: datetime) -> None:
        """Delete what is older than the history is kept, in portions, so that nobody waits for it."""
        self._purge(lambda session: tickets.purge_closed(session, now - _TICKETS_KEPT, _PORTION))
        self._purge(lambda session: runs.purge_runs(session, now - _QUIET_RUNS_KEPT, _PORTION, only_quiet=True))
        self._purge(lambda session: runs.purge_runs(session, now - self.history, _PORTION))
        self._purge(lambda session: errors.purge_errors(session, now - self.history, _PORTION))

    def _purge(self, portion: Callable[[Session], int]) -> None:
        purged = _PORTION
        while purged == _PORTION:
            with self.begin() as session:
                purged = portion(session)
