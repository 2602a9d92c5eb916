"""What processes agree about before they call a remote: who has which seats, until when all of them rest, what is spent.

One row for each side, and one for each process that has or wants seats. A process reads both, decides, and writes on the
condition that nobody has written meanwhile; nothing is locked for longer than that takes, on either database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from desksync.store.tables import remote, remote_member
from desksync.store.upsert import upsert_into
from desksync.sync.event import Side
from desksync.sync.seats import Member

_FORGOTTEN = timedelta(minutes=1)
"""After how long the row of a process that never gave its seats back is deleted. It counts for nothing long before."""


class Outrun(Exception):
    """Another process has written since this one has read. The transaction is rolled back; read and decide again."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One side as all processes see it. `version` is the condition for writing."""

    version: int
    paused_until: datetime | None
    spent_until: datetime | None
    members: tuple[Member, ...] = ()


def look(session: Session, side: Side) -> Remote:
    """Return the present state of a side."""
    found = session.execute(
        select(remote.c.version, remote.c.paused_until, remote.c.spent_until).where(remote.c.side == side)
    ).one_or_none()
    if found is None:
        return Remote(0, None, None)
    # Read after the version: whatever changes in between changes the version too, and writing fails.
    rows = session.execute(
        select(
            remote_member.c.holder,
            remote_member.c.seats,
            remote_member.c.is_waiting,
            remote_member.c.since,
            remote_member.c.until,
        ).where(remote_member.c.side == side)
    )
    return Remote(*found, tuple(Member(*row) for row in rows))


def write_seats(session: Session, side: Side, seen: Remote, mine: Member, now: datetime) -> None:
    """Write down what this process has and wants; a row that says neither is deleted. Raises `Outrun`."""
    _turn_over(session, side, seen)
    # Nobody has written since, so what was seen is what there is.
    is_there = any(one.holder == mine.holder for one in seen.members)
    row = (remote_member.c.side == side) & (remote_member.c.holder == mine.holder)
    values = {"seats": mine.seats, "is_waiting": mine.is_waiting, "since": mine.since, "until": mine.until}
    if mine.is_idle:
        session.execute(delete(remote_member).where(row))
    elif is_there:
        session.execute(update(remote_member).where(row).values(values))
    else:
        session.execute(insert(remote_member).values(side=side, holder=mine.holder, **values))
    if any(one.until < now - _FORGOTTEN for one in seen.members):
        session.execute(delete(remote_member).where(remote_member.c.side == side, remote_member.c.until < now - _FORGOTTEN))


def write_spent(session: Session, side: Side, seen: Remote, spent_until: datetime) -> None:
    """Write down how far the calls of all processes reach by now. Raises `Outrun`."""
    _turn_over(session, side, seen, spent_until=spent_until)


def pause(session: Session, side: Side, until: datetime, latest: datetime) -> None:
    """Let every process rest until then. A rest that lasts longer already is left as it is, if it ends by `latest`.

    One that lies further ahead was written by a clock that was ahead, and nobody heeds it.
    """
    _made_sure_of(session, side)
    paused = remote.c.paused_until
    resting = update(remote).where(remote.c.side == side, or_(paused.is_(None), paused < until, paused > latest))
    session.execute(resting.values(paused_until=until))


def leave(session: Session, side: Side, holder: str) -> None:
    """Give back all seats of this process, so that others need not wait until they run out."""
    session.execute(delete(remote_member).where(remote_member.c.side == side, remote_member.c.holder == holder))


def _turn_over(session: Session, side: Side, seen: Remote, **values: Any) -> None:
    if not seen.version:
        _made_sure_of(session, side)
    turning = update(remote).where(remote.c.side == side, remote.c.version == seen.version)
    values["version"] = seen.version + 1
    if session.execute(turning.values(values).returning(remote.c.side)).one_or_none() is None:
        raise Outrun(side.value)


def _made_sure_of(session: Session, side: Side) -> None:
    blank = upsert_into(session, remote).values(side=side, version=0)
    session.execute(blank.on_conflict_do_nothing(index_elements=[remote.c.side]))
