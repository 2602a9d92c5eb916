"""How often somebody tried to sign in and failed, by account and by address. Backoff, never a lockout: time opens it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from desksync.store.upsert import upsert_into
from desksync.store.web_tables import sign_in_attempt


def blocked_until(session: Session, keys: Sequence[str], now: datetime) -> datetime | None:
    """Return until when one of the keys is shut out, `None` if none is."""
    asking = select(sign_in_attempt.c.blocked_until).where(sign_in_attempt.c.key.in_(keys), sign_in_attempt.c.blocked_until > now)
    return max((moment for moment in session.scalars(asking) if moment is not None), default=None)


def count_attempt(session: Session, key: str, now: datetime, forgotten: timedelta) -> int:
    """Count an attempt as failed before it is tried, and return how many there are. After `forgotten` without one it starts anew.

    Before, because a hundred attempts at once would otherwise all be tried before the first one is counted.
    """
    session.execute(delete(sign_in_attempt).where(sign_in_attempt.c.key == key, sign_in_attempt.c.last_at < now - forgotten))
    counting = (
        upsert_into(session, sign_in_attempt)
        .values(key=key, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[sign_in_attempt.c.key], set_={"failures": sign_in_attempt.c.failures + 1, "last_at": now}
        )
        .returning(sign_in_attempt.c.failures)
    )
    return int(session.execute(counting).scalar_one())


def block(session: Session, until: Mapping[str, datetime]) -> None:
    """Shut keys out until then."""
    for key, moment in until.items():
        session.execute(update(sign_in_attempt).where(sign_in_attempt.c.key == key).values(blocked_until=moment))


def forget(session: Session, key: str) -> None:
    """Start the count of a key anew: whoever it was has proven who they are."""
    session.execute(delete(sign_in_attempt).where(sign_in_attempt.c.key == key))


def take_back(session: Session, key: str) -> None:
    """Take one attempt back, which was none of a guesser; many people share an address."""
    session.execute(
        update(sign_in_attempt)
        .where(sign_in_attempt.c.key == key, sign_in_attempt.c.failures > 0)
        .values(failures=sign_in_attempt.c.failures - 1, blocked_until=None)
    )


def purge_attempts(session: Session, before: datetime) -> int:
    """Delete counts whose last attempt is older than that, and return how many that were."""
    purging = delete(sign_in_attempt).where(sign_in_attempt.c.last_at < before)
    return len(session.execute(purging.returning(sign_in_attempt.c.key)).all())
