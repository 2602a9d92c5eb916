"""カレンダー同期設定: a user's own settings."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.states import StopReason, SyncState
from desksync.worker.errors import CalendarError
from desksync_admin_api.access.gate import ThemSelf, own_user
from desksync_admin_api.cases.orders import order_run
from desksync_admin_api.cases.people import set_state as set_state_of
from desksync_admin_api.cases.people import what_is_missing
from desksync_admin_api.cases.settings import ZONES, GoogleState, Standing, standing, token_of
from desksync_admin_api.doors import CalendarChoice
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FilledForm
from desksync_admin_api.pages.history_words import SIDES
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.settings import (
    DIRECTIONS,
    GOOGLE_STATES,
    form_of,
    save,
)
from desksync_admin_api.pages.sync_now import told_of_run
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.pages.words import OWN_STATES, STOP_REASONS, SYNC_STATES
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

HERE = "/sync"


@router.get(HERE)
def sync_settings(request: Request, caller: ThemSelf, web: TheWeb) -> Response:
    """Show the caller's own state and settings."""
    with web.reads() as session:
        now = standing(session, web, own_user(caller))
    return _shown(request, web, now, form_of(now.user), {})


@router.post(HERE)
def save_sync_settings(request: Request, caller: ThemSelf, web: TheWeb, filled: Filled) -> Response:
    """Save the settings. The calendar is tried at once; what is wrong is said beside its field, and the form is kept."""
    with web.reads() as session:
        now = standing(session, web, own_user(caller))
    wrong = save(web, caller, now.user, filled)
    if wrong:
        return _shown(request, web, now, filled, wrong)
    return go(request, HERE, Told(T("Saved. It takes effect with the next run.")))


@router.post("/sync/state")
def set_state(request: Request, caller: ThemSelf, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Set the own account to sync or to stopped."""
    user = standing(session, web, own_user(caller)).user
    wanted = next((state for state in SyncState if state.value == filled.text("sync_state")), None)
    if wanted is None:
        return go(request, HERE, Told(T("Please choose one of what is offered."), Tone.BAD))
    if wanted is SyncState.SYNC and (why := what_is_missing(user)) is not None:
        return go(request, HERE, Told(why, Tone.BAD))
    set_state_of(session, caller, web, user, wanted, by=StopReason.USER)
    return go(request, HERE, Told(T("Saved.")))


@router.post("/sync/now")
def sync_now(request: Request, caller: ThemSelf, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Order a run at once."""
    return go(request, HERE, told_of_run(order_run(session, web, caller, standing(session, web, own_user(caller)).user)))


def _shown(request: Request, web: Web, now: Standing, form: FilledForm, wrong: dict[str, Text]) -> Response:
    calendars, why = _calendars(web, now)
    user = now.user
    return page(
        request,
        "sync.html",
        422 if wrong else 200,
        standing=now,
        user=user,
        state=OWN_STATES[user.state],
        reason=None if user.stop_reason is None else STOP_REASONS[user.stop_reason],
        google=GOOGLE_STATES[now.google],
        calendars=calendars,
        calendars_why=why,
        form=form,
        wrong=wrong,
        directions=DIRECTIONS,
        zones=[(name, name) for name in ZONES],
        sync_states=SYNC_STATES,
        limit=web.options.error_limit,
        side_words=SIDES,
    )


def _calendars(web: Web, now: Standing) -> tuple[list[CalendarChoice], str]:
    """Return the calendars that can be chosen, or why they cannot be listed: the ID can be entered all the same."""
    if now.google is not GoogleState.DONE:
        return [], ""
    try:
        return [one for one in web.google.calendars(token_of(web, now.user)) if one.is_writable], ""
    except CalendarError as problem:
        return [], str(problem)
