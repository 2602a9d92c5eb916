"""カレンダー同期設定: a user's own settings."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.users import get_user
from desksync_admin_api.access.gate import ThemSelf, own_user
from desksync_admin_api.errors import NotFound
from desksync_admin_api.pages.page import page
from desksync_admin_api.pages.words import OWN_STATES, STOP_REASONS
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)


@router.get("/sync")
def sync_settings(request: Request, caller: ThemSelf, web: TheWeb, session: Reading) -> Response:
    """Show the caller's own state, with its reason."""
    user = get_user(session, own_user(caller), web.now())
    if user is None:
        raise NotFound
    reason = None if user.stop_reason is None else STOP_REASONS[user.stop_reason]
    return page(request, "sync.html", user=user, state=OWN_STATES[user.state], reason=reason)
