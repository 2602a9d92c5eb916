"""The office that a stand-in starts with, as it is written in a JSON file.

```
{"site_key": "...",
 "users": [{"id": "84", "login_id": "10001", "name": "...", "password": "...", "access_key": "..."}],
 "facilities": [{"id": "9", "name": "..."}],
 "rights": [{"owner": "84", "viewer": "85", "view": "time", "add": false, "change": false, "delete": false}],
 "schedules": [{"otherto": ["84"], "startdate": "20261124", "starttime": "1000", "endtime": "1100", "detail": "..."}]}
```

A schedule has the fields of `insert_schedule`, and may have `sid`, `creator`, `mask` (`time` or `time_event`: every key sees so
much) and `readonly`. A viewer is a user's id, `*` for everybody else, or `site` for the site key.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from desksync_sandbox.neo.people import Grant, User

_CLOSED = ConfigDict(extra="forbid", frozen=True)


class SeedUser(BaseModel):
    """One user; leave `access_key` out for one who has none."""

    model_config = _CLOSED

    id: str = Field(pattern="^[0-9]+$")
    login_id: str
    name: str
    password: str = ""
    access_key: str = ""

    def value(self) -> User:
        """Return the user."""
        return User(self.id, self.login_id, self.name, self.password, self.access_key)


class SeedFacility(BaseModel):
    """One facility that can be reserved (設備)."""

    model_config = _CLOSED

    id: str
    name: str


class SeedGrant(BaseModel):
    """What one user lets another do."""

    model_config = _CLOSED

    owner: str
    viewer: str
    view: Literal["full", "time_event", "time", "none"] = "full"
    add: bool = False
    change: bool = False
    delete: bool = False

    def value(self) -> Grant:
        """Return the grant."""
        return Grant(self.view, add=self.add, change=self.change, delete=self.delete)


class SeedSchedule(BaseModel):
    """One schedule; every further key is a field of `insert_schedule`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str | list[str]]

    otherto: list[str] = Field(min_length=1)
    sid: str = Field(default="", pattern="^[0-9]*$")
    creator: str = ""
    mask: Literal["", "time", "time_event"] = ""
    readonly: bool = False

    def fields(self) -> dict[str, str | list[str]]:
        """Return what `insert_schedule` would be sent."""
        return {"otherto": self.otherto, **self.__pydantic_extra__}


class Seed(BaseModel):
    """The whole office."""

    model_config = _CLOSED

    site_key: str = ""
    users: list[SeedUser] = Field(default_factory=list)
    facilities: list[SeedFacility] = Field(default_factory=list)
    rights: list[SeedGrant] = Field(default_factory=list)
    schedules: list[SeedSchedule] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ids_and_keys_are_unique(self) -> "Seed":
        keys = [user.access_key for user in self.users if user.access_key] + [self.site_key] * bool(self.site_key)
        for what, values in (
            ("user ids", [user.id for user in self.users]),
            ("login ids", [user.login_id for user in self.users]),
            ("access keys", keys),
            ("facility ids", [facility.id for facility in self.facilities]),
            ("schedule ids", [schedule.sid for schedule in self.schedules if schedule.sid]),
        ):
            if len(set(values)) != len(values):
                raise ValueError(f"Two {what} of the seed are the same.")
        return self
