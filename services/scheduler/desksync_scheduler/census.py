"""Tells how many users are in which state, and how late tickets are, for Prometheus.

Every scheduler does, the active one or not: what an idle one says is the same, and it goes on when the active one hangs.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from desksync.ops.metrics import Metrics
from desksync.store.census import take_census
from desksync.store.engine import DATABASE_ERRORS, Begin

log = logging.getLogger(__name__)

_TURN_SECONDS = 10.0


@dataclass(frozen=True)
class CensusTaker:
    """Counts again and again. `begin` begins transactions that write nothing."""

    begin: Begin
    metrics: Metrics
    now: Callable[[], datetime]
    turned: Callable[[], None] = lambda: None

    def run(self, stop: Event) -> None:
        """Count every ten seconds until told to stop."""
        while True:
            self.turn()
            self.turned()
            if stop.wait(_TURN_SECONDS):
                return

    def turn(self) -> None:
        """Count once. Where the database does not answer, nothing is told instead of what was true before."""
        numbers = self.metrics.census
        try:
            with self.begin() as session:
                found = take_census(session, self.now())
        except DATABASE_ERRORS as problem:
            log.warning("users and tickets not counted, trying again", extra={"why": str(problem).partition("\n")[0]})
            numbers.forget()
            return
        for state, number in found.states.items():
            numbers.users.labels(state.value).set(number)
        for reason, number in found.stopped.items():
            numbers.stopped_users.labels(reason.value).set(number)
        numbers.held_plans.set(found.held)
        numbers.parked_messages_kept.set(found.parked)
        numbers.due_tickets.set(found.waiting)
        numbers.oldest_due_ticket_seconds.set(max(0.0, found.late.total_seconds()))
        numbers.told()
