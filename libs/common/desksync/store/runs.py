"""The history: one run for each sync of a user, and a line for everything that happened in it.

Lines hold titles and contents, because a person wants to read and undo; nothing of that ever leaves for logs or messages.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from desksync.store.tables import error, run, run_line, ticket
from desksync.store.tickets import Ticket
from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Event, Side

Counts = Mapping[str, int]
"""How many lines of which kind, by side: `google_created`, `neo_deleted`; a kind without a side by itself; and `errors`."""

_SEVERAL = ""
"""The scope of a run that went on with another pair of calendars: no scope is equal to it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `finished_at` and `outcome` are `None` while it goes on; `counts` are then empty.

    `undoes` is the run that this one puts back.
    """

    id: int
    user_id: int
    ticket_id: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    counts: Counts
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """Something that happened in a run.

    `kind` is one word (`created`, `updated`, `deleted`, …). `side` is the side that was written, `None` for what concerns the
    whole run. `content` is what was deleted, overwritten or lost, so that a person can have it back; `written` is what the side
    held after it. `other_id` is the id of the linked event on the other side. `undoes` is the line that this one puts back.
    """

    kind: str
    side: Side | None
    text: str
    event_id: str | None = None
    title: str = ""
    content: Event | None = None
    other_id: str | None = None
    written: Event | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A kept line, with its run and time."""

    id: int
    run_id: int
    user_id: int
    at: datetime
    line: NewLine


def open_run(session: Session, held: Ticket, now: datetime, *, scope: str | None = None) -> int:
    """Begin the run of a ticket, in the transaction that claims it, and return its number.

    A run that was begun already goes on. `scope` says whose calendars it is about (`User.scope`).
    """
    if held.run_id is not None:
        return held.run_id
    values = {"user_id": held.user_id, "ticket_id": held.id, "started_at": now, "counts": "{}", "is_quiet": False}
    starting = insert(run).values(**values, scope=scope)
    run_id: int = session.execute(starting.returning(run.c.id)).scalar_one()
    session.execute(update(ticket).where(ticket.c.id == held.id, ticket.c.attempt == held.attempt).values(run_id=run_id))
    return run_id


def open_repair(
    session: Session, user_id: int, held: Ticket, now: datetime, *, undoes: int | None = None, scope: str | None = None
) -> int:
    """Begin the run of an undoing or cleaning, under a held ticket, and return its number.

    Whoever holds the ticket is alone with the user. A run that never ended was cut off then, and is closed, unless it is the
    ticket's own: that one waits, and goes on afterwards.
    """
    unfinished = select(run.c.id).where(run.c.user_id == user_id, run.c.finished_at.is_(None))
    for cut_off in session.scalars(unfinished).all():
        if cut_off != held.run_id:
            close_run(session, cut_off, "interrupted", now)
    values = {"user_id": user_id, "ticket_id": held.id, "started_at": now, "counts": "{}", "is_quiet": False}
    starting = insert(run).values(**values, undoes=undoes, scope=scope)
    run_id: int = session.execute(starting.returning(run.c.id)).scalar_one()
    return run_id


def go_on_elsewhere(session: Session, run_id: int, scope: str) -> None:
    """Record that the run goes on with this pair of calendars: if it began with another one, it is about several."""
    session.execute(update(run).where(run.c.id == run_id, run.c.scope != scope).values(scope=_SEVERAL))


def is_of_scope(session: Session, one: Run, scope: str) -> bool:
    """Say whether the run wrote to this pair of calendars and to no other.

    Where that was not kept yet, the first run after it counts for which it was.
    """
    later = select(run.c.scope).where(run.c.user_id == one.user_id, run.c.id >= one.id, run.c.scope.is_not(None))
    known = session.scalar(later.order_by(run.c.id).limit(1))
    return known is None or known == scope


def undoings(session: Session, run_id: int) -> list[Run]:
    """Return the runs that put that run back, or began to, the oldest first."""
    return [run_of(row) for row in session.execute(select(run).where(run.c.undoes == run_id).order_by(run.c.id))]


def add_line(session: Session, run_id: int, user_id: int, now: datetime, line: NewLine) -> int:
    """Add one line to the history of a run and return its number."""
    adding = insert(run_line).values({"run_id": run_id, "user_id": user_id, "at": now} | _line_values(line))
    line_id: int = session.execute(adding.returning(run_line.c.id)).scalar_one()
    return line_id


def replace_line(session: Session, line_id: int, line: NewLine) -> None:
    """Say something else in a line: what was announced is done, or was refused."""
    session.execute(update(run_line).where(run_line.c.id == line_id).values(_line_values(line)))


def delete_line(session: Session, line_id: int) -> None:
    """Delete a line that announced what was not done."""
    session.execute(delete(run_line).where(run_line.c.id == line_id))


def lines_undoing(session: Session, user_id: int) -> list[Line]:
    """Return all lines of the user that put another line back, or began to, the oldest first."""
    wanted = select(run_line).where(run_line.c.user_id == user_id, run_line.c.undoes.is_not(None)).order_by(run_line.c.id)
    return [line_of(row) for row in session.execute(wanted)]


def lines_of_kind(session: Session, user_id: int, kind: str, scope: str | None = None) -> list[Line]:
    """Return all lines of the user of one kind, the oldest first; with a scope those alone of runs of that pair of calendars.

    Runs of which that was not kept yet count as such.
    """
    wanted = select(run_line).where(run_line.c.user_id == user_id, run_line.c.kind == kind).order_by(run_line.c.id)
    if scope is not None:
        wanted = wanted.join(run, run.c.id == run_line.c.run_id).where(run.c.scope.is_(None) | (run.c.scope == scope))
    return [line_of(row) for row in session.execute(wanted)]


def lines_of_run(session: Session, run_id: int) -> list[Line]:
    """Return all lines of a run, the oldest first."""
    return [line_of(row) for row in session.execute(select(run_line).where(run_line.c.run_id == run_id).order_by(run_line.c.id))]


def add_lines(session: Session, run_id: int, user_id: int, now: datetime, lines: Iterable[NewLine]) -> None:
    """Add to the history of a run."""
    rows = [{"run_id": run_id, "user_id": user_id, "at": now} | _line_values(line) for line in lines]
    if rows:
        session.execute(insert(run_line), rows)


def close_run(session: Session, run_id: int, outcome: str, now: datetime) -> Run | None:
    """End the run, with its lines and errors counted, and return it; `None` if it has ended already."""
    by_kind = select(run_line.c.side, run_line.c.kind, func.count()).where(run_line.c.run_id == run_id)
    counts = {
        kind if side is None else f"{side.value}_{kind}": number
        for side, kind, number in session.execute(by_kind.group_by(run_line.c.side, run_line.c.kind))
    }
    counts["errors"] = session.scalar(select(func.count()).select_from(error).where(error.c.run_id == run_id)) or 0
    ending = (
        update(run)
        .where(run.c.id == run_id, run.c.finished_at.is_(None))
        .values(finished_at=now, outcome=outcome, counts=json.dumps(counts), is_quiet=not any(counts.values()))
    )
    row = session.execute(ending.returning(*run.c)).one_or_none()
    return None if row is None else run_of(row)


def get_run(session: Session, run_id: int) -> Run | None:
    """Return one run, or `None`."""
    row = session.execute(select(run).where(run.c.id == run_id)).one_or_none()
    return None if row is None else run_of(row)


def list_runs(session: Session, user_id: int | None, limit: int, *, before: int | None = None, quiet: bool = True) -> list[Run]:
    """Return runs of the user, or of all, newest first.

    `before` is the number of the last one that was shown, for the next page. Without `quiet` only those in which something
    happened, or that have not ended.
    """
    wanted = select(run).order_by(run.c.id.desc()).limit(limit)
    if user_id is not None:
        wanted = wanted.where(run.c.user_id == user_id)
    if before is not None:
        wanted = wanted.where(run.c.id < before)
    if not quiet:
        wanted = wanted.where(run.c.is_quiet.is_(False))
    return [run_of(row) for row in session.execute(wanted)]


def list_lines(session: Session, user_id: int, limit: int, *, run_id: int | None = None, before: int | None = None) -> list[Line]:
    """Return lines of the user, or of one run, newest first. `before` is the number of the last one that was shown."""
    wanted = select(run_line).where(run_line.c.user_id == user_id).order_by(run_line.c.id.desc()).limit(limit)
    if run_id is not None:
        wanted = wanted.where(run_line.c.run_id == run_id)
    if before is not None:
        wanted = wanted.where(run_line.c.id < before)
    return [line_of(row) for row in session.execute(wanted)]


def get_line(session: Session, line_id: int) -> Line | None:
    """Return one line, or `None`."""
    row = session.execute(select(run_line).where(run_line.c.id == line_id)).one_or_none()
    return None if row is None else line_of(row)


def purge_runs(session: Session, before: datetime, limit: int, *, only_quiet: bool = False) -> int:
    """Delete up to `limit` ended runs that began before that time, with their lines and errors, and return how many.

    Most runs are quiet; deleting them sooner keeps the history of a large company small. Call it again until it returns
    less than `limit`, each time in a transaction of its own.
    """
    old = select(run.c.id).where(run.c.started_at < before, run.c.finished_at.is_not(None)).order_by(run.c.started_at)
    if only_quiet:
        old = old.where(run.c.is_quiet.is_(True))
    return len(session.execute(delete(run).where(run.c.id.in_(old.limit(limit))).returning(run.c.id)).all())


def run_of(row: Row[*tuple[Any, ...]]) -> Run:
    """Return a run as its row holds it."""
    return Run(
        row.id, row.user_id, row.ticket_id, row.started_at, row.finished_at, row.outcome, json.loads(row.counts), row.undoes
    )


def line_of(row: Row[*tuple[Any, ...]]) -> Line:
    """Return a line as its row holds it."""
    content = None if row.content is None else from_json(row.content)
    written = None if row.written is None else from_json(row.written)
    line = NewLine(row.kind, row.side, row.text, row.event_id, row.title, content, row.other_id, written, row.undoes)
    return Line(row.id, row.run_id, row.user_id, row.at, line)


def _line_values(line: NewLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "side": line.side,
        "event_id": line.event_id,
        "title": line.title,
        "text": line.text,
        "content": None if line.content is None else to_json(line.content),
        "other_id": line.other_id,
        "written": None if line.written is None else to_json(line.written),
        "undoes": line.undoes,
    }
