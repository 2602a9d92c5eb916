"""Every failed attempt as a row, and the automatic stop that comes of too many (administrator's manual, 3.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.tables import error, users
from desksync.sync.event import Side


@dataclass(frozen=True, slots=True)
class NewError:
    """A failed attempt.

    `run_id` is `None` outside of a run, `side` where neither calendar is to blame. `kind` is one word for messages and
    metrics; `text` is a sentence for people. `counts`: it brings the user nearer to the automatic stop.
    """

    user_id: int
    at: datetime
    kind: str
    text: str
    run_id: int | None = None
    side: Side | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class KeptError:
    """An error with its number."""

    id: int
    error: NewError


def add_error(session: Session, new: NewError) -> int:
    """Keep an error and return its number."""
    keeping = insert(error).values(
        run_id=new.run_id, user_id=new.user_id, at=new.at, side=new.side, kind=new.kind, text=new.text, counted=new.counts
    )
    error_id: int = session.execute(keeping.returning(error.c.id)).scalar_one()
    return error_id


def count_errors(session: Session, user_id: int, since: datetime) -> int:
    """Return how many errors count against the user since that time; those before the last resume never do."""
    counting = select(func.count()).select_from(error.join(users, users.c.id == error.c.user_id))
    return session.scalar(counting.where(users.c.id == user_id, *_counting(since))) or 0


def stop_for_errors(session: Session, user_id: int, since: datetime, limit: int, note: str) -> bool:
    """Stop the user if at least `limit` errors count since that time, and say whether this call did it.

    One statement counts and stops, so that a user who is set back to sync meanwhile is not stopped for old errors.
    """
    number = select(func.count()).where(error.c.user_id == users.c.id, *_counting(since)).scalar_subquery()
    stopping = (
        update(users)
        .where(users.c.id == user_id, users.c.sync_state == SyncState.SYNC, number >= limit)
        .values(sync_state=SyncState.STOPPED, stop_reason=StopReason.ERRORS, stop_note=note)
    )
    return session.execute(stopping.returning(users.c.id)).one_or_none() is not None


def users_over_limit(session: Session, since: datetime, limit: int) -> list[int]:
    """Return the users that sync although at least `limit` errors count since that time: their stop was missed."""
    syncing = (users.c.permission == Permission.ENABLED) & (users.c.sync_state == SyncState.SYNC)
    found = session.scalars(
        select(users.c.id)
        .join(error, error.c.user_id == users.c.id)
        .where(syncing, *_counting(since))
        .group_by(users.c.id)
        .having(func.count() >= limit)
        .order_by(users.c.id)
    )
    return list(found)


def list_errors(session: Session, user_id: int | None, limit: int, *, before: int | None = None) -> list[KeptError]:
    """Return errors of the user, or of all, newest first. `before` is the number of the last one that was shown."""
    wanted = select(error).order_by(error.c.id.desc()).limit(limit)
    if user_id is not None:
        wanted = wanted.where(error.c.user_id == user_id)
    if before is not None:
        wanted = wanted.where(error.c.id < before)
    return [error_of(row) for row in session.execute(wanted)]


def error_of(row: Row[*tuple[Any, ...]]) -> KeptError:
    """Return an error as its row holds it."""
    return KeptError(row.id, NewError(row.user_id, row.at, row.kind, row.text, row.run_id, row.side, row.counted))


def purge_errors(session: Session, before: datetime, limit: int) -> int:
    """Delete up to `limit` errors from before that time, and return how many. Those of a run go with the run anyway."""
    old = select(error.c.id).where(error.c.at < before).order_by(error.c.at).limit(limit)
    return len(session.execute(delete(error).where(error.c.id.in_(old)).returning(error.c.id)).all())


def _counting(since: datetime) -> tuple[ColumnElement[bool], ...]:
    is_after_resume = users.c.resumed_at.is_(None) | (error.c.at >= users.c.resumed_at)
    return (error.c.counted.is_(True), error.c.at >= since, is_after_resume)
