"""NEO ユーザーの更新: when the users were last brought in from NEO's list, what that brought, and a button to do it now."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.directory_refresh import Refreshed, last_refresh
from desksync.store.errands import Errand, newest_errand, order
from desksync.store.web_states import ErrandKind, ErrandState
from desksync.worker.errors import Reason
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.errands import FAILURES
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

HERE = "/admin/directory"


@router.get(HERE)
def directory(request: Request, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show how the last refresh went, and how far the one is that was ordered here."""
    done, failed = last_refresh(session)
    newest = newest_errand(session, ErrandKind.DIRECTORY, None)
    return page(
        request,
        "directory.html",
        done=done,
        failed=failed,
        is_off=failed is not None and failed.reason == Reason.DIRECTORY_OFF,
        newest=newest,
        failure=None if failed is not None else _failure(newest, done),
        is_under_way=newest is not None and newest.is_open,
        has_begun=newest is not None and newest.state is ErrandState.RUNNING,
        has_key=web.neo.has_site_key,
        may_change=caller.is_administrator,
    )


def _failure(newest: Errand | None, done: Refreshed | None) -> Text | str | None:
    """Return why nothing came of what was ordered, unless a refresh has succeeded since. What NEO refused is kept elsewhere."""
    if newest is None or newest.error is None or newest.finished_at is None:
        return None
    if done is not None and done.at >= newest.finished_at:
        return None
    return FAILURES.get(newest.error, newest.error)


@router.post(HERE)
def refresh(request: Request, caller: Administrating, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Order a refresh, unless one is under way."""
    if not web.neo.has_site_key:
        return go(request, HERE, Told(T("Without an access key for the whole site, desknet's NEO lists nobody."), Tone.BAD))
    newest = newest_errand(session, ErrandKind.DIRECTORY, None)
    if newest is not None and newest.is_open:
        return go(request, HERE, Told(T("The users are being refreshed already."), Tone.NOTE))
    errand_id = order(session, ErrandKind.DIRECTORY, None, {}, caller.party, web.now())
    record(session, caller, Deed.DIRECTORY_ORDERED, web.now(), after={"errand": errand_id})
    return go(request, HERE)
