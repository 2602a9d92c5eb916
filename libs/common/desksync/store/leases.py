"""Who is the active one of several, by name. A lease that runs out is taken by the next, with a higher fence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from desksync.store.tables import lease
from desksync.store.tickets import CLOCK_SKEW
from desksync.store.upsert import upsert_into


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken. `fence` rises whenever it changes hands."""

    name: str
    holder: str
    fence: int


def take(session: Session, name: str, holder: str, now: datetime, length: timedelta) -> Lease | None:
    """Take the lease if it is free, has run out or is ours already; else return `None`. `holder` is unique to the process.

    One that lasts longer than a lease does was taken by a clock that was set back since, and binds nobody.
    """
    values = {"holder": holder, "until": now + length}
    taking = (
        upsert_into(session, lease)
        .values(name=name, fence=1, **values)
        .on_conflict_do_update(
            index_elements=[lease.c.name],
            set_=values | {"fence": lease.c.fence + 1},
            where=or_(lease.c.until < now, lease.c.holder == holder, lease.c.until > now + length + CLOCK_SKEW),
        )
        .returning(lease.c.fence)
    )
    row = session.execute(taking).one_or_none()
    return None if row is None else Lease(name, holder, row.fence)


def renew(session: Session, held: Lease, now: datetime, length: timedelta) -> bool:
    """Make the lease last from now on. False: somebody else has taken it."""
    renewing = update(lease).where(lease.c.name == held.name, lease.c.fence == held.fence).values(until=now + length)
    return session.execute(renewing.returning(lease.c.name)).one_or_none() is not None


def release(session: Session, held: Lease, now: datetime) -> None:
    """Let the next one take the lease at once; its fence is kept."""
    session.execute(
        update(lease).where(lease.c.name == held.name, lease.c.fence == held.fence).values(until=now - timedelta(microseconds=1))
    )
