"""The audit log: who changed what, when, from where. Entries are added and read, never changed; old ones are purged by age.

An entry is written in the transaction of the change that it tells of, so that neither is there without the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, or_, select
from sqlalchemy.orm import Session

from desksync.store.web_tables import audit_entry


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody or something, as it was called when the entry was written: names change, and people leave."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is written down. `before` and `after` hold what changed, and no secret."""

    who: Party
    what: str
    about: Party
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log."""

    id: int
    at: datetime
    entry: NewEntry


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; what is `None` does not matter. `text` is looked for in names and ids."""

    first: datetime | None = None
    last: datetime | None = None
    what: str | None = None
    who_kind: str | None = None
    about: tuple[str, str] | None = None
    text: str | None = None


def add_entry(session: Session, new: NewEntry, now: datetime) -> None:
    """Write an entry."""
    session.execute(
        insert(audit_entry).values(
            at=now,
            who_kind=new.who.kind,
            who_id=new.who.id,
            who_name=new.who.name,
            what=new.what,
            about_kind=new.about.kind,
            about_id=new.about.id,
            about_name=new.about.name,
            before=_written(new.before),
            after=_written(new.after),
            address=new.address[:64],
            request_id=new.request_id,
        )
    )


def list_entries(session: Session, wanted: Wanted, *, before: int | None = None, limit: int | None = None) -> list[Entry]:
    """Return entries, the newest first, beginning before that number."""
    asking = _asking(wanted).order_by(audit_entry.c.id.desc()).limit(limit)
    rows = session.execute(asking if before is None else asking.where(audit_entry.c.id < before))
    return [_entry(row) for row in rows]


def list_deeds(session: Session) -> list[str]:
    """Return every kind of deed that occurs, for a filter."""
    return list(session.scalars(select(audit_entry.c.what).distinct().order_by(audit_entry.c.what)))


def purge_entries(session: Session, before: datetime, limit: int) -> int:
    """Delete that many of the entries older than that at most, and return how many that were."""
    oldest = select(audit_entry.c.id).where(audit_entry.c.at < before).order_by(audit_entry.c.id).limit(limit)
    return len(session.execute(delete(audit_entry).where(audit_entry.c.id.in_(oldest)).returning(audit_entry.c.id)).all())


def _asking(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    asking = select(audit_entry)
    if wanted.first is not None:
        asking = asking.where(audit_entry.c.at >= wanted.first)
    if wanted.last is not None:
        asking = asking.where(audit_entry.c.at < wanted.last)
    if wanted.what is not None:
        asking = asking.where(audit_entry.c.what == wanted.what)
    if wanted.who_kind is not None:
        asking = asking.where(audit_entry.c.who_kind == wanted.who_kind)
    if wanted.about is not None:
        kind, id_ = wanted.about
        asking = asking.where(audit_entry.c.about_kind == kind, audit_entry.c.about_id == id_)
    if wanted.text:
        columns = (audit_entry.c.who_name, audit_entry.c.who_id, audit_entry.c.about_name, audit_entry.c.about_id)
        asking = asking.where(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return asking


def _written(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        row.id,
        row.at,
        NewEntry(
            who=Party(row.who_kind, row.who_id, row.who_name),
            what=row.what,
            about=Party(row.about_kind, row.about_id, row.about_name),
            before=None if row.before is None else json.loads(row.before),
            after=None if row.after is None else json.loads(row.after),
            address=row.address,
            request_id=row.request_id,
        ),
    )
