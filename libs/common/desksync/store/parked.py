"""Messages that nobody could read, kept for a person to look at instead of being dropped."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from desksync.store.tables import parked_message


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """The body as it arrived, from which queue, and why it could not be handled."""

    id: int
    queue: str
    body: bytes = field(repr=False)
    reason: str
    at: datetime


def park(session: Session, queue: str, body: bytes, reason: str, now: datetime) -> None:
    """Keep a message that cannot be handled."""
    session.execute(insert(parked_message).values(queue=queue, body=body, reason=reason, at=now))


def list_parked(session: Session, limit: int, *, before: int | None = None) -> list[ParkedMessage]:
    """Return the newest parked messages, newest first. `before` is the number of the last one that was shown."""
    wanted = select(*_COLUMNS).order_by(parked_message.c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(parked_message.c.id < before)
    return [ParkedMessage(*row) for row in session.execute(wanted)]


def get_parked(session: Session, message_id: int) -> ParkedMessage | None:
    """Return one parked message, or `None`."""
    row = session.execute(select(*_COLUMNS).where(parked_message.c.id == message_id)).one_or_none()
    return None if row is None else ParkedMessage(*row)


def count_parked(session: Session) -> int:
    """Return how many messages are parked."""
    return session.scalar(select(func.count()).select_from(parked_message)) or 0


def discard(session: Session, message_id: int) -> bool:
    """Delete a parked message, and say whether it was there."""
    discarding = delete(parked_message).where(parked_message.c.id == message_id).returning(parked_message.c.id)
    return session.execute(discarding).one_or_none() is not None


_COLUMNS = (
    parked_message.c.id,
    parked_message.c.queue,
    parked_message.c.body,
    parked_message.c.reason,
    parked_message.c.at,
)
