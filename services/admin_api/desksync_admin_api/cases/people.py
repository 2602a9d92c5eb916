"""Who may sync, and who does: changed one at a time, unless somebody else was faster, and written down."""

from sqlalchemy.orm import Session

from desksync.store.people import change_permission
from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.users import User, get_user, set_sync_state
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.errors import NotAllowed, NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.web import Web

DISABLED = T("Disabled by the administrator")


def the_user(session: Session, web: Web, user_id: int) -> User:
    """Return the user of that number. Raises `NotFound`."""
    user = get_user(session, user_id, web.now())
    if user is None:
        raise NotFound
    return user


def require_permitted(user: User) -> None:
    """Refuse what users may do with their own calendars to those whom the administrator has not permitted, or not any more."""
    if user.permission is not Permission.ENABLED:
        raise NotAllowed(DISABLED)


def permit(session: Session, caller: Caller, web: Web, user: User, was: Permission, to: Permission) -> bool:
    """Set the permission unless it is not what it was any more, write it down, and say whether that was done."""
    if not change_permission(session, user.id, was=was, to=to):
        return False
    values = {"before": {"permission": was.value}, "after": {"permission": to.value}}
    record(session, caller, Deed.PERMISSION_CHANGED, web.now(), about=about_user(user), **values)
    return True


def set_state(
    session: Session, caller: Caller, web: Web, user: User, to: SyncState, *, by: StopReason = StopReason.ADMINISTRATOR
) -> bool:
    """Set somebody's account to sync or stopped, write it down, and say whether that was a change. `by` is who stops it."""
    if not set_sync_state(session, user.id, to, web.now(), by=by):
        return False
    values = {"before": {"sync_state": user.sync_state.value}, "after": {"sync_state": to.value}}
    record(session, caller, Deed.SYNC_STATE_CHANGED, web.now(), about=about_user(user), **values)
    return True


def what_is_missing(user: User) -> Text | None:
    """Return what a user has to do before they can set their account to sync; `None` where nothing is missing."""
    if user.google_token is None:
        return T("Authenticate with Google first.")
    if user.settings.calendar_id is None:
        return T("Choose a calendar first.")
    return None
