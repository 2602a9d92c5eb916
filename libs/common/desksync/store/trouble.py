"""What runs have met with lately on either side: whether NEO and Google answer, as those know who ask them all the time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desksync.store.tables import error, remote
from desksync.sync.event import Side

MOST = 10_000
"""How many of the newest errors are looked at: it is asked for on a page, and most of all when everything fails."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Errors of one side: how many, and when the last one was. `paused_until` is how long all have been asked to wait for it."""

    number: int = 0
    last_at: datetime | None = None
    paused_until: datetime | None = None


def trouble_by_side(session: Session, since: datetime, now: datetime) -> dict[Side, Trouble]:
    """Return what there was of it since then."""
    newest = select(error.c.side, error.c.at).where(error.c.at >= since).order_by(error.c.at.desc()).limit(MOST).subquery()
    counting = select(newest.c.side, func.count().label("number"), func.max(newest.c.at).label("last_at")).group_by(newest.c.side)
    met = {row.side: (row.number, row.last_at) for row in session.execute(counting)}
    resting = select(remote.c.side, remote.c.paused_until).where(remote.c.paused_until > now)
    paused = {row.side: row.paused_until for row in session.execute(resting)}
    return {side: Trouble(*met.get(side, (0, None)), paused.get(side)) for side in Side}
