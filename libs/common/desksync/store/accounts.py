"""Local accounts of administrators and auditors: people who come in without NEO. Knows hashes of passwords, never a password."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, delete, exists, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desksync.store.tables import users
from desksync.store.web_states import WebRole
from desksync.store.web_tables import admin_account, web_session


class AccountExists(Exception):
    """There is an account of that name already. `str()` is a sentence."""


class UnknownAccount(LookupError):
    """There is no account of that name. `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Account:
    """One local account. An inactive one cannot come in; its sessions are ended."""

    id: int
    name: str
    role: WebRole
    password_hash: str = field(repr=False)
    is_active: bool
    created_at: datetime
    password_changed_at: datetime
    signed_in_at: datetime | None


def create_account(session: Session, name: str, role: WebRole, password_hash: str, now: datetime) -> Account:
    """Add an account. Raises `AccountExists`."""
    values = {"name": name, "role": role, "password_hash": password_hash, "is_active": True, "created_at": now}
    adding = insert(admin_account).values(**values, password_changed_at=now).returning(*admin_account.c)
    try:
        with session.begin_nested():
            return _account(session.execute(adding).one())
    except IntegrityError as problem:
        raise AccountExists(f"There is an account {name!r} already.") from problem


def list_accounts(session: Session) -> list[Account]:
    """Return all accounts by name."""
    return [_account(row) for row in session.execute(select(admin_account).order_by(admin_account.c.name))]


def find_account(session: Session, name: str) -> Account | None:
    """Return the account of that name, inactive ones too."""
    row = session.execute(select(admin_account).where(admin_account.c.name == name)).one_or_none()
    return None if row is None else _account(row)


def change_password(session: Session, name: str, password_hash: str, now: datetime) -> Account:
    """Replace the hash and end every session of the account. Raises `UnknownAccount`."""
    changed = _change(session, name, password_hash=password_hash, password_changed_at=now)
    session.execute(delete(web_session).where(web_session.c.account_id == changed.id))
    return changed


def set_active(session: Session, name: str, *, is_active: bool) -> Account:
    """Let the account in, or not; then its sessions end at once. Raises `UnknownAccount`."""
    changed = _change(session, name, is_active=is_active)
    if not is_active:
        session.execute(delete(web_session).where(web_session.c.account_id == changed.id))
    return changed


def note_sign_in(session: Session, account_id: int, now: datetime, *, new_hash: str | None = None) -> None:
    """Keep when the account came in last, and a hash of today's strength where the old one was weaker."""
    values: dict[str, object] = {"signed_in_at": now} | ({} if new_hash is None else {"password_hash": new_hash})
    session.execute(update(admin_account).where(admin_account.c.id == account_id).values(**values))


def has_administrator(session: Session, *, but: int | None = None) -> bool:
    """Say whether anybody can administer at all, `but` that user of NEO."""
    local = exists().where(admin_account.c.is_active, admin_account.c.role == WebRole.ADMINISTRATOR)
    others = true() if but is None else users.c.id != but
    of_neo = exists().where(users.c.web_role == WebRole.ADMINISTRATOR, users.c.vanished_at.is_(None), others)
    return bool(session.scalar(select(local | of_neo)))


def _change(session: Session, name: str, **values: object) -> Account:
    changing = update(admin_account).where(admin_account.c.name == name).values(**values).returning(*admin_account.c)
    row = session.execute(changing).one_or_none()
    if row is None:
        raise UnknownAccount(f"There is no account {name!r}. `desksync admin list` shows them.")
    return _account(row)


def _account(row: Row[*tuple[object, ...]]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=row.role,
        password_hash=row.password_hash,
        is_active=row.is_active,
        created_at=row.created_at,
        password_changed_at=row.password_changed_at,
        signed_in_at=row.signed_in_at,
    )
