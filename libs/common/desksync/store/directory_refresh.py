"""How the last refresh of the users from NEO went, whoever has begun it: every hour, by a command, or on a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desksync.store.directory import DirectoryChange
from desksync.store.tables import directory_refresh
from desksync.store.upsert import upsert_into

_ROW = 1


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The last refresh that succeeded: when, how many people NEO listed, and what changed."""

    at: datetime
    listed: int
    change: DirectoryChange


@dataclass(frozen=True, slots=True)
class RefreshFailed:
    """A refresh that failed after the last success. `why` is a sentence, `reason` one word where a person has to act."""

    at: datetime
    why: str
    reason: str | None


def record_refreshed(session: Session, listed: int, change: DirectoryChange, now: datetime) -> None:
    """Keep that the users were refreshed; what went wrong before is over."""
    counts = {"listed": listed, "added": change.added, "returned": change.returned, "vanished": change.vanished}
    _keep(session, at=now, failed_at=None, failure=None, reason=None, **counts)


def record_refresh_failed(session: Session, why: str, reason: str | None, now: datetime) -> None:
    """Keep why the users could not be refreshed, beside the last time that they could."""
    _keep(session, failed_at=now, failure=why, reason=reason)


def last_refresh(session: Session) -> tuple[Refreshed | None, RefreshFailed | None]:
    """Return the last success, and the failure after it."""
    row = session.execute(select(directory_refresh).where(directory_refresh.c.id == _ROW)).one_or_none()
    if row is None:
        return None, None
    change = None if row.at is None else DirectoryChange(row.added, row.returned, row.vanished)
    done = None if change is None else Refreshed(row.at, row.listed, change)
    return done, None if row.failed_at is None else RefreshFailed(row.failed_at, row.failure, row.reason)


def _keep(session: Session, **values: Any) -> None:
    keeping = upsert_into(session, directory_refresh).values(id=_ROW, **values)
    session.execute(keeping.on_conflict_do_update(index_elements=[directory_refresh.c.id], set_=values))
