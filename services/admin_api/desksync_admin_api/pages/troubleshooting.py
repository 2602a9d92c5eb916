"""ヘルプ: what to do when something does not sync, for users and administrators. Open to everybody: some cannot come in."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.pages.page import page
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)


@router.get("/help")
def help_page(request: Request, _caller: Anybody, web: TheWeb) -> Response:
    """Show what to do, with the numbers of this installation."""
    options = web.options
    return page(
        request,
        "help.html",
        minutes=max(1, round(options.sync_interval / timedelta(minutes=1))),
        limit=options.error_limit,
        hours=max(1, round(options.error_period / timedelta(hours=1))),
    )
