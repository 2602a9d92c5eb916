"""Answers of commands that a machine may repeat: the same key brings the same answer, and the work is done once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from desksync.store.upsert import upsert_into
from desksync.store.web_tables import idempotency_key


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key. Without `status` the first call is still at work, or died."""

    request_hash: str
    status: int | None
    answer: str | None


def begin_call(session: Session, caller: str, key: str, request_hash: str, now: datetime) -> Kept | None:
    """Return what is known of the caller's key, or `None` when this call is the first one and shall work.

    Keys of different callers have nothing to do with each other.
    """
    table = idempotency_key
    first = (
        upsert_into(session, table)
        .values(caller=caller, key=key, request_hash=request_hash, created_at=now)
        .on_conflict_do_nothing(index_elements=[table.c.caller, table.c.key])
        .returning(table.c.id)
    )
    if session.execute(first).one_or_none() is not None:
        return None
    row = session.execute(select(table).where(table.c.caller == caller, table.c.key == key)).one()
    return Kept(row.request_hash, row.status, row.answer)


def end_call(session: Session, caller: str, key: str, status: int, answer: str) -> None:
    """Keep the answer of the first call. In the transaction of its work, so that neither is there without the other."""
    table = idempotency_key
    session.execute(update(table).where(table.c.caller == caller, table.c.key == key).values(status=status, answer=answer))


def purge_keys(session: Session, before: datetime) -> int:
    """Delete keys older than that, and return how many that were."""
    purging = delete(idempotency_key).where(idempotency_key.c.created_at < before)
    return len(session.execute(purging.returning(idempotency_key.c.id)).all())
