"""What a client may write into an event, and what becomes of it. Knows no calendars, no series and no storage."""

from typing import Any

from desksync_sandbox.google.errors import empty_range, invalid, required
from desksync_sandbox.google.recurrence import check_recurrence
from desksync_sandbox.google.switches import LongText
from desksync_sandbox.google.times import When, checked_when, is_all_day, moment_of, zone_named

Resource = dict[str, Any]
"""An event as the API names its fields. Never changed in place once it is stored."""

MAX_SUMMARY = 1024
MAX_DESCRIPTION = 8192
MAX_REMINDER_MINUTES = 40_320
MAX_REMINDERS = 5

_CHOICES: dict[str, frozenset[str]] = {
    "status": frozenset({"confirmed", "tentative", "cancelled"}),
    "transparency": frozenset({"opaque", "transparent"}),
    "visibility": frozenset({"default", "public", "private", "confidential"}),
    "eventType": frozenset({"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"}),
    "colorId": frozenset(str(number) for number in range(1, 12)),
}
_ANSWERS = frozenset({"needsAction", "declined", "tentative", "accepted"})
_SILENT_DEFAULTS = {"transparency": "opaque", "visibility": "default", "summary": "", "description": "", "location": ""}
"""Values that Google does not send, because they mean what a missing field means."""


def merged(old: Any, patch: Any) -> Any:
    """Return the patched value: objects field by field, `null` deletes, arrays replace (Google events.patch)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def checked(draft: Resource, long_text: LongText) -> Resource:
    """Return a draft as Google keeps it, or refuse it with 400."""
    for name, allowed in _CHOICES.items():
        if name in draft and draft[name] not in allowed:
            raise invalid(f"Invalid value for: {name}")
    found = {**draft, "start": checked_when(draft.get("start"), "start"), "end": checked_when(draft.get("end"), "end")}
    _check_span(found["start"], found["end"])
    if not found.get("recurrence"):
        found.pop("recurrence", None)
    else:
        _check_series(found)
    for name, longest in (("summary", MAX_SUMMARY), ("description", MAX_DESCRIPTION)):
        found[name] = _text(found.get(name, ""), name, longest, long_text)
    found["reminders"] = _reminders(found.get("reminders", {"useDefault": True}))
    if "extendedProperties" in found:
        found["extendedProperties"] = _properties(found["extendedProperties"])
    _check_guests(found.get("attendees", []))
    found.setdefault("status", "confirmed")
    found.setdefault("eventType", "default")
    return {name: value for name, value in found.items() if _SILENT_DEFAULTS.get(name) != value and value not in ({}, [])}


def _check_span(start: When, end: When) -> None:
    if is_all_day(start) != is_all_day(end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if is_all_day(start):
        if end["date"] <= start["date"]:
            raise empty_range()
        return
    utc = zone_named("UTC")
    if moment_of(end, utc) < moment_of(start, utc):
        raise empty_range()


def _check_series(draft: Resource) -> None:
    for name in ("start", "end"):
        if not is_all_day(draft[name]) and "timeZone" not in draft[name]:
            raise required(f"Missing time zone definition for {name} time.")
    check_recurrence(draft["start"], draft["recurrence"])


def _text(text: str, name: str, longest: int, long_text: LongText) -> str:
    if len(text) <= longest or long_text is LongText.KEEP:
        return text
    if long_text is LongText.REFUSE:
        raise invalid(f"The {name} is too long.")
    return text[:longest]


def _reminders(given: Resource) -> Resource:
    overrides = given.get("overrides") or []
    if given.get("useDefault") and overrides:
        raise invalid("Cannot use default reminders and specify overrides at the same time.")
    if len(overrides) > MAX_REMINDERS:
        raise invalid("Too many reminder overrides.")
    for override in overrides:
        minutes = override.get("minutes")
        if override.get("method") not in ("email", "popup") or minutes is None:
            raise invalid("Invalid reminder override.")
        if not 0 <= minutes <= MAX_REMINDER_MINUTES:
            raise invalid("Invalid reminder minutes.")
    kept: Resource = {"useDefault": bool(given.get("useDefault"))}
    return kept | {"overrides": overrides} if overrides else kept


def _properties(given: Resource) -> Resource:
    return {kind: values for kind, values in given.items() if values}


def _check_guests(attendees: list[Any]) -> None:
    for attendee in attendees:
        if not attendee.get("email"):
            raise required("Missing attendee email.")
        if attendee.get("responseStatus", "needsAction") not in _ANSWERS:
            raise invalid("Invalid value for: attendees.responseStatus")
