"""パスワードの変更: a local account's own password."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store import accounts, web_sessions
from desksync.store.audit import Party
from desksync.store.web_states import SignInWay
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller, CallerKind
from desksync_admin_api.access.gate import SignedIn
from desksync_admin_api.access.passwords import LONGEST, SHORTEST, hash_password, is_password, weakness
from desksync_admin_api.access.sessions import begin_session
from desksync_admin_api.access.throttle import attempt
from desksync_admin_api.errors import NotFound, TooManyAttempts
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import Filled, FormModel, Password
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

PATH = "/account/password"


class PasswordForm(FormModel):
    """The password until now and the new one. How good the new one is is judged afterwards."""

    old: Password = Field(min_length=1, max_length=LONGEST)
    new: Password = Field(min_length=1, max_length=LONGEST)
    again: Password = Field(min_length=1, max_length=LONGEST)


@router.get(PATH)
def password_page(request: Request, caller: SignedIn) -> Response:
    """Show the form."""
    _require_account(caller)
    return _page(request, {})


@router.post(PATH)
def change_password(request: Request, caller: SignedIn, web: TheWeb, filled: Filled) -> Response:
    """Change the password, and end every session of the account but this one, which begins anew."""
    name = _require_account(caller)
    wanted, wrong = filled.read(PasswordForm)
    if wanted is None:
        return _page(request, wrong, 422)
    weak = weakness(wanted.new, name)
    if weak is not None:
        return _page(request, {"new": weak}, 422)
    if wanted.new != wanted.again:
        return _page(request, {"again": T("The two are not the same.")}, 422)
    try:
        with attempt(web, SignInWay.LOCAL, name, caller.address) as trying:
            with web.reads() as session:
                found = accounts.find_account(session, name)
            trying.succeeded = found is not None and is_password(found.password_hash, wanted.old)
    except TooManyAttempts as refused:
        return _page(request, {"": refused.detail}, 429)
    if found is None or not trying.succeeded:
        return _page(request, {"old": T("This is not your password.")}, 422)
    new_hash = hash_password(wanted.new)
    response = go(request, "/account", Told(T("Your password is changed. You are signed out everywhere else.")))
    with web.begin() as session:
        accounts.change_password(session, name, new_hash, web.now())
        holder = web_sessions.Holder(account_id=found.id)
        way = SignInWay.LOCAL if caller.session is None else caller.session.way
        begin_session(session, web, request, response, holder, way)
        record(session, caller, Deed.ACCOUNT_PASSWORD, web.now(), about=Party("account", str(found.id), name))
    return response


def _require_account(caller: Caller) -> str:
    """Return the name of the caller's local account. Everybody else has their password elsewhere."""
    if caller.kind is not CallerKind.ACCOUNT:
        raise NotFound
    return caller.name


def _page(request: Request, wrong: dict[str, Text], status: int = 200) -> Response:
    return page(request, "password.html", status, wrong=wrong, shortest=SHORTEST)
