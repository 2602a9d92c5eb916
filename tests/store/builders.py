"""Builders of rows: people in the database and tickets of theirs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar

from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.states import Permission, SyncState
from desksync.store.tickets import Lapsed, OpenedTicket, Ticket, claim, open_tickets, reclaim, stranded
from desksync.store.users import (
    Settings,
    find_user,
    list_users,
    save_google_consent,
    save_settings,
    set_permission,
    set_sync_state,
)
from desksync.store.web_sessions import Holder, NewSession, open_session
from desksync.store.web_states import SignInWay
from desksync.sync.ticket import Stage

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
GRACE = timedelta(minutes=2)

Answer = TypeVar("Answer")


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def a_person(begin: Begin, number: int = 1) -> int:
    """Add somebody as NEO lists them: disabled, stopped, without a calendar. Return the number of the user."""
    neo_user_id = str(100 + number)
    with begin() as session:
        others = [ListedUser(user.neo_user_id, user.login_id, user.name) for user in list_users(session, NOW)]
        newcomer = ListedUser(neo_user_id, f"user{number}", f"User {number}")
        sync_directory(session, [*others, newcomer], NOW, time_zone="Asia/Tokyo")
        user = find_user(session, neo_user_id, NOW)
    assert user is not None
    return user.id


def a_user(begin: Begin, number: int = 1) -> int:
    """Add somebody who syncs: enabled, with a calendar and consent, due at `NOW`. Return the number of the user."""
    user_id = a_person(begin, number)
    with begin() as session:
        save_settings(session, user_id, Settings(f"user{number}@example.com", "Asia/Tokyo"))
        save_google_consent(session, user_id, f"user{number}@example.com", b"sealed")
        set_permission(session, user_id, Permission.ENABLED)
        set_sync_state(session, user_id, SyncState.SYNC, NOW)
    return user_id


def an_open_ticket(begin: Begin, user_id: int) -> OpenedTicket:
    with begin() as session:
        (opened,) = open_tickets(session, [user_id], NOW)
    return opened


def a_claimed_ticket(begin: Begin, user_id: int) -> Ticket:
    opened = an_open_ticket(begin, user_id)
    with begin() as session:
        held = claim(session, opened.id, opened.stage, NOW, LEASE)
    assert held is not None
    return held


def a_session(begin: Begin, holder: Holder, *, secret: str = "1", **changes: Any) -> int:
    """Sign somebody in for twelve hours, with a cookie whose hash is `secret`, and return the number of the session."""
    values: dict[str, Any] = {"csrf": "c", "expires_at": later(hours=12), "agent": "a browser", "address": "192.0.2.1"} | changes
    with begin() as session:
        return open_session(session, NewSession(token_hash=secret, holder=holder, way=SignInWay.NEO, **values), NOW)


def all_at_once(number: int, work: Callable[[int], Answer]) -> list[Answer]:
    """Do the work in that many threads, which begin together."""
    barrier = Barrier(number)

    def one(index: int) -> Answer:
        barrier.wait(10)
        return work(index)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(one, range(number)))


def claimed(begin: Begin, ticket_id: str, stage: Stage, at: timedelta = timedelta(0)) -> Ticket | None:
    """Claim a ticket so long after `NOW`."""
    with begin() as session:
        return claim(session, ticket_id, stage, NOW + at, LEASE)


def stranded_ids(begin: Begin, at: timedelta) -> list[tuple[str, Stage]]:
    """Return the tickets that nobody will wake so long after `NOW`."""
    with begin() as session:
        return [(found.id, found.stage) for found in stranded(session, NOW + at, GRACE, 10)]


def lapsed(begin: Begin, at: timedelta) -> list[Lapsed]:
    """Take tickets away from whoever let the lease run out by so long after `NOW`."""
    with begin() as session:
        return reclaim(session, NOW + at, 10)
