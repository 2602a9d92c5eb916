"""The query parameters of Google events.list and events.instances: read, checked, and applied to one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from desksync_sandbox.google.errors import bad_request, empty_range, invalid
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import parsed_moment, zone_of
from desksync_sandbox.google.tokens import asked_hash

Parameters = Mapping[str, Sequence[str]]
"""Query parameters; a repeated one has several values."""

Order = Literal["startTime", "updated"]
DEFAULT_RESULTS = 250
MOST_RESULTS = 2500
NOT_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
"""Parameters that Google refuses beside a `syncToken`."""
_KEEPS_FROM_A_TOKEN = frozenset({*NOT_WITH_SYNC_TOKEN, "originalStart"} - {"timeMin", "timeMax"})
_MUST_STAY = ("singleEvents", "eventTypes", "timeZone", "maxAttendees", "showHiddenInvitations")
_MAY_DIFFER = frozenset(
    {"pageToken", "maxResults", "fields", "alt", "prettyPrint", "key", "quotaUser", "userIp", "oauth_token", "access_token"}
)
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked for. Moments carry an offset; `time_min` and `time_max` are exclusive (Google events.list)."""

    max_results: int = DEFAULT_RESULTS
    page_token: str | None = None
    sync_token: str | None = None
    single_events: bool = False
    show_deleted: bool = False
    order_by: Order | None = None
    time_min: datetime | None = None
    time_max: datetime | None = None
    updated_min: datetime | None = None
    text: str | None = None
    i_cal_uid: str | None = None
    private: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    event_types: frozenset[str] = frozenset()
    time_zone: str | None = None
    max_attendees: int | None = None
    original_start: datetime | None = None
    asked: str = ""
    kept: str = ""
    gives_token: bool = True

    def matches(self, event: Resource, *, any_property: bool) -> bool:
        """Say whether one event passes the filters on its own fields; `any_property` joins property filters by OR."""
        if self.event_types and event.get("eventType", "default") not in self.event_types:
            return False
        if self.i_cal_uid is not None and event.get("iCalUID") != self.i_cal_uid:
            return False
        if self.text is not None and not _mentions(event, self.text):
            return False
        held = event.get("extendedProperties", {})
        wanted = [held.get(kind, {}).get(name) == value for kind in ("private", "shared") for name, value in getattr(self, kind)]
        return not wanted or (any(wanted) if any_property else all(wanted))


def read_query(parameters: Parameters) -> ListQuery:
    """Return the query, or refuse it with 400."""
    sync_token = _one(parameters, "syncToken")
    if sync_token is not None:
        for name in NOT_WITH_SYNC_TOKEN:
            if name in parameters:
                raise bad_request(f"Sync token cannot be used with {name}.", parameter=name)
        if "showDeleted" in parameters and not truth(parameters, "showDeleted"):
            raise bad_request("Deleted events are always included with a sync token.", parameter="showDeleted")
    single = truth(parameters, "singleEvents")
    time_min, time_max = _moment(parameters, "timeMin"), _moment(parameters, "timeMax")
    if time_min is not None and time_max is not None and time_min >= time_max:
        raise empty_range()
    zone = _one(parameters, "timeZone")
    if zone is not None and zone_of(zone) is None:
        raise invalid(f"Invalid time zone: {zone}", parameter="timeZone")
    return ListQuery(
        max_results=min(optional_number(parameters, "maxResults") or DEFAULT_RESULTS, MOST_RESULTS),
        page_token=_one(parameters, "pageToken"),
        sync_token=sync_token,
        single_events=single,
        show_deleted=truth(parameters, "showDeleted"),
        order_by=_order(_one(parameters, "orderBy"), single=single),
        time_min=time_min,
        time_max=time_max,
        updated_min=_moment(parameters, "updatedMin"),
        text=_one(parameters, "q"),
        i_cal_uid=_one(parameters, "iCalUID"),
        private=_properties(parameters, "privateExtendedProperty"),
        shared=_properties(parameters, "sharedExtendedProperty"),
        event_types=frozenset(parameters.get("eventTypes", ())),
        time_zone=zone,
        max_attendees=optional_number(parameters, "maxAttendees"),
        original_start=_moment(parameters, "originalStart"),
        asked=asked_hash({name: values for name, values in parameters.items() if name not in _MAY_DIFFER}),
        kept=asked_hash({name: values for name, values in parameters.items() if name in _MUST_STAY}),
        gives_token=not _KEEPS_FROM_A_TOKEN & set(parameters),
    )


def _order(value: str | None, *, single: bool) -> Order | None:
    match value:
        case None | "updated":
            return value
        case "startTime" if single:
            return value
        case "startTime":
            raise bad_request("The requested ordering is not available for the particular query.", parameter="orderBy")
        case _:
            raise invalid("Invalid value for: orderBy", parameter="orderBy")


def truth(parameters: Parameters, name: str) -> bool:
    """Return a yes-or-no parameter; missing is no."""
    value = _one(parameters, name)
    if value is None:
        return False
    if value.lower() not in _TRUTHS:
        raise invalid(f"Invalid value for: {name}", parameter=name)
    return _TRUTHS[value.lower()]


def _one(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name)
    return values[-1] if values else None


def optional_number(parameters: Parameters, name: str) -> int | None:
    """Return a parameter that is a number of at least 1; `None` where it is missing."""
    value = _one(parameters, name)
    if value is None:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise invalid(f"Invalid value for: {name}", parameter=name)
    return int(value)


def _moment(parameters: Parameters, name: str) -> datetime | None:
    value = _one(parameters, name)
    return None if value is None else parsed_moment(value, name)


def _properties(parameters: Parameters, name: str) -> tuple[tuple[str, str], ...]:
    found = []
    for text in parameters.get(name, ()):
        key, equals, value = text.partition("=")
        if not equals:
            raise invalid(f"Invalid value for: {name}", parameter=name)
        found.append((key, value))
    return tuple(found)


def _mentions(event: Resource, text: str) -> bool:
    people = [*event.get("attendees", []), event.get("organizer", {})]
    words = [event.get(name, "") for name in ("summary", "description", "location")]
    words += [person.get(name, "") for person in people for name in ("displayName", "email")]
    held = " ".join(words).lower()
    return all(word in held for word in text.lower().split())
