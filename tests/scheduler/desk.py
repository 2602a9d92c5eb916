"""A scheduler with its clock, users who are due, and what was sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import update

from desksync.contracts.messages import Message, SyncTicket
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.states import Permission, SyncState
from desksync.store.tables import users
from desksync.store.tickets import claim, close
from desksync.sync.ticket import Stage
from desksync_scheduler.lease_watch import LOOKS
from desksync_scheduler.scheduler import Scheduler, Ticked
from tests.store.builders import LEASE, NOW
from tests.worlds import Clock

INTERVAL = timedelta(minutes=10)


@dataclass
class Desk:
    """A scheduler with its clock, and what it sent."""

    begin: Begin
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    sent: list[Message] = field(default_factory=list)

    def scheduler(
        self, holder: str = "one", *, portion: int = 1000, per_second: int = 1000, publish: Callable[..., None] | None = None
    ) -> Scheduler:
        return Scheduler(
            begin=self.begin,
            publish=publish or self.sent.extend,
            now=self.clock,
            seconds=lambda: self.clock().timestamp(),
            holder=holder,
            interval=INTERVAL,
            history=timedelta(days=90),
            lease=LEASE,
            longest_wait=INTERVAL / 2,
            portion=portion,
            per_second=per_second,
        )

    def tickets(self) -> list[SyncTicket]:
        return [message for message in self.sent if isinstance(message, SyncTicket)]

    def die_of_the_newest(self, scheduler: Scheduler) -> None:
        """Let a worker take the newest ticket and die, and its lease run out before the eyes of the scheduler."""
        with self.begin() as session:
            assert claim(session, self.tickets()[-1].ticket_id, Stage.PULL_NEO, self.clock(), LEASE) is not None
        scheduler.tick()
        self.watch_a_lease(scheduler)

    def watch_a_lease(self, scheduler: Scheduler) -> Ticked:
        """Let a lease run out before the eyes of the scheduler, and return what its last look did."""
        for _ in range(LOOKS):
            self.clock.move(LEASE / LOOKS + timedelta(seconds=1))
            ticked = scheduler.tick()
        return ticked

    def finish(self, number: int | None = None) -> None:
        """Run so many open tickets to their end, or all of them, in the order in which they were sent."""
        done = 0
        for message in self.tickets():
            if done == number:
                return
            with self.begin() as session:
                held = claim(session, message.ticket_id, Stage(message.stage), self.clock(), LEASE)
                if held is not None:
                    close(session, held, self.clock())
                    done += 1


def many_users(begin: Begin, number: int) -> None:
    """Add that many who are due, one second after the other, until now."""
    with begin() as session:
        sync_directory(
            session, [ListedUser(str(100 + one), f"user{one}", "") for one in range(1, number + 1)], NOW, time_zone="Asia/Tokyo"
        )
        session.execute(
            update(users).values(
                permission=Permission.ENABLED,
                sync_state=SyncState.SYNC,
                calendar_id=users.c.login_id,
                google_token=b"sealed",
            )
        )
        for one in range(1, number + 1):
            session.execute(update(users).where(users.c.id == one).values(next_due_at=NOW - timedelta(seconds=number - one)))
