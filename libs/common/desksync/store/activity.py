"""How much went on in each of the last hours: runs in which something happened, and errors. For a picture of a day.

Each is one pass over the newest rows that an index holds, and ends after `MOST` of them: the page that asks must not become
slower because there are a hundred thousand users, or because everything fails.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from desksync.store.tables import IS_TOLD, error, run

HOURS = 24
"""How far back it reaches, the hour that has begun included."""

MOST = 500_000
"""How many rows are looked at, of each kind."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """What began in one hour; `begin` is its start. Runs without a line and without an error are not counted."""

    begin: datetime
    runs: int
    errors: int


@dataclass(frozen=True, slots=True)
class Activity:
    """The hours, the oldest first. `is_cut`: there were more rows than are looked at, and the oldest hours say too little."""

    hours: tuple[Hour, ...]
    is_cut: bool

    @property
    def runs(self) -> int:
        """Return how many runs there were."""
        return sum(hour.runs for hour in self.hours)

    @property
    def errors(self) -> int:
        """Return how many errors there were."""
        return sum(hour.errors for hour in self.hours)


def take_activity(session: Session, now: datetime, most: int = MOST) -> Activity:
    """Count the last hours, the present one among them."""
    begins = [now.replace(minute=0, second=0, microsecond=0) - back * _HOUR for back in range(HOURS)]
    runs = _by_hour(session, _runs_since(session, begins[-1]), begins, most)
    errors = _by_hour(session, _errors_since(begins[-1]), begins, most)
    hours = tuple(Hour(begin, runs.get(begin, 0), errors.get(begin, 0)) for begin in reversed(begins))
    return Activity(hours, is_cut=any(sum(counted.values()) >= most for counted in (runs, errors)))


def _runs_since(session: Session, since: datetime) -> Select[Any] | None:
    # Numbers rise with time, and the index of runs that tell something is by number: where to begin, the index by time says.
    first = session.scalar(select(run.c.id).where(run.c.started_at >= since).order_by(run.c.started_at, run.c.id).limit(1))
    if first is None:
        return None
    return select(run.c.started_at.label("at")).where(IS_TOLD, run.c.id >= first).order_by(run.c.id.desc())


def _errors_since(since: datetime) -> Select[Any]:
    return select(error.c.at).where(error.c.at >= since).order_by(error.c.at.desc())


def _by_hour(session: Session, newest: Select[Any] | None, begins: list[datetime], most: int) -> dict[datetime, int]:
    if newest is None:
        return {}
    rows = newest.limit(most).subquery()
    place = case(*((rows.c.at >= begin, number) for number, begin in enumerate(begins)), else_=len(begins))
    placed = select(place.label("place")).select_from(rows).subquery()
    counting = select(placed.c.place, func.count()).group_by(placed.c.place)
    return {begins[number]: count for number, count in session.execute(counting) if number < len(begins)}
