"""What lies in the queues, as far as the rows of tickets tell: how much of it, how fast it is done, and who may go in next.

The broker is not asked. A message is only a wake-up, and the two kinds of broker could not be asked alike.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from desksync.store.tables import IS_OPEN, ticket
from desksync.store.tickets import OPENED, OpenedTicket
from desksync.sync.ticket import PUSHES, Stage, free_turns

MESSAGE_IS_LATE: Final = timedelta(seconds=60)
"""How long a message may lie in a queue before it counts as lost. A second one does no harm: it finds nothing to claim."""


def count_queued(session: Session, now: datetime) -> int:
    """Return how many tickets that have not begun to write lie in a queue."""
    return _count(session, _is_queued(now) & ticket.c.stage.not_in(PUSHES))


def count_closed(session: Session, since: datetime) -> int:
    """Return how many tickets were finished since then."""
    return _count(session, ticket.c.closed_at >= since)


def let_on(session: Session, stage: Stage, now: datetime) -> list[OpenedTicket]:
    """Give interrupted pushes their turn, as many as `free_turns` allows and the oldest tickets first, and return them.

    The caller publishes them after the transaction. Two that do this at once may let on a few more; that does no harm.
    """
    pushing = _count(session, IS_OPEN & (ticket.c.stage == stage) & (ticket.c.leased_until >= now))
    number = free_turns(pushing, _count(session, _is_queued(now) & (ticket.c.stage == stage)))
    if not number:
        return []
    waits = IS_OPEN & (ticket.c.stage == stage) & ticket.c.published_at.is_(None) & (ticket.c.not_before <= now) & _is_free(now)
    first = select(ticket.c.id).where(waits).order_by(ticket.c.opened_at, ticket.c.id).limit(number)
    letting = update(ticket).where(ticket.c.id.in_(first), ticket.c.published_at.is_(None)).values(published_at=now)
    return [OpenedTicket(*row) for row in session.execute(letting.returning(*OPENED))]


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(ticket).where(condition)) or 0


def _is_queued(now: datetime) -> ColumnElement[bool]:
    """Say that a ticket may be claimed, nobody has it, and a message went out that does not count as lost yet."""
    return IS_OPEN & (ticket.c.not_before <= now) & _is_free(now) & (ticket.c.published_at >= now - MESSAGE_IS_LATE)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(ticket.c.leased_until.is_(None), ticket.c.leased_until < now)
