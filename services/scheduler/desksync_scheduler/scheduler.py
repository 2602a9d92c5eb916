"""Opens tickets for whoever is due and wakes tickets whose message was lost. Any number may run; a lease makes one active."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, StateChanged, SyncTicket
from desksync.store import errors, leases, queues, runs, tickets, users
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.store.tickets import OpenedTicket
from desksync_scheduler.lease_watch import LeaseWatch
from desksync_scheduler.planner import LATELY, next_due, room
from desksync_scheduler.sweep import MOST_LAPSES, Swept, sweep

log = logging.getLogger(__name__)

LEASE = "scheduler"
_TURN = timedelta(seconds=1)
_LEASE_LENGTH = timedelta(seconds=15)
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
    """One scheduler. `holder` is a name that no other process has. `publish` must not raise.

    `portion` bounds how many rows one transaction takes back or deletes. `per_second` is how many users the limits of both sides
    let through in a second; a tick sends out no more tickets than that. `lease` is how long a ticket is held, and `longest_wait`
    how long one waits at most that nobody brings to an end. After `most_lapses` of these its user is stopped. `stopped` hears it.
    `seconds` is a clock that never jumps.
    """

    begin: Begin
    publish: Callable[[Sequence[Message]], None]
    now: Callable[[], datetime]
    holder: str
    interval: timedelta
    history: timedelta
    lease: timedelta
    longest_wait: timedelta
    turned: Callable[[], None] = lambda: None
    stopped: Callable[[StateChanged], None] = lambda _: None
    most_lapses: int = MOST_LAPSES
    portion: int = 1000
    per_second: int = 1000
    seconds: Callable[[], float] = time.monotonic
    _cleaned_at: datetime | None = None
    _watch: LeaseWatch = field(init=False)

    def __post_init__(self) -> None:
        self._watch = LeaseWatch(self.lease, self.seconds)

    def run(self, stop: Event) -> None:
        """Tick every second until told to stop, then let another scheduler take over at once.

        A database that is away is waited for: nothing is lost by ticking later.
        """
        is_away = False
        while not stop.wait(_TURN.total_seconds()):
            try:
                self.tick()
            except DATABASE_ERRORS as problem:
                if not is_away:
                    log.warning("the database does not answer, trying again", extra={"why": str(problem).partition("\n")[0]})
                is_away = True
            else:
                is_away = False
            self.turned()
        self.step_down()

    def step_down(self) -> None:
        """Let another scheduler take over at once, instead of when the lease has run out."""
        try:
            with self.begin() as session:
                held = leases.take(session, LEASE, self.holder, self.now(), _LEASE_LENGTH)
                if held is not None:
                    leases.release(session, held, self.now())
        except DATABASE_ERRORS as problem:
            log.warning("the lease was not given back", extra={"why": str(problem).partition("\n")[0]})

    def tick(self) -> Ticked:
        """Open and wake tickets, as far as this scheduler is the active one. Harmless when two do it at once."""
        now = self.now()
        with self.begin() as session:
            if leases.take(session, LEASE, self.holder, now, _LEASE_LENGTH) is None:
                return Ticked(is_active=False)
            opened, swept = self._next(session, now)
        self._send([*opened, *swept.woken], [*swept.errors, *swept.stopped])
        if opened or swept.woken:
            log.info("tickets sent", extra={"opened": len(opened), "woken": len(swept.woken)})
        for error in swept.errors:
            log.error("workers die or hang of a user again and again", extra={"user": error.user_id, "run": error.run_id})
        for told in swept.stopped:
            log.error("user stopped, because workers die or hang of them", extra={"user": told.user_id})
            self.stopped(told)
        is_dirty = self._cleaned_at is None or now - self._cleaned_at >= _HOUSEKEEPING
        if is_dirty and self._is_clean(now):
            self._cleaned_at = now
        return Ticked(is_active=True, opened=len(opened), woken=len(swept.woken))

    def _next(self, session: Session, now: datetime) -> tuple[list[OpenedTicket], Swept]:
        """Open and wake as many tickets as there is room for in the queues: those first who have waited for longest."""
        tickets.heed_clock(session, now, self.lease)
        queued = queues.count_queued(session, now)
        number = room(queued, queues.count_closed(session, now - LATELY), self.per_second)
        due = users.due(session, now, number, self.interval)

        def first(found: Sequence[OpenedTicket]) -> list[OpenedTicket]:
            waiting = [(user.due_at, user.id) for user in due] + [(ticket.opened_at, ticket.user_id) for ticket in found]
            chosen.update(user_id for _, user_id in sorted(waiting)[:number])
            return [ticket for ticket in found if ticket.user_id in chosen]

        chosen = set[int]()
        given_up = self._watch.given_up(tickets.held_leases(session))
        swept = sweep(session, now, self.portion, self.longest_wait, first, most_lapses=self.most_lapses, given_up=given_up)
        following = {user.id: next_due(user.id, now, self.interval) for user in due if user.id in chosen}
        return tickets.open_tickets(session, list(following), now, next_due=following), swept

    def _send(self, found: Sequence[OpenedTicket], told: Sequence[Message]) -> None:
        messages: list[Message] = [SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in found]
        if messages or told:
            self.publish([*messages, *told])

    def _is_clean(self, now: datetime) -> bool:
        """Delete a portion of what is older than it is kept, so that nobody waits for it, and say whether that was all."""
        kept = now - self.history
        portions: tuple[Callable[[Session], int], ...] = (
            lambda session: tickets.purge_closed(session, now - _TICKETS_KEPT, self.portion),
            lambda session: runs.purge_runs(session, now - _QUIET_RUNS_KEPT, self.portion, only_quiet=True),
            lambda session: runs.purge_runs(session, kept, self.portion),
            lambda session: errors.purge_errors(session, kept, self.portion),
        )
        purged = [self._purged(purge) for purge in portions]  # Each gets its turn, whatever the others have left.
        return max(purged) < self.portion

    def _purged(self, purge: Callable[[Session], int]) -> int:
        with self.begin() as session:
            return purge(session)
