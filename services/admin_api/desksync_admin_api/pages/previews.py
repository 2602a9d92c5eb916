"""プレビュー: what a run would do now. Both calendars are read in the background, and nothing is written anywhere."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from desksync.store.users import User
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, ThemSelf, own_user
from desksync_admin_api.cases.orders import NothingToSee, order_preview
from desksync_admin_api.cases.people import require_permitted
from desksync_admin_api.cases.settings import standing
from desksync_admin_api.ids import UserId
from desksync_admin_api.pages import errands
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)


@router.post("/sync/preview")
def order_own_preview(request: Request, caller: ThemSelf, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Order a preview of one's own."""
    user = standing(session, web, own_user(caller)).user
    require_permitted(user)
    return go(request, *_ordered(session, web, caller, user, back="/sync", there=errands.OWN))


@router.post("/admin/users/{user_id}/preview")
def order_somebodys_preview(
    request: Request, user_id: UserId, caller: Administrating, web: TheWeb, session: Writing, _filled: Filled
) -> Response:
    """Order a preview for somebody."""
    user = standing(session, web, user_id).user
    return go(request, *_ordered(session, web, caller, user, back=f"/admin/users/{user_id}", there=errands.ALL))


def _ordered(session: Session, web: Web, caller: Caller, user: User, *, back: str, there: str) -> tuple[str, Told | None]:
    """Order it, and return where to go on, and what is to be said there. Who is stopped may look all the same."""
    try:
        return f"{there}/{order_preview(session, web, caller, user)}", None
    except NothingToSee as problem:
        return back, Told(problem.why, Tone.BAD)
