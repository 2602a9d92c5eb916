"""アクセスキー: a user's own NEO access key, for sites without one key for everybody. Tried at NEO before it is kept."""

from fastapi import APIRouter, Request
from pydantic import Field, field_validator
from starlette.responses import Response

from desksync.store import users
from desksync.store.users import User
from desksync.worker.accounts import NEO_KEY
from desksync.worker.errors import CalendarError, Reason, UserMustAct
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import ThemSelf, own_user
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import FieldError, Filled, FormModel, Line
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.told import Told
from desksync_admin_api.transactions import Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

PATH = "/account/neo-key"


class KeyForm(FormModel):
    """A key that was pasted."""

    key: Line = Field(min_length=1, max_length=500)

    @field_validator("key")
    @classmethod
    def _has_a_keys_letters(cls, key: str) -> str:
        if not key.isascii() or not key.isprintable() or " " in key:
            raise FieldError(T("This holds signs that no access key has. Copy the key alone."))
        return key


@router.get(PATH)
def neo_key_page(request: Request, caller: ThemSelf, web: TheWeb) -> Response:
    """Show whether there is a key. The key itself is never shown again."""
    return _page(request, _user(web, caller), web, {})


@router.post(PATH)
def save_neo_key(request: Request, caller: ThemSelf, web: TheWeb, filled: Filled) -> Response:
    """Try the key at NEO, and keep it sealed if NEO takes it."""
    user = _user(web, caller)
    wanted, wrong = filled.read(KeyForm)
    if wanted is None:
        return _page(request, user, web, wrong, 422)
    try:
        web.neo.try_key(user.neo_user_id, wanted.key)
    except UserMustAct as refused:
        return _page(request, user, web, {"key": _words(refused)}, 422)
    except CalendarError as problem:
        text = T("NEO cannot say at the moment whether this key is right, so it was not saved: %(why)s", why=str(problem))
        return _page(request, user, web, {"": text}, 502)
    sealed = web.cipher.seal(wanted.key, purpose=NEO_KEY, user_id=user.id)
    with web.begin() as session:
        users.save_neo_key(session, user.id, sealed)
        before, after = {"own key": user.neo_key is not None}, {"own key": True}
        record(session, caller, Deed.NEO_KEY_SAVED, web.now(), about=about_user(user), before=before, after=after)
    return go(request, PATH, Told(T("NEO takes this access key. It is saved, and used from the next sync on.")))


@router.post(f"{PATH}/remove")
def remove_neo_key(request: Request, caller: ThemSelf, web: TheWeb, session: Writing, _filled: Filled) -> Response:
    """Forget the key."""
    user = users.get_user(session, own_user(caller), web.now())
    if user is None:
        raise NotFound
    if user.neo_key is not None:
        users.save_neo_key(session, user.id, None)
        record(session, caller, Deed.NEO_KEY_REMOVED, web.now(), about=about_user(user))
    return go(request, PATH, Told(T("The access key is removed.")))


def _user(web: Web, caller: Caller) -> User:
    with web.reads() as session:
        user = users.get_user(session, own_user(caller), web.now())
    if user is None:
        raise NotFound
    return user


def _words(refused: UserMustAct) -> Text:
    if refused.reason is Reason.NO_ACCESS:
        return T("This key cannot open your schedule in NEO. Is it somebody else's?")
    return T("NEO refuses this access key. Issue a new one in NEO (アクセスキー設定) and paste it here.")


def _page(request: Request, user: User, web: Web, wrong: dict[str, Text], status: int = 200) -> Response:
    has_key, has_site_key = user.neo_key is not None, web.neo.has_site_key
    return page(request, "neo_key.html", status, wrong=wrong, has_key=has_key, has_site_key=has_site_key)
