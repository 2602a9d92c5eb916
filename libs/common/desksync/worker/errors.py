"""The four kinds of error that cross the `Calendar` port, named by what is done next. Nothing else crosses it.

Texts are for administrators and users: what happened and what to do; never a token, a password or an event title.
"""

from datetime import timedelta
from enum import StrEnum


class CalendarError(Exception):
    """What went wrong on one side. `str()` is a sentence for the history."""


class RetryLater(CalendarError):
    """The side cannot answer now: 429, 5xx, rate limit, timeout, lock.

    `after` is what the server asked for. `is_fault` is false for waiting that is nobody's fault (pacing, rate limits,
    NEO's 429): such waiting is no error row and does not count towards the automatic stop.
    """

    def __init__(self, why: str, *, after: timedelta | None = None, is_fault: bool = True) -> None:
        super().__init__(why)
        self.after = after
        self.is_fault = is_fault


class Reason(StrEnum):
    """Why a person has to act."""

    CONSENT_DEAD = "consent_dead"
    KEY_REFUSED = "key_refused"
    NO_ACCESS = "no_access"
    CALENDAR_NOT_FOUND = "calendar_not_found"
    DIRECTORY_OFF = "directory_off"


class UserMustAct(CalendarError):
    """Only a person can mend this: dead consent, refused key, no access to the calendar, wrong calendar ID."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason


class EventRefused(CalendarError):
    """This one event cannot be written. It is noted once and left alone until it changes; the rest goes on.

    `is_stale` is true when it changed on that side meanwhile (HTTP 412, or gone): no error, the next run decides anew.
    """

    def __init__(self, why: str, *, is_stale: bool = False) -> None:
        super().__init__(why)
        self.is_stale = is_stale


class SideUnreadable(CalendarError):
    """The side answered something that is no calendar: a login or maintenance page, half a list. The run ends."""
