"""The history: runs of one user and of all, the lines of a run, and errors. Users get at their own, and see the titles of it."""

from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, AwareDatetime
from sqlalchemy.orm import Session

from desksync.store.errors import list_errors
from desksync.store.history import Sought
from desksync.store.runs import list_lines
from desksync.sync.event import Side
from desksync_admin_api.access.caller import Role
from desksync_admin_api.access.gate import SignedIn, Watching
from desksync_admin_api.api.models import MOST, Cursor, Limit, Listed, listed
from desksync_admin_api.api.problems import problems
from desksync_admin_api.api.reach import Seeing, only_own
from desksync_admin_api.api.run_models import (
    ErrorView,
    HistoryItem,
    LineView,
    QuietView,
    RunView,
    error_view,
    line_view,
    run_view,
)
from desksync_admin_api.cases import history
from desksync_admin_api.cases.history import Shown, run_of, shows_titles
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from desksync_admin_api.ids import RowId, UserId
from desksync_admin_api.pages.history_words import ERRORS, OUTCOMES
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(prefix="/api/v1", tags=["runs"])

_WATCHERS = (Role.AUDITOR, Role.ADMINISTRATOR)


def _one_of(known: Iterable[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    return check


def _sought(
    since: Annotated[AwareDatetime | None, Query(examples=["2026-11-01T00:00:00+09:00"])] = None,
    until: Annotated[AwareDatetime | None, Query(description="Runs that began before that.")] = None,
    outcome: Annotated[Annotated[str, AfterValidator(_one_of(OUTCOMES))] | None, Query(examples=["ok"])] = None,
    side: Annotated[Side | None, Query(description="The side that was written or failed.")] = None,
    error: Annotated[
        Annotated[str, AfterValidator(_one_of(ERRORS))] | None, Query(description="A kind of error, or `any`.", examples=["any"])
    ] = None,
) -> Sought:
    return Sought(None, since, until, outcome, side, error)


Filter = Annotated[Sought, Depends(_sought)]


@router.get("/runs", responses=problems(NotSignedIn, NotAllowed, Invalid))
def runs(
    _caller: Watching, web: TheWeb, session: Reading, sought: Filter, cursor: Cursor = None, limit: Limit = MOST
) -> Listed[HistoryItem]:
    """List everybody's runs in which something happened, the newest first."""
    return _listed(session, web, sought, cursor, limit)


@router.get("/users/{user_id}/runs", responses=problems(NotSignedIn, NotFound, Invalid))
def runs_of_user(
    user_id: UserId, _caller: Seeing, web: TheWeb, session: Reading, sought: Filter, cursor: Cursor = None, limit: Limit = MOST
) -> Listed[HistoryItem]:
    """List a user's runs in which something happened, the newest first, with the quiet times between them."""
    the_user(session, web, user_id)
    of_user = Sought(user_id, sought.first, sought.last, sought.outcome, sought.side, sought.error)
    return _listed(session, web, of_user, cursor, limit)


@router.get("/runs/{run_id}", responses=problems(NotSignedIn, NotFound, Invalid))
def run(run_id: RowId, caller: SignedIn, web: TheWeb, session: Reading) -> RunView:
    """Show a run."""
    return run_view(run_of(session, web, run_id, only_own(caller, *_WATCHERS))[0])


@router.get("/runs/{run_id}/lines", responses=problems(NotSignedIn, NotFound, Invalid))
def lines(
    run_id: RowId, caller: SignedIn, web: TheWeb, session: Reading, cursor: Cursor = None, limit: Limit = MOST
) -> Listed[LineView]:
    """List what happened in a run, the newest first."""
    _run, user = run_of(session, web, run_id, only_own(caller, *_WATCHERS))
    shows = shows_titles(web, user.id, caller.user_id)
    found = list_lines(session, user.id, limit + 1, run_id=run_id, before=cursor)
    return listed(found, limit, lambda line: line_view(line, shows_title=shows), lambda line: line.id)


@router.get("/errors", responses=problems(NotSignedIn, NotAllowed, Invalid))
def errors(_caller: Watching, session: Reading, cursor: Cursor = None, limit: Limit = MOST) -> Listed[ErrorView]:
    """List everybody's errors, the newest first."""
    return _errors(session, None, cursor, limit)


@router.get("/users/{user_id}/errors", responses=problems(NotSignedIn, NotFound, Invalid))
def errors_of_user(
    user_id: UserId, _caller: Seeing, web: TheWeb, session: Reading, cursor: Cursor = None, limit: Limit = MOST
) -> Listed[ErrorView]:
    """List a user's errors, the newest first."""
    the_user(session, web, user_id)
    return _errors(session, user_id, cursor, limit)


def _errors(session: Session, user_id: int | None, cursor: int | None, limit: int) -> Listed[ErrorView]:
    found = list_errors(session, user_id, limit + 1, before=cursor)
    return listed(found, limit, error_view, lambda error: error.id)


def _listed(session: Session, web: Web, sought: Sought, cursor: int | None, limit: int) -> Listed[HistoryItem]:
    found = history.listed(session, web, sought, cursor, limit)
    return Listed(items=[_item(row) for row in found.rows], next=None if found.older is None else str(found.older))


def _item(row: Shown) -> HistoryItem:
    quiet = None if row.quiet is None else QuietView(number=row.quiet.number, first=row.quiet.first, last=row.quiet.last)
    return HistoryItem(run=None if row.run is None else run_view(row.run), quiet=quiet)
