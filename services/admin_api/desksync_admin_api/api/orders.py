"""What can be ordered for a user: a run at once, a preview, the undo of a run. And the errands that come of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desksync.store.errands import get_errand
from desksync.store.web_states import ErrandKind, ErrandState
from desksync.worker.undo import NothingToUndo
from desksync_admin_api.access.caller import Role
from desksync_admin_api.access.gate import SignedIn, require_own
from desksync_admin_api.api.commands import ACCEPTED, PREFIX, Accepted, TheCommand
from desksync_admin_api.api.problems import problems
from desksync_admin_api.api.reach import Acting, OwnOrAdministrating, only_own, require_free
from desksync_admin_api.cases.history import run_of, shows_titles
from desksync_admin_api.cases.orders import NOTHING_TO_SYNC, NothingToSee, RunOrder, order_preview, order_run, order_undo
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.errors import Conflict, Invalid, KeyReused, NotAllowed, NotFound, NotSignedIn
from desksync_admin_api.ids import RowId, UserId
from desksync_admin_api.pages.history_words import NO_UNDO
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(prefix=PREFIX, tags=["orders"])

_ORDERED = problems(NotSignedIn, NotAllowed, NotFound, Conflict, KeyReused)


class ErrandView(BaseModel):
    """What was ordered: how far it is, and what came of it. It is kept for a week after its end.

    `result` is null before the end. Where titles of other people's events are hidden, they are null in it.
    """

    id: int = Field(examples=[41])
    kind: ErrandKind = Field(examples=["preview"])
    user_id: int = Field(examples=[7])
    state: ErrandState = Field(examples=["done"])
    done: int = Field(description="How far it is.", examples=[12])
    total: int | None = Field(description="Of how much, as soon as that is known.", examples=[12])
    result: dict[str, Any] | None = Field(examples=[{"creates": [{"side": "google", "title": "Stand-up", "day": "2026-11-24"}]}])
    error: str | None = Field(description="Why nothing came of it.", examples=[None])
    created_at: datetime
    finished_at: datetime | None


@router.post("/users/{user_id}/sync", status_code=ACCEPTED, responses=_ORDERED)
def sync_now(user_id: UserId, caller: Acting, web: TheWeb, session: Writing, command: TheCommand) -> Accepted:
    """Order a run at once. One that is under way or ahead is not doubled."""

    def order() -> Accepted:
        made = order_run(session, web, caller, the_user(session, web, user_id))
        if made.order is RunOrder.IMPOSSIBLE:
            raise Conflict(NOTHING_TO_SYNC)
        return Accepted(poll=f"{PREFIX}/users/{user_id}", ticket_id=made.ticket_id)

    return command.once(session, caller, order)


@router.post("/users/{user_id}/preview", status_code=ACCEPTED, responses=_ORDERED)
def preview(user_id: UserId, caller: Acting, web: TheWeb, session: Writing, command: TheCommand) -> Accepted:
    """Order a preview of what a run would do now. Nothing is written anywhere."""

    def order() -> Accepted:
        user = the_user(session, web, user_id)
        require_free(caller, user)
        try:
            return _errand(order_preview(session, web, caller, user))
        except NothingToSee as problem:
            raise Conflict(problem.why) from problem

    return command.once(session, caller, order)


@router.post("/runs/{run_id}/undo", status_code=ACCEPTED, responses=_ORDERED)
def undo(run_id: RowId, caller: OwnOrAdministrating, web: TheWeb, session: Writing, command: TheCommand) -> Accepted:
    """Order that what a run wrote is put back."""

    def order() -> Accepted:
        _run, user = run_of(session, web, run_id, only_own(caller, Role.ADMINISTRATOR))
        require_free(caller, user)
        try:
            return _errand(order_undo(session, web, caller, user, run_id))
        except NothingToUndo as problem:
            raise Conflict(NO_UNDO[problem.why]) from problem

    return command.once(session, caller, order)


@router.get("/errands/{errand_id}", responses=problems(NotSignedIn, NotFound, Invalid))
def errand(errand_id: RowId, caller: SignedIn, web: TheWeb, session: Reading) -> ErrandView:
    """Show an errand."""
    found = get_errand(session, errand_id)
    if found is None or found.user_id is None:
        raise NotFound
    require_own(caller, found.user_id)
    shows = shows_titles(web, found.user_id, caller.user_id)
    return ErrandView(
        id=found.id,
        kind=found.kind,
        user_id=found.user_id,
        state=found.state,
        done=found.done,
        total=found.total,
        result=None if found.result is None else dict(found.result) if shows else without_titles(found.result),
        error=found.error,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )


def without_titles(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with `null` for every title, however deep it lies."""

    def hidden(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: None if name == "title" else hidden(one) for name, one in value.items()}
        return [hidden(one) for one in value] if isinstance(value, list) else value

    return {name: hidden(value) for name, value in result.items()}


def _errand(errand_id: int) -> Accepted:
    return Accepted(poll=f"{PREFIX}/errands/{errand_id}", errand=errand_id)
