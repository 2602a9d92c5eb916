"""A user's sync settings: which calendar, which way, in which time zone. Consent at Google is the user's alone, on a page."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, field_validator

from desksync.store.users import Settings, User
from desksync.sync.policy import Direction
from desksync_admin_api.api.etags import IfMatch, etag_of_settings, require_match
from desksync_admin_api.api.models import Line, Sent
from desksync_admin_api.api.problems import problems
from desksync_admin_api.api.reach import Acting, Seeing
from desksync_admin_api.cases.people import the_user
from desksync_admin_api.cases.settings import NO_ALIAS, UNKNOWN_ZONE, ZONES, change_settings, is_alias
from desksync_admin_api.errors import Invalid, NotAllowed, NotFound, NotSignedIn, PreconditionFailed, PreconditionMissing
from desksync_admin_api.ids import UserId
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb

router = APIRouter(prefix="/api/v1/users/{user_id}/settings", tags=["settings"])

_CALENDAR = "c_1a2b@group.calendar.google.com"


class SettingsView(BaseModel):
    """What is saved. `calendar_zone` is the time zone that the Google calendar itself has, as far as that is known."""

    calendar_id: str | None = Field(examples=[_CALENDAR])
    direction: Direction = Field(examples=["both"])
    time_zone: str = Field(examples=["Asia/Tokyo"])
    shows_attendance: bool = Field(examples=[True])
    calendar_zone: str | None = Field(examples=["Asia/Tokyo"])


class NewSettings(Sent):
    """All that can be set: what is replaced is the whole."""

    calendar_id: Line | None = Field(
        min_length=1, max_length=300, description="The calendar's own ID, never `primary`.", examples=[_CALENDAR]
    )
    direction: Direction = Field(strict=False, examples=["both"])
    time_zone: str = Field(description="An IANA name.", examples=["Asia/Tokyo"])
    shows_attendance: bool = Field(description="Whether participants and facilities are written to Google.", examples=[True])

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in ZONES:
            raise ValueError(UNKNOWN_ZONE.singular)
        return value

    @field_validator("calendar_id")
    @classmethod
    def _is_own_address(cls, value: str | None) -> str | None:
        if value is not None and is_alias(value):
            raise ValueError(NO_ALIAS.singular)
        return value


@router.get("", responses=problems(NotSignedIn, NotFound, Invalid))
def settings(user_id: UserId, _caller: Seeing, web: TheWeb, session: Reading, response: Response) -> SettingsView:
    """Show a user's settings. The ETag is their version."""
    return _shown(the_user(session, web, user_id), response)


@router.put("", responses=problems(NotSignedIn, NotAllowed, NotFound, PreconditionFailed, PreconditionMissing, Invalid))
def replace(
    user_id: UserId, caller: Acting, web: TheWeb, wanted: NewSettings, response: Response, if_match: IfMatch = None
) -> SettingsView:
    """Replace a user's settings. Google is asked for the calendar before anything is saved."""
    with web.reads() as session:
        user = the_user(session, web, user_id)
    require_match(if_match, etag_of_settings(user))
    after = Settings(wanted.calendar_id, wanted.time_zone, wanted.direction, wanted.shows_attendance)
    wrong = change_settings(web, caller, user, after)
    if "" in wrong:
        raise PreconditionFailed
    if wrong:
        raise Invalid(fields={f"body.{name}": text for name, text in wrong.items()})
    with web.reads() as session:
        return _shown(the_user(session, web, user_id), response)


def _shown(user: User, response: Response) -> SettingsView:
    response.headers["etag"] = etag_of_settings(user)
    saved = user.settings
    return SettingsView(
        calendar_id=saved.calendar_id,
        direction=saved.direction,
        time_zone=saved.time_zone,
        shows_attendance=saved.shows_attendance,
        calendar_zone=user.calendar_zone,
    )
