"""Makes and revokes tokens of machines, for the page and for the API alike. The token itself leaves once, and is not kept."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from desksync.store import api_tokens
from desksync.store.api_tokens import ApiToken, NewToken
from desksync.store.audit import Party
from desksync.store.web_states import WebRole
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.secret import TOKEN_START, hashed, new_token
from desksync_admin_api.errors import NotFound
from desksync_admin_api.web import Web

LONGEST_NAME = 100
MOST_DAYS = 3650

_PREFIX_LENGTH = len(TOKEN_START) + 6


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token: what is kept of it, and the secret, which is shown this one time."""

    token: ApiToken
    secret: str = field(repr=False)


def make_token(session: Session, web: Web, caller: Caller, name: str, role: WebRole, days: int | None) -> MadeToken:
    """Make a token that expires after so many days, or never."""
    now, secret = web.now(), new_token()
    expires_at = None if days is None else now + timedelta(days=days)
    new = NewToken(hashed(secret), secret[:_PREFIX_LENGTH], name, role, caller.name, expires_at)
    made = api_tokens.add_token(session, new, now)
    record(session, caller, Deed.TOKEN_MADE, now, about=_party(made), after={"role": role.value, "expires_at": expires_at})
    return MadeToken(made, secret)


def revoke_token(session: Session, web: Web, caller: Caller, token_id: int) -> ApiToken:
    """Shut a token out at once. One that is revoked already stays so. Raises `NotFound`."""
    was_good = api_tokens.revoke_token(session, token_id, web.now())
    found = api_tokens.get_token(session, token_id)
    if found is None:
        raise NotFound
    if was_good:
        record(session, caller, Deed.TOKEN_REVOKED, web.now(), about=_party(found))
    return found


def _party(token: ApiToken) -> Party:
    return Party("token", str(token.id), token.name)
