"""How a stage ends: the ticket goes on, waits or closes, the run ends, and errors become rows. Fenced by the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, StateChanged, SyncResult, SyncTicket
from desksync.store import runs, tickets, users
from desksync.store.errors import NewError
from desksync.store.states import StopReason, SyncState
from desksync.store.tickets import OpenedTicket
from desksync.sync.event import Side
from desksync.sync.ticket import FIRST_STAGE, Stage, is_put_off_long, paced_until, retry_at
from desksync.worker import history
from desksync.worker.desk import Job, LeaseLost
from desksync.worker.errors import CalendarError, EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync.worker.noting import note


@dataclass(frozen=True, slots=True)
class Settled:
    """What a stage led to: the stage that follows, if the ticket goes on, what is published, and a word for metrics and logs."""

    word: str
    following: Stage | None = None
    messages: Sequence[Message] = ()


def go_on(session: Session, job: Job, following: Stage | None) -> Settled:
    """Send the ticket on to a stage, or end the run, in the transaction that records what the present stage did.

    The stage that it is in already means that a portion was written and more is left. Then it waits for its turn, and earlier
    failures are forgotten; reading well and failing to write again is no success.
    """
    if following is None:
        return Settled("done", messages=_end(session, job, "ok"))
    if following is job.held.stage:
        _fenced(tickets.interrupt(session, job.held, job.desk.now()), job)
        return Settled("interrupted")
    _fenced(tickets.advance(session, job.held, following, job.desk.now()), job)
    return Settled("advanced", following)


def fail(job: Job, problem: Exception) -> Settled:
    """Settle a stage that raised: the ticket waits and begins anew, or the run ends, as the kind of error says."""
    with job.desk.begin() as session:
        match problem:
            case RetryLater(is_fault=False):
                return _put_off(session, job, problem)
            case RetryLater():
                return _retry(session, job, "retry_later", str(problem), job.desk.calendar.side, problem.after)
            case UserMustAct():
                noted = _note(session, job, problem.reason.value, str(problem), job.desk.calendar.side)
                stopped = _stop(session, job, str(problem)) if problem.reason is Reason.CONSENT_DEAD else []
                return Settled("user_must_act", messages=[noted, *_end(session, job, "user_must_act"), *stopped])
            case SideUnreadable() | EventRefused() | CalendarError():
                noted = _note(session, job, "side_unreadable", str(problem), job.desk.calendar.side)
                return Settled("side_unreadable", messages=[noted, *_end(session, job, "side_unreadable")])
            case _:
                # Its text may hold anything, a title too, so only its kind is kept; the log has the place.
                why = f"an unexpected {type(problem).__name__} in DeskSync; the log of the worker tells more"
                return _retry(session, job, "unexpected", why, None)


def begin_anew(job: Job) -> Settled:
    """End a run whose user has saved other settings meanwhile, and order the next one, with which they take effect."""
    with job.desk.begin() as session:
        messages = _end(session, job, "settings_changed")
        ordered = tickets.open_tickets(session, [job.user.id], job.desk.now())
        return Settled("settings_changed", messages=[*messages, *(ticket_message(one) for one in ordered)])


def drop(job: Job) -> Settled:
    """Close the ticket of a user who may not sync any more: disabled, stopped, or gone from NEO since it was opened."""
    with job.desk.begin() as session:
        return Settled("not_allowed", messages=_end(session, job, "not_allowed"))


def ticket_message(ticket: OpenedTicket) -> SyncTicket:
    """Return the message that wakes a worker for the ticket."""
    return SyncTicket(ticket_id=ticket.id, stage=ticket.stage.value, user_id=ticket.user_id)


def _retry(session: Session, job: Job, kind: str, why: str, side: Side | None, asked: timedelta | None = None) -> Settled:
    noted = _note(session, job, kind, why, side)
    until = retry_at(job.held.retries, job.desk.now(), job.desk.limits.longest_wait, asked, job.desk.chance())
    _fenced(tickets.postpone(session, job.held, FIRST_STAGE, until), job)
    return Settled(kind, messages=[noted])


def _put_off(session: Session, job: Job, problem: RetryLater) -> Settled:
    """Let the ticket wait. It is nobody's error, and told all the same when it happens many times in a row."""
    before, limits = job.held.put_off, job.desk.limits
    until = paced_until(job.desk.now(), problem.after, job.desk.chance(), put_off=before, interval=limits.longest_wait)
    noted = []
    if is_put_off_long(before):
        why = f"Put off {before + 1} times in a row. {problem} It goes on by itself, and is nobody's error."
        noted.append(_note(session, job, "put_off", why, job.desk.calendar.side, counts=False))
    _fenced(tickets.postpone(session, job.held, FIRST_STAGE, until, is_failure=False), job)
    return Settled("paced", messages=noted)


def _stop(session: Session, job: Job, why: str) -> list[Message]:
    now = job.desk.now()
    user = users.get_user(session, job.user.id, now)
    if user is None or user.settings_version != job.user.settings_version:
        return []  # They have connected again meanwhile.
    if not users.stop(session, job.user.id, StopReason.CONSENT, why, now):
        return []
    return [StateChanged(user_id=user.id, state=SyncState.STOPPED.value, reason=StopReason.CONSENT.value, at=now)]


def _note(session: Session, job: Job, kind: str, text: str, side: Side | None, *, counts: bool = True) -> Message:
    now = job.desk.now()
    runs.add_lines(session, job.run_id, job.user.id, now, [history.failed(side, text)])
    return note(session, NewError(job.user.id, now, kind, text, job.run_id, side, counts))


def _end(session: Session, job: Job, outcome: str) -> list[Message]:
    now = job.desk.now()
    _fenced(tickets.close(session, job.held, now), job)
    ended = runs.close_run(session, job.run_id, outcome, now)
    if ended is None or ended.finished_at is None:
        return []
    return [
        SyncResult(
            run_id=ended.id,
            user_id=ended.user_id,
            outcome=outcome,
            counts=ended.counts,
            started_at=ended.started_at,
            finished_at=ended.finished_at,
        )
    ]


def _fenced(is_ours: bool, job: Job) -> None:  # noqa: FBT001 - the answer of the statement that was fenced
    if not is_ours:
        raise LeaseLost(job.held.id)
