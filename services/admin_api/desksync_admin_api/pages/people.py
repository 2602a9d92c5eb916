"""ユーザー設定: everybody with their state, and who may sync. Found by search and filter, changed one by one or many at once."""

from enum import StrEnum

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from desksync.store.people import count_people, find_people
from desksync.store.states import Permission, SyncState
from desksync.store.users import User, get_user
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.cases.people import permit, set_state
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go, local_path, page
from desksync_admin_api.pages.people_list import ORDERS, PAGE_SIZE, view_of
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.pages.words import PERMISSIONS, STATES, STOP_REASON_NAMES
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

HERE = "/admin/users"


class Bulk(StrEnum):
    """What can be done to all that are chosen."""

    ENABLE = "enable"
    DISABLE = "disable"
    START = "start"
    STOP = "stop"


BULK = (
    (Bulk.ENABLE, T("Enable")),
    (Bulk.DISABLE, T("Disable")),
    (Bulk.START, T("Set to sync")),
    (Bulk.STOP, T("Stop syncing")),
)


@router.get(HERE)
def people(request: Request, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show a page of the people that are sought. What cannot be understood in the address is passed over."""
    view = view_of(request.query_params)
    total = count_people(session, view.sought, web.now())
    last = max(1, -(-total // PAGE_SIZE))
    view = view.on_page(min(view.page, last))
    found = find_people(session, view.sought, web.now(), offset=(view.page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return page(
        request,
        "people.html",
        view=view,
        found=found,
        total=total,
        last=last,
        orders=ORDERS,
        states=[("", T("All"))] + [(state, words) for state, words in STATES.items()],
        reasons=[("", T("All"))] + [(reason, words) for reason, words in STOP_REASON_NAMES.items()],
        state_words=STATES,
        reason_words=STOP_REASON_NAMES,
        permissions=PERMISSIONS,
        bulk=BULK,
        may_change=caller.is_administrator,
    )


@router.post(HERE)
def update(request: Request, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Set the permission of everybody whose radio button was moved, unless somebody else has moved it meanwhile."""
    before = filled.beginning("was-")
    changed = missed = 0
    for number, wanted in filled.beginning("permission-").items():
        was, to = _permission(before.get(number, "")), _permission(wanted)
        if was is None or to is None or was is to or not number.isdecimal():
            continue
        user = get_user(session, int(number), web.now())
        if user is not None and permit(session, caller, web, user, was, to):
            changed += 1
        else:
            missed += 1
    return _back(request, filled.text("back"), changed, missed)


@router.post(f"{HERE}/chosen")
def update_chosen(request: Request, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Do one thing to all that are chosen; to whom it is done already, nothing."""
    numbers = [int(number) for number in filled.several("chosen") if number.isdecimal()]
    wanted = filled.text("what")
    if wanted not in set(Bulk) or not numbers:
        return go(request, local_path(filled.text("back"), HERE), Told(T("Choose people, and what to do with them."), Tone.BAD))
    found = (get_user(session, number, web.now()) for number in numbers)
    changed = sum(_do(session, caller, web, user, Bulk(wanted)) for user in found if user is not None)
    return _back(request, filled.text("back"), changed, 0)


def _do(session: Session, caller: Caller, web: TheWeb, user: User, what: Bulk) -> bool:
    match what:
        case Bulk.ENABLE | Bulk.DISABLE:
            to = Permission.ENABLED if what is Bulk.ENABLE else Permission.DISABLED
            return user.permission is not to and permit(session, caller, web, user, user.permission, to)
        case Bulk.START | Bulk.STOP:
            return set_state(session, caller, web, user, SyncState.SYNC if what is Bulk.START else SyncState.STOPPED)


def _permission(text: str) -> Permission | None:
    return next((one for one in Permission if one.value == text), None)


def _back(request: Request, to: str, changed: int, missed: int) -> Response:
    if missed:
        told = Told(
            T(
                "%(number)s person had been changed by somebody else meanwhile, and was left.",
                "%(number)s people had been changed by somebody else meanwhile, and were left.",
                missed,
            ),
            Tone.BAD,
        )
    else:
        told = Told(T("%(number)s person was changed.", "%(number)s people were changed.", changed))
    return go(request, local_path(to, HERE), told)
