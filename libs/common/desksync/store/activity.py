"""How much went on in each of the last hours: runs in which something happened, and errors. For a picture of a day.

Each hour is a range of an index, which is counted without a look at the rows, and only up to `MOST`: the page that asks must not
become slower because there are a hundred thousand users, or because everything fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from desksync.store.tables import IS_TOLD, error, run

HOURS = 24
"""How far back it reaches, the hour that has begun included."""

MOST = 100_000
"""How many of a kind are counted in one hour."""

_HOUR = timedelta(hours=1)

_BEYOND = 2**63 - 1
"""No run has a number as large."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What began in one hour; `begin` is its start. Runs without a line and without an error are not counted."""

    begin: datetime
    runs: int
    errors: int


@dataclass(frozen=True, slots=True)
class Activity:
    """The hours, the oldest first. `is_cut`: some hour had more than are counted, `most` of each kind."""

    hours: tuple[Hour, ...]
    most: int

    @property
    def is_cut(self) -> bool:
        """Say whether the numbers are too small."""
        return any(self.most in {hour.runs, hour.errors} for hour in self.hours)

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
    present = now.replace(minute=0, second=0, microsecond=0)
    begins = [present - back * _HOUR for back in reversed(range(HOURS))]
    ends = [*begins[1:], present + _HOUR]
    errors = _counted(session, [_errors_between(begin, end, most) for begin, end in zip(begins, ends, strict=True)])
    runs = _counted(
        session, [_runs_between(first, after, most) for first, after in pairwise([*_first_runs(session, begins), None])]
    )
    return Activity(tuple(Hour(*one) for one in zip(begins, runs, errors, strict=True)), most)


def _first_runs(session: Session, begins: Sequence[datetime]) -> list[int | None]:
    """Return the first run of each hour, or after it where it had none. Numbers rise with time, but for moments."""
    firsts = [
        select(run.c.id).where(run.c.started_at >= begin).order_by(run.c.started_at, run.c.id).limit(1).scalar_subquery()
        for begin in begins
    ]
    return list(session.execute(select(*firsts)).one())


def _runs_between(first: int | None, after: int | None, most: int) -> ScalarSelect[int]:
    until = () if after is None else (run.c.id < after,)
    # Where there is no run since the hour began, no number is large enough.
    return _number(run.c.id, (IS_TOLD, run.c.id >= (_BEYOND if first is None else first), *until), most)


def _errors_between(begin: datetime, end: datetime, most: int) -> ScalarSelect[int]:
    return _number(error.c.at, (error.c.at >= begin, error.c.at < end), most)


def _number(column: ColumnElement[Any], among: Sequence[ColumnElement[bool]], most: int) -> ScalarSelect[int]:
    return select(func.count()).select_from(select(column).where(*among).limit(most).subquery()).scalar_subquery()


def _counted(session: Session, numbers: Sequence[ScalarSelect[int]]) -> list[int]:
    return list(session.execute(select(*(number.label(f"n{place}") for place, number in enumerate(numbers)))).one())
