"""保留中の削除: deletions that wait for a person (rule R5). Their owner answers on the page of settings, administrators here."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from desksync.store.held import Held, list_waiting
from desksync.store.users import User, get_user
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, ThemSelf, Watching, own_user
from desksync_admin_api.cases.held import Answer, answer_held
from desksync_admin_api.cases.history import shows_titles
from desksync_admin_api.cases.people import require_permitted, the_user
from desksync_admin_api.cases.settings import standing
from desksync_admin_api.ids import UserId
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FilledForm, FormModel, Line
from desksync_admin_api.pages.history_words import SIDES
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

HERE = "/admin/held"
SHOWN = 50
AS_USER = Query(ge=1, le=2**31 - 1)


class AnswerForm(FormModel):
    """An answer, and the mark of what was shown when it was given."""

    answer: Answer
    mark: Line = Field(min_length=1, max_length=64)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person, as somebody may see it."""

    user: User
    held: Held
    shows_titles: bool


@router.get(HERE)
def held_plans(
    request: Request, caller: Watching, web: TheWeb, session: Reading, user: Annotated[int | None, AS_USER] = None
) -> Response:
    """Show for whom deletions wait, who has waited for longest first; or what waits for one user."""
    waiting = list_waiting(session, user)
    rows = []
    for one in waiting[:SHOWN]:
        owner = get_user(session, one.user_id, web.now())
        if owner is not None:
            rows.append(Waiting(owner, one, shows_titles(web, owner.id, caller.user_id)))
    return page(request, "held.html", rows=rows, total=len(waiting), side_words=SIDES, may_change=caller.is_administrator)


@router.post(HERE + "/{user_id}")
def answer(request: Request, user_id: UserId, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Answer for somebody."""
    return go(request, HERE, _answer(session, web, caller, user_id, filled))


@router.post("/sync/held")
def own_answer(request: Request, caller: ThemSelf, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Answer for what waits of one's own."""
    require_permitted(standing(session, web, own_user(caller)).user)
    return go(request, "/sync", _answer(session, web, caller, own_user(caller), filled))


def _answer(session: Session, web: Web, caller: Caller, user_id: int, filled: FilledForm) -> Told:
    user = the_user(session, web, user_id)
    given, _wrong = filled.read(AnswerForm)
    if given is None:
        return Told(T("Please choose one of what is offered."), Tone.BAD)
    kept = answer_held(session, web, caller, user, given.answer, given.mark)
    if kept is None:
        return Told(
            T("What waits has changed meanwhile, or was answered by somebody else. Nothing was changed; look again."), Tone.BAD
        )
    return Told(_said(given.answer, kept.number))


def _said(given: Answer, number: int) -> Text:
    if given is Answer.RELEASE:
        return T("The next run deletes %(number)s event.", "The next run deletes %(number)s events.", number)
    return T(
        "The next run creates %(number)s event again where it is missing.",
        "The next run creates %(number)s events again where they are missing.",
        number,
    )
