"""The tokens of machines."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from desksync.store.api_tokens import ApiToken, list_tokens
from desksync.store.web_states import WebRole
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.access.tokens import LONGEST_NAME, MOST_DAYS, make_token, revoke_token
from desksync_admin_api.api.models import Line, Listed, Sent
from desksync_admin_api.api.problems import problems
from desksync_admin_api.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from desksync_admin_api.ids import RowId
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


class Token(BaseModel):
    """A token, without the token itself."""

    id: int = Field(examples=[41])
    name: str = Field(examples=["Nightly report"])
    prefix: str = Field(description="What the token begins with.", examples=["dsk_Ab3xYz"])
    role: WebRole = Field(examples=["auditor"])
    made_by: str = Field(examples=["kobayashi"])
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Sent):
    """A token to be made."""

    name: Line = Field(min_length=1, max_length=LONGEST_NAME, examples=["Nightly report"])
    role: WebRole = Field(strict=False, examples=["auditor"])
    days: int | None = Field(
        default=90, ge=1, le=MOST_DAYS, description="It expires after so many days; null: never.", examples=[90]
    )


class MadeToken(Token):
    """A new token. The token itself is told this one time."""

    token: str = Field(examples=["dsk_Ab3xYz..."])


@router.get("", responses=problems(NotSignedIn, NotAllowed, Invalid))
def tokens(
    _caller: Watching,
    session: Reading,
    cursor: Annotated[int | None, Query(ge=1, le=2**53 - 1, description="From `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Listed[Token]:
    """List tokens, the newest first, revoked ones too."""
    found = list_tokens(session, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Listed(items=[_shown(one) for one in found[:limit]], next=following)


@router.post("", status_code=201, responses=problems(NotSignedIn, NotAllowed, Invalid))
def new_token(caller: Administrating, web: TheWeb, session: Writing, wanted: NewToken) -> MadeToken:
    """Make a token."""
    made = make_token(session, web, caller, wanted.name, wanted.role, wanted.days)
    return MadeToken(**_shown(made.token).model_dump(), token=made.secret)


@router.delete("/{token_id}", responses=problems(NotSignedIn, NotAllowed, NotFound, Invalid))
def revoke(caller: Administrating, web: TheWeb, session: Writing, token_id: RowId) -> Token:
    """Shut a token out at once and for ever. It stays in the list."""
    return _shown(revoke_token(session, web, caller, token_id))


def _shown(token: ApiToken) -> Token:
    return Token(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        role=token.role,
        made_by=token.made_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
        revoked_at=token.revoked_at,
    )
