"""Deletions that wait for a person (rule R5), and the answer to them: on exactly what somebody was shown."""

from datetime import date, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desksync.store.held import Held, list_waiting
from desksync.sync.event import Side
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.api.commands import ACCEPTED, PREFIX, Accepted, Command, TheCommand
from desksync_admin_api.api.etags import IfMatch, require_match
from desksync_admin_api.api.models import MOST, Cursor, Limit, Listed, listed
from desksync_admin_api.api.problems import problems
from desksync_admin_api.api.reach import Acting, Seeing, require_free
from desksync_admin_api.cases.held import Answer, answer_held
from desksync_admin_api.cases.history import shows_titles
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.errors import (
    Invalid,
    KeyReused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PreconditionFailed,
    PreconditionMissing,
)
from desksync_admin_api.ids import UserId
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(prefix=PREFIX, tags=["held"])

_ANSWERED = problems(NotSignedIn, NotAllowed, NotFound, PreconditionFailed, PreconditionMissing, KeyReused)


class SampleView(BaseModel):
    """One event that would be deleted. `title` is null where titles of other people's events are hidden."""

    side: Side = Field(examples=["google"])
    title: str | None = Field(examples=["Stand-up"])
    day: date = Field(examples=["2026-11-24"])


class HeldView(BaseModel):
    """Deletions of one user that wait. `etag` is what an answer names as `If-Match`: it is another one as soon as others wait."""

    id: int = Field(examples=[3])
    user_id: int = Field(examples=[7])
    at: datetime = Field(description="Since when they wait.")
    neo: int = Field(description="How many on NEO.", examples=[0])
    google: int = Field(description="How many on Google.", examples=[12])
    sample: list[SampleView] = Field(description="The first of them.")
    etag: str = Field(examples=['"9b2f6c0d1e"'])


@router.get("/held", responses=problems(NotSignedIn, NotAllowed, Invalid))
def held_plans(caller: Watching, web: TheWeb, session: Reading, cursor: Cursor = None, limit: Limit = MOST) -> Listed[HeldView]:
    """List for whom deletions wait, who has waited for longest first."""
    behind = [one for one in list_waiting(session) if one.id > (cursor or 0)]
    return listed(behind[: limit + 1], limit, lambda one: _shown(web, caller, one), lambda one: one.id)


@router.get("/users/{user_id}/held", responses=problems(NotSignedIn, NotFound, Invalid))
def held_of_user(user_id: UserId, caller: Seeing, web: TheWeb, session: Reading, response: Response) -> HeldView:
    """Show what waits of a user. Not found: nothing does."""
    the_user(session, web, user_id)
    shown = _shown(web, caller, _waiting(session, user_id))
    response.headers["etag"] = shown.etag
    return shown


@router.post("/users/{user_id}/held/release", status_code=ACCEPTED, responses=_ANSWERED)
def release(
    user_id: UserId, caller: Acting, web: TheWeb, session: Writing, command: TheCommand, if_match: IfMatch = None
) -> Accepted:
    """Let the next run delete what waits."""
    return _answered(session, web, caller, command, user_id, Answer.RELEASE, if_match)


@router.post("/users/{user_id}/held/refuse", status_code=ACCEPTED, responses=_ANSWERED)
def refuse(
    user_id: UserId, caller: Acting, web: TheWeb, session: Writing, command: TheCommand, if_match: IfMatch = None
) -> Accepted:
    """Let the next run create the events again where they were deleted."""
    return _answered(session, web, caller, command, user_id, Answer.REFUSE, if_match)


def _answered(
    session: Session, web: Web, caller: Caller, command: Command, user_id: int, answer: Answer, if_match: str | None
) -> Accepted:
    def say() -> Accepted:
        user = the_user(session, web, user_id)
        require_free(caller, user)
        waiting = _waiting(session, user_id)
        require_match(if_match, _etag(waiting))
        if answer_held(session, web, caller, user, answer, waiting.mark) is None:
            raise PreconditionFailed
        return Accepted(poll=f"{PREFIX}/users/{user_id}")

    return command.once(session, caller, say, if_match)


def _waiting(session: Session, user_id: int) -> Held:
    waiting = list_waiting(session, user_id)
    if not waiting:
        raise NotFound
    return waiting[0]


def _etag(held: Held) -> str:
    return f'"{held.mark}"'


def _shown(web: Web, caller: Caller, held: Held) -> HeldView:
    shows = shows_titles(web, held.user_id, caller.user_id)
    sample = [SampleView(side=one.side, title=one.title if shows else None, day=one.day) for one in held.sample]
    return HeldView(
        id=held.id, user_id=held.user_id, at=held.at, neo=held.neo, google=held.google, sample=sample, etag=_etag(held)
    )
