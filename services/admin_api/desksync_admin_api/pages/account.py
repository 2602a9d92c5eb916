"""Whoever is signed in, about themselves: how they came in, and where else they are signed in."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store import web_sessions
from desksync.store.users import get_user
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.gate import SignedIn
from desksync_admin_api.access.sessions import idle_since
from desksync_admin_api.errors import NotFound
from desksync_admin_api.ids import RowId
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.pages.words import ROLES, WAYS
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

PATH = "/account"


@router.get(PATH)
def account(request: Request, caller: SignedIn, web: TheWeb, session: Reading) -> Response:
    """Show the person, their sessions, and whether they have a NEO key of their own."""
    if caller.session is None:
        raise NotFound
    user = None if caller.user_id is None else get_user(session, caller.user_id, web.now())
    return page(
        request,
        "account.html",
        way=WAYS[caller.session.way],
        role=None if caller.session.role is None else ROLES[caller.session.role],
        sessions=web_sessions.list_sessions(session, caller.session.holder, web.now(), idle_since(web)),
        this_one=caller.session.id,
        user=user,
        has_site_key=web.neo.has_site_key,
    )


@router.post(f"{PATH}/sessions/{{session_id}}/end")
def end_session(
    request: Request, caller: SignedIn, web: TheWeb, session: Writing, session_id: RowId, _filled: Filled
) -> Response:
    """Sign out on another device."""
    own = [] if caller.session is None else web_sessions.list_sessions(session, caller.session.holder, web.now(), idle_since(web))
    if session_id not in {one.id for one in own}:
        raise NotFound
    web_sessions.close_session(session, session_id)
    record(session, caller, Deed.SIGNED_OUT, web.now(), after={"session": session_id})
    return go(request, PATH, Told(T("You are signed out there.")))
