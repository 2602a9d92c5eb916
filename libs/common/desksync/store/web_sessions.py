"""Who is signed in. A session is found by the hash of its cookie, ends when idle or old, and is never revived."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from desksync.store.tables import users
from desksync.store.web_states import SignInWay, WebRole
from desksync.store.web_tables import admin_account, web_session


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is: of an account, of a user, or of a person whom the company's identity provider knows.

    A user of NEO may also carry what the provider told about their role: then `user_id` and `subject_role` are both set.
    """

    account_id: int | None = None
    user_id: int | None = None
    subject: str | None = None
    subject_name: str | None = None
    subject_role: WebRole | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session begins with. `agent` and `address` are shown to its owner, to tell sessions apart."""

    token_hash: str = field(repr=False)
    csrf: str = field(repr=False)
    holder: Holder
    way: SignInWay
    expires_at: datetime
    agent: str
    address: str


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session that is good now. `name` is the person's, `role` what they may do beyond their own settings, as of now."""

    id: int
    holder: Holder
    way: SignInWay
    csrf: str = field(repr=False)
    name: str
    role: WebRole | None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str
    address: str


def open_session(session: Session, new: NewSession, now: datetime) -> int:
    """Keep a new session and return its number."""
    holder = new.holder
    adding = insert(web_session).values(
        token_hash=new.token_hash,
        account_id=holder.account_id,
        user_id=holder.user_id,
        subject=holder.subject,
        subject_name=holder.subject_name,
        subject_role=holder.subject_role,
        way=new.way,
        csrf=new.csrf,
        created_at=now,
        seen_at=now,
        expires_at=new.expires_at,
        agent=new.agent[:200],
        address=new.address[:64],
    )
    return int(session.execute(adding.returning(web_session.c.id)).scalar_one())


def find_session(session: Session, token_hash: str, now: datetime, idle_since: datetime) -> WebSession | None:
    """Return the session of that cookie, `None` if it is over: expired, unused since `idle_since`, or its owner is shut out."""
    found = _good(session, web_session.c.token_hash == token_hash, now, idle_since)
    return found[0] if found else None


def list_sessions(session: Session, holder: Holder, now: datetime, idle_since: datetime) -> list[WebSession]:
    """Return the sessions of the same person that are good now, the one used last first."""
    return _good(session, _of(holder), now, idle_since)


def list_all_sessions(session: Session, now: datetime, idle_since: datetime, *, limit: int) -> list[WebSession]:
    """Return the sessions of everybody that are good now, the one used last first."""
    return _good(session, true(), now, idle_since, limit=limit)


def get_session(session: Session, session_id: int, now: datetime, idle_since: datetime) -> WebSession | None:
    """Return the session of that number if it is good."""
    found = _good(session, web_session.c.id == session_id, now, idle_since)
    return found[0] if found else None


def note_seen(session: Session, session_id: int, now: datetime) -> None:
    """Keep that the session was used."""
    session.execute(update(web_session).where(web_session.c.id == session_id).values(seen_at=now))


def close_session(session: Session, session_id: int) -> None:
    """End one session."""
    session.execute(delete(web_session).where(web_session.c.id == session_id))


def close_sessions_of(session: Session, holder: Holder, *, but: int | None = None) -> int:
    """End every session of the same person, except one if it is named, and return how many that were."""
    ending = delete(web_session).where(_of(holder)).returning(web_session.c.id)
    return len(session.execute(ending if but is None else ending.where(web_session.c.id != but)).all())


def close_all_sessions(session: Session, *, but: int) -> int:
    """End every session of everybody, except one, and return how many that were."""
    return len(session.execute(delete(web_session).where(web_session.c.id != but).returning(web_session.c.id)).all())


def purge_sessions(session: Session, now: datetime, idle_since: datetime) -> int:
    """Delete what is over, and return how many that were."""
    over = or_(web_session.c.expires_at <= now, web_session.c.seen_at <= idle_since)
    return len(session.execute(delete(web_session).where(over).returning(web_session.c.id)).all())


def _of(holder: Holder) -> ColumnElement[bool]:
    if holder.account_id is not None:
        return web_session.c.account_id == holder.account_id
    if holder.user_id is not None:
        return web_session.c.user_id == holder.user_id
    return and_(web_session.c.subject == holder.subject, web_session.c.subject.is_not(None))


def _good(
    session: Session, condition: ColumnElement[bool], now: datetime, idle_since: datetime, *, limit: int | None = None
) -> list[WebSession]:
    # Roles are looked up each time: who loses one loses it at once, and not at the next sign-in.
    role = case(
        (web_session.c.account_id.is_not(None), admin_account.c.role),
        (web_session.c.subject_role.is_not(None), web_session.c.subject_role),
        else_=users.c.web_role,
    )
    asking = (
        select(
            web_session,
            func.coalesce(admin_account.c.name, users.c.name, web_session.c.subject_name).label("called"),
            role.label("role"),
        )
        .outerjoin(admin_account, admin_account.c.id == web_session.c.account_id)
        .outerjoin(users, users.c.id == web_session.c.user_id)
        .where(condition, web_session.c.expires_at > now, web_session.c.seen_at > idle_since)
        .where(or_(web_session.c.account_id.is_(None), admin_account.c.is_active))
        .where(or_(web_session.c.user_id.is_(None), users.c.vanished_at.is_(None)))
        .order_by(web_session.c.seen_at.desc(), web_session.c.id.desc())
        .limit(limit)
    )
    return [
        WebSession(
            id=row.id,
            holder=Holder(row.account_id, row.user_id, row.subject, row.subject_name, row.subject_role),
            way=row.way,
            csrf=row.csrf,
            name=row.called or "",
            role=None if row.role is None else WebRole(row.role),
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            agent=row.agent,
            address=row.address,
        )
        for row in session.execute(asking)
    ]
