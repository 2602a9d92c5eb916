"""The calls about calendars themselves: calendarList.list and get, calendars.get, colors.get."""

import base64

from desksync_sandbox.google import errors
from desksync_sandbox.google.access import reached
from desksync_sandbox.google.colors import COLORS
from desksync_sandbox.google.exchange import ApiAnswer, ApiRequest, Caller
from desksync_sandbox.google.query import optional_number, truth
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.tokens import asked_hash
from desksync_sandbox.google.world import Listed

_DEFAULT_RESULTS = 100
_MOST_RESULTS = 250
_RANK = ("freeBusyReader", "reader", "writer", "owner")


def list_calendars(caller: Caller, request: ApiRequest) -> ApiAnswer:
    """Return a page of the account's calendar list.

    A sync token stays good until the list changes its calendars or roles; then it answers with the whole list again.
    """
    parameters = request.parameters
    token = parameters.get("syncToken", [None])[-1]
    least = parameters.get("minAccessRole", [None])[-1]
    if token is not None and least is not None:
        raise errors.bad_request("Sync token cannot be used with minAccessRole.", parameter="syncToken")
    if least is not None and least not in _RANK:
        raise errors.invalid("Invalid value for: minAccessRole", parameter="minAccessRole")
    entries = [_entry(caller, listed) for listed in caller.account.listed.values()]
    shown = [
        entry for entry in entries if _is_shown(entry, least, with_hidden=token is not None or truth(parameters, "showHidden"))
    ]
    state = asked_hash({entry["id"]: [str(entry)] for entry in entries})
    if token is not None:
        shown = [] if _read(token) == state else shown
    start = _start(parameters.get("pageToken", [None])[-1])
    size = min(optional_number(parameters, "maxResults") or _DEFAULT_RESULTS, _MOST_RESULTS)
    body: Resource = {"kind": "calendar#calendarList", "etag": f'"{state}"', "items": shown[start : start + size]}
    if start + size < len(shown):
        body["nextPageToken"] = _packed(f"page {start + size}")
    else:
        body["nextSyncToken"] = _packed(f"list {state}")
    return ApiAnswer(200, body)


def get_entry(caller: Caller, _request: ApiRequest, calendar_id: str) -> ApiAnswer:
    """Return a calendar as it stands in the account's list."""
    entry = _entry(caller, reached(caller, calendar_id))
    return ApiAnswer(200, entry, {"etag": entry["etag"]})


def get_calendar(caller: Caller, _request: ApiRequest, calendar_id: str) -> ApiAnswer:
    """Return a calendar itself."""
    calendar = reached(caller, calendar_id).calendar
    body = {
        "kind": "calendar#calendar",
        "etag": f'"c{asked_hash({"": [calendar.summary, calendar.time_zone]})}"',
        "id": calendar.id,
    }
    return ApiAnswer(200, body | _described(caller, calendar.id))


def get_colors(_caller: Caller, _request: ApiRequest) -> ApiAnswer:
    """Return the colours that `colorId` refers to."""
    return ApiAnswer(200, COLORS)


def _entry(caller: Caller, listed: Listed) -> Resource:
    calendar = listed.calendar
    entry: Resource = {"kind": "calendar#calendarListEntry", "id": calendar.id, **_described(caller, calendar.id)}
    color = COLORS["calendar"].get(listed.color_id, COLORS["calendar"]["14"])
    entry |= {
        "colorId": listed.color_id,
        "backgroundColor": color["background"],
        "foregroundColor": color["foreground"],
        "accessRole": listed.role,
        "defaultReminders": listed.default_reminders,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.id == caller.account.email:
        entry |= {"primary": True, "selected": True}
    if listed.hidden:
        entry["hidden"] = True
    return {"kind": entry.pop("kind"), "etag": f'"{asked_hash({"": [str(entry)]})}"', **entry}


def _described(caller: Caller, calendar_id: str) -> Resource:
    calendar = caller.world.calendar(calendar_id)
    texts = {"description": calendar.description, "location": calendar.location}
    named = {"summary": calendar.summary, "timeZone": calendar.time_zone}
    owner = {} if calendar.id == calendar.owner else {"dataOwner": calendar.owner}
    return named | {name: text for name, text in texts.items() if text} | owner


def _is_shown(entry: Resource, least: str | None, *, with_hidden: bool) -> bool:
    if entry.get("hidden") and not with_hidden:
        return False
    role = "writer" if entry["accessRole"] == "writerWithoutPrivateAccess" else entry["accessRole"]
    return least is None or _RANK.index(role) >= _RANK.index(least)


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _unpacked(token: str, kind: str) -> str | None:
    try:
        name, _, value = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
    except ValueError:
        return None
    return value if name == kind else None


def _read(token: str) -> str:
    state = _unpacked(token, "list")
    if state is None:
        raise errors.full_sync_required()
    return state


def _start(token: str | None) -> int:
    if token is None:
        return 0
    place = _unpacked(token, "page")
    if place is None or not place.isdecimal():
        raise errors.bad_request("Invalid page token value.", parameter="pageToken")
    return int(place)
