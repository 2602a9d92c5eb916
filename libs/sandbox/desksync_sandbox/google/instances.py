"""What a write makes of one instance of a series, and what a change of the series does to its exceptions. Stores nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.drafts import Manner, draft_over
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.series import Family, original_of
from desksync_sandbox.google.shapes import WRITABLE
from desksync_sandbox.google.switches import LongText

_RESTRICTED = frozenset({"private", "confidential"})
_NOT_PASSED_ON = frozenset({"start", "end", "recurrence", "status", "sequence"})


def changed_instance(
    calendar: Calendar,
    family: Family,
    old: Resource,
    body: Mapping[str, Any],
    manner: Manner,
    long_text: LongText,
    *,
    whole: bool,
) -> Resource:
    """Return the exception that an instance becomes; a cancelled one comes back by the status confirmed.

    Its visibility may become more restrictive only (Google Event.visibility).
    """
    if body.get("recurrence"):
        raise errors.invalid("An instance has no recurrence.", parameter="recurrence")
    ground = old
    if old["status"] == "cancelled":
        ground = family.plain(original_of(old), calendar.zone)
        if body.get("status", "confirmed" if whole else "cancelled") == "cancelled":
            return old
    manner = replace(manner, closed=manner.closed | {"recurrence"})
    new = draft_over(calendar, ground, body, manner, long_text, whole=whole)
    if new["status"] == "cancelled":
        return family.cancelled(old["id"], old["originalStartTime"])
    held = ground.get("visibility", "default")
    if held in _RESTRICTED and new.get("visibility", "default") not in _RESTRICTED:
        new["visibility"] = held
    return new


def spread_visibility(family: Family, exception: Resource) -> set[str]:
    """Make the whole series as restricted as one of its instances has become; return the exceptions that changed by it."""
    wanted = exception.get("visibility", "default")
    if wanted not in _RESTRICTED or family.root.get("visibility") in _RESTRICTED:
        return set()
    family.root = {**family.root, "visibility": wanted}
    touched = set()
    for event_id, other in family.exceptions.items():
        if other["status"] != "cancelled" and other.get("visibility") not in _RESTRICTED:
            family.exceptions[event_id] = {**other, "visibility": wanted}
            touched.add(event_id)
    return touched


def pass_on(family: Family, new: Resource) -> set[str]:
    """Bring what changes in the series into the exceptions that held the old value; return which exceptions those are."""
    old = family.root
    changed = {name for name in {*old, *new} if old.get(name) != new.get(name) and name in WRITABLE} - _NOT_PASSED_ON
    touched = set()
    for event_id, exception in family.exceptions.items():
        following = {name for name in changed if exception.get(name) == old.get(name)}
        if exception["status"] != "cancelled" and following:
            kept = {name: value for name, value in exception.items() if name not in following}
            family.exceptions[event_id] = kept | {name: new[name] for name in following if name in new}
            touched.add(event_id)
    return touched


def drop_misfits(family: Family, calendar: Calendar) -> None:
    """Drop the exceptions whose original start the series does not have any more."""
    for event_id in family.misfits(calendar.zone):
        family.exceptions.pop(event_id)
        family.changes.pop(event_id, None)
