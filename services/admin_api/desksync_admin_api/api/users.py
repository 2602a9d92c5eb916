"""Users: who there is, how their sync stands, whether they may sync, and whether they do."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, model_validator
from sqlalchemy.orm import Session

from desksync.store.people import Sought, find_people
from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.users import User
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.api.etags import IfMatch, etag_of_user, require_match
from desksync_admin_api.api.models import MOST, Cursor, Limit, Line, Listed, Sent, listed
from desksync_admin_api.api.problems import problems
from desksync_admin_api.api.reach import Acting, Seeing
from desksync_admin_api.api.run_models import RunView, run_view
from desksync_admin_api.cases.people import permit, set_state, what_is_missing
from desksync_admin_api.cases.settings import GoogleState, google_state, standing
from desksync_admin_api.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PreconditionFailed,
    PreconditionMissing,
)
from desksync_admin_api.ids import UserId
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(prefix="/api/v1/users", tags=["users"])


class UserView(BaseModel):
    """A user of NEO. `permission` is the administrator's word, `sync_state` the user's, `state` both and a run in one word."""

    id: int = Field(examples=[7])
    neo_user_id: str = Field(examples=["101"])
    login_id: str = Field(examples=["tanaka"])
    name: str = Field(examples=["田中 太郎"])
    permission: Permission = Field(examples=["enabled"])
    sync_state: SyncState = Field(examples=["sync"])
    state: State = Field(examples=["waiting"])
    stop_reason: StopReason | None = Field(examples=[None])
    stop_note: str | None = Field(examples=[None])
    google: GoogleState = Field(description="How the Google authentication stands.", examples=["done"])
    has_calendar: bool = Field(description="Whether a Google calendar is chosen.", examples=[True])
    next_at: datetime | None = Field(description="When the next run is due; null for who does not sync.")
    vanished_at: datetime | None = Field(description="Since when NEO does not list the user any more.", examples=[None])


class OneUser(UserView):
    """A user, with how their sync stands. `errors` are those that count towards the automatic stop."""

    errors: int = Field(examples=[0])
    held: int = Field(description="How many deletions wait for an answer.", examples=[0])
    last_run: RunView | None


class UserChange(Sent):
    """What is to change; what is left out stays. `permission` is for administrators."""

    permission: Permission | None = Field(default=None, strict=False, examples=["enabled"])
    sync_state: SyncState | None = Field(default=None, strict=False, examples=["sync"])

    @model_validator(mode="after")
    def _is_something(self) -> "UserChange":
        if self.permission is None and self.sync_state is None:
            raise ValueError("name permission, sync_state, or both")
        return self


@router.get("", responses=problems(NotSignedIn, NotAllowed, Invalid))
def users(
    _caller: Watching,
    web: TheWeb,
    session: Reading,
    q: Annotated[Line, Query(max_length=200, description="Part of a name, login ID or NEO user ID.", examples=["tanaka"])] = "",
    state: Annotated[State | None, Query(description="`waiting` stands for all who sync.")] = None,
    reason: Annotated[StopReason | None, Query(description="Why somebody is stopped.")] = None,
    vanished: Annotated[bool, Query(description="Also who has vanished from NEO.")] = False,  # noqa: FBT002 - a query says it by name
    cursor: Cursor = None,
    limit: Limit = MOST,
) -> Listed[UserView]:
    """List users by their numbers."""
    sought = Sought(text=q, state=state, reason=reason, has_vanished=vanished)
    found = find_people(session, sought, web.now(), after=cursor or 0, limit=limit + 1)
    return listed(found, limit, user_view, lambda user: user.id)


@router.get("/{user_id}", responses=problems(NotSignedIn, NotFound, Invalid))
def user(user_id: UserId, _caller: Seeing, web: TheWeb, session: Reading, response: Response) -> OneUser:
    """Show a user. The ETag is the version of permission and sync state."""
    return _one(session, web, user_id, response)


@router.patch(
    "/{user_id}",
    responses=problems(NotSignedIn, NotAllowed, NotFound, Conflict, PreconditionFailed, PreconditionMissing, Invalid),
)
def change(
    user_id: UserId,
    caller: Acting,
    web: TheWeb,
    session: Writing,
    wanted: UserChange,
    response: Response,
    if_match: IfMatch = None,
) -> OneUser:
    """Change permission and sync state. Stopping ends nothing that is under way; setting to sync begins a new count of errors."""
    found = standing(session, web, user_id).user
    if wanted.permission is not None and not caller.is_administrator:
        raise NotAllowed
    require_match(if_match, etag_of_user(found))
    if wanted.permission not in {None, found.permission}:
        _settled(done=permit(session, caller, web, found, found.permission, wanted.permission or found.permission))
    if wanted.sync_state not in {None, found.sync_state}:
        _change_state(session, web, caller, found, wanted.sync_state or found.sync_state)
    return _one(session, web, user_id, response)


def _change_state(session: Session, web: Web, caller: Caller, found: User, to: SyncState) -> None:
    if caller.is_administrator:
        _settled(done=set_state(session, caller, web, found, to))
        return
    if to is SyncState.SYNC and (why := what_is_missing(found)) is not None:
        raise Conflict(why)
    _settled(done=set_state(session, caller, web, found, to, by=StopReason.USER))


def _settled(*, done: bool) -> None:
    if not done:
        raise PreconditionFailed


def _one(session: Session, web: Web, user_id: int, response: Response) -> OneUser:
    now = standing(session, web, user_id)
    response.headers["etag"] = etag_of_user(now.user)
    last = None if now.last is None else run_view(now.last)
    held = 0 if now.held is None else now.held.number
    return OneUser(**user_view(now.user).model_dump(), errors=now.errors, held=held, last_run=last)


def user_view(found: User) -> UserView:
    """Return a user as the API shows them."""
    return UserView(
        id=found.id,
        neo_user_id=found.neo_user_id,
        login_id=found.login_id,
        name=found.name,
        permission=found.permission,
        sync_state=found.sync_state,
        state=found.state,
        stop_reason=found.stop_reason,
        stop_note=found.stop_note,
        google=google_state(found),
        has_calendar=found.settings.calendar_id is not None,
        next_at=found.next_due_at if found.may_run else None,
        vanished_at=found.vanished_at,
    )
