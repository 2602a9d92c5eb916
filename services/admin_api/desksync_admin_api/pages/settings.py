"""One person's sync settings as a form. The same for the person and for administrators."""

from pydantic import Field, field_validator

from desksync.store.users import Settings, User
from desksync.sync.policy import Direction
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.cases.settings import (
    NO_ALIAS,
    SAVED_MEANWHILE,
    UNKNOWN_ZONE,
    ZONES,
    GoogleState,
    change_settings,
    is_alias,
)
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import FieldError, FilledForm, FormModel
from desksync_admin_api.web import Web

DIRECTIONS = (
    (Direction.BOTH, T("Both ways")),
    (Direction.NEO_TO_GOOGLE, T("From desknet's NEO to Google only")),
    (Direction.GOOGLE_TO_NEO, T("From Google to desknet's NEO only")),
)


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
            raise FieldError(UNKNOWN_ZONE)
        return value

    @field_validator("calendar_id")
    @classmethod
    def _is_own_address(cls, value: str) -> str:
        if is_alias(value):
            raise FieldError(NO_ALIAS)
        return value


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
        return {"": SAVED_MEANWHILE}
    return change_settings(
        web, caller, user, Settings(wanted.calendar_id or None, wanted.time_zone, wanted.direction, wanted.shows_attendance)
    )
