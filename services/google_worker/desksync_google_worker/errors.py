"""What a refusal of Google means: one table from status and reason to the four error kinds. Must not send anything.

Sources: Google's guides "Handle API errors" and "Manage quotas", and the token errors of "Using OAuth 2.0".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from desksync.worker.errors import CalendarError, EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct

LONG_PAUSE = timedelta(hours=1)
"""How long a user's calendar is left alone after "Calendar usage limits exceeded."; Google keeps it read-only for hours."""

_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_EXPIRED_TOKEN = frozenset({"fullSyncRequired", "updatedMinTooLongAgo"})
_WHOLE_CALENDAR = frozenset({"requiredAccessLevel", "insufficientPermissions"})
_NOT_SET_UP = frozenset({"accessNotConfigured"})
_OWN_CREDENTIALS = frozenset(
    {"invalid_client", "unauthorized_client", "deleted_client", "invalid_request", "unsupported_grant_type"}
)
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer of the Calendar API. `reason` and `location` are those of its first error, or empty."""

    status: int
    reason: str
    message: str
    location: str
    after: timedelta | None

    @property
    def is_expired_token(self) -> bool:
        """Say that the sync token is of no use any more, so that everything has to be read again."""
        return self.reason in _EXPIRED_TOKEN or (self.status == HTTPStatus.BAD_REQUEST and self.location == "syncToken")

    @property
    def is_gone(self) -> bool:
        """Say that the event does not exist (any more)."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) and not self.is_expired_token

    @property
    def is_outdated(self) -> bool:
        """Say that the event has another etag than the one that was named."""
        return self.status == HTTPStatus.PRECONDITION_FAILED


class Refused(Exception):
    """Google said no, and what that means depends on what was asked. Never leaves this package."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.reason}")
        self.refusal = refusal


def refusal_of(status: int, content: bytes, retry_after: str | None, now: datetime) -> Refusal:
    """Read an error answer. One that is not Google's JSON raises what it means, `RetryLater` or `SideUnreadable`."""
    after = asked_pause(retry_after, now)
    error = _json(content).get("error")
    if not isinstance(error, Mapping):
        raise unreadable(status, after)
    details = error.get("errors")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], Mapping) else {}
    return Refusal(
        status=status,
        reason=str(first.get("reason", "")),
        message=str(error.get("message", ""))[:_LONGEST_MESSAGE],
        location=str(first.get("location", "")),
        after=after,
    )


def unreadable(status: int, after: timedelta | None = None) -> CalendarError:
    """Return what an answer means that is no JSON: a server in trouble, or something that is not Google's API at all."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return server_error(status, "", after)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater("Google asks to wait.", after=after, is_fault=False)
    return SideUnreadable(
        f"Google's address answered {status} with a page instead of calendar data. Check the proxy and the API URL."
    )


def server_error(status: int, message: str, after: timedelta | None = None) -> RetryLater:
    """Return Google's own failure, in the words of the product's manual."""
    return RetryLater(f"Google Server Error {status} {message}".rstrip(), after=after)


def unreachable(error: Exception) -> RetryLater:
    """Return a connection that could not be made, broke or timed out. Only its kind is told: texts may hold addresses."""
    return RetryLater(
        f"Google Server Error: no answer ({type(error).__name__}). It is tried again by itself. Where it lasts, the network "
        "or a proxy between does not let us through."
    )


def meaning_anywhere(refusal: Refusal) -> CalendarError | None:
    """Return what the refusal means whatever was asked, or `None` where that matters."""
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return server_error(refusal.status, refusal.message, refusal.after)
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS or refusal.reason in _RATE:
        return RetryLater("Google asks to wait: too many requests.", after=refusal.after, is_fault=False)
    if refusal.reason in _QUOTA:
        pause = max(LONG_PAUSE, refusal.after or LONG_PAUSE)
        return RetryLater("Google's usage limits for this account are exceeded.", after=pause, is_fault=False)
    if refusal.reason in _NOT_SET_UP:
        return UserMustAct(Reason.KEY_REFUSED, "The Google Calendar API is not enabled in the Google Cloud project of DeskSync.")
    return _no_access() if refusal.reason in _WHOLE_CALENDAR else None


def meaning_for_calendar(refusal: Refusal) -> CalendarError:
    """Return what the refusal means when the calendar as a whole was asked for: a list, or a new event."""
    match refusal.status:
        case HTTPStatus.UNAUTHORIZED:
            return consent_dead()
        case HTTPStatus.FORBIDDEN:
            return _no_access()
        case HTTPStatus.NOT_FOUND:
            return UserMustAct(
                Reason.CALENDAR_NOT_FOUND,
                "Google has no such calendar, or this account cannot see it. Check the calendar ID in the settings.",
            )
        case _:
            return SideUnreadable(f"Google refused to list the calendar ({_words(refusal)}).")


def meaning_for_event(refusal: Refusal) -> EventRefused:
    """Return what the refusal means when one event was to be written."""
    stale = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE, HTTPStatus.PRECONDITION_FAILED)
    if refusal.status in stale:
        return EventRefused("The event was changed or deleted on Google meanwhile.", is_stale=True)
    return EventRefused(f"Google does not accept this event ({_words(refusal)}).")


def meaning_of_token_answer(status: int, content: bytes, retry_after: str | None, now: datetime) -> CalendarError:
    """Return what it means that the token endpoint gave no token."""
    after = asked_pause(retry_after, now)
    error = _json(content).get("error")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not isinstance(error, str):
        return unreadable(status, after)
    if status == HTTPStatus.TOO_MANY_REQUESTS or error in _RATE:
        return RetryLater("Google asks to wait before it gives another access token.", after=after, is_fault=False)
    if error in _OWN_CREDENTIALS:
        return UserMustAct(
            Reason.KEY_REFUSED, "Google refused DeskSync's own client ID or secret. The administrator has to check both settings."
        )
    return consent_dead()


def consent_dead() -> UserMustAct:
    """Return that the user has to give consent again."""
    return UserMustAct(Reason.CONSENT_DEAD, "Google no longer accepts the consent for this account. Please authenticate again.")


def asked_pause(retry_after: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a `Retry-After` header asks for, in seconds or as a date; `None` if there is none to be understood.

    No more than a day: a date far ahead, by a mistake or a wrong clock, must not put a user to rest for years.
    """
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        digits = retry_after.strip().lstrip("0") or "0"
        return _LONGEST_PAUSE if len(digits) > _DIGITS else min(timedelta(seconds=int(digits)), _LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max(timedelta(0), aware - now), _LONGEST_PAUSE)


_LONGEST_PAUSE = timedelta(days=1)
_DIGITS = len("86400")


def _no_access() -> UserMustAct:
    return UserMustAct(
        Reason.NO_ACCESS, "This Google account may not read and write the calendar. Check the calendar's sharing and the consent."
    )


def _words(refusal: Refusal) -> str:
    return " ".join(part for part in (str(refusal.status), refusal.reason, refusal.message) if part)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(content)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, Mapping) else {}
