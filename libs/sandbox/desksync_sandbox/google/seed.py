"""The seed file: accounts, calendars and events with which the stand-in begins, and begins again after a reset.

```json
{
  "oauth": {"client_id": "...", "client_secret": "...", "redirect_uris": ["http://127.0.0.1:8000/google/callback"]},
  "accounts": [
    {
      "email": "hanako@example.jp",
      "name": "山田 花子",
      "refresh_tokens": ["1//hanako"],
      "scopes": ["https://www.googleapis.com/auth/calendar.events"],
      "calendars": [
        {"id": "hanako@example.jp", "summary": "hanako@example.jp", "timeZone": "Asia/Tokyo", "accessRole": "owner",
         "events": [{"id": "meeting01", "summary": "会議", "start": {"dateTime": "2026-11-24T10:00:00+09:00"},
                     "end": {"dateTime": "2026-11-24T11:00:00+09:00"}}]}
      ]
    }
  ]
}
```

Only `email` is needed. Without `redirect_uris` every absolute address is allowed; without `scopes` the tokens may do everything.
An account without a calendar of its own id gets one (its primary calendar, Asia/Tokyo). The same calendar id under a second
account is the same calendar, shared with that `accessRole`. Events are Calendar API event resources, read-only fields such as
`organizer` included; one with `recurringEventId` and `originalStartTime` is an exception of a series earlier in the list.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from desksync_sandbox.google.times import zone_of

Role = Literal["freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"]


def _known_zone(name: str) -> str:
    if zone_of(name) is None:
        raise ValueError(f"{name!r} is no zone of the tz database, such as Asia/Tokyo")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class CalendarSeed(_Strict):
    """A calendar in an account's list."""

    id: str
    summary: str | None = None
    description: str = ""
    location: str = ""
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(default="Asia/Tokyo", alias="timeZone")
    access_role: Role = Field(default="owner", alias="accessRole")
    color_id: str = Field(default="14", alias="colorId")
    hidden: bool = False
    default_reminders: list[dict[str, Any]] = Field(default_factory=list, alias="defaultReminders")
    events: list[dict[str, Any]] = Field(default_factory=list)


class AccountSeed(_Strict):
    """A Google account."""

    email: str
    name: str = ""
    refresh_tokens: list[str] = Field(default_factory=list)
    scopes: list[str] = Field(default_factory=lambda: ["https://www.googleapis.com/auth/calendar"])
    calendars: list[CalendarSeed] = Field(default_factory=list)


class OAuthSeed(_Strict):
    """The OAuth client that the stand-in knows."""

    client_id: str = "desksync-demo.apps.googleusercontent.com"
    client_secret: str = "demo-secret"  # noqa: S105 - the stand-in's own, worth nothing
    redirect_uris: list[str] | None = None


class Seed(_Strict):
    """The whole file."""

    oauth: OAuthSeed = OAuthSeed()
    accounts: list[AccountSeed] = Field(default_factory=list)


EMPTY: dict[str, Any] = {"accounts": [{"email": "hanako@example.jp", "name": "山田 花子", "refresh_tokens": ["1//hanako"]}]}
"""What the stand-in begins with when it is given nothing: one account with an empty calendar."""
