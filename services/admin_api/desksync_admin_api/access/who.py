"""Finds out who is calling: a machine by its token, a person by the cookie of their session, otherwise nobody."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from desksync.store import api_tokens, web_sessions
from desksync.store.web_sessions import WebSession
from desksync_admin_api.access.caller import Caller, CallerKind, nobody, roles_of
from desksync_admin_api.access.origin import address_of
from desksync_admin_api.access.secret import hashed
from desksync_admin_api.access.sessions import current_session
from desksync_admin_api.errors import NotSignedIn
from desksync_admin_api.locale.texts import T
from desksync_admin_api.web import TheWeb, Web

API_PREFIX = "/api/"

_NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session or a token was used last: a write for every request would cost more than it tells."""


def who(request: Request, web: TheWeb) -> Caller:
    """Return the caller. Tokens open the API only, and one that is not good is refused, whatever cookie comes with it."""
    caller = _who(request, web)
    request.state.caller = caller
    return caller


Who = Annotated[Caller, Depends(who)]


def is_for_machines(request: Request) -> bool:
    """Say whether the request is one of the JSON API."""
    return request.url.path.startswith(API_PREFIX)


def _who(request: Request, web: Web) -> Caller:
    visitor = nobody(address_of(request), str(getattr(request.state, "request_id", "")))
    offered = request.headers.get("authorization")
    if offered is not None and is_for_machines(request):
        return _machine(web, offered, visitor)
    with web.reads() as session:
        found = current_session(session, web, request)
    if found is None:
        return visitor
    if web.now() - found.seen_at >= _NOTED_EVERY:
        with web.begin() as session:
            web_sessions.note_seen(session, found.id, web.now())
    return person(found, visitor)


def _machine(web: Web, offered: str, visitor: Caller) -> Caller:
    scheme, _, token = offered.partition(" ")
    with web.reads() as session:
        found = api_tokens.find_token(session, hashed(token.strip()), web.now()) if scheme.lower() == "bearer" else None
    if found is None:
        raise NotSignedIn(T("This token is not known, is revoked, or has expired."))
    if found.used_at is None or web.now() - found.used_at >= _NOTED_EVERY:
        with web.begin() as session:
            api_tokens.note_used(session, found.id, web.now())
    roles = roles_of(found.role, is_user=False)
    return replace(visitor, kind=CallerKind.MACHINE, id=str(found.id), name=found.name, roles=roles)


def person(found: WebSession, visitor: Caller) -> Caller:
    """Return whose session it is, coming from where the visitor comes from."""
    holder = found.holder
    if holder.account_id is not None:
        kind, id_ = CallerKind.ACCOUNT, str(holder.account_id)
    elif holder.user_id is not None:
        kind, id_ = CallerKind.USER, str(holder.user_id)
    else:
        kind, id_ = CallerKind.SUBJECT, holder.subject or ""
    roles = roles_of(found.role, is_user=holder.user_id is not None)
    return Caller(kind, id_, found.name, roles, holder.user_id, found, visitor.address, visitor.request_id)
