"""Signing in and out."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store import web_sessions
from desksync.store.web_sessions import Holder
from desksync.store.web_states import SignInWay
from desksync.worker.errors import CalendarError
from desksync_admin_api.access import sign_in
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.cookies import SESSION
from desksync_admin_api.access.gate import Anybody, SignedIn
from desksync_admin_api.access.sessions import begin_session
from desksync_admin_api.access.who import person
from desksync_admin_api.errors import NotFound, TooManyAttempts
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FilledForm, FormModel, Line, Password
from desksync_admin_api.pages.page import go, local_path, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

Back = Annotated[str, Query(alias="back", max_length=2000)]


class SignInForm(FormModel):
    """Name and password."""

    name: Line = Field(min_length=1, max_length=200)
    password: Password = Field(min_length=1, max_length=256)


@router.get("/sign-in")
def sign_in_page(request: Request, caller: Anybody, web: TheWeb, back: Back = "/") -> Response:
    """Show the form for users of NEO, and the other ways."""
    if caller.is_signed_in:
        return go(request, local_path(back))
    return _form(request, web, SignInWay.NEO, back)


@router.get("/sign-in/local")
def local_sign_in_page(request: Request, caller: Anybody, web: TheWeb, back: Back = "/") -> Response:
    """Show the form for local accounts."""
    if caller.is_signed_in:
        return go(request, local_path(back))
    _opened(web, SignInWay.LOCAL)
    return _form(request, web, SignInWay.LOCAL, back)


@router.post("/sign-in")
def sign_in_neo(request: Request, caller: Anybody, web: TheWeb, filled: Filled) -> Response:
    """Let a user of NEO in."""
    return _sign_in(request, caller, web, filled, SignInWay.NEO)


@router.post("/sign-in/local")
def sign_in_local(request: Request, caller: Anybody, web: TheWeb, filled: Filled) -> Response:
    """Let a local account in."""
    return _sign_in(request, caller, web, filled, SignInWay.LOCAL)


@router.post("/sign-out")
def sign_out(request: Request, caller: SignedIn, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """End this session."""
    if caller.session is not None:
        web_sessions.close_session(session, caller.session.id)
    record(session, caller, Deed.SIGNED_OUT, web.now())
    return _signed_out(request, web)


@router.post("/sign-out/everywhere")
def sign_out_everywhere(request: Request, caller: SignedIn, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """End every session of this person, on all their devices."""
    number = 0 if caller.session is None else web_sessions.close_sessions_of(session, caller.session.holder)
    record(session, caller, Deed.SIGNED_OUT_EVERYWHERE, web.now(), after={"sessions": number})
    return _signed_out(request, web)


def _sign_in(request: Request, caller: Caller, web: Web, filled: FilledForm, way: SignInWay) -> Response:
    opened = _opened(web, way)
    back = filled.text("back", "/")
    wanted, wrong = filled.read(SignInForm)
    if wanted is None:
        return _form(request, web, way, back, filled, wrong, status=422)
    check = sign_in.neo_user if way is SignInWay.NEO else sign_in.local_account
    try:
        holder: Holder | None = check(web, caller, wanted.name, wanted.password)
    except TooManyAttempts as refused:
        response = _form(request, web, way, back, filled, {"": refused.detail}, status=429)
        response.headers["retry-after"] = str(max(1, round(refused.after.total_seconds())))
        return response
    except CalendarError as problem:
        text = T("NEO does not let anybody in at the moment: %(why)s", why=str(problem))
        return _form(request, web, way, back, filled, {"": text}, status=502)
    if holder is None:
        return _form(request, web, way, back, filled, {"": T("Name and password do not belong together.")}, status=422)
    response = go(request, local_path(back))
    with web.begin() as session:
        begun = begin_session(session, web, request, response, holder, opened)
        deed = Deed.BREAK_GLASS if opened is SignInWay.BREAK_GLASS else Deed.SIGNED_IN
        record(session, person(begun, caller), deed, web.now(), after={"way": opened.value})
    if opened is SignInWay.BREAK_GLASS:
        log.warning("somebody came in by the emergency door", extra={"account": begun.name, "address": caller.address})
    return response


def _opened(web: Web, way: SignInWay) -> SignInWay:
    """Return which door that is. A local account may come in by the emergency door where the local one is closed."""
    if web.options.offers(way):
        return way
    if way is SignInWay.LOCAL and web.options.offers(SignInWay.BREAK_GLASS):
        return SignInWay.BREAK_GLASS
    raise NotFound


def _form(
    request: Request,
    web: Web,
    way: SignInWay,
    back: str,
    filled: FilledForm | None = None,
    wrong: dict[str, Text] | None = None,
    *,
    status: int = 200,
) -> Response:
    values = {"way": way.value, "ways": {one.value for one in web.options.ways}, "back": local_path(back)}
    return page(request, "sign_in.html", status, form=filled or FilledForm({}), wrong=wrong or {}, **values)


def _signed_out(request: Request, web: Web) -> Response:
    response = go(request, "/sign-in", Told(T("You have signed out.")))
    SESSION.drop(response, web.options)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response
