"""Browsers that were sent to Google or to the company's identity provider, and have not come back yet. Each comes back once."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from desksync.store.web_states import RedirectKind
from desksync.store.web_tables import pending_redirect


@dataclass(frozen=True, slots=True)
class Redirect:
    """What has to be known when the browser comes back. `bound_to` is the hash of a cookie that only this browser has."""

    kind: RedirectKind
    state_hash: str = field(repr=False)
    bound_to: str = field(repr=False)
    user_id: int | None
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    back_to: str


def send_away(session: Session, redirect: Redirect, expires_at: datetime) -> None:
    """Keep a redirect until the browser comes back."""
    session.execute(
        insert(pending_redirect).values(
            kind=redirect.kind,
            state_hash=redirect.state_hash,
            bound_to=redirect.bound_to,
            user_id=redirect.user_id,
            verifier=redirect.verifier,
            nonce=redirect.nonce,
            back_to=redirect.back_to,
            expires_at=expires_at,
        )
    )


def come_back(session: Session, kind: RedirectKind, state_hash: str, bound_to: str, now: datetime) -> Redirect | None:
    """Return the redirect of that state and browser, and forget it; `None` if there is none, or it is too late.

    A state that comes back in another browser is left alone: it is not that one's to use up.
    """
    table = pending_redirect
    taking = delete(table).where(table.c.kind == kind, table.c.state_hash == state_hash, table.c.bound_to == bound_to)
    row = session.execute(taking.returning(*table.c)).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Redirect(row.kind, row.state_hash, row.bound_to, row.user_id, row.verifier, row.nonce, row.back_to)


def purge_redirects(session: Session, now: datetime) -> int:
    """Delete those for which it is too late, and return how many that were."""
    purging = delete(pending_redirect).where(pending_redirect.c.expires_at <= now)
    return len(session.execute(purging.returning(pending_redirect.c.id)).all())
