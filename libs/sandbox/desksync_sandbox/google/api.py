"""The Calendar API as one function from a call to its answer: finds operation, caller and right. Knows no HTTP server."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from desksync_sandbox.google import errors, events_api, lists_api, lists_of_calendars
from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.exchange import API_PATH, ApiAnswer, ApiRequest, Caller
from desksync_sandbox.google.fields import masked, read_mask
from desksync_sandbox.google.scopes import opens
from desksync_sandbox.google.world import World

_EVENTS = r"calendars/([^/]+)/events"
_ROUTES: tuple[tuple[str, str, str, Callable[..., ApiAnswer]], ...] = (
    ("GET", _EVENTS, "events.list", lists_api.list_events),
    ("POST", _EVENTS, "events.insert", events_api.insert),
    ("POST", _EVENTS + "/import", "events.import", events_api.import_event),
    ("GET", _EVENTS + "/([^/]+)", "events.get", events_api.get),
    ("PUT", _EVENTS + "/([^/]+)", "events.update", events_api.update),
    ("PATCH", _EVENTS + "/([^/]+)", "events.patch", events_api.patch),
    ("DELETE", _EVENTS + "/([^/]+)", "events.delete", events_api.delete),
    ("GET", _EVENTS + "/([^/]+)/instances", "events.instances", lists_api.list_instances),
    ("POST", _EVENTS + "/([^/]+)/move", "events.move", events_api.move),
    ("GET", "users/me/calendarList", "calendarList.list", lists_of_calendars.list_calendars),
    ("GET", "users/me/calendarList/([^/]+)", "calendarList.get", lists_of_calendars.get_entry),
    ("GET", "calendars/([^/]+)", "calendars.get", lists_of_calendars.get_calendar),
    ("GET", "colors", "colors.get", lists_of_calendars.get_colors),
)
_COMPILED = [(method, re.compile(pattern), name, answer) for method, pattern, name, answer in _ROUTES]
UNKNOWN = "unknown"


def operation_of(request: ApiRequest) -> str:
    """Return the name of the operation, such as `events.list`, or `unknown`."""
    found = _route(request)
    return UNKNOWN if found is None else found[0]


def answer(world: World, request: ApiRequest, site: str) -> ApiAnswer:
    """Do what is asked and answer it; refusals are answers too."""
    with world.lock:
        try:
            return _answer(world, request, site)
        except GoogleError as error:
            return refusal(error)


def refusal(error: GoogleError) -> ApiAnswer:
    """Return an error as an answer."""
    return ApiAnswer(error.status, error.body(), error.headers)


def _answer(world: World, request: ApiRequest, site: str) -> ApiAnswer:
    route = _route(request)
    if route is None:
        raise errors.not_found()
    operation, answers, arguments = route
    caller = _caller(world, request, operation, site)
    found = answers(caller, request, *arguments)
    fields = request.parameters.get("fields")
    if fields and found.body is not None:
        kept: dict[str, Any] = masked(found.body, read_mask(fields[-1]))
        return ApiAnswer(found.status, kept, found.headers)
    return found


def _route(request: ApiRequest) -> tuple[str, Callable[..., ApiAnswer], list[str]] | None:
    if not request.path.startswith(API_PATH):
        return None
    path = request.path.removeprefix(API_PATH)
    for method, pattern, operation, answers in _COMPILED:
        match = pattern.fullmatch(path)
        if match is not None and method == request.method:
            return operation, answers, [unquote(part) for part in match.groups()]
    return None


def _caller(world: World, request: ApiRequest, operation: str, site: str) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = world.grants.holder(token) if scheme.lower() == "bearer" else None
    if grant is None or grant.email not in world.accounts:
        raise GoogleError(
            401,
            "authError",
            "Invalid Credentials",
            header="Authorization",
            headers={"www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
        )
    if not opens(grant.scopes, operation):
        raise errors.by_reason("insufficientPermissions")
    return Caller(world, world.accounts[grant.email], grant.scopes, operation, site)
