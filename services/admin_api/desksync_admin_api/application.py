"""Puts the web application together: every page and every route of the API, errors, and what goes around them."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from desksync_admin_api import health
from desksync_admin_api.access.guard import Guard
from desksync_admin_api.answers import answer_errors
from desksync_admin_api.api import audit as audit_api
from desksync_admin_api.api import document, me, orders, runs, settings, statistics
from desksync_admin_api.api import held as held_api
from desksync_admin_api.api import tokens as tokens_api
from desksync_admin_api.api import users as users_api
from desksync_admin_api.pages import (
    account,
    audit,
    clean,
    directory,
    errands,
    google,
    held,
    history,
    home,
    neo_key,
    oidc,
    overview,
    password,
    people,
    people_transfer,
    person,
    previews,
    roles,
    sessions,
    sign_in,
    static_files,
    sync,
    tokens,
    troubleshooting,
    undo,
)
from desksync_admin_api.web import Web

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    static_files.router,
    home.router,
    troubleshooting.router,
    sign_in.router,
    oidc.router,
    account.router,
    password.router,
    neo_key.router,
    sync.router,
    overview.router,
    roles.router,
    sessions.router,
    tokens.router,
    audit.router,
    people.router,
    people_transfer.router,
    person.router,
    directory.router,
    google.router,
    history.router,
    held.router,
    undo.router,
    clean.router,
    errands.router,
    previews.router,
    me.router,
    tokens_api.router,
    users_api.router,
    runs.router,
    orders.router,
    held_api.router,
    settings.router,
    audit_api.router,
    statistics.router,
    document.router,
)
"""Everything that can be asked for. A new page or route of the API is added here."""


def application(web: Web, more: Sequence[APIRouter] = ()) -> Guard:
    """Return the application, with more routes than its own if need be, ready to be served."""
    app = FastAPI(title="DeskSync", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.web = web
    for router in (*ROUTERS, *more):
        app.include_router(router)
    answer_errors(app)
    return Guard(app, web, form_targets=(web.google.origin,))
