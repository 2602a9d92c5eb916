"""Which events are the same on both sides, which copies were begun, and which were refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from desksync.store.tables import intent, link, refusal
from desksync.store.upsert import upsert_into
from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Side
from desksync.sync.fingerprint import fingerprint_of_text
from desksync.sync.link import Link
from desksync.sync.plan import Create
from desksync.sync.reading import Stored


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the other side would not take, in the state that the fingerprint names; or what was told of it once."""

    fingerprint: str
    why: str
    at: datetime

    @property
    def is_notice(self) -> bool:
        """Return whether it only remembers what was told of an event, for example that a series is copied date by date."""
        return self.fingerprint == fingerprint_of_text(self.why)


def notice(why: str, at: datetime) -> Refusal:
    """Return what remembers that this was told of an event, so that it is told once."""
    return Refusal(fingerprint_of_text(why), why, at)


def links(session: Session, user_id: int) -> list[Link]:
    """Return every pair of the user, oldest first."""
    found = session.execute(select(*_CONTENT).where(link.c.user_id == user_id).order_by(link.c.id))
    return [_link(row) for row in found]


def link_of(session: Session, user_id: int, side: Side, event_id: str) -> Link | None:
    """Return the pair to which the event of that side belongs, or `None`."""
    column = link.c.neo_id if side is Side.NEO else link.c.google_id
    row = session.execute(select(*_CONTENT).where(link.c.user_id == user_id, column == event_id)).one_or_none()
    return None if row is None else _link(row)


def linked_ids(session: Session, user_id: int, side: Side) -> list[str]:
    """Return the ids of that side that belong to a pair. Costs no parsing."""
    column = link.c.neo_id if side is Side.NEO else link.c.google_id
    return list(session.scalars(select(column).where(link.c.user_id == user_id).order_by(link.c.id)))


def add_link(session: Session, user_id: int, new: Link, now: datetime) -> None:
    """Keep one new pair."""
    add_links(session, user_id, [new], now)


def add_links(session: Session, user_id: int, new: Iterable[Link], now: datetime) -> None:
    """Keep new pairs. An event is in one pair only; a second is an `IntegrityError`, because it would double the event."""
    rows = [
        {"user_id": user_id, "neo_id": pair.neo_id, "google_id": pair.google_id, "origin": pair.origin, "created_at": now}
        | _bases(pair)
        for pair in new
    ]
    if rows:
        session.execute(insert(link), rows)


def set_bases(session: Session, user_id: int, agreed: Iterable[Link]) -> None:
    """Replace the bases of existing pairs by those of the given links. On which side they began stays as it was."""
    rows = [{"of": user_id, "neo": pair.neo_id, "google": pair.google_id} | _bases(pair) for pair in agreed]
    if rows:
        session.execute(update(link).where(*_PAIR).values({name: bindparam(name) for name in _BASES}), rows)


def drop_link(session: Session, user_id: int, neo_id: str, google_id: str) -> None:
    """Forget a pair; the events stay as they are."""
    session.execute(delete(link).where(*_PAIR), {"of": user_id, "neo": neo_id, "google": google_id})


def record_intents(session: Session, user_id: int, begun: Iterable[Create], now: datetime) -> None:
    """Record, before the calls, that these copies are about to be created (rule R9).

    The wanted event and its source are kept with each, so that what a person changes before the copy is found can be told from
    what was to be written. Recording one again replaces it.
    """
    rows = [
        {
            "user_id": user_id,
            "side": create.side,
            "source_id": create.source.id,
            "key": create.key,
            "wanted": to_json(create.event),
            "source": to_json(create.source.event),
            "recorded_at": now,
        }
        for create in begun
    ]
    if rows:
        inserting = upsert_into(session, intent)
        new = {name: inserting.excluded[name] for name in ("key", "wanted", "source", "recorded_at")}
        keys = [intent.c.user_id, intent.c.side, intent.c.source_id]
        session.execute(inserting.on_conflict_do_update(index_elements=keys, set_=new), rows)


def intents(session: Session, user_id: int) -> list[Create]:
    """Return the copies that were begun and never recorded as done, as they were planned."""
    found = session.execute(
        select(intent.c.side, intent.c.source_id, intent.c.key, intent.c.wanted, intent.c.source)
        .where(intent.c.user_id == user_id)
        .order_by(intent.c.side, intent.c.source_id)
    )
    return [Create(row.side, Stored(row.source_id, from_json(row.source)), from_json(row.wanted), row.key) for row in found]


def forget_intents(session: Session, user_id: int, done: Iterable[Create]) -> None:
    """Forget that these copies were begun: they are linked, or it is known that they do not exist."""
    rows = [{"of": user_id, "on": create.side, "source": create.source.id} for create in done]
    if rows:
        which = (intent.c.user_id == bindparam("of"), intent.c.side == bindparam("on"))
        session.execute(delete(intent).where(*which, intent.c.source_id == bindparam("source")), rows)


def record_refusal(session: Session, user_id: int, side: Side, source_id: str, refused: Refusal) -> None:
    """Record that this side would not take the event in its present state."""
    values = {"fingerprint": refused.fingerprint, "why": refused.why, "at": refused.at}
    inserting = upsert_into(session, refusal).values(user_id=user_id, side=side, source_id=source_id, **values)
    keys = [refusal.c.user_id, refusal.c.side, refusal.c.source_id]
    session.execute(inserting.on_conflict_do_update(index_elements=keys, set_=values))


def refusals(session: Session, user_id: int, side: Side) -> dict[str, Refusal]:
    """Return what that side would not take, by source id."""
    found = session.execute(
        select(refusal.c.source_id, refusal.c.fingerprint, refusal.c.why, refusal.c.at).where(
            refusal.c.user_id == user_id, refusal.c.side == side
        )
    )
    return {row.source_id: Refusal(row.fingerprint, row.why, row.at) for row in found}


def forget_refusal(session: Session, user_id: int, side: Side, source_id: str) -> None:
    """Forget the refusal: the event was taken, or is gone."""
    which = (refusal.c.user_id == user_id, refusal.c.side == side, refusal.c.source_id == source_id)
    session.execute(delete(refusal).where(*which))


_PAIR = (link.c.user_id == bindparam("of"), link.c.neo_id == bindparam("neo"), link.c.google_id == bindparam("google"))
_CONTENT = (link.c.neo_id, link.c.google_id, link.c.neo_base, link.c.google_base, link.c.origin)
_BASES = ("neo_base", "google_base", "neo_fingerprint", "google_fingerprint")


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    return Link(row.neo_id, row.google_id, from_json(row.neo_base), from_json(row.google_base), row.origin)


def _bases(pair: Link) -> dict[str, str]:
    neo, google = to_json(pair.neo), to_json(pair.google)
    return dict(zip(_BASES, (neo, google, fingerprint_of_text(neo), fingerprint_of_text(google)), strict=True))
