"""Runs one stage of one ticket. The only place that catches broadly; knows nothing of kombu or HTTP."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desksync.contracts.messages import Message, SyncError, SyncTicket
from desksync.ops.metrics import Metrics
from desksync.store import runs, tickets, users
from desksync.store.states import Permission, SyncState
from desksync.store.users import User
from desksync.sync.ticket import Stage
from desksync.worker.desk import Desk, Job, LeaseLost
from desksync.worker.errors import CalendarError
from desksync.worker.pull import pull
from desksync.worker.push import push
from desksync.worker.settle import Settled, drop, fail, go_on

log = logging.getLogger(__name__)

Publish = Callable[[Sequence[Message]], None]
"""Sends messages. It must not raise: the rows are the truth, and the scheduler's sweep sends what was lost."""


@dataclass(frozen=True)
class TicketRunner:
    """Carries tickets through the stages of one side."""

    desk: Desk
    publish: Publish
    metrics: Metrics

    def handle(self, message: SyncTicket) -> None:
        """Run the stage that the message names, and those that follow on the same side, then send the ticket on.

        Harmless when called twice with one message: the claim lets the first caller through.
        """
        stage: Stage | None = Stage(message.stage)
        while stage is not None and stage.side is self.desk.calendar.side:
            stage = self._stage(message.ticket_id, stage)
        if stage is not None:
            # If we die here, the sweep finds the row and publishes it.
            self.publish([SyncTicket(ticket_id=message.ticket_id, stage=stage.value, user_id=message.user_id)])

    def _stage(self, ticket_id: str, stage: Stage) -> Stage | None:
        begun = self.desk.now()
        job = self._claim(ticket_id, stage)
        if job is None:
            return None  # Another worker has it, or it has moved on, or its time has not come.
        errors: list[SyncError] = []
        try:
            settled = self._settled(job, errors)
        except LeaseLost:
            settled = Settled("lease_lost")  # Whoever has it now settles it.
        seconds = (self.desk.now() - begun).total_seconds()
        self.metrics.tickets.labels(stage.value, settled.word).inc()
        self.metrics.stage_seconds.labels(stage.value).observe(seconds)
        for message in (*errors, *settled.messages):
            if isinstance(message, SyncError):
                self.metrics.errors.labels(message.side or "none", message.kind).inc()
        log.info(
            "stage settled",
            extra={
                "ticket": ticket_id,
                "run": job.held.run_id,
                "user": job.user.id,
                "stage": stage.value,
                "outcome": settled.word,
                "seconds": round(seconds, 3),
            },
        )
        if errors or settled.messages:
            self.publish([*errors, *settled.messages])
        if settled.following is stage and self.desk.is_stopping():
            self.publish([SyncTicket(ticket_id=ticket_id, stage=stage.value, user_id=job.user.id)])
            return None
        return settled.following

    def _claim(self, ticket_id: str, stage: Stage) -> Job | None:
        now = self.desk.now()
        with self.desk.begin() as session:
            held = tickets.claim(session, ticket_id, stage, now, self.desk.limits.lease)
            user = None if held is None else users.get_user(session, held.user_id, now)
            return None if held is None or user is None else Job(self.desk, held, user)

    def _settled(self, job: Job, errors: list[SyncError]) -> Settled:
        if not _may_run(job.user):
            return drop(job)
        with self.desk.begin() as session:
            run_id = runs.open_run(session, job.held, self.desk.now())
        try:
            following = self._run(job, run_id, errors)
        except LeaseLost:
            raise
        except CalendarError as problem:
            return fail(job, run_id, problem)
        except Exception as problem:
            log.exception("a stage failed unexpectedly", extra={"ticket": job.held.id, "user": job.user.id})
            return fail(job, run_id, problem)
        return go_on(job, run_id, following)

    def _run(self, job: Job, run_id: int, errors: list[SyncError]) -> Stage | None:
        match job.held.stage:
            case Stage.PULL_NEO | Stage.PULL_GOOGLE:
                return pull(job, run_id)
            case Stage.PUSH_NEO | Stage.PUSH_GOOGLE:
                return push(job, run_id, errors)


def _may_run(user: User) -> bool:
    return user.permission is Permission.ENABLED and user.sync_state is SyncState.SYNC and user.vanished_at is None
