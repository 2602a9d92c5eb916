"""What was seen on each side: its events, and how far they were read.

Kept until applied, so that nothing is lost when a push fails. Everything is written in bulk; nothing asks once for each event.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from desksync.store.tables import begun_change, event, held_plan, intent, link, reading, refusal, users
from desksync.store.upsert import upsert_into
from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Side, Window
from desksync.sync.fingerprint import fingerprint_of_text
from desksync.sync.reading import Odd, Stored, last_known


@dataclass(frozen=True, slots=True)
class ReadingState:
    """How far one side was read.

    `cursor` is `None` when it has to be read in full. `read_at` is when that reading began. `scope` says whose calendars were
    meant (`User.scope`), and `settings_version` under which settings. `is_dirty`: what was read may still have to be carried to
    the other side.
    `unlooked` are the linked ids that a complete reading lacked and that nobody has looked at yet.
    """

    cursor: str | None
    window: Window | None
    read_at: datetime
    scope: str
    settings_version: int
    is_dirty: bool = True
    unlooked: frozenset[str] = frozenset()


_SEEN: Final = select(event.c.event_id, event.c.body, event.c.odd_why, event.c.version, event.c.extra, event.c.is_editable)


def known(session: Session, user_id: int, side: Side) -> dict[str, Stored | Odd]:
    """Return all that was seen of one side, by id."""
    found = session.execute(_SEEN.where(event.c.user_id == user_id, event.c.side == side))
    return {row.event_id: _seen(row) for row in found}


def last_known_of(session: Session, user_id: int, side: Side, event_id: str) -> Stored | None:
    """Return an event as it was when it could be read last, `None` where it never was."""
    is_it = (event.c.user_id == user_id, event.c.side == side, event.c.event_id == event_id)
    row = session.execute(_SEEN.where(*is_it)).one_or_none()
    return None if row is None else last_known(_seen(row))


def fingerprints(session: Session, user_id: int, side: Side) -> dict[str, str]:
    """Return the fingerprint of every event of one side, by id. Odd ones have none. Costs no parsing."""
    found = session.execute(
        select(event.c.event_id, event.c.fingerprint).where(
            event.c.user_id == user_id, event.c.side == side, event.c.fingerprint.is_not(None)
        )
    )
    return {event_id: kept for event_id, kept in found}  # noqa: C416 - a row is no pair to mypy


def save_seen(session: Session, user_id: int, side: Side, changed: Iterable[Stored | Odd], gone: Iterable[str] = ()) -> None:
    """Keep the new state of these events and forget those that are gone; all others stay as they are."""
    rows = [{"user_id": user_id, "side": side} | _row(seen) for seen in changed]
    if rows:
        inserting = upsert_into(session, event)
        new = {name: inserting.excluded[name] for name in _CONTENT}
        keys = [event.c.user_id, event.c.side, event.c.event_id]
        session.execute(inserting.on_conflict_do_update(index_elements=keys, set_=new), rows)
    forgotten = [{"of": user_id, "on": side, "gone": event_id} for event_id in gone]
    if forgotten:
        which = (event.c.user_id == bindparam("of"), event.c.side == bindparam("on"), event.c.event_id == bindparam("gone"))
        session.execute(delete(event).where(*which), forgotten)


def reading_state(session: Session, user_id: int, side: Side) -> ReadingState | None:
    """Return how far one side was read, or `None` if it never was.

    After a change of the user's settings it comes back without its cursor and dirty: everything is read and decided once more.
    """
    row = session.execute(
        select(reading, users.c.settings_version.label("present_version"))
        .join(users, users.c.id == reading.c.user_id)
        .where(reading.c.user_id == user_id, reading.c.side == side)
    ).one_or_none()
    if row is None:
        return None
    is_current = row.settings_version == row.present_version
    return ReadingState(
        cursor=row.cursor if is_current else None,
        window=None if row.window_first is None else Window(row.window_first, row.window_last),
        read_at=row.read_at,
        scope=row.scope,
        settings_version=row.settings_version,
        is_dirty=row.is_dirty or not is_current,
        unlooked=_ids(row.unlooked),
    )


def unlooked(session: Session, user_id: int, side: Side) -> frozenset[str]:
    """Return the linked ids that the last complete reading of a side lacked and that nobody has looked at yet."""
    return _ids(session.scalar(select(reading.c.unlooked).where(reading.c.user_id == user_id, reading.c.side == side)))


def save_reading_state(session: Session, user_id: int, side: Side, state: ReadingState) -> None:
    """Keep how far one side was read, in the transaction that keeps what was read.

    `settings_version` is that of the user as it was loaded before reading: settings saved meanwhile then make it be read again.
    """
    values = {
        "cursor": state.cursor,
        "window_first": None if state.window is None else state.window.first,
        "window_last": None if state.window is None else state.window.last,
        "read_at": state.read_at,
        "scope": state.scope,
        "settings_version": state.settings_version,
        "is_dirty": state.is_dirty,
        "unlooked": json.dumps(sorted(state.unlooked), separators=(",", ":")) if state.unlooked else None,
    }
    inserting = upsert_into(session, reading).values(user_id=user_id, side=side, **values)
    session.execute(inserting.on_conflict_do_update(index_elements=[reading.c.user_id, reading.c.side], set_=values))


def forget_cursor(session: Session, user_id: int, side: Side) -> None:
    """Have that side read in full next time, whatever it answers: what is known of it moves on without a reading."""
    session.execute(update(reading).where(reading.c.user_id == user_id, reading.c.side == side).values(cursor=None))


def set_dirty(session: Session, user_id: int, side: Side, *, is_dirty: bool) -> None:
    """Record whether what was read of one side may still have to be carried to the other."""
    session.execute(update(reading).where(reading.c.user_id == user_id, reading.c.side == side).values(is_dirty=is_dirty))


def drop_scope(session: Session, user_id: int) -> None:
    """Forget what was seen, linked, tried, refused and held, so that two other calendars are matched from the start (rule R6).

    Deletes rows of ours and nothing on either side.
    """
    for table in (event, reading, link, intent, begun_change, refusal, held_plan):
        session.execute(delete(table).where(table.c.user_id == user_id))


def _ids(text: str | None) -> frozenset[str]:
    return frozenset(json.loads(text)) if text else frozenset()


_CONTENT = ("body", "odd_why", "fingerprint", "version", "extra", "is_editable")


def _row(seen: Stored | Odd) -> dict[str, Any]:
    return {"event_id": seen.id} | dict(zip(_CONTENT, _content(seen), strict=True))


def _content(seen: Stored | Odd) -> tuple[Any, ...]:
    match seen:
        case Stored():
            body, version, extra, is_editable = _kept(seen)
            return (body, None, fingerprint_of_text(body), version, extra, is_editable)
        case Odd():
            if seen.last is None:
                return (None, seen.why, None, "", "{}", False)
            body, version, extra, is_editable = _kept(seen.last)
            return (body, seen.why, None, version, extra, is_editable)
        case _:
            assert_never(seen)


def _kept(seen: Stored) -> tuple[str, str, str, bool]:
    extra = json.dumps(dict(seen.extra), ensure_ascii=False, sort_keys=True)
    return to_json(seen.event), seen.version, extra, seen.is_editable


def _seen(row: Row[*tuple[Any, ...]]) -> Stored | Odd:
    """Return what the row holds. The content beside the reason why an event is odd is what it was when it could last be read."""
    last = None
    if row.body is not None:
        last = Stored(row.event_id, from_json(row.body), row.version, json.loads(row.extra), row.is_editable)
    return Odd(row.event_id, row.odd_why, last) if last is None or row.odd_why is not None else last
