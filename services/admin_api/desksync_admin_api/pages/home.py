"""The first page: whoever comes is led to where they have something to do."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync_admin_api.access.caller import Role
from desksync_admin_api.access.cookies import LANGUAGE
from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.catalogue import LANGUAGES
from desksync_admin_api.pages.page import go, local_path
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, caller: Anybody) -> Response:
    """Lead to the pages of administrators, to one's own settings, or to signing in."""
    if caller.may(Role.ADMINISTRATOR, Role.AUDITOR):
        return go(request, "/admin")
    return go(request, "/sync" if caller.may(Role.USER) else "/sign-in")


@router.get("/language/{language}")
def choose_language(request: Request, _caller: Anybody, web: TheWeb, language: str, back: str = "/") -> Response:
    """Keep a language for this browser."""
    if language not in LANGUAGES:
        raise NotFound
    response = go(request, local_path(back))
    LANGUAGE.put(response, web.options, language)
    return response
