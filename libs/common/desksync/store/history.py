"""The history as people look through it: the runs in which something happened, by a filter, and the quiet ones between them.

Most runs are quiet. They are left out by partial indexes, so that a page costs the same whether there are thousands or millions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import Session

from desksync.store.errors import KeptError, error_of
from desksync.store.runs import Line, Run, line_of, run_of
from desksync.store.tables import error, run, run_line
from desksync.sync.event import Side

ANY_ERROR = "any"
"""Stands for errors of every kind."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which runs are asked for; what is `None` does not matter. `side` is one that was written or failed."""

    user_id: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    outcome: str | None = None
    side: Side | None = None
    error: str | None = None

    @property
    def is_about_what_happened(self) -> bool:
        """Say whether quiet runs are no answer to it."""
        return self.outcome is not None or self.side is not None or self.error is not None


@dataclass(frozen=True, slots=True)
class QuietTime:
    """Runs in a row in which nothing happened: how many, and when the first and the last of them began."""

    number: int
    first: datetime
    last: datetime


def seek_runs(session: Session, sought: Sought, limit: int | None, *, before: int | None = None) -> list[Run]:
    """Return the runs in which something happened, or that have not ended, the newest first, beginning before that number."""
    asking = _in_time(select(run), sought).where(run.c.is_quiet.is_(False))
    if sought.outcome is not None:
        asking = asking.where(run.c.outcome == sought.outcome)
    if sought.side is not None:
        written = exists().where(run_line.c.run_id == run.c.id, run_line.c.side == sought.side)
        failed = exists().where(error.c.run_id == run.c.id, error.c.side == sought.side)
        asking = asking.where(written | failed)
    if sought.error is not None:
        failing = exists().where(error.c.run_id == run.c.id)
        asking = asking.where(failing if sought.error == ANY_ERROR else failing.where(error.c.kind == sought.error))
    if before is not None:
        asking = asking.where(run.c.id < before)
    return [run_of(row) for row in session.execute(asking.order_by(run.c.id.desc()).limit(limit))]


def quiet_times(session: Session, sought: Sought, *, before: int | None = None, after: int = 0) -> dict[int, QuietTime]:
    """Return the quiet times of one user between two runs, by how many of the shown runs are newer than they.

    `before` and `after` are the numbers of the runs at both ends of a page; `sought` names the user.
    """
    newer = func.sum(case((run.c.is_quiet.is_(False), 1), else_=0)).over(order_by=run.c.id.desc())
    asking = _in_time(select(run.c.started_at, run.c.is_quiet, newer.label("newer")), sought).where(run.c.id > after)
    if before is not None:
        asking = asking.where(run.c.id < before)
    each = asking.subquery()
    counting = select(each.c.newer, func.count(), func.min(each.c.started_at), func.max(each.c.started_at))
    found = session.execute(counting.where(each.c.is_quiet.is_(True)).group_by(each.c.newer))
    return {int(place): QuietTime(number, first, last) for place, number, first, last in found}


def lines_of_runs(session: Session, run_ids: Iterable[int]) -> dict[int, list[Line]]:
    """Return the lines of several runs, the oldest first."""
    found: dict[int, list[Line]] = {run_id: [] for run_id in run_ids}
    for row in session.execute(select(run_line).where(run_line.c.run_id.in_(found)).order_by(run_line.c.id)):
        found[row.run_id].append(line_of(row))
    return found


def errors_of_run(session: Session, run_id: int) -> list[KeptError]:
    """Return the errors of a run, the oldest first."""
    return [error_of(row) for row in session.execute(select(error).where(error.c.run_id == run_id).order_by(error.c.id))]


def _in_time(asking: Select[*tuple[Any, ...]], sought: Sought) -> Select[*tuple[Any, ...]]:
    if sought.user_id is not None:
        asking = asking.where(run.c.user_id == sought.user_id)
    if sought.first is not None:
        asking = asking.where(run.c.started_at >= sought.first)
    if sought.last is not None:
        asking = asking.where(run.c.started_at < sought.last)
    return asking
