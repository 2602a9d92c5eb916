"""API トークン: the tokens with which machines call the API."""

from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store.api_tokens import list_tokens
from desksync.store.web_states import WebRole
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.access.tokens import LONGEST_NAME, make_token, revoke_token
from desksync_admin_api.ids import RowId
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FormModel, Line
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.pages.words import ROLES
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

PATH = "/admin/tokens"


class Days(StrEnum):
    """How long a token may live."""

    MONTH = "30"
    QUARTER = "90"
    YEAR = "365"
    EVER = "never"


LIVES: dict[Days, Text] = {
    Days.MONTH: T("30 days"),
    Days.QUARTER: T("90 days"),
    Days.YEAR: T("1 year"),
    Days.EVER: T("Without an end"),
}


class TokenForm(FormModel):
    """A token to be made."""

    name: Line = Field(min_length=1, max_length=LONGEST_NAME)
    role: WebRole
    days: Days


@router.get(PATH)
def tokens(request: Request, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """List the tokens, revoked ones too."""
    return page(
        request, "tokens.html", tokens=list_tokens(session), roles=ROLES, may_change=caller.is_administrator, at=web.now()
    )


@router.get(f"{PATH}/new")
def new_token_page(request: Request, _caller: Administrating) -> Response:
    """Show the form for a token."""
    return page(request, "token_new.html", values={"role": WebRole.AUDITOR, "days": Days.QUARTER}, wrong={}, **_choices())


@router.post(f"{PATH}/new")
def new_token(request: Request, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Make a token and show it, this one time. Nothing leads on from here: going on would lose it."""
    wanted, wrong = filled.read(TokenForm)
    if wanted is None:
        values = {name: filled.text(name) for name in ("name", "role", "days")}
        return page(request, "token_new.html", 422, values=values, wrong=wrong, **_choices())
    days = None if wanted.days is Days.EVER else int(wanted.days.value)
    made = make_token(session, web, caller, wanted.name, wanted.role, days)
    return page(request, "token_made.html", made=made)


@router.post(f"{PATH}/{{token_id}}/revoke")
def revoke(request: Request, caller: Administrating, web: TheWeb, session: Writing, token_id: RowId, _filled: Filled) -> Response:
    """Shut a token out at once."""
    revoked = revoke_token(session, web, caller, token_id)
    return go(request, PATH, Told(T("The token “%(name)s” opens nothing any more.", name=revoked.name)))


def _choices() -> dict[str, Any]:
    return {"roles": list(ROLES.items()), "lives": list(LIVES.items())}
