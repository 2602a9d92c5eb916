"""How an event looks to one caller: times in the zone of the answer, `self` marks, and no details without the right to them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import shown_when

_WHO_AND_WHEN = frozenset(
    {
        "etag",
        "id",
        "status",
        "created",
        "updated",
        "start",
        "end",
        "recurrence",
        "recurringEventId",
        "originalStartTime",
        "transparency",
        "iCalUID",
        "eventType",
        "sequence",
    }
)
_WITHOUT_PRIVATE = frozenset({"reader", "writerWithoutPrivateAccess"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and how the answer is to be written. `zone` is the one of the answer, `site` the address for `htmlLink`."""

    role: str
    zone: ZoneInfo
    site: str
    max_attendees: int | None = None


def shown_event(resource: Resource, calendar: Calendar, viewer: Viewer, *, minimal_when_deleted: bool = True) -> Resource:
    """Return an event as the API answers it to this viewer.

    A deleted event is `kind`, `etag`, `id` and `status` only, as recorded, unless its details are asked for.
    """
    if resource["status"] == "cancelled" and "recurringEventId" not in resource and minimal_when_deleted:
        return {"kind": "calendar#event", "etag": resource["etag"], "id": resource["id"], "status": "cancelled"}
    found: Resource = {"kind": "calendar#event", **(_masked(resource) if _is_hidden(resource, viewer) else resource)}
    for name in ("start", "end", "originalStartTime"):
        if name in found:
            found[name] = shown_when(found[name], viewer.zone)
    if "start" not in found:
        return found
    found["htmlLink"] = f"{viewer.site}/calendar/event?eid={link_key(resource['id'], calendar.id)}"
    for name in ("creator", "organizer"):
        if name in found:
            found[name] = _marked(found[name], calendar)
    if "attendees" in found:
        _show_guests(found, calendar, viewer)
    return found


def link_key(event_id: str, calendar_id: str) -> str:
    """Return the `eid` of an event's link."""
    return base64.urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")


def read_link_key(key: str) -> tuple[str, str] | None:
    """Return the event and the calendar that an `eid` names, or `None` if it names none."""
    try:
        event_id, _, calendar_id = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode().partition(" ")
    except ValueError:
        return None
    return (event_id, calendar_id) if calendar_id else None


def _is_hidden(resource: Resource, viewer: Viewer) -> bool:
    if viewer.role == "freeBusyReader":
        return True
    return viewer.role in _WITHOUT_PRIVATE and resource.get("visibility") in ("private", "confidential")


def _masked(resource: Resource) -> Resource:
    kept = {name: value for name, value in resource.items() if name in _WHO_AND_WHEN}
    return kept | {"visibility": "private"} if "start" in resource else kept


def _marked(person: Mapping[str, object], calendar: Calendar) -> Resource:
    """Add `self`, which is relative to the calendar and not to the user."""
    marked = {name: value for name, value in person.items() if name != "self"}
    return {**marked, "self": True} if person.get("email") == calendar.id else marked


def _show_guests(found: Resource, calendar: Calendar, viewer: Viewer) -> None:
    guests = [_marked(guest, calendar) for guest in found["attendees"]]
    if viewer.max_attendees is not None and len(guests) > viewer.max_attendees:
        guests = [guest for guest in guests if guest.get("self")]
        found["attendeesOmitted"] = True
    found["attendees"] = guests
