"""One person's sync settings: what is shown of them, and how they are saved. The same for the person and for administrators."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import available_timezones

from pydantic import Field, field_validator
from sqlalchemy.orm import Session

from desksync.ops.secrets import SecretsError
from desksync.store.errands import Errand, newest_errand
from desksync.store.errors import count_errors
from desksync.store.held import Held, list_waiting
from desksync.store.runs import Run, list_runs
from desksync.store.states import StopReason
from desksync.store.users import CalendarTaken, Settings, User, get_user, save_calendar_zone, save_settings
from desksync.store.web_states import ErrandKind
from desksync.sync.policy import Direction
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync.worker.errors import CalendarError, Reason, UserMustAct
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.doors import CalendarChoice
from desksync_admin_api.errors import NotFound
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import FieldError, FilledForm, FormModel
from desksync_admin_api.web import Web

ZONES = sorted(available_timezones())

DIRECTIONS = (
    (Direction.BOTH, T("Both ways")),
    (Direction.NEO_TO_GOOGLE, T("From desknet's NEO to Google only")),
    (Direction.GOOGLE_TO_NEO, T("From Google to desknet's NEO only")),
)


class GoogleState(StrEnum):
    """How the Google authentication stands."""

    NONE = "none"
    DONE = "done"
    AGAIN = "again"


GOOGLE_STATES: dict[GoogleState, Text] = {
    GoogleState.NONE: T("Not authenticated"),
    GoogleState.DONE: T("Authenticated"),
    GoogleState.AGAIN: T("Authenticated - authentication is needed again"),
}


class SettingsForm(FormModel):
    """What can be changed."""

    calendar_id: str = Field(max_length=300)
    direction: Direction
    time_zone: str
    shows_attendance: bool = False

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in ZONES:
            raise FieldError(T("This time zone is not known. Choose one of the list."))
        return value

    @field_validator("calendar_id")
    @classmethod
    def _is_own_address(cls, value: str) -> str:
        if value.lower() == "primary":
            raise FieldError(T("Enter the calendar's own ID: 'primary' means another calendar in every account."))
        return value


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
    user = get_user(session, user_id, web.now())
    if user is None:
        raise NotFound
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


def form_of(user: User) -> FilledForm:
    """Return the form filled with what is saved."""
    settings = user.settings
    return FilledForm(
        {
            "calendar_id": settings.calendar_id or "",
            "direction": settings.direction.value,
            "time_zone": settings.time_zone,
            "shows_attendance": "yes" if settings.shows_attendance else "",
            "version": str(user.settings_version),
        }
    )


def save(web: Web, caller: Caller, user: User, filled: FilledForm) -> dict[str, Text]:
    """Try the calendar and save the settings, and return what is wrong with which field; nothing is saved then.

    No transaction is open while Google is asked. Whoever has saved other settings since the form was loaded wins.
    """
    wanted, wrong = filled.read(SettingsForm)
    if wanted is None:
        return wrong
    if filled.text("version") != str(user.settings_version):
        return {"": T("These settings were saved by somebody else meanwhile. Load the page again, and look at them first.")}
    calendar_id = wanted.calendar_id or None
    calendar, why = (None, None) if calendar_id is None else tried(web, user, calendar_id)
    if why is not None:
        return {"calendar_id": why}
    after = Settings(calendar_id, wanted.time_zone, wanted.direction, wanted.shows_attendance)
    if after == user.settings:
        return {}
    with web.begin() as session:
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
