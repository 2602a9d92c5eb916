"""People among many thousands: searched, filtered, sorted, a page at a time. For lists, exports and changes to many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.tables import users
from desksync.store.users import User, is_running, selected_users, user_of

_ESCAPE = "\\"


class Order(StrEnum):
    """By what a list of people is sorted; the number decides among equals."""

    NUMBER = "number"
    NAME = "name"
    LOGIN = "login"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Sought:
    """Which people are asked for, and in which order; what is `None` or empty does not matter.

    `text` is looked for in name, login ID and NEO user ID, and matches the number exactly. The state `WAITING` stands for all who
    sync, a run under way or not. Those who have vanished from NEO are left out unless `has_vanished`.
    """

    text: str = ""
    state: State | None = None
    reason: StopReason | None = None
    order: Order = Order.NUMBER
    is_descending: bool = False
    has_vanished: bool = False


def count_people(session: Session, sought: Sought, now: datetime) -> int:
    """Return how many there are."""
    return session.execute(select(func.count()).select_from(users).where(*_conditions(sought, now))).scalar_one()


def find_people(
    session: Session, sought: Sought, now: datetime, *, offset: int = 0, limit: int | None = None, after: int = 0
) -> list[User]:
    """Return some of them, in their order. With `after` only those with larger numbers: for pages that stay right meanwhile."""
    keys = [*_keys(sought.order), users.c.id]
    ordered = [key.desc() for key in keys] if sought.is_descending else keys
    wanted = (users.c.id > after, *_conditions(sought, now))
    asking = selected_users(now).where(*wanted).order_by(*ordered).offset(offset).limit(limit)
    return [user_of(row) for row in session.execute(asking)]


def people_by_login(session: Session, logins: Collection[str], now: datetime) -> dict[str, list[User]]:
    """Return those with these login IDs. NEO's login IDs are unique, but one who has left may have had the same."""
    found: dict[str, list[User]] = {}
    several = sorted(set(logins))
    for begin in range(0, len(several), _PORTION):
        asking = selected_users(now).where(users.c.login_id.in_(several[begin : begin + _PORTION])).order_by(users.c.id)
        for row in session.execute(asking):
            found.setdefault(row.login_id, []).append(user_of(row))
    return found


def change_permission(session: Session, user_id: int, *, was: Permission, to: Permission) -> bool:
    """Set the permission unless somebody else has changed it meanwhile, and say whether this call did it."""
    changing = update(users).where(users.c.id == user_id, users.c.permission == was).values(permission=to)
    return session.execute(changing.returning(users.c.id)).one_or_none() is not None


_PORTION = 500
"""How many values one query names: SQLite takes a limited number."""


def _conditions(sought: Sought, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not sought.has_vanished:
        found.append(users.c.vanished_at.is_(None))
    if text := sought.text.strip():
        found.append(_holds(text))
    if sought.state is not None:
        found += _in_state(sought.state, now)
    if sought.reason is not None:
        found += [users.c.sync_state == SyncState.STOPPED, users.c.stop_reason == sought.reason]
    return found


def _holds(text: str) -> ColumnElement[bool]:
    plain = text.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", rf"{_ESCAPE}%").replace("_", rf"{_ESCAPE}_")
    columns = (users.c.name, users.c.login_id, users.c.neo_user_id)
    held: list[ColumnElement[bool]] = [func.lower(column).like(f"%{plain}%", escape=_ESCAPE) for column in columns]
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_NUMBER)) and int(text) <= _LARGEST_NUMBER:
        held.append(users.c.id == int(text))
    return or_(*held)


_LARGEST_NUMBER = 2**31 - 1


def _in_state(state: State, now: datetime) -> list[ColumnElement[bool]]:
    enabled, syncing = users.c.permission == Permission.ENABLED, users.c.sync_state == SyncState.SYNC
    match state:
        case State.DISABLED:
            return [users.c.permission == Permission.DISABLED]
        case State.STOPPED:
            return [enabled, users.c.sync_state == SyncState.STOPPED]
        case State.WAITING:
            return [enabled, syncing]
        case State.RUNNING:
            return [enabled, syncing, is_running(now)]
        case _:
            assert_never(state)


def _keys(order: Order) -> list[ColumnElement[Any]]:
    match order:
        case Order.NUMBER:
            return []
        case Order.NAME:
            return [users.c.name]
        case Order.LOGIN:
            return [users.c.login_id]
        case Order.STATE:
            return [users.c.permission, users.c.sync_state]
        case _:
            assert_never(order)
