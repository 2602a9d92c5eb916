"""Google認証: the way to Google's consent page, back from it with its code, and the way out. Only for oneself.

The state is random, used once, and bound to the session; the code is bound to it by PKCE. Nobody can consent for somebody else.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from desksync.store.redirects import Redirect, come_back, send_away
from desksync.store.states import StopReason, SyncState
from desksync.store.users import User, get_user, save_google_consent, set_sync_state
from desksync.store.web_states import RedirectKind
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync.worker.errors import CalendarError
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import ThemSelf, own_user
from desksync_admin_api.access.secret import hashed, new_secret
from desksync_admin_api.cases.settings import token_of
from desksync_admin_api.doors import Consent
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

HOME = "/sync"
_PATIENCE = timedelta(minutes=30)
"""How long somebody may take at Google."""

Answered = Annotated[str, Query(max_length=4000)]


@router.post("/sync/google/connect")
def connect(caller: ThemSelf, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Lead to Google's consent page."""
    user = _own(session, web, caller)
    state, verifier = new_secret(), new_secret()
    redirect = Redirect(RedirectKind.GOOGLE, hashed(state), _bound_to(caller), user.id, verifier, "", HOME)
    send_away(session, redirect, web.now() + _PATIENCE)
    return RedirectResponse(
        web.google.consent_url(state=state, verifier=verifier, login_hint=user.google_account or ""), status_code=303
    )


@router.get("/google/callback")
def callback(
    request: Request, caller: ThemSelf, web: TheWeb, state: Answered = "", code: Answered = "", error: Answered = ""
) -> Response:
    """Take Google's answer. Every way in which it can fail has a page that says what to do."""
    with web.begin() as session:
        redirect = come_back(session, RedirectKind.GOOGLE, hashed(state), _bound_to(caller), web.now())
    if redirect is None or redirect.user_id != own_user(caller):
        return _failed(request, T("This answer of Google belongs to nothing that was begun here, or it came too late."))
    if error == "access_denied":
        return _failed(request, T("You have not allowed DeskSync to use your Google calendar. Nothing was changed."))
    if error or not code:
        return _failed(
            request, T("Google refused the authentication. Nothing was changed. (%(why)s)", why=error[:100] or "no code")
        )
    try:
        consent = web.google.exchange(code=code, verifier=redirect.verifier)
    except CalendarError as problem:
        return _failed(request, T("Google did not complete the authentication. (%(why)s)", why=str(problem)))
    if consent.missing_scopes:
        return _failed(
            request, T("Not everything was allowed. Please leave all boxes ticked on Google's page: DeskSync needs both.")
        )
    return _keep(request, web, caller, consent)


@router.post("/sync/google/disconnect")
def disconnect(request: Request, caller: ThemSelf, web: TheWeb, _filled: Filled) -> Response:
    """Give the consent back at Google and forget it here. No event is deleted anywhere (rule R6)."""
    with web.begin() as session:
        user = _own(session, web, caller)
    if user.google_token is None:
        return go(request, HOME)
    told = Told(T("Google is disconnected. The events on both sides stay as they are."))
    try:
        web.google.revoke(token_of(web, user))
    except CalendarError as problem:
        told = Told(
            T(
                "Google is disconnected here, but did not take the consent back (%(why)s). Remove it in your Google account.",
                why=str(problem),
            ),
            Tone.BAD,
        )
    with web.begin() as session:
        save_google_consent(session, user.id, None, None)
        set_sync_state(session, user.id, SyncState.STOPPED, web.now(), by=StopReason.USER)
        before = {"google_account": user.google_account}
        record(session, caller, Deed.GOOGLE_DISCONNECTED, web.now(), about=about_user(user), before=before)
    return go(request, HOME, told)


def _keep(request: Request, web: Web, caller: Caller, consent: Consent) -> Response:
    with web.begin() as session:
        user = _own(session, web, caller)
        sealed = web.cipher.seal(consent.refresh_token, purpose=GOOGLE_TOKEN, user_id=user.id)
        save_google_consent(session, user.id, consent.account, sealed)
        before, after = {"google_account": user.google_account}, {"google_account": consent.account}
        record(session, caller, Deed.GOOGLE_CONNECTED, web.now(), about=about_user(user), before=before, after=after)
        is_resumed = user.stop_reason is StopReason.CONSENT and set_sync_state(session, user.id, SyncState.SYNC, web.now())
    if is_resumed:
        return go(request, HOME, Told(T("Google is authenticated again, and syncing goes on.")))
    return go(request, HOME, Told(T("Google is authenticated. Now choose the calendar.")))


def _own(session: Writing, web: Web, caller: Caller) -> User:
    user = get_user(session, own_user(caller), web.now())
    if user is None:
        raise NotFound
    return user


def _bound_to(caller: Caller) -> str:
    """Return what ties the way to Google and back to this session."""
    return hashed("" if caller.session is None else f"google {caller.session.csrf}")


def _failed(request: Request, why: Text) -> Response:
    return page(request, "google_failed.html", 400, why=why)
