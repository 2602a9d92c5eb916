"""Answers that are not 200, in the body that Google's error page gives: code, message, and errors with domain and reason."""

from collections.abc import Mapping
from typing import Any


class GoogleError(Exception):
    """A refusal. `location` names the parameter or header that is to blame."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        parameter: str | None = None,
        header: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = parameter or header
        self.location_type = "parameter" if parameter else "header"
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        error = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location is not None:
            error |= {"locationType": self.location_type, "location": self.location}
        return {"error": {"errors": [error], "code": self.status, "message": self.message}}


def bad_request(message: str = "Bad Request", *, parameter: str | None = None) -> GoogleError:
    """Return the 400 for a parameter that cannot be understood, or not together with the others."""
    return GoogleError(400, "badRequest", message, parameter=parameter)


def invalid(message: str, *, parameter: str | None = None) -> GoogleError:
    """Return the 400 for a value that is not allowed."""
    return GoogleError(400, "invalid", message, parameter=parameter)


def required(message: str) -> GoogleError:
    """Return the 400 for a value that is missing."""
    return GoogleError(400, "required", message)


def empty_range() -> GoogleError:
    """Return the 400 for an end that is not after its start."""
    return GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")


def not_found() -> GoogleError:
    """Return the 404 for an unknown calendar or event."""
    return GoogleError(404, "notFound", "Not Found")


def forbidden(message: str = "Forbidden") -> GoogleError:
    """Return the 403 for a caller who lacks the right."""
    return GoogleError(403, "forbidden", message)


def already_deleted() -> GoogleError:
    """Return the 410 for deleting what is deleted."""
    return GoogleError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> GoogleError:
    """Return the 410 for a sync token that is unknown or too old."""
    message = "Sync token is no longer valid, a full sync is required."
    return GoogleError(410, "fullSyncRequired", message, domain="calendar", parameter="syncToken")


def updated_min_too_long_ago() -> GoogleError:
    """Return the 410 for an `updatedMin` from which on the changes are not kept."""
    message = "The requested minimum modification time lies too far in the past."
    return GoogleError(410, "updatedMinTooLongAgo", message, domain="calendar", parameter="updatedMin")


def duplicate() -> GoogleError:
    """Return the 409 for an id that is taken."""
    return GoogleError(409, "duplicate", "The requested identifier already exists.")


def condition_not_met() -> GoogleError:
    """Return the 412 for an `If-Match` that does not match."""
    return GoogleError(412, "conditionNotMet", "Precondition Failed", header="If-Match")


_USUAL: dict[int, tuple[str, str]] = {
    400: ("badRequest", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("rateLimitExceeded", "Rate Limit Exceeded"),
    404: ("notFound", "Not Found"),
    409: ("conflict", "Conflict"),
    410: ("fullSyncRequired", "Sync token is no longer valid, a full sync is required."),
    412: ("conditionNotMet", "Precondition Failed"),
    429: ("rateLimitExceeded", "Rate Limit Exceeded"),
    500: ("backendError", "Backend Error"),
    503: ("backendError", "Backend Error"),
}
_NAMED: dict[str, tuple[int, str, str]] = {
    "rateLimitExceeded": (403, "usageLimits", "Rate Limit Exceeded"),
    "userRateLimitExceeded": (403, "usageLimits", "User Rate Limit Exceeded"),
    "quotaExceeded": (403, "usageLimits", "Calendar usage limits exceeded."),
    "dailyLimitExceeded": (403, "usageLimits", "Daily Limit Exceeded"),
    "forbidden": (403, "global", "Forbidden"),
    "forbiddenForNonOrganizer": (403, "calendar", "Shared properties can only be changed by the organizer of the event."),
    "insufficientPermissions": (403, "global", "Insufficient Permission"),
    "authError": (401, "global", "Invalid Credentials"),
    "notFound": (404, "global", "Not Found"),
    "duplicate": (409, "global", "The requested identifier already exists."),
    "conflict": (409, "global", "Conflict"),
    "deleted": (410, "global", "Resource has been deleted"),
    "fullSyncRequired": (410, "calendar", "Sync token is no longer valid, a full sync is required."),
    "updatedMinTooLongAgo": (410, "calendar", "The requested minimum modification time lies too far in the past."),
    "conditionNotMet": (412, "global", "Precondition Failed"),
    "backendError": (503, "global", "Backend Error"),
}
REASONS = frozenset(_NAMED)
"""The reasons that a fault can be ordered by."""


def by_reason(reason: str, status: int | None = None) -> GoogleError:
    """Return the error that Google gives for one of `REASONS`, with another status where it is named."""
    usual, domain, message = _NAMED[reason]
    return GoogleError(status or usual, reason, message, domain=domain)


def by_status(status: int) -> GoogleError:
    """Return the error that Google most likely means by a status."""
    reason, message = _USUAL.get(status, ("backendError", "Backend Error"))
    return by_reason(reason, status) if reason in REASONS else GoogleError(status, reason, message)
