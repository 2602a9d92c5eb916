"""Whatever a client sends, the stand-in answers as the API does: never with an internal error, never with a broken event."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from desksync_sandbox.google.api import answer
from desksync_sandbox.google.exchange import ApiRequest
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from tests.sandbox.discovery import error_problems, problems
from tests.sandbox.google_site import HANAKO, SEED, Clock, timed

_EVENTS = "/calendar/v3/calendars/primary/events"
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 99_999),
    st.sampled_from(
        ["", "x", "default", "private", "2026-11-24", "2026-11-25", "2026-11-24T10:00:00Z", "0001-01-01", "9999-12-31"]
    ),
    st.sampled_from(
        ["9999-12-31T23:59:59+09:00", "0001-01-01T00:00:00+09:00", "Asia/Tokyo", "RRULE:FREQ=DAILY", "EXDATE:20261124"]
    ),
)
_NAMES = st.sampled_from(
    ["date", "dateTime", "timeZone", "private", "shared", "email", "useDefault", "overrides", "method", "minutes", "a"]
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)), max_leaves=5
)
_FIELDS = st.sampled_from(
    [
        "id",
        "summary",
        "description",
        "start",
        "end",
        "recurrence",
        "attendees",
        "reminders",
        "extendedProperties",
        "visibility",
        "status",
        "sequence",
        "eventType",
        "iCalUID",
        "organizer",
        "source",
        "colorId",
        "originalStartTime",
        "recurringEventId",
    ]
)
_WHENS = st.fixed_dictionaries({}, optional={"date": _SCALARS, "dateTime": _SCALARS, "timeZone": _SCALARS})
_BODIES = st.one_of(
    st.dictionaries(_FIELDS, _VALUES, max_size=4),
    st.dictionaries(_FIELDS, _VALUES, max_size=3).map(lambda fields: {**timed("2026-11-24T10:00"), **fields}),
    st.fixed_dictionaries({"start": _WHENS, "end": _WHENS, "recurrence": st.lists(_SCALARS, max_size=2)}),
)
_PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            "maxResults",
            "pageToken",
            "syncToken",
            "timeMin",
            "timeMax",
            "updatedMin",
            "orderBy",
            "singleEvents",
            "showDeleted",
            "q",
            "timeZone",
            "fields",
            "maxAttendees",
            "privateExtendedProperty",
            "eventTypes",
            "originalStart",
        ]
    ),
    st.one_of(_SCALARS.map(str), st.text(max_size=5)),
    max_size=3,
)


class Caller:
    """Calls the API without a server, and checks that every answer is a good one."""

    def __init__(self) -> None:
        self.world = World(SEED, GoogleSwitches(), Clock())
        self.headers = {"authorization": f"Bearer {self.world.grants.access_token_for(HANAKO)}"}

    def call(self, method: str, path: str, schema: str, body: Any = None, parameters: dict[str, str] | None = None) -> int:
        target = f"{_EVENTS}{path}?{urlencode(parameters or {})}"
        found = answer(self.world, ApiRequest(method, target, self.headers, json.dumps(body).encode()), "http://127.0.0.1")
        assert found.status in {200, 400, 403, 404, 409, 410}
        assert found.body is not None
        if found.status != 200:
            wrong = error_problems(found.body, found.status)
        else:
            wrong = [] if parameters and "fields" in parameters else problems(found.body, schema)
        assert not wrong, wrong
        return found.status


@settings(deadline=None)
@given(_BODIES)
def test_any_body_is_kept_as_a_good_event_or_refused_whole(body: dict[str, Any]) -> None:
    caller = Caller()

    status = caller.call("POST", "", "Event", body)

    assert len(caller.world.events(HANAKO)) == (1 if status == 200 else 0)
    assert caller.call("GET", "", "Events", parameters={"singleEvents": "true", "maxResults": "20"}) == 200
    assert caller.call("GET", "", "Events", parameters={"timeMin": "2026-11-24T00:00:00Z"}) == 200


@settings(deadline=None)
@given(_BODIES, st.sampled_from(["PATCH", "PUT"]), st.sampled_from(["single1", "series1", "series1_20261125T010000Z"]))
def test_any_change_leaves_a_good_calendar(body: dict[str, Any], method: str, target: str) -> None:
    caller = Caller()
    caller.world.add(HANAKO, {"id": "single1", **timed("2026-11-24T10:00")})
    caller.world.add(HANAKO, {"id": "series1", "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"], **timed("2026-11-24T10:00")})
    caller.world.patch(HANAKO, "series1_20261126T010000Z", {"summary": "変更"})

    caller.call(method, f"/{target}", "Event", body)

    assert caller.call("GET", "", "Events", parameters={"showDeleted": "true"}) == 200
    assert (
        caller.call("GET", "", "Events", parameters={"singleEvents": "true", "orderBy": "startTime", "maxResults": "20"}) == 200
    )


@settings(deadline=None)
@given(_PARAMETERS)
def test_any_parameters_are_answered_or_refused(parameters: dict[str, str]) -> None:
    caller = Caller()
    caller.world.add(HANAKO, {"id": "series1", "recurrence": ["RRULE:FREQ=DAILY"], **timed("2026-11-24T10:00")})
    caller.world.delete(HANAKO, "series1_20261125T010000Z")

    assert caller.call("GET", "", "Events", parameters=parameters) in {200, 400, 410}
    assert caller.call("GET", "/series1/instances", "Events", parameters=parameters) in {200, 400, 410}
