"""管理者と監査者: who may look at everything, and who may change it. Local accounts are made at the command line."""

from enum import StrEnum

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store.accounts import has_administrator, list_accounts
from desksync.store.users import find_user, list_with_role, set_web_role
from desksync.store.web_states import WebRole
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FilledForm, FormModel, Line
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.pages.words import ROLES
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

PATH = "/admin/roles"


class Given(StrEnum):
    """What a user may be given."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    NONE = "none"


GIVEN: dict[Given, Text] = {
    Given.ADMINISTRATOR: ROLES[WebRole.ADMINISTRATOR],
    Given.AUDITOR: ROLES[WebRole.AUDITOR],
    Given.NONE: T("No role"),
}


class RoleForm(FormModel):
    """Who is given which role. `user` is a login ID or a NEO user ID."""

    user: Line = Field(min_length=1, max_length=200)
    role: Given


@router.get(PATH)
def roles(request: Request, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """List everybody who has a role."""
    return _page(request, caller, web, session, FilledForm({}), {})


@router.post(PATH)
def change_role(request: Request, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Give a user of NEO a role, or take it away. It holds with their next click."""
    wanted, wrong = filled.read(RoleForm)
    if wanted is None:
        return _page(request, caller, web, session, filled, wrong)
    user = find_user(session, wanted.user, web.now())
    if user is None or user.vanished_at is not None:
        return _page(request, caller, web, session, filled, {"user": T("NEO lists no such user.")})
    role = None if wanted.role is Given.NONE else WebRole(wanted.role.value)
    is_stepping_down = user.web_role is WebRole.ADMINISTRATOR and role is not WebRole.ADMINISTRATOR
    if is_stepping_down and not has_administrator(session, but=user.id):
        text = T("This is the only administrator. Make somebody else an administrator first.")
        return _page(request, caller, web, session, filled, {"": text})
    set_web_role(session, user.id, role)
    before, after = _shown(user.web_role), _shown(role)
    record(session, caller, Deed.ROLE_CHANGED, web.now(), about=about_user(user), before=before, after=after)
    return go(request, PATH, Told(T("The role of %(name)s is changed.", name=user.name)))


def _shown(role: WebRole | None) -> dict[str, str | None]:
    return {"role": None if role is None else role.value}


def _page(request: Request, caller: Caller, web: Web, session: Reading, filled: FilledForm, wrong: dict[str, Text]) -> Response:
    return page(
        request,
        "roles.html",
        422 if wrong else 200,
        accounts=list_accounts(session),
        users=list_with_role(session, web.now()),
        may_change=caller.is_administrator,
        form=filled,
        wrong=wrong,
        roles=ROLES,
        given=list(GIVEN.items()),
    )
