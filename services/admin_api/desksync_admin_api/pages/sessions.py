"""サインイン中の人: who is signed in now, and how to sign them out."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store import web_sessions
from desksync.store.audit import Party
from desksync.store.web_sessions import WebSession
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.gate import Administrating, Watching
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

PATH = "/admin/sessions"
SHOWN = 500


@router.get(PATH)
def sessions(request: Request, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """List the sessions, the one used last first."""
    found = web_sessions.list_all_sessions(session, web.now(), idle_since(web), limit=SHOWN)
    this_one = None if caller.session is None else caller.session.id
    may_change = caller.is_administrator
    return page(request, "sessions.html", sessions=found, ways=WAYS, roles=ROLES, this_one=this_one, may_change=may_change)


@router.post(f"{PATH}/{{session_id}}/end")
def end(request: Request, caller: Administrating, web: TheWeb, session: Writing, session_id: RowId, _filled: Filled) -> Response:
    """Sign somebody out on all their devices."""
    found = web_sessions.get_session(session, session_id, web.now(), idle_since(web))
    if found is None:
        raise NotFound
    but = None if caller.session is None else caller.session.id
    number = web_sessions.close_sessions_of(session, found.holder, but=but)
    record(session, caller, Deed.SIGNED_OUT_OTHERS, web.now(), about=_party(found), after={"sessions": number})
    return go(request, PATH, Told(T("%(name)s is signed out.", name=found.name)))


@router.post(f"{PATH}/end-all")
def end_all(request: Request, caller: Administrating, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Sign everybody out but the caller."""
    but = 0 if caller.session is None else caller.session.id
    number = web_sessions.close_all_sessions(session, but=but)
    record(session, caller, Deed.SIGNED_OUT_OTHERS, web.now(), after={"sessions": number})
    return go(request, PATH, Told(T("%(number)s session is ended.", "%(number)s sessions are ended.", number)))


def _party(found: WebSession) -> Party:
    holder = found.holder
    if holder.account_id is not None:
        return Party("account", str(holder.account_id), found.name)
    if holder.user_id is not None:
        return Party("user", str(holder.user_id), found.name)
    return Party("subject", holder.subject or "", found.name)
