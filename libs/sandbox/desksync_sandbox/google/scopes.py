"""Which OAuth scopes open which call, as Google's discovery document lists them. A test compares."""

PREFIX = "https://www.googleapis.com/auth/"
_WRITE_EVENTS = frozenset({"calendar", "calendar.app.created", "calendar.events", "calendar.events.owned"})
_READ_EVENTS = _WRITE_EVENTS | {
    "calendar.events.freebusy",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
    "calendar.events.readonly",
    "calendar.readonly",
}
_MOVE_EVENTS = frozenset({"calendar", "calendar.events", "calendar.events.owned"})
_READ_LIST = frozenset({"calendar", "calendar.calendarlist", "calendar.calendarlist.readonly", "calendar.readonly"})

_OWNED_ONLY = frozenset({"calendar.events.owned", "calendar.events.owned.readonly"})

ACCEPTED: dict[str, frozenset[str]] = {
    "calendarList.get": _READ_LIST | {"calendar.app.created"},
    "calendarList.list": _READ_LIST,
    "calendars.get": frozenset(
        {"calendar", "calendar.app.created", "calendar.calendars", "calendar.calendars.readonly", "calendar.readonly"}
    ),
    "colors.get": _READ_LIST
    | _OWNED_ONLY
    | {"calendar.app.created", "calendar.events.freebusy", "calendar.events.public.readonly"},
    "events.delete": _WRITE_EVENTS,
    "events.get": _READ_EVENTS,
    "events.import": _WRITE_EVENTS,
    "events.insert": _WRITE_EVENTS,
    "events.instances": _READ_EVENTS,
    "events.list": _READ_EVENTS,
    "events.move": _MOVE_EVENTS,
    "events.patch": _WRITE_EVENTS,
    "events.update": _WRITE_EVENTS,
}
"""The operations of the stand-in, each with the scopes of which one is enough."""


def opens(scopes: tuple[str, ...], operation: str) -> bool:
    """Say whether a grant with these scopes may make the call."""
    return not ACCEPTED[operation].isdisjoint(scope.removeprefix(PREFIX) for scope in scopes)


def is_for_owned_only(scopes: tuple[str, ...], operation: str) -> bool:
    """Say whether the call is open on calendars that the user owns, and on no others."""
    opening = {scope.removeprefix(PREFIX) for scope in scopes} & ACCEPTED[operation]
    return operation.startswith("events.") and opening <= _OWNED_ONLY
