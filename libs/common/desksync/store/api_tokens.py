"""Tokens of machines. The token itself is shown once and kept as a hash; a revoked one stays listed."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.orm import Session

from desksync.store.web_states import WebRole
from desksync.store.web_tables import api_token


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token begins with. `prefix` is its first letters, by which people tell it apart; `None` never expires."""

    token_hash: str = field(repr=False)
    prefix: str
    name: str
    role: WebRole
    made_by: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token."""

    id: int
    prefix: str
    name: str
    role: WebRole
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Say whether it opens the door at that time."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def add_token(session: Session, new: NewToken, now: datetime) -> ApiToken:
    """Keep a new token."""
    adding = insert(api_token).values(
        token_hash=new.token_hash,
        prefix=new.prefix,
        name=new.name,
        role=new.role,
        made_by=new.made_by,
        created_at=now,
        expires_at=new.expires_at,
    )
    return _token(session.execute(adding.returning(*api_token.c)).one())


def find_token(session: Session, token_hash: str, now: datetime) -> ApiToken | None:
    """Return the token of that hash if it is good."""
    asking = select(api_token).where(api_token.c.token_hash == token_hash)
    row = session.execute(
        asking.where(api_token.c.revoked_at.is_(None)).where(or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > now))
    ).one_or_none()
    return None if row is None else _token(row)


def get_token(session: Session, token_id: int) -> ApiToken | None:
    """Return the token of that number, good or not."""
    row = session.execute(select(api_token).where(api_token.c.id == token_id)).one_or_none()
    return None if row is None else _token(row)


def list_tokens(session: Session, *, before: int | None = None, limit: int | None = None) -> list[ApiToken]:
    """Return tokens, the newest first, beginning before that number."""
    asking = select(api_token).order_by(api_token.c.id.desc()).limit(limit)
    return [_token(row) for row in session.execute(asking if before is None else asking.where(api_token.c.id < before))]


def revoke_token(session: Session, token_id: int, now: datetime) -> bool:
    """Shut a token out for ever, and say whether this call did it."""
    revoking = update(api_token).where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None)).values(revoked_at=now)
    return session.execute(revoking.returning(api_token.c.id)).one_or_none() is not None


def note_used(session: Session, token_id: int, now: datetime) -> None:
    """Keep that the token was used."""
    session.execute(update(api_token).where(api_token.c.id == token_id).values(used_at=now))


def _token(row: Row[*tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        id=row.id,
        prefix=row.prefix,
        name=row.name,
        role=row.role,
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
