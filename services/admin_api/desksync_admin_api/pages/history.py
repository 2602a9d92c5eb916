"""同期履歴: the runs of a user for themself with titles, and of everybody for administrators and auditors."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.history import errors_of_run
from desksync.store.runs import list_lines, undoings
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import ThemSelf, Watching, own_user
from desksync_admin_api.cases.history import listed, run_of, shows_titles, wrote_something
from desksync_admin_api.errors import Invalid
from desksync_admin_api.ids import RowId
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.csv_file import csv_response
from desksync_admin_api.pages.forms import asked
from desksync_admin_api.pages.history_view import (
    HEADING,
    SHOWN,
    address,
    rows_of_file,
    sought_by,
)
from desksync_admin_api.pages.history_words import ERRORS, LINES, OUTCOMES, REASONS, SIDES
from desksync_admin_api.pages.page import page
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

OWN = "/sync/history"
ALL = "/admin/history"
LINES_SHOWN = 500


@router.get(OWN)
def own_history(request: Request, caller: ThemSelf, web: TheWeb, session: Reading) -> Response:
    """Show the caller's own runs."""
    return _list(request, web, session, OWN, own_user(caller))


@router.get(f"{OWN}.csv")
def own_file(request: Request, caller: ThemSelf, web: TheWeb, session: Writing) -> Response:
    """Send the caller's own runs of the filter as a file."""
    return _file(request, caller, web, session, own_user(caller))


@router.get(OWN + "/{run_id}")
def own_run(request: Request, run_id: RowId, caller: ThemSelf, web: TheWeb, session: Reading) -> Response:
    """Show a run of the caller's own with its lines."""
    return _run(request, web, session, caller, OWN, run_id, own_user(caller))


@router.get(ALL)
def history(request: Request, _caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show everybody's runs."""
    return _list(request, web, session, ALL, None)


@router.get(f"{ALL}.csv")
def history_file(request: Request, caller: Watching, web: TheWeb, session: Writing) -> Response:
    """Send all runs of the filter as a file."""
    return _file(request, caller, web, session, None)


@router.get(ALL + "/{run_id}")
def one_run(request: Request, run_id: RowId, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show somebody's run with its lines."""
    return _run(request, web, session, caller, ALL, run_id, None)


def _list(request: Request, web: Web, session: Reading, path: str, own: int | None) -> Response:
    filled = asked(request)
    sought, form, wrong = sought_by(session, web, filled, own)
    found = None if sought is None or form is None else listed(session, web, sought, form.before, SHOWN)
    older = None if found is None else found.older
    return page(
        request,
        "history.html",
        422 if found is None else 200,
        path_here=path,
        is_own=own is not None,
        is_of_one=sought is not None and sought.user_id is not None,
        form=filled,
        wrong=wrong,
        rows=[] if found is None else found.rows,
        older=None if older is None else address(filled, path, before=str(older)),
        newest=address(filled, path) if filled.text("before") else None,
        file=None if found is None else address(filled, f"{path}.csv"),
        outcomes=[("", T("Every outcome")), *OUTCOMES.items()],
        sides=[("", T("Both sides")), *((side.value, words) for side, words in SIDES.items())],
        errors=[("", T("With and without errors")), *ERRORS.items()],
        outcome_words=OUTCOMES,
    )


def _file(request: Request, caller: Caller, web: Web, session: Writing, own: int | None) -> Response:
    sought, form, wrong = sought_by(session, web, asked(request), own)
    if sought is None or form is None:
        raise Invalid(fields=wrong)
    values = form.model_dump(mode="json", exclude_defaults=True)
    record(session, caller, Deed.HISTORY_EXPORTED, web.now(), after={"filter": values, "own": own is not None})
    return csv_response("history.csv", HEADING, rows_of_file(web, sought, form.before, owner_of_titles=caller.user_id))


def _run(request: Request, web: Web, session: Reading, caller: Caller, path: str, run_id: int, own: int | None) -> Response:
    found, user = run_of(session, web, run_id, own)
    lines = list_lines(session, user.id, LINES_SHOWN + 1, run_id=run_id)
    return page(
        request,
        "run.html",
        path_here=path,
        is_own=own is not None,
        user=user,
        run=found,
        lines=lines[:LINES_SHOWN][::-1],
        has_more=len(lines) > LINES_SHOWN,
        most=LINES_SHOWN,
        errors=errors_of_run(session, run_id),
        undoings=undoings(session, run_id),
        shows_titles=shows_titles(web, user.id, caller.user_id),
        outcome_words=OUTCOMES,
        line_words=LINES,
        error_words=ERRORS,
        side_words=SIDES,
        reason_words=REASONS,
        may_undo=wrote_something(found) and (own is not None or caller.is_administrator),
    )
