"""The order to run one sync of one user: state machine, outbox, retry clock and lease in one row.

A worker claims by a conditional `UPDATE`, works with no transaction open, and settles by an `UPDATE` fenced by the attempt
number; whoever lost the lease to somebody else settles nothing. Messages only wake; this row is the truth.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Update, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from desksync.store.tables import IS_OPEN, ticket, users
from desksync.store.upsert import upsert_into
from desksync.sync.ticket import FIRST_STAGE, PUSHES, Stage

CLOCK_SKEW = timedelta(seconds=2)
"""By how much the clocks of two machines may differ without holding up a ticket."""


@dataclass(frozen=True, slots=True)
class OpenedTicket:
    """What a message about a ticket says, and since when there is the ticket."""

    id: str
    user_id: int
    stage: Stage
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A claimed ticket.

    `attempt` is the fence; `retries` counts the failures since the last success; `run_id` is its run, once begun. `due_at` is
    since when it could be claimed. `put_off` counts the waits that were nobody's fault since a portion was written.
    """

    id: str
    user_id: int
    stage: Stage
    attempt: int
    retries: int
    run_id: int | None
    opened_at: datetime
    due_at: datetime
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A ticket whose holder let the lease run out. `lapses` is how often that has happened since a portion was written."""

    id: str
    user_id: int
    run_id: int | None
    lapses: int


OPENED = (ticket.c.id, ticket.c.user_id, ticket.c.stage, ticket.c.opened_at)
_CLAIMED = (
    ticket.c.id,
    ticket.c.user_id,
    ticket.c.stage,
    ticket.c.attempt,
    ticket.c.retries,
    ticket.c.run_id,
    ticket.c.opened_at,
    ticket.c.not_before,
    ticket.c.put_off,
)


def new_id() -> str:
    """Return a random ticket id."""
    return str(uuid4())


def open_tickets(
    session: Session,
    user_ids: Collection[int],
    now: datetime,
    *,
    next_due: Mapping[int, datetime] | None = None,
    make_id: Callable[[], str] = new_id,
) -> list[OpenedTicket]:
    """Open a ticket for each of the users that have none open, and set when they are due next.

    `next_due` is written for all users that it names, also for those that have an open ticket already. The caller publishes the
    tickets after the transaction; they count as published at `now`, and the sweep finds those that were not.
    """
    if next_due:
        due = [{"of": user_id, "at": at} for user_id, at in sorted(next_due.items())]
        session.execute(update(users).where(users.c.id == bindparam("of")).values(next_due_at=bindparam("at")), due)
    if not user_ids:
        return []
    blank = {"stage": FIRST_STAGE, "attempt": 0, "retries": 0, "not_before": now, "opened_at": now, "published_at": now}
    # In order of the ids: two schedulers that open the same tickets then wait for each other instead of deadlocking.
    rows = [blank | {"id": make_id(), "user_id": user_id} for user_id in sorted(set(user_ids))]
    opening = (
        upsert_into(session, ticket)
        .on_conflict_do_nothing(index_elements=[ticket.c.user_id], index_where=IS_OPEN)
        .returning(*OPENED)
    )
    return [OpenedTicket(*row) for row in session.execute(opening, rows)]


def hasten(session: Session, user_ids: Collection[int], now: datetime) -> list[OpenedTicket]:
    """Let open tickets that wait for their time be claimed at once, and return them for publishing."""
    waiting = IS_OPEN & ticket.c.user_id.in_(user_ids) & (ticket.c.not_before > now)
    hastening = update(ticket).where(waiting).values(not_before=now, published_at=now).returning(*OPENED)
    return [OpenedTicket(*row) for row in session.execute(hastening)]


def claim(session: Session, ticket_id: str, stage: Stage, now: datetime, lease: timedelta) -> Ticket | None:
    """Take the ticket for as long as the lease, or return `None`: somebody has it, it has moved on, or its time has not come.

    A lease that has run out is taken away by `reclaim` alone: whose clock is ahead would take it from somebody who works.
    The ticket's time was set by another machine's clock, so it may be claimed `CLOCK_SKEW` early; else a fresh message that meets
    a slower clock would be dropped and the ticket would wait for the sweep.
    """
    claiming = (
        update(ticket)
        .where(
            ticket.c.id == ticket_id,
            ticket.c.stage == stage,
            IS_OPEN,
            ticket.c.not_before <= now + CLOCK_SKEW,
            ticket.c.leased_until.is_(None),
        )
        .values(attempt=ticket.c.attempt + 1, leased_until=now + lease)
        .returning(*_CLAIMED)
    )
    row = session.execute(claiming).one_or_none()
    return None if row is None else Ticket(*row)


def take_over(session: Session, user_id: int, now: datetime, lease: timedelta) -> Ticket | None:
    """Take the user's open ticket for something else than its run, if nobody holds it and it stands at the first stage.

    It has not begun, or begins there again after a wait, which need not be over: `due_at` says when it is. Give it back by
    `hand_back`. `None`: its run is under way, or somebody took it over before us. Here, too, a lease that has run out is taken
    away by `reclaim` alone: its holder may be an undo that writes to NEO at this moment.
    """
    is_free = ticket.c.leased_until.is_(None)
    waiting = (ticket.c.user_id == user_id) & (ticket.c.stage == FIRST_STAGE) & IS_OPEN & is_free
    taking = update(ticket).where(waiting).values(attempt=ticket.c.attempt + 1, leased_until=now + lease)
    row = session.execute(taking.returning(*_CLAIMED)).one_or_none()
    return None if row is None else Ticket(*row)


def renew(session: Session, held: Ticket, now: datetime, lease: timedelta) -> bool:
    """Make the lease last from now on. False: it is not ours any more, and nothing further may be written."""
    return _settled(session, _held(held).values(leased_until=now + lease))


def advance(session: Session, held: Ticket, stage: Stage, now: datetime) -> bool:
    """Send the ticket on to another stage.

    It counts as published at `now`; the caller publishes it after the transaction, unless it claims the stage itself.
    """
    return _settled(session, _held(held).values(stage=stage, not_before=now, published_at=now, leased_until=None))


def interrupt(session: Session, held: Ticket, now: datetime) -> bool:
    """Let the ticket wait for another turn in its stage; `queues.let_on` gives it. Its failures so far are forgotten."""
    values = {"not_before": now, "published_at": None, "leased_until": None, "retries": 0, "lapses": 0, "put_off": 0}
    return _settled(session, _held(held).values(values))


def postpone(session: Session, held: Ticket, stage: Stage, until: datetime, *, is_failure: bool = True) -> bool:
    """Let the ticket wait, then begin with that stage. The sweep publishes it when its time has come.

    `is_failure` is false for waiting that is nobody's fault. That is counted by itself: the wait after a failure grows no longer.
    """
    counted = {"retries": ticket.c.retries + 1} if is_failure else {"put_off": ticket.c.put_off + 1}
    waiting = _held(held).values(stage=stage, not_before=until, published_at=None, leased_until=None)
    return _settled(session, waiting.values(counted))


def hand_back(session: Session, held: Ticket) -> bool:
    """Let the ticket wait for its time as if nobody had taken it over. The sweep publishes it then."""
    return _settled(session, _held(held).values(published_at=None, leased_until=None))


def close(session: Session, held: Ticket, now: datetime) -> bool:
    """Finish the ticket, so that the user's next one can be opened."""
    return _settled(session, _held(held).values(closed_at=now, leased_until=None))


def stranded(session: Session, now: datetime, grace: timedelta, limit: int) -> list[OpenedTicket]:
    """Return open tickets that nobody will wake. Call `reclaim` before it, and `mark_published` after it, in one transaction.

    Their time has come, nobody holds them, and no message was sent, or one more than `grace` ago. Those that wait for their turn
    are not among them.
    """
    is_unsent = ticket.c.published_at.is_(None) & ticket.c.stage.not_in(PUSHES)
    late = or_(is_unsent, ticket.c.published_at < now - grace)
    found = session.execute(
        select(*OPENED)
        .where(IS_OPEN, ticket.c.not_before <= now, ticket.c.leased_until.is_(None), late)
        .order_by(ticket.c.not_before)
        .limit(limit)
    )
    return [OpenedTicket(*row) for row in found]


def held_leases(session: Session) -> dict[str, datetime]:
    """Return until when every ticket that somebody holds is leased, by its id."""
    return dict(
        session.execute(select(ticket.c.id, ticket.c.leased_until).where(IS_OPEN, ticket.c.leased_until.is_not(None))).all()
    )


def reclaim(session: Session, now: datetime, limit: int, given_up: Mapping[str, datetime] | None = None) -> list[Lapsed]:
    """Take tickets away from whoever let the lease run out, and return them.

    They start anew from the first stage, and the old holder is fenced off. `given_up` names the leases that may be taken away, as
    they were seen: one that was renewed since is not. Without it, all that have run out by the clock.
    """
    may_be = IS_OPEN & (ticket.c.leased_until < now)
    if given_up is not None:
        may_be &= tuple_(ticket.c.id, ticket.c.leased_until).in_(list(given_up.items()))
    lapsed = select(ticket.c.id).where(may_be).order_by(ticket.c.leased_until).limit(limit)
    anew = (
        update(ticket)
        .where(ticket.c.id.in_(lapsed), IS_OPEN, ticket.c.leased_until < now)
        .values(stage=FIRST_STAGE, leased_until=None, published_at=None, lapses=ticket.c.lapses + 1)
    )
    found = session.execute(anew.returning(ticket.c.id, ticket.c.user_id, ticket.c.run_id, ticket.c.lapses))
    return [Lapsed(*row) for row in found]


def heed_clock(session: Session, now: datetime, lease: timedelta) -> None:
    """Bring up to the present what the clock wrote before it was set back: such tickets would wait until it is there again.

    A ticket is never published or interrupted ahead of the clock, so that such a time tells. Call it before `reclaim` and
    `stranded`.
    """
    ahead = now + CLOCK_SKEW
    is_interrupted = ticket.c.published_at.is_(None) & ticket.c.stage.in_(PUSHES)
    is_ahead = IS_OPEN & or_(ticket.c.published_at > ahead, is_interrupted & (ticket.c.not_before > ahead))
    waiting = update(ticket).where(is_ahead, ticket.c.leased_until.is_(None))
    session.execute(waiting.values(not_before=now, published_at=None))
    held = update(ticket).where(IS_OPEN, ticket.c.leased_until > now + lease + CLOCK_SKEW)
    session.execute(held.values(leased_until=now + lease, published_at=now))


def defer(session: Session, ticket_id: str, until: datetime) -> None:
    """Let a ticket that nobody holds wait until then."""
    waiting = update(ticket).where(ticket.c.id == ticket_id, IS_OPEN, ticket.c.leased_until.is_(None))
    session.execute(waiting.values(not_before=until))


def forget_lapses(session: Session, ticket_id: str) -> None:
    """Count anew from here on: a person was told, and will decide."""
    session.execute(update(ticket).where(ticket.c.id == ticket_id, IS_OPEN).values(lapses=0))


def mark_published(session: Session, ticket_ids: Iterable[str], now: datetime) -> None:
    """Record that a message for these tickets goes out, so that the sweep leaves them alone for a while."""
    session.execute(update(ticket).where(ticket.c.id.in_(list(ticket_ids))).values(published_at=now))


def leave_to_sweep(session: Session, ticket_ids: Iterable[str]) -> None:
    """Record that no message goes out for these tickets, so that the sweep wakes them at its next turn.

    For programs whose messages may reach nobody: a command beside an installation that runs in one process, on `memory://`.
    """
    session.execute(update(ticket).where(ticket.c.id.in_(list(ticket_ids))).values(published_at=None))


def is_open(session: Session, ticket_id: str) -> bool:
    """Say whether the ticket is there and not done."""
    return session.scalar(select(ticket.c.id).where(ticket.c.id == ticket_id, IS_OPEN)) is not None


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Return since when the longest waiting ticket could have been claimed; `None` when none waits."""
    oldest: datetime | None = session.scalar(
        select(func.min(ticket.c.not_before)).where(IS_OPEN, ticket.c.not_before <= now, _is_free(now))
    )
    return oldest


def count_due(session: Session, now: datetime) -> int:
    """Return how many tickets could be claimed now."""
    waiting = select(func.count()).select_from(ticket).where(IS_OPEN, ticket.c.not_before <= now, _is_free(now))
    return session.scalar(waiting) or 0


def count_open(session: Session) -> int:
    """Return how many users have a run ahead or under way."""
    return session.scalar(select(func.count()).select_from(ticket).where(IS_OPEN)) or 0


def purge_closed(session: Session, before: datetime, limit: int) -> int:
    """Delete up to `limit` tickets that were closed before that time, and return how many."""
    old = select(ticket.c.id).where(ticket.c.closed_at < before).limit(limit)
    return len(session.execute(delete(ticket).where(ticket.c.id.in_(old)).returning(ticket.c.id)).all())


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(ticket.c.leased_until.is_(None), ticket.c.leased_until < now)


def _held(held: Ticket) -> Update:
    # Settling ends the lease, so that one claim settles once.
    is_leased = ticket.c.leased_until.is_not(None)
    return update(ticket).where(ticket.c.id == held.id, ticket.c.attempt == held.attempt, is_leased, IS_OPEN)


def _settled(session: Session, settling: Update) -> bool:
    return session.execute(settling.returning(ticket.c.id)).one_or_none() is not None
