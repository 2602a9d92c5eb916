"""Runs one stage of one ticket. The only place that catches broadly; knows nothing of kombu or HTTP."""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desksync.contracts.messages import Message, StateChanged, SyncError, SyncTicket
from desksync.ops.metrics import Metrics
from desksync.store import queues, runs, tickets, users
from desksync.store.engine import DATABASE_ERRORS
from desksync.store.states import Permission, SyncState
from desksync.store.users import User
from desksync.sync.ticket import Stage
from desksync.worker.desk import Desk, Job, LeaseLost, SettingsChanged
from desksync.worker.errors import CalendarError
from desksync.worker.noting import Notes
from desksync.worker.pull import pull_google, pull_neo
from desksync.worker.push import push
from desksync.worker.settle import Settled, begin_anew, drop, fail, ticket_message

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

        Harmless when called twice with one message: the claim lets the first caller through. A database that is away costs time
        only: what was not recorded is not done, and the sweep finds the ticket when its lease has run out.
        """
        try:
            stage: Stage | None = Stage(message.stage)
            while stage is not None:
                stage = self._stage(message, stage)
        except DATABASE_ERRORS as problem:
            log.warning(
                "the database does not answer, the ticket waits for the sweep",
                extra={"ticket": message.ticket_id, "user": message.user_id, "why": str(problem).partition("\n")[0]},
            )

    def _stage(self, message: SyncTicket, stage: Stage) -> Stage | None:
        """Run one stage and return the one that follows here, without a message: a different one of the same side."""
        begun = self.desk.now()
        job = self._claim(message.ticket_id, stage)
        if job is None:
            return None  # Another worker has it, or it has moved on, or its time has not come.
        notes = Notes()
        try:
            settled = self._settled(job, notes)
        except LeaseLost:
            settled = Settled("lease_lost")  # Whoever has it now settles it.
        self._tell(job, settled, notes, (self.desk.now() - begun).total_seconds())
        messages: list[Message] = [*notes.errors, *settled.messages]
        following = settled.following
        is_here = following is not None and following.side is self.desk.calendar.side
        if following is not None and not is_here:
            # If we die here, the sweep finds the row and publishes it.
            messages.append(SyncTicket(ticket_id=message.ticket_id, stage=following.value, user_id=message.user_id))
        if stage.is_push:
            # Here ends a turn: of this ticket, or of another one that waits for longer. Else no delivery might ever end.
            with self.desk.begin() as session:
                messages += [ticket_message(one) for one in queues.let_on(session, stage, self.desk.now())]
        if messages:
            self.publish(messages)
        return following if is_here else None

    def _claim(self, ticket_id: str, stage: Stage) -> Job | None:
        now = self.desk.now()
        with self.desk.begin() as session:
            held = tickets.claim(session, ticket_id, stage, now, self.desk.limits.lease)
            user = None if held is None else users.get_user(session, held.user_id, now)
            if held is None or user is None:
                return None
            return Job(self.desk, user, held, runs.open_run(session, held, now, scope=user.scope), now)

    def _settled(self, job: Job, notes: Notes) -> Settled:
        if not _may_run(job.user):
            return drop(job)
        try:
            return _run(job, notes)
        except LeaseLost:
            raise
        except DATABASE_ERRORS:
            raise
        except SettingsChanged:
            return begin_anew(job)
        except CalendarError as problem:
            return fail(job, problem)
        except Exception as problem:  # noqa: BLE001 - the one place where a mistake of ours becomes a row instead of a lost ticket
            # Without the traceback's last line: the text of an error may hold what a user wrote.
            log.error("a stage failed unexpectedly", extra=_place(problem) | {"ticket": job.held.id, "user": job.user.id})  # noqa: TRY400 - see above
            return fail(job, problem)

    def _tell(self, job: Job, settled: Settled, notes: Notes, seconds: float) -> None:
        stage = job.held.stage.value
        self.metrics.tickets.labels(stage, settled.word).inc()
        self.metrics.stage_seconds.labels(stage).observe(seconds)
        self.metrics.ticket_lateness_seconds.labels(stage).observe(
            max(0.0, (self.desk.now() - job.held.due_at).total_seconds() - seconds)
        )
        for (side, kind), number in notes.actions.items():
            self.metrics.actions.labels(side.value, kind).inc(number)
        for message in (*notes.errors, *settled.messages):
            match message:
                case SyncError():
                    self.metrics.errors.labels(message.side or "none", message.kind).inc()
                case StateChanged():
                    self.metrics.automatic_stops.labels(message.reason).inc()
                case _:
                    pass
        log.info(
            "stage settled",
            extra={
                "ticket": job.held.id,
                "run": job.run_id,
                "user": job.user.id,
                "stage": stage,
                "outcome": settled.word,
                "seconds": round(seconds, 3),
            },
        )


def _run(job: Job, notes: Notes) -> Settled:
    match job.held.stage:
        case Stage.PULL_NEO:
            return pull_neo(job)
        case Stage.PULL_GOOGLE:
            return pull_google(job)
        case Stage.PUSH_NEO | Stage.PUSH_GOOGLE:
            return push(job, notes)


def _may_run(user: User) -> bool:
    return user.permission is Permission.ENABLED and user.sync_state is SyncState.SYNC and user.vanished_at is None


def _place(problem: BaseException) -> dict[str, object]:
    """Return what may be logged of an unexpected error: its kinds, and where it came from, without any text."""
    kinds, where = [], list[str]()
    error: BaseException | None = problem
    while error is not None:
        kinds.append(type(error).__name__)
        frames = traceback.extract_tb(error.__traceback__)
        where += [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        error = error.__cause__ or error.__context__
    return {"kinds": kinds, "where": where}
