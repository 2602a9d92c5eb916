"""Who may sync, who does, with what settings, and who is due. Changing anything here deletes nothing on either side (rule R6)."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desksync.store.states import Permission, State, StopReason, SyncState, state_of
from desksync.store.tables import IS_OPEN, ticket, users
from desksync.store.tickets import CLOCK_SKEW
from desksync.store.web_states import WebRole
from desksync.sync.policy import Direction


class CalendarTaken(Exception):
    """Another user syncs that Google calendar already (rule R10). `str()` is a sentence for the page."""


class UnknownUser(LookupError):
    """There is no user with that number."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may change about the sync.

    `calendar_id` is the Google calendar's own address, never the alias `primary`, because one alias names many calendars.
    `time_zone` is an IANA name.
    """

    calendar_id: str | None
    time_zone: str
    direction: Direction = Direction.BOTH
    shows_attendance: bool = True


@dataclass(frozen=True, slots=True)
class User:
    """One user. `google_token` and `neo_key` are ciphertexts; `resumed_at` is where the error count starts."""

    id: int
    neo_user_id: str
    login_id: str
    name: str
    permission: Permission
    sync_state: SyncState
    stop_reason: StopReason | None
    stop_note: str | None
    resumed_at: datetime | None
    settings: Settings
    google_account: str | None
    google_token: bytes | None = field(repr=False)
    neo_key: bytes | None = field(repr=False)
    vanished_at: datetime | None
    next_due_at: datetime
    created_at: datetime
    settings_version: int
    is_running: bool
    web_role: WebRole | None = None
    calendar_zone: str | None = None

    @property
    def may_run(self) -> bool:
        """Say whether the user syncs at all; `may_run` below asks the same of the database."""
        is_on = self.permission is Permission.ENABLED and self.sync_state is SyncState.SYNC and self.vanished_at is None
        return is_on and self.settings.calendar_id is not None and self.google_token is not None

    @property
    def has_other_zone(self) -> bool:
        """Say whether the Google calendar is kept in another time zone than the user's: worth a word on the page (rule R24)."""
        return self.calendar_zone not in (None, "", self.settings.time_zone)

    @property
    def state(self) -> State:
        """Return the state that both pages show."""
        return state_of(self.permission, self.sync_state, is_running=self.is_running)

    @property
    def scope(self) -> str:
        """Return a digest of whose calendars are meant (32 hex digits).

        Readings and links that were kept under another scope are dropped and matched anew (rule R6). The time zone is no part
        of it: moving to another zone moves the NEO events, and forgetting the links would double every one of them.
        """
        parts = (str(self.id), self.neo_user_id, self.google_account or "", self.settings.calendar_id or "")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class DueUser:
    """A user whose next run should begin, and since when."""

    id: int
    due_at: datetime


def get_user(session: Session, user_id: int, now: datetime) -> User | None:
    """Return the user, or `None` if there is none with that number."""
    row = session.execute(selected_users(now).where(users.c.id == user_id)).one_or_none()
    return None if row is None else user_of(row)


def list_users(session: Session, now: datetime, *, after: int = 0, limit: int | None = None) -> list[User]:
    """Return users in the order of their numbers, beginning after that number."""
    return [
        user_of(row) for row in session.execute(selected_users(now).where(users.c.id > after).order_by(users.c.id).limit(limit))
    ]


def find_user(session: Session, name: str, now: datetime) -> User | None:
    """Return the user with that NEO user ID or, failing that, login ID."""
    for column in (users.c.neo_user_id, users.c.login_id):
        row = session.execute(selected_users(now).where(column == name).order_by(users.c.id)).first()
        if row is not None:
            return user_of(row)
    return None


def find_by_login_id(session: Session, login_id: str, now: datetime) -> User | None:
    """Return the user whom NEO lists under that login ID; `None` too where it lists several."""
    asking = selected_users(now).where(users.c.login_id == login_id, users.c.vanished_at.is_(None)).limit(2)
    found = session.execute(asking).all()
    return user_of(found[0]) if len(found) == 1 else None


def due(session: Session, now: datetime, limit: int, interval: timedelta) -> list[DueUser]:
    """Return who should get a ticket, the longest waiting first.

    Only users that are enabled, set to sync, still in NEO, have chosen a calendar, have given their consent and have no open
    ticket. Nobody is due later than an interval from now: whose time lies further ahead got it from a clock that was set back
    since, or under a longer interval.
    """
    is_time = or_(users.c.next_due_at <= now, users.c.next_due_at > now + interval + CLOCK_SKEW)
    has_ticket = exists().where(ticket.c.user_id == users.c.id, IS_OPEN)
    found = session.execute(
        select(users.c.id, users.c.next_due_at)
        .where(is_time, may_run(), ~has_ticket)
        .order_by(users.c.next_due_at, users.c.id)
        .limit(limit)
    )
    return [DueUser(*row) for row in found]


def may_run() -> ColumnElement[bool]:
    """Return the condition under which a user syncs at all."""
    return (
        (users.c.permission == Permission.ENABLED)
        & (users.c.sync_state == SyncState.SYNC)
        & users.c.vanished_at.is_(None)
        & users.c.calendar_id.is_not(None)
        & users.c.google_token.is_not(None)
    )


def set_permission(session: Session, user_id: int, permission: Permission) -> None:
    """Let the user sync, or not. The sync state stays what it was. Raises `UnknownUser`."""
    _change(session, user_id, permission=permission)


def set_sync_state(session: Session, user_id: int, state: SyncState, now: datetime, *, by: StopReason = StopReason.USER) -> bool:
    """Set the account to sync or to stopped, and say whether that was a change.

    Setting it to sync starts a new error count and makes the user due at once. `by` says who stopped it.
    """
    if state is SyncState.STOPPED:
        return stop(session, user_id, by, None, now)
    resuming = (
        update(users)
        .where(users.c.id == user_id, users.c.sync_state == SyncState.STOPPED)
        .values(sync_state=state, stop_reason=None, stop_note=None, resumed_at=now, next_due_at=now)
    )
    return session.execute(resuming.returning(users.c.id)).one_or_none() is not None


def stop(session: Session, user_id: int, reason: StopReason, note: str | None, now: datetime) -> bool:
    """Stop the user, and say whether this call did it: of several at once, one does. `note` tells more, for the pages.

    A user who was set back to sync after `now` is left alone: what led to this call is settled.
    """
    stopping = (
        update(users)
        .where(users.c.id == user_id, users.c.sync_state == SyncState.SYNC)
        .where(users.c.resumed_at.is_(None) | (users.c.resumed_at <= now))
        .values(sync_state=SyncState.STOPPED, stop_reason=reason, stop_note=note)
    )
    return session.execute(stopping.returning(users.c.id)).one_or_none() is not None


def save_settings(session: Session, user_id: int, settings: Settings) -> None:
    """Replace the person's settings; they take effect with the next run.

    Raises `CalendarTaken` if another user syncs that calendar, `ValueError` for the alias `primary`, `UnknownUser`.
    Both sides are then read in full once, because what was kept may carry the old time zone.
    """
    if settings.calendar_id == "primary":
        raise ValueError("Save the calendar's own address; 'primary' names a different calendar for every account.")
    try:
        # The savepoint keeps the rest of the caller's transaction alive in PostgreSQL.
        with session.begin_nested():
            _change(
                session,
                user_id,
                calendar_id=settings.calendar_id,
                time_zone=settings.time_zone,
                direction=settings.direction,
                shows_attendance=settings.shows_attendance,
                settings_version=users.c.settings_version + 1,
            )
    except IntegrityError as problem:
        raise CalendarTaken("Another user syncs this Google calendar already. Choose another calendar.") from problem


def save_calendar_zone(session: Session, user_id: int, zone: str | None) -> None:
    """Keep the time zone that the chosen Google calendar has, `None` where it is not known. Raises `UnknownUser`."""
    _change(session, user_id, calendar_zone=zone)


def save_google_consent(session: Session, user_id: int, account: str | None, token: bytes | None) -> None:
    """Keep the Google account's address and its encrypted refresh token, or forget both. Raises `UnknownUser`."""
    version = users.c.settings_version + 1
    _change(session, user_id, google_account=account, google_token=token, settings_version=version)


def save_neo_key(session: Session, user_id: int, key: bytes | None) -> None:
    """Keep the user's encrypted NEO access key, or forget it. Raises `UnknownUser`."""
    _change(session, user_id, neo_key=key, settings_version=users.c.settings_version + 1)


def set_web_role(session: Session, user_id: int, role: WebRole | None) -> None:
    """Let the user administer or audit, or neither. Raises `UnknownUser`."""
    _change(session, user_id, web_role=role)


def list_with_role(session: Session, now: datetime) -> list[User]:
    """Return everybody who administers or audits, by name."""
    return [
        user_of(row) for row in session.execute(selected_users(now).where(users.c.web_role.is_not(None)).order_by(users.c.name))
    ]


def count_states(session: Session, now: datetime) -> dict[State, int]:
    """Return how many users are in each state, those without any left out. Who has vanished from NEO is not counted."""
    asking = (
        select(users.c.permission, users.c.sync_state, is_running(now).label("is_running"), func.count().label("number"))
        .where(users.c.vanished_at.is_(None))
        .group_by(users.c.permission, users.c.sync_state, "is_running")
    )
    counts: dict[State, int] = {}
    for row in session.execute(asking):
        state = state_of(row.permission, row.sync_state, is_running=row.is_running)
        counts[state] = counts.get(state, 0) + row.number
    return counts


def _change(session: Session, user_id: int, **values: Any) -> None:
    changed = session.execute(update(users).where(users.c.id == user_id).values(**values).returning(users.c.id))
    if changed.one_or_none() is None:
        raise UnknownUser(f"There is no user number {user_id}.")


def selected_users(now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the question for users, to be narrowed by others of this package; `user_of` reads its rows."""
    return select(users, is_running(now).label("is_running"))


def is_running(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a run is under way: a ticket has begun and does not wait for a retry, also between two stages."""
    return exists().where(ticket.c.user_id == users.c.id, IS_OPEN, ticket.c.run_id.is_not(None), ticket.c.not_before <= now)


def user_of(row: Row[*tuple[Any, ...]]) -> User:
    """Return the user that a row of `selected_users` holds."""
    return User(
        id=row.id,
        neo_user_id=row.neo_user_id,
        login_id=row.login_id,
        name=row.name,
        permission=row.permission,
        sync_state=row.sync_state,
        stop_reason=row.stop_reason,
        stop_note=row.stop_note,
        resumed_at=row.resumed_at,
        settings=Settings(row.calendar_id, row.time_zone, row.direction, row.shows_attendance),
        google_account=row.google_account,
        google_token=row.google_token,
        neo_key=row.neo_key,
        vanished_at=row.vanished_at,
        next_due_at=row.next_due_at,
        created_at=row.created_at,
        settings_version=row.settings_version,
        is_running=row.is_running,
        web_role=row.web_role,
        calendar_zone=row.calendar_zone,
    )
