"""Begins and ends sessions: a new secret at every sign-in, kept as a hash, in a cookie that scripts cannot read."""

from datetime import datetime

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from desksync.store import web_sessions
from desksync.store.web_sessions import Holder, NewSession, WebSession
from desksync.store.web_states import SignInWay
from desksync_admin_api.access.cookies import SESSION, VISIT
from desksync_admin_api.access.origin import address_of
from desksync_admin_api.access.secret import hashed, new_secret
from desksync_admin_api.errors import NotAllowed
from desksync_admin_api.locale.texts import T
from desksync_admin_api.web import Web


def begin_session(session: Session, web: Web, request: Request, response: Response, holder: Holder, way: SignInWay) -> WebSession:
    """Sign somebody in and return their session. One that the browser had before is over: its secret might be known."""
    now = web.now()
    old = current_session(session, web, request)
    if old is not None:
        web_sessions.close_session(session, old.id)
    secret = new_secret()
    new = NewSession(
        token_hash=hashed(secret),
        csrf=new_secret(),
        holder=holder,
        way=way,
        expires_at=now + web.options.session_life,
        agent=request.headers.get("user-agent", ""),
        address=address_of(request),
    )
    web_sessions.open_session(session, new, now)
    SESSION.put(response, web.options, secret)
    VISIT.drop(response, web.options)
    begun = web_sessions.find_session(session, new.token_hash, now, idle_since(web))
    if begun is None:
        raise NotAllowed(T("Your account was shut out meanwhile."))
    return begun


def current_session(session: Session, web: Web, request: Request) -> WebSession | None:
    """Return the session of the request's cookie if it is good."""
    secret = SESSION.read(request, web.options)
    return None if secret is None else web_sessions.find_session(session, hashed(secret), web.now(), idle_since(web))


def idle_since(web: Web) -> datetime:
    """Return the time since when a session must have been used to be good still."""
    return web.now() - web.options.session_idle
