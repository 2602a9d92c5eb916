"""The `events` calls that concern one event: get, insert, import, update, patch, delete, move."""

from desksync_sandbox.google import errors
from desksync_sandbox.google.access import reached, writable_by
from desksync_sandbox.google.drafts import Manner
from desksync_sandbox.google.exchange import ApiAnswer, ApiRequest, Caller
from desksync_sandbox.google.query import Parameters, optional_number, truth
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import zone_named, zone_of
from desksync_sandbox.google.view import Viewer, shown_event
from desksync_sandbox.google.world import Listed

_NOTICES = frozenset({"all", "externalOnly", "none"})


def get(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Return an event, deleted or not; `If-None-Match` with the current etag gives 304."""
    listed = reached(caller, calendar_id)
    found = listed.calendar.find(event_id)
    if found is None:
        raise errors.not_found()
    if request.headers.get("if-none-match") == found["etag"]:
        return ApiAnswer(304, headers={"etag": found["etag"]})
    return _answer(caller, request, listed, found)


def insert(caller: Caller, request: ApiRequest, calendar_id: str) -> ApiAnswer:
    """Make an event, under the id of the client where one is sent."""
    listed = writable_by(caller, calendar_id)
    made = caller.world.editor.insert(listed.calendar, request.json(), _manner(caller, request))
    return _answer(caller, request, listed, made)


def import_event(caller: Caller, request: ApiRequest, calendar_id: str) -> ApiAnswer:
    """Add a private copy of an event; the only way to name another organizer. `iCalUID` is required."""
    listed, body = writable_by(caller, calendar_id), request.json()
    if not body.get("iCalUID"):
        raise errors.required("Missing iCalUID.")
    if body.get("eventType", "default") != "default":
        raise errors.invalid("Only default events can be imported.")
    manner = _manner(caller, request, extra=frozenset({"organizer"}))
    copies = (family.root for family in listed.calendar.live() if family.root.get("iCalUID") == body["iCalUID"])
    held = next(copies, None)
    if held is not None:
        return _answer(caller, request, listed, caller.world.editor.change(listed.calendar, held["id"], body, manner, whole=True))
    return _answer(caller, request, listed, caller.world.editor.insert(listed.calendar, body, manner))


def update(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Replace an event: a missing field is cleared."""
    return _change(caller, request, calendar_id, event_id, whole=True)


def patch(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Change the fields that are sent; `null` deletes one, an array replaces the old one."""
    return _change(caller, request, calendar_id, event_id, whole=False)


def delete(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Delete an event or a series, or cancel an instance."""
    listed = writable_by(caller, calendar_id)
    caller.world.editor.delete(listed.calendar, event_id, _manner(caller, request))
    return ApiAnswer(204)


def move(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Give an event to another calendar, whose organizer it gets."""
    destination = request.parameters.get("destination")
    if not destination:
        raise errors.required("Required parameter: destination")
    listed, target = writable_by(caller, calendar_id), writable_by(caller, destination[-1])
    moved = caller.world.editor.move(listed.calendar, target.calendar, event_id, _manner(caller, request))
    return _answer(caller, request, listed, moved)


def viewer_of(caller: Caller, listed: Listed, parameters: Parameters) -> Viewer:
    """Return who looks, in the zone that the query asks for or else that of the calendar."""
    name = parameters.get("timeZone", [listed.calendar.time_zone])[-1]
    if zone_of(name) is None:
        raise errors.invalid(f"Invalid time zone: {name}", parameter="timeZone")
    return Viewer(listed.role, zone_named(name), caller.site, optional_number(parameters, "maxAttendees"))


def _change(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str, *, whole: bool) -> ApiAnswer:
    listed = writable_by(caller, calendar_id)
    changed = caller.world.editor.change(listed.calendar, event_id, request.json(), _manner(caller, request), whole=whole)
    return _answer(caller, request, listed, changed)


def _answer(caller: Caller, request: ApiRequest, listed: Listed, event: Resource) -> ApiAnswer:
    shown = shown_event(
        event,
        listed.calendar,
        viewer_of(caller, listed, request.parameters),
        minimal_when_deleted=not caller.world.switches.deleted_events_keep_details,
    )
    return ApiAnswer(200, shown, {"etag": event["etag"]})


def _manner(caller: Caller, request: ApiRequest, extra: frozenset[str] = frozenset()) -> Manner:
    """Read how the write is asked for. Some fields are silently ignored without their query parameter (Google Event)."""
    parameters = request.parameters
    opened = set(extra)
    closed = set()
    if parameters.get("conferenceDataVersion") == ["1"]:
        opened.add("conferenceData")
    if truth(parameters, "supportsAttachments"):
        opened.add("attachments")
    if parameters.get("eventLabelVersion") == ["1"]:
        opened.add("eventLabelId")
        closed.add("colorId")
    return Manner(
        author=caller.account.email,
        if_match=request.headers.get("if-match"),
        send_updates=_notices(parameters),
        extra=frozenset(opened),
        closed=frozenset(closed),
    )


def _notices(parameters: Parameters) -> str:
    wanted = parameters.get("sendUpdates", ["all" if truth(parameters, "sendNotifications") else "none"])[-1]
    if wanted not in _NOTICES:
        raise errors.invalid("Invalid value for: sendUpdates", parameter="sendUpdates")
    return wanted
