"""Signing in by the company's own identity provider: the way there, and the way back."""

import logging
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from desksync.store.audit import Party
from desksync.store.redirects import Redirect, come_back, send_away
from desksync.store.users import find_by_login_id
from desksync.store.web_sessions import Holder
from desksync.store.web_states import RedirectKind, SignInWay
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.cookies import VISIT
from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.access.oidc import Identity, NotProven, ProviderAway
from desksync_admin_api.access.secret import hashed, new_secret
from desksync_admin_api.access.sessions import begin_session
from desksync_admin_api.access.who import person
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.page import go, local_path, page
from desksync_admin_api.web import Identities, TheWeb, Web

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

PATH = "/sign-in/oidc"
BACK_PATH = f"{PATH}/back"
"""Where the provider sends the browser back to. Registered there together with the public address."""

_TIME = timedelta(minutes=10)

Short = Annotated[str | None, Query(max_length=4000)]


@router.get(PATH)
def leave(request: Request, _caller: Anybody, web: TheWeb, back: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Send the browser to the provider. What it brings back counts in this browser only."""
    identities = _identities(web)
    visit = VISIT.read(request, web.options) or new_secret()
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    try:
        url = identities.provider.sign_in_url(state=state, nonce=nonce, verifier=verifier)
    except ProviderAway as problem:
        return _refused(request, _away(problem), 502)
    redirect = Redirect(RedirectKind.OIDC, hashed(state), hashed(visit), None, verifier, nonce, local_path(back))
    with web.begin() as session:
        send_away(session, redirect, web.now() + _TIME)
    response = RedirectResponse(url, status_code=303)
    VISIT.put(response, web.options, visit)
    return response


@router.get(BACK_PATH)
def back(
    request: Request,
    caller: Anybody,
    web: TheWeb,
    state: Short = None,
    code: Short = None,
    iss: Short = None,
    error: Short = None,
) -> Response:
    """Let in whoever the provider says it is, if they are known here."""
    identities = _identities(web)
    visit = VISIT.read(request, web.options)
    with web.begin() as session:
        sent = (
            None
            if visit is None or state is None
            else come_back(session, RedirectKind.OIDC, hashed(state), hashed(visit), web.now())
        )
    if sent is None:
        return _refused(request, T("This sign-in has taken too long, or was begun in another browser. Please begin again."), 400)
    if error is not None or code is None:
        log.info("the identity provider let nobody in", extra={"reason": (error or "")[:60]})
        return _refused(request, T("The identity provider did not let you in. Please try again, or ask your administrator."), 403)
    try:
        identity = identities.provider.who_came_back(
            code=code, issuer=iss, nonce=sent.nonce, verifier=sent.verifier, wanted=identities.rules.wanted
        )
    except ProviderAway as problem:
        return _refused(request, _away(problem), 502)
    except NotProven as problem:
        log.warning("a sign-in by the identity provider was refused", extra={"reason": str(problem)})
        _note_failure(web, caller)
        return _refused(request, T("It could not be proven who you are: %(why)s", why=str(problem)), 403)
    return _let_in(request, caller, web, identities, identity, sent.back_to)


def _let_in(request: Request, caller: Caller, web: Web, identities: Identities, identity: Identity, back_to: str) -> Response:
    response = go(request, local_path(back_to))
    with web.begin() as session:
        holder = _holder(session, web, identities, identity)
        if holder is not None:
            begun = begin_session(session, web, request, response, holder, SignInWay.OIDC)
            after = {"way": SignInWay.OIDC.value, "identity": identity.subject}
            record(session, person(begun, caller), Deed.SIGNED_IN, web.now(), after=after)
    if holder is None:
        _note_failure(web, caller, Party("subject", identity.subject, identity.name))
        text = T("%(name)s is no user of desknet's NEO here, and has no role. Ask your administrator.", name=identity.name)
        return _refused(request, text, 403)
    return response


def _holder(session: Session, web: Web, identities: Identities, identity: Identity) -> Holder | None:
    """Return whose session it is: of the user of NEO whose login ID the provider names, of somebody with a role, or of both."""
    role = identities.rules.role_of(identity)
    login_id = identity.text(identities.rules.user_claim)
    user = None if login_id is None else find_by_login_id(session, login_id, web.now())
    if user is None and role is None:
        return None
    return Holder(None, None if user is None else user.id, identity.subject, identity.name, role)


def _note_failure(web: Web, caller: Caller, about: Party | None = None) -> None:
    with web.begin() as session:
        told = about or Party("", "", "")
        record(session, caller, Deed.SIGN_IN_FAILED, web.now(), about=told, after={"way": SignInWay.OIDC.value})


def _identities(web: Web) -> Identities:
    if web.identity is None or not web.options.offers(SignInWay.OIDC):
        raise NotFound
    return web.identity


def _away(problem: ProviderAway) -> Text:
    return T("The identity provider cannot be asked at the moment: %(why)s", why=str(problem))


def _refused(request: Request, text: Text, status: int) -> Response:
    return page(request, "sign_in_refused.html", status, text=text)
