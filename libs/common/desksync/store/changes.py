"""Changes that are about to be written, kept until it is known what came of them."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from desksync.store.tables import begun_change
from desksync.store.upsert import upsert_into
from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Side
from desksync.sync.fingerprint import fingerprint_of_text
from desksync.sync.flow import GROUPS, Flow
from desksync.sync.link import Link
from desksync.sync.plan import Update
from desksync.sync.reading import Stored


def record_begun(session: Session, user_id: int, begun: Iterable[Update], now: datetime) -> None:
    """Record, before the calls, that these events are about to be changed. Recording one again replaces it."""
    rows = [
        {
            "user_id": user_id,
            "side": update.side,
            "event_id": update.current.id,
            "neo_id": update.link.neo_id,
            "google_id": update.link.google_id,
            "agreed": _agreed(update.link),
            "before": to_json(update.current.event),
            "wanted": to_json(update.event),
            "other": to_json(update.other),
            "pending": _flow_to_json(update.pending),
            "recorded_at": now,
        }
        for update in begun
    ]
    if rows:
        inserting = upsert_into(session, begun_change)
        new = {name: inserting.excluded[name] for name in rows[0] if name not in {"user_id", "side", "event_id"}}
        keys = [begun_change.c.user_id, begun_change.c.side, begun_change.c.event_id]
        session.execute(inserting.on_conflict_do_update(index_elements=keys, set_=new), rows)


def begun_ids(session: Session, user_id: int, side: Side) -> frozenset[str]:
    """Return the ids of the events of that side of which it is not known whether they were changed."""
    which = (begun_change.c.user_id == user_id, begun_change.c.side == side)
    return frozenset(session.scalars(select(begun_change.c.event_id).where(*which)))


def begun_changes(session: Session, user_id: int, links: Iterable[Link]) -> list[Update]:
    """Return the changes that were begun and never recorded as done. Those of a pair that has moved on since say nothing."""
    found = session.execute(select(begun_change).where(begun_change.c.user_id == user_id)).all()
    if not found:
        return []
    pairs = {(link.neo_id, link.google_id): link for link in links}
    updates = []
    for row in found:
        link = pairs.get((row.neo_id, row.google_id))
        if link is not None and _agreed(link) == row.agreed:
            current = Stored(row.event_id, from_json(row.before))
            wanted, other = from_json(row.wanted), from_json(row.other)
            updates.append(Update(row.side, link, current, other, wanted, _flow_from_json(row.pending)))
    return updates


def forget_begun(session: Session, user_id: int, side: Side, event_ids: Iterable[str]) -> None:
    """Forget that these events of that side were about to be changed: it is known what came of it."""
    rows = [{"gone": event_id} for event_id in event_ids]
    if rows:
        which = (begun_change.c.user_id == user_id, begun_change.c.side == side)
        session.execute(delete(begun_change).where(*which, begun_change.c.event_id == bindparam("gone")), rows)


def _agreed(link: Link) -> str:
    return fingerprint_of_text(to_json(link.neo)) + fingerprint_of_text(to_json(link.google))


def _flow_to_json(flow: Flow) -> str:
    names = [list(group) for group in GROUPS if group in flow.groups]
    return json.dumps({"groups": names, "days": [day.isoformat() for day in sorted(flow.days)]})


def _flow_from_json(text: str) -> Flow:
    kept = json.loads(text)
    groups = frozenset(tuple(group) for group in kept["groups"])
    return Flow(groups, frozenset(date.fromisoformat(day) for day in kept["days"]))
