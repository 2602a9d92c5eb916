"""What an event becomes by a write, checked, before anything is stored. Pure: neither clock nor calendar contents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.resources import Resource, checked, merged
from desksync_sandbox.google.shapes import WRITABLE
from desksync_sandbox.google.switches import LongText

_LOCKED = frozenset({"summary", "description", "location", "start", "end", "recurrence"})
_ONLY_PRIMARY = frozenset({"focusTime", "outOfOffice", "workingLocation"})


@dataclass(frozen=True, slots=True)
class Manner:
    """How a write was asked for: by whom, under which etag, with which notices.

    `extra` names read-only fields that are open this time, `closed` writable ones that are not. `is_google` is Google's own hand
    (its pages, a seed): it may do what the API refuses to clients.
    """

    author: str
    if_match: str | None = None
    send_updates: str = "none"
    extra: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    is_google: bool = False


def fresh_draft(calendar: Calendar, body: Mapping[str, Any], manner: Manner, long_text: LongText) -> Resource:
    """Return what an insert makes of its body, without the fields that Google adds."""
    draft = _draft(calendar, {}, body, manner, long_text)
    if draft["status"] == "cancelled":
        raise errors.invalid("Invalid value for: status")
    if not manner.is_google:
        _check_type(calendar, draft)
    return draft


def draft_over(
    calendar: Calendar, old: Resource, body: Mapping[str, Any], manner: Manner, long_text: LongText, *, whole: bool
) -> Resource:
    """Return what `old` becomes by a patch, or by an update when `whole`; read-only fields stay as they are."""
    if not manner.is_google:
        _check_organizer(calendar, old, body)
    kept = {name: value for name, value in old.items() if not _is_open(name, manner)}
    ground = {"eventType": old["eventType"]} if whole else {name: value for name, value in old.items() if name not in kept}
    draft = _draft(calendar, ground, body, manner, long_text)
    if draft["eventType"] != old["eventType"]:
        raise errors.invalid("The event type cannot be changed.")
    draft["sequence"] = _sequence(old, draft, body)
    if old.get("locked") and not manner.is_google and any(old.get(name) != draft.get(name) for name in _LOCKED):
        raise errors.forbidden("The event is locked; only its organizer may change it.")
    found = {**kept, **draft}
    return {name: found[name] for name in dict.fromkeys([*old, *draft]) if name in found}


def _draft(calendar: Calendar, ground: Resource, body: Mapping[str, Any], manner: Manner, long_text: LongText) -> Resource:
    given = {name: value for name, value in body.items() if _is_open(name, manner)}
    draft = checked(merged(ground, given), long_text)
    if "attendees" in draft:
        draft["attendees"] = [_guest(guest, calendar) for guest in draft["attendees"]]
    return draft


def _guest(guest: Resource, calendar: Calendar) -> Resource:
    status = "accepted" if guest["email"] == calendar.id else "needsAction"
    return {"responseStatus": status} | {name: value for name, value in guest.items() if name != "self"}


def _sequence(old: Resource, draft: Resource, body: Mapping[str, Any]) -> int:
    held = int(old.get("sequence", 0))
    given = body.get("sequence")
    if given is not None and given < held:
        raise errors.invalid("Invalid sequence value. The specified sequence number is below the current one.")
    if given is not None and given > held:
        return int(given)
    return held + 1 if (draft["start"], draft["end"]) != (old.get("start"), old.get("end")) else held


def _is_open(name: str, manner: Manner) -> bool:
    return (name in WRITABLE or name in manner.extra) and name not in manner.closed


def _check_type(calendar: Calendar, draft: Resource) -> None:
    kind = draft["eventType"]
    if kind == "fromGmail":
        raise errors.invalid("Events from Gmail cannot be created.")
    if kind in _ONLY_PRIMARY and calendar.id != calendar.owner:
        raise errors.invalid("This event type exists on primary calendars only.")
    if kind == "birthday" and ("date" not in draft["start"] or "FREQ=YEARLY" not in "".join(draft.get("recurrence", []))):
        raise errors.invalid("A birthday lasts all day and repeats every year.")


def _check_organizer(calendar: Calendar, old: Resource, body: Mapping[str, Any]) -> None:
    shared = (body.get("extendedProperties") or {}).get("shared")
    if shared and old["organizer"].get("email") != calendar.id:
        raise errors.by_reason("forbiddenForNonOrganizer")
