"""書き込んだ予定の削除: removes from one side of somebody's calendars what DeskSync created there. For administrators."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store.errands import newest_errand
from desksync.store.states import SyncState
from desksync.store.web_states import ErrandKind
from desksync.sync.event import Side
from desksync.worker import clean
from desksync_admin_api.access.gate import Administrating
from desksync_admin_api.cases.orders import ordered
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.ids import UserId
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages import errands
from desksync_admin_api.pages.forms import Filled, FormModel
from desksync_admin_api.pages.history_words import SIDES
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

PATH = "/admin/users/{user_id}/clean"


class CleanForm(FormModel):
    """From where, and how many events the page had named: when that is another number by now, it is asked again."""

    side: Side
    seen: int = Field(ge=1, le=2**31 - 1)


@router.get(PATH)
def count(request: Request, user_id: UserId, _caller: Administrating, web: TheWeb, session: Reading) -> Response:
    """Show how much would be removed from each side, and what that means."""
    user = the_user(session, web, user_id)
    newest = newest_errand(session, ErrandKind.CLEAN, user.id)
    return page(
        request,
        "clean.html",
        user=user,
        written=[(side, clean.count(session, user, side)) for side in Side],
        newest=newest,
        there=errands.ALL,
        is_syncing=user.sync_state is SyncState.SYNC,
        side_words=SIDES,
    )


@router.post(PATH)
def order(request: Request, user_id: UserId, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Order it, if that is still what the page had named."""
    user = the_user(session, web, user_id)
    here = f"/admin/users/{user_id}/clean"
    form, _wrong = filled.read(CleanForm)
    if form is None:
        return go(request, here, Told(T("Please choose one of what is offered."), Tone.BAD))
    counted = clean.count(session, user, form.side)
    if counted.number + counted.unsure != form.seen:
        return go(
            request, here, Told(T("The number of events has changed meanwhile. Nothing was removed; look again."), Tone.BAD)
        )
    errand_id = ordered(session, web, caller, ErrandKind.CLEAN, user, {"side": form.side.value})
    return go(request, f"{errands.ALL}/{errand_id}")
