"""ユーザー同期設定: somebody's sync settings as an administrator sees and changes them. Consent is the user's alone."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.states import Permission, SyncState
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.cases.orders import order_run
from desksync_admin_api.cases.people import permit
from desksync_admin_api.cases.people import set_state as set_state_of
from desksync_admin_api.cases.settings import ZONES, Standing, standing
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FilledForm
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.people import HERE
from desksync_admin_api.pages.settings import DIRECTIONS, GOOGLE_STATES, form_of, save
from desksync_admin_api.pages.sync_now import told_of_run
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.pages.words import PERMISSIONS, STATES, STOP_REASONS, SYNC_STATES
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

PERSON = HERE + "/{user_id}"
CONSENT_PATH = "/sync"
"""Where users consent; the link that an administrator can send."""


@router.get(PERSON)
def person(request: Request, user_id: int, caller: Watching, web: TheWeb) -> Response:
    """Show somebody's state and settings."""
    with web.reads() as session:
        now = standing(session, web, user_id)
    return _shown(request, web, caller, now, form_of(now.user), {})


@router.post(PERSON)
def save_person(request: Request, user_id: int, caller: Administrating, web: TheWeb, filled: Filled) -> Response:
    """Save somebody's settings. What is wrong is said beside its field, and the form is kept."""
    with web.reads() as session:
        now = standing(session, web, user_id)
    wrong = save(web, caller, now.user, filled)
    if wrong:
        return _shown(request, web, caller, now, filled, wrong)
    return go(request, f"{HERE}/{user_id}", Told(T("Saved. It takes effect with the next run.")))


@router.post(f"{PERSON}/state")
def set_state(request: Request, user_id: int, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Set permission and sync state."""
    user = standing(session, web, user_id).user
    permission = next((one for one in Permission if one.value == filled.text("permission")), None)
    state = next((one for one in SyncState if one.value == filled.text("sync_state")), None)
    there = f"{HERE}/{user_id}"
    if permission is None or state is None:
        return go(request, there, Told(T("Please choose one of what is offered."), Tone.BAD))
    if filled.text("was") != f"{user.permission}/{user.sync_state}":
        return go(
            request, there, Told(T("Somebody else has changed this meanwhile. Nothing was changed; look at it again."), Tone.BAD)
        )
    if permission is not user.permission:
        permit(session, caller, web, user, user.permission, permission)
    if state is not user.sync_state:
        set_state_of(session, caller, web, user, state)
    return go(request, there, Told(T("Saved.")))


@router.post(f"{PERSON}/now")
def sync_now(request: Request, user_id: int, caller: Administrating, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Order a run at once."""
    return go(request, f"{HERE}/{user_id}", told_of_run(order_run(session, web, caller, standing(session, web, user_id).user)))


def _shown(request: Request, web: Web, caller: Caller, now: Standing, form: FilledForm, wrong: dict[str, Text]) -> Response:
    user = now.user
    return page(
        request,
        "person.html",
        422 if wrong else 200,
        standing=now,
        user=user,
        state=STATES[user.state],
        reason=None if user.stop_reason is None else STOP_REASONS[user.stop_reason],
        google=GOOGLE_STATES[now.google],
        form=form,
        wrong=wrong,
        directions=DIRECTIONS,
        zones=[(name, name) for name in ZONES],
        sync_states=SYNC_STATES,
        permissions=PERMISSIONS,
        limit=web.options.error_limit,
        consent_link=f"{web.options.public_url}{CONSENT_PATH}",
        may_change=caller.is_administrator,
    )
