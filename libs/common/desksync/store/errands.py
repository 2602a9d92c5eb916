"""What a page or the API has ordered to be done in the background: the row is the order, the lease and the progress at once.

An errand whose worker died is claimed again when its lease has run out; every kind of errand may be done twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from desksync.store.audit import Party
from desksync.store.web_states import ErrandKind, ErrandState
from desksync.store.web_tables import ERRAND_IS_OPEN, errand


@dataclass(frozen=True, slots=True)
class Errand:
    """One order. `result` is what came of it, `error` a sentence for the one who asked."""

    id: int
    kind: ErrandKind
    user_id: int | None
    arguments: Mapping[str, Any]
    asked_by: Party
    state: ErrandState
    attempt: int
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Say whether it has not come to its end."""
        return self.finished_at is None


def order(
    session: Session, kind: ErrandKind, user_id: int | None, arguments: Mapping[str, Any], asked_by: Party, now: datetime
) -> int:
    """Order an errand and return its number. The same order of the same person, while it is open, is the one that is there."""
    written = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    same = select(errand.c.id).where(
        ERRAND_IS_OPEN,
        errand.c.kind == kind,
        errand.c.user_id.is_(None) if user_id is None else errand.c.user_id == user_id,
        errand.c.arguments == written,
        errand.c.asked_by_kind == asked_by.kind,
        errand.c.asked_by_id == asked_by.id,
    )
    there = session.scalars(same.limit(1)).one_or_none()
    if there is not None:
        return int(there)
    adding = insert(errand).values(
        kind=kind,
        user_id=user_id,
        arguments=written,
        asked_by_kind=asked_by.kind,
        asked_by_id=asked_by.id,
        asked_by_name=asked_by.name,
        state=ErrandState.WAITING,
        attempt=0,
        done=0,
        created_at=now,
    )
    return int(session.execute(adding.returning(errand.c.id)).scalar_one())


def get_errand(session: Session, errand_id: int) -> Errand | None:
    """Return the errand of that number."""
    row = session.execute(select(errand).where(errand.c.id == errand_id)).one_or_none()
    return None if row is None else _errand(row)


def newest_errand(session: Session, kind: ErrandKind, user_id: int | None) -> Errand | None:
    """Return the errand of that kind about that user which was ordered last."""
    about = errand.c.user_id.is_(None) if user_id is None else errand.c.user_id == user_id
    row = session.execute(select(errand).where(errand.c.kind == kind, about).order_by(errand.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _errand(row)


def claim_errand(session: Session, now: datetime, lease: timedelta) -> Errand | None:
    """Take the oldest errand that waits, or whose worker was not heard of for the length of its lease."""
    is_free = or_(errand.c.leased_until.is_(None), errand.c.leased_until < now)
    found = session.execute(
        select(errand.c.id, errand.c.attempt).where(ERRAND_IS_OPEN, is_free).order_by(errand.c.id).limit(1)
    ).one_or_none()
    if found is None:
        return None
    claiming = (
        update(errand)
        .where(errand.c.id == found.id, errand.c.attempt == found.attempt, ERRAND_IS_OPEN)
        .values(state=ErrandState.RUNNING, attempt=found.attempt + 1, leased_until=now + lease, started_at=now)
    )
    row = session.execute(claiming.returning(*errand.c)).one_or_none()
    return None if row is None else _errand(row)


def report_progress(session: Session, held: Errand, done: int, total: int | None, now: datetime, lease: timedelta) -> bool:
    """Keep how far the errand is and hold it for longer. False: somebody else has it by now."""
    return _settle(session, held, done=done, total=total, leased_until=now + lease)


def postpone_errand(session: Session, held: Errand, until: datetime) -> bool:
    """Give an errand back that cannot be done before then. False: somebody else has it by now."""
    return _settle(session, held, state=ErrandState.WAITING, leased_until=until)


def finish_errand(session: Session, held: Errand, result: Mapping[str, Any], now: datetime) -> bool:
    """Keep what came of it. False: somebody else has it by now."""
    written = json.dumps(result, ensure_ascii=False)
    return _settle(session, held, state=ErrandState.DONE, result=written, error=None, finished_at=now, leased_until=None)


def fail_errand(session: Session, held: Errand, error: str, now: datetime) -> bool:
    """Keep why nothing came of it. False: somebody else has it by now."""
    return _settle(session, held, state=ErrandState.FAILED, error=error, finished_at=now, leased_until=None)


def purge_errands(session: Session, before: datetime) -> int:
    """Delete those that ended before that, and return how many that were."""
    return len(session.execute(delete(errand).where(errand.c.finished_at < before).returning(errand.c.id)).all())


def _settle(session: Session, held: Errand, **values: object) -> bool:
    settling = update(errand).where(errand.c.id == held.id, errand.c.attempt == held.attempt, ERRAND_IS_OPEN).values(**values)
    return session.execute(settling.returning(errand.c.id)).one_or_none() is not None


def _errand(row: Row[*tuple[Any, ...]]) -> Errand:
    return Errand(
        id=row.id,
        kind=row.kind,
        user_id=row.user_id,
        arguments=json.loads(row.arguments),
        asked_by=Party(row.asked_by_kind, row.asked_by_id, row.asked_by_name),
        state=row.state,
        attempt=row.attempt,
        done=row.done,
        total=row.total,
        result=None if row.result is None else json.loads(row.result),
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
