"""How one person's sync stands, and how their settings are changed. The same for the person and for administrators."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from desksync.ops.secrets import SecretsError
from desksync.store.errands import Errand, newest_errand
from desksync.store.errors import count_errors
from desksync.store.held import Held, list_waiting
from desksync.store.runs import Run, list_runs
from desksync.store.states import StopReason
from desksync.store.users import CalendarTaken, Settings, User, save_calendar_zone, save_settings
from desksync.store.web_states import ErrandKind
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync.worker.errors import CalendarError, Reason, UserMustAct
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.doors import CalendarChoice
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.web import Web

ZONES = sorted(available_timezones())

UNKNOWN_ZONE = T("This time zone is not known. Choose one of the list.")
NO_ALIAS = T("Enter the calendar's own ID: 'primary' means another calendar in every account.")
SAVED_MEANWHILE = T("These settings were saved by somebody else meanwhile. Load the page again, and look at them first.")


def is_alias(calendar_id: str) -> bool:
    """Say whether that is no calendar's own ID but Google's word for everybody's first one."""
    return calendar_id.lower() == "primary"


class GoogleState(StrEnum):
    """How the Google authentication stands."""

    NONE = "none"
    DONE = "done"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one person's sync stands. `next_at` is `None` for who does not sync, `held` where no deletions wait.

    `preview` is the newest one, for as long as it is kept.
    """

    user: User
    google: GoogleState
    errors: int
    last: Run | None
    next_at: datetime | None
    held: Held | None
    preview: Errand | None


def standing(session: Session, web: Web, user_id: int) -> Standing:
    """Return how the sync of a person stands. Raises `NotFound`."""
    user = the_user(session, web, user_id)
    runs, waiting = list_runs(session, user.id, 1), list_waiting(session, user.id)
    return Standing(
        user=user,
        google=google_state(user),
        errors=count_errors(session, user.id, web.now() - web.options.error_period),
        last=runs[0] if runs else None,
        next_at=user.next_due_at if user.may_run else None,
        held=waiting[0] if waiting else None,
        preview=newest_errand(session, ErrandKind.PREVIEW, user.id),
    )


def google_state(user: User) -> GoogleState:
    """Return how the Google authentication of a user stands, as far as the last run knows."""
    if user.google_token is None:
        return GoogleState.NONE
    return GoogleState.AGAIN if user.stop_reason is StopReason.CONSENT else GoogleState.DONE


def change_settings(web: Web, caller: Caller, user: User, after: Settings) -> dict[str, Text]:
    """Try the calendar and save the settings, and return what is wrong with which field, "" for all; nothing is saved then.

    No transaction is open while Google is asked. `user` is who was looked at when the change was decided on: settings that were
    saved since are left.
    """
    calendar, why = (None, None) if after.calendar_id is None else tried(web, user, after.calendar_id)
    if why is not None:
        return {"calendar_id": why}
    if after == user.settings:
        return {}
    with web.begin() as session:
        if the_user(session, web, user.id).settings_version != user.settings_version:
            return {"": SAVED_MEANWHILE}
        try:
            save_settings(session, user.id, after)
        except CalendarTaken:
            return {"calendar_id": T("Another user syncs this Google calendar already. Choose another calendar.")}
        save_calendar_zone(session, user.id, None if calendar is None else calendar.zone)
        values = {"before": _values(user.settings), "after": _values(after)}
        record(session, caller, Deed.SETTINGS_CHANGED, web.now(), about=about_user(user), **values)
    return {}


def tried(web: Web, user: User, calendar_id: str) -> tuple[CalendarChoice | None, Text | None]:
    """Ask Google for the calendar, and return it, or why it cannot be used.

    Without consent nothing can be asked: it is then tried by the first run.
    """
    if user.google_token is None:
        return None, None
    try:
        calendar = web.google.try_calendar(token_of(web, user), calendar_id)
    except UserMustAct as problem:
        if problem.reason is Reason.CONSENT_DEAD:
            return None, T("The Google authentication is no longer valid. Authenticate first, then choose the calendar.")
        return None, T("The authenticated Google account has no such calendar. Check the calendar ID, and who may see it.")
    except CalendarError as problem:
        return None, T("Google could not be asked for this calendar. Try again later. (%(why)s)", why=str(problem))
    if not calendar.is_writable:
        return None, T("The authenticated Google account may only look at this calendar. It needs the right to change events.")
    return calendar, None


def token_of(web: Web, user: User) -> str:
    """Return the user's refresh token, opened. Raises `UserMustAct` for one that was sealed with a key that is not there."""
    if user.google_token is None:
        raise NotFound
    try:
        return web.cipher.open(user.google_token, purpose=GOOGLE_TOKEN, user_id=user.id)
    except SecretsError as problem:
        why = "The authentication that is kept cannot be opened with the keys of this installation. Please authenticate again."
        raise UserMustAct(Reason.CONSENT_DEAD, why) from problem


def _values(settings: Settings) -> dict[str, object]:
    return {
        "calendar_id": settings.calendar_id,
        "time_zone": settings.time_zone,
        "direction": settings.direction.value,
        "shows_attendance": settings.shows_attendance,
    }
