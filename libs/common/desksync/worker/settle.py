"""How a stage ends: the ticket goes on, waits or closes, the run ends, and errors become rows. Fenced by the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, SyncResult
from desksync.store import runs, tickets, users
from desksync.store.errors import NewError
from desksync.store.states import StopReason
from desksync.sync.event import Side
from desksync.sync.ticket import FIRST_STAGE, Stage, retry_at
from desksync.worker import history
from desksync.worker.desk import Job, LeaseLost
from desksync.worker.errors import CalendarError, EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync.worker.noting import note

SHORTEST_WAIT = timedelta(seconds=10)
"""How long a ticket waits when nobody is at fault and the server asked for nothing; NEO refuses for about as long."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a stage led to: the stage that follows, if the ticket goes on, what is published, and a word for metrics and logs."""

    word: str
    following: Stage | None = None
    messages: Sequence[Message] = ()


def go_on(job: Job, run_id: int, following: Stage | None) -> Settled:
    """Send the ticket on to the next stage, or end the run."""
    with job.desk.begin() as session:
        if following is None:
            return Settled("done", messages=_end(session, job, run_id, "ok"))
        _fenced(tickets.advance(session, job.held, following, job.desk.now(), resets_retries=True), job)
        return Settled("advanced", following)


def fail(job: Job, run_id: int, problem: Exception) -> Settled:
    """Settle a stage that raised: the ticket waits and begins anew, or the run ends, as the kind of error says."""
    with job.desk.begin() as session:
        match problem:
            case RetryLater(is_fault=False):
                _wait(session, job, problem.after or SHORTEST_WAIT)
                return Settled("paced")
            case RetryLater():
                noted = _note(session, job, run_id, "retry_later", str(problem), job.desk.calendar.side)
                until = retry_at(job.held.retries, job.desk.now(), problem.after)
                _fenced(tickets.postpone(session, job.held, FIRST_STAGE, until), job)
                return Settled("retry_later", messages=noted)
            case UserMustAct():
                noted = _note(session, job, run_id, problem.reason.value, str(problem), job.desk.calendar.side)
                if problem.reason is Reason.CONSENT_DEAD:
                    users.stop(session, job.user.id, StopReason.CONSENT, str(problem), job.desk.now())
                return Settled("user_must_act", messages=[*noted, *_end(session, job, run_id, "user_must_act")])
            case SideUnreadable() | EventRefused() | CalendarError():
                noted = _note(session, job, run_id, "side_unreadable", str(problem), job.desk.calendar.side)
                return Settled("side_unreadable", messages=[*noted, *_end(session, job, run_id, "side_unreadable")])
            case _:
                # Its text may hold anything, a title too, so only its kind is kept; the log has the traceback.
                why = f"an unexpected {type(problem).__name__} in DeskSync; the log of the worker tells more"
                noted = _note(session, job, run_id, "unexpected", why, None)
                until = retry_at(job.held.retries, job.desk.now())
                _fenced(tickets.postpone(session, job.held, FIRST_STAGE, until), job)
                return Settled("unexpected", messages=noted)


def drop(job: Job) -> Settled:
    """Close the ticket of a user who may not sync any more: disabled, stopped, or gone from NEO since it was opened."""
    with job.desk.begin() as session:
        _fenced(tickets.close(session, job.held, job.desk.now()), job)
        if job.held.run_id is not None:
            runs.close_run(session, job.held.run_id, "not_allowed", job.desk.now())
    return Settled("not_allowed")


def _wait(session: Session, job: Job, wait: timedelta) -> None:
    until = job.desk.now() + wait
    _fenced(tickets.postpone(session, job.held, FIRST_STAGE, until, is_failure=False), job)


def _note(session: Session, job: Job, run_id: int, kind: str, text: str, side: Side | None) -> list[Message]:
    now = job.desk.now()
    runs.add_lines(session, run_id, job.user.id, now, [history.failed(side, text)])
    return [note(session, NewError(job.user.id, now, kind, text, run_id, side))]


def _end(session: Session, job: Job, run_id: int, outcome: str) -> list[Message]:
    now = job.desk.now()
    _fenced(tickets.close(session, job.held, now), job)
    ended = runs.close_run(session, run_id, outcome, now)
    if ended is None or ended.finished_at is None:
        return []
    return [
        SyncResult(
            run_id=run_id,
            user_id=job.user.id,
            outcome=outcome,
            counts=ended.counts,
            started_at=ended.started_at,
            finished_at=ended.finished_at,
        )
    ]


def _fenced(is_ours: bool, job: Job) -> None:  # noqa: FBT001 - the answer of the statement that was fenced
    if not is_ours:
        raise LeaseLost(job.held.id)
