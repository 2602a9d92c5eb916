"""Lets people in: users of NEO by NEO's own login call, administrators by the password of a local account."""

from sqlalchemy.orm import Session

from desksync.store import accounts
from desksync.store.audit import Party
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.users import User, find_user
from desksync.store.web_sessions import Holder
from desksync.store.web_states import SignInWay
from desksync_admin_api.access.audit import NOTHING, Deed, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.passwords import hash_password, is_password, needs_new_hash
from desksync_admin_api.access.throttle import attempt
from desksync_admin_api.web import Web


def neo_user(web: Web, visitor: Caller, login_id: str, password: str) -> Holder | None:
    """Return the user of NEO who that is, `None` when NEO does not know the two.

    Somebody whom the list of users does not hold yet is added, disabled as everybody new. Raises `TooManyAttempts`, and the
    kinds of `desksync.worker.errors` when NEO cannot answer.
    """
    with attempt(web, SignInWay.NEO, login_id, visitor.address) as trying:
        person = web.neo.who_is(login_id, password)
        trying.succeeded = person is not None
    with web.begin() as session:
        if person is None:
            note_failure(session, web, visitor, SignInWay.NEO)
            return None
        listed = ListedUser(person.neo_user_id, login_id, person.name)
        sync_directory(session, [listed], web.now(), time_zone=web.options.time_zone, is_whole=False)
        user: User | None = find_user(session, person.neo_user_id, web.now())
        return None if user is None else Holder(user_id=user.id)


def local_account(web: Web, visitor: Caller, name: str, password: str) -> Holder | None:
    """Return the local account that is, `None` when name and password do not belong together or it is shut out."""
    with attempt(web, SignInWay.LOCAL, name, visitor.address) as trying:
        with web.reads() as session:
            found = accounts.find_account(session, name)
        is_right = is_password(None if found is None or not found.is_active else found.password_hash, password)
        trying.succeeded = is_right
    if found is None or not is_right:
        about = NOTHING if found is None else Party("account", str(found.id), found.name)
        with web.begin() as session:
            note_failure(session, web, visitor, SignInWay.LOCAL, about)
        return None
    new_hash = hash_password(password) if needs_new_hash(found.password_hash) else None
    with web.begin() as session:
        accounts.note_sign_in(session, found.id, web.now(), new_hash=new_hash)
    return Holder(account_id=found.id)


def note_failure(session: Session, web: Web, visitor: Caller, way: SignInWay, about: Party = NOTHING) -> None:
    """Write down that somebody failed. What they typed is not kept: people type passwords into the wrong field."""
    record(session, visitor, Deed.SIGN_IN_FAILED, web.now(), about=about, after={"way": way.value})
