"""同期の取り消し: what an undo of a run would put back, and its order. For users of their own runs, for administrators of all."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from desksync.store.errands import newest_errand
from desksync.store.runs import NewLine
from desksync.store.web_states import ErrandKind
from desksync.sync.flow import flow_between
from desksync.worker.undo import NothingToUndo, ahead
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, ThemSelf, own_user
from desksync_admin_api.cases.history import run_of, shows_titles
from desksync_admin_api.cases.orders import order_undo
from desksync_admin_api.cases.people import require_permitted
from desksync_admin_api.ids import RowId
from desksync_admin_api.pages import errands, history
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.history_words import FIELDS, NO_UNDO, SIDES, TO_UNDO
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

OWN = history.OWN + "/{run_id}/undo"
ALL = history.ALL + "/{run_id}/undo"
SHOWN = 200


@router.get(OWN)
def own_undo(request: Request, run_id: RowId, caller: ThemSelf, web: TheWeb, session: Reading) -> Response:
    """Show what an undo of a run of one's own would put back."""
    return _shown(request, web, session, caller, run_id, own_user(caller))


@router.post(OWN)
def order_own_undo(request: Request, run_id: RowId, caller: ThemSelf, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Order the undo of a run of one's own."""
    return _ordered(request, web, session, caller, run_id, own_user(caller))


@router.get(ALL)
def undo(request: Request, run_id: RowId, caller: Administrating, web: TheWeb, session: Reading) -> Response:
    """Show what an undo of anybody's run would put back."""
    return _shown(request, web, session, caller, run_id, None)


@router.post(ALL)
def order_somebodys_undo(
    request: Request, run_id: RowId, caller: Administrating, web: TheWeb, session: Writing, _filled: Filled
) -> Response:
    """Order the undo of anybody's run."""
    return _ordered(request, web, session, caller, run_id, None)


def _shown(request: Request, web: Web, session: Session, caller: Caller, run_id: int, own: int | None) -> Response:
    run, user = run_of(session, web, run_id, own)
    why = None
    try:
        found = ahead(session, user, run_id)
    except NothingToUndo as problem:
        found, why = None, NO_UNDO[problem.why]
    newest = newest_errand(session, ErrandKind.UNDO, user.id)
    is_under_way = newest is not None and newest.is_open and newest.arguments.get("run_id") == run_id
    return page(
        request,
        "undo.html",
        path_here=history.OWN if own is not None else history.ALL,
        is_own=own is not None,
        run=run,
        user=user,
        why=why,
        lines=[] if found is None else [(one.line, _changed(one.line)) for one in found.lines[:SHOWN]],
        total=0 if found is None else len(found.lines),
        staying=0 if found is None else len(found.staying),
        under_way=f"{errands.OWN if own is not None else errands.ALL}/{newest.id}" if newest and is_under_way else None,
        shows_titles=shows_titles(web, user.id, caller.user_id),
        todo_words=TO_UNDO,
        side_words=SIDES,
        field_words=FIELDS,
    )


def _ordered(request: Request, web: Web, session: Session, caller: Caller, run_id: int, own: int | None) -> Response:
    _run, user = run_of(session, web, run_id, own)
    if own is not None:
        require_permitted(user)
    try:
        errand_id = order_undo(session, web, caller, user, run_id)
    except NothingToUndo as problem:
        there = history.OWN if own is not None else history.ALL
        return go(request, f"{there}/{run_id}", Told(NO_UNDO[problem.why], Tone.BAD))
    return go(request, f"{errands.OWN if own is not None else errands.ALL}/{errand_id}")


def _changed(line: NewLine) -> list[str]:
    """Return the names of the parts, and the dates of the series, that the write had changed."""
    if line.content is None or line.written is None:
        return []
    flow = flow_between(line.written, line.content)
    return [name for name in FIELDS if any(name in group for group in flow.groups)] + [str(day) for day in sorted(flow.days)]
