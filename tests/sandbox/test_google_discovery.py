"""The stand-in and the checker of its answers follow Google's own description of the API."""

from typing import Any

import pytest

from desksync_sandbox.google.query import DEFAULT_RESULTS, NOT_WITH_SYNC_TOKEN
from desksync_sandbox.google.scopes import ACCEPTED, PREFIX
from tests.sandbox.discovery import description, error_problems, methods, problems
from tests.sandbox.google_site import HANAKO, TEAM, Site, all_day

_GOOD = {"kind": "calendar#event", "etag": '"1"', "id": "abcde", "status": "confirmed"}


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({"colour": "1"}, "is not known"),
        ({"sequence": "1"}, "is no integer"),
        ({"sequence": True}, "is no integer"),
        ({"kind": "calendar#thing"}, "should be 'calendar#event'"),
        ({"status": "maybe"}, "none of the values"),
        ({"updated": "yesterday"}, "is no RFC 3339 time"),
        ({"updated": "2026-13-01T00:00:00Z"}, "is no date-time"),
        ({"start": {"date": "2026-02-30"}}, "is no date"),
        ({"start": {"day": "2026-02-01"}}, "is not known"),
        ({"recurrence": "RRULE:FREQ=DAILY"}, "is no array"),
        ({"attendees": [{"email": 5}]}, "is no string"),
        ({"extendedProperties": {"private": {"a": 1}}}, "is no string"),
        ({"attendees": [{"responseStatus": "perhaps"}]}, "none of the values"),
    ],
)
def test_the_checker_sees_a_flaw(flaw: dict[str, Any], words: str) -> None:
    [problem] = problems({**_GOOD, **flaw}, "Event")

    assert words in problem


def test_the_checker_sees_a_missing_field_and_passes_a_good_event() -> None:
    bare = {name: value for name, value in _GOOD.items() if name != "id"}

    assert problems(bare, "Event") == ["Event.id is missing"]
    assert problems(_GOOD, "Event") == []


def test_the_checker_sees_a_wrong_error_body() -> None:
    error = {"domain": "global", "reason": "notFound", "message": "Not Found"}
    good = {"error": {"code": 404, "message": "Not Found", "errors": [error]}}

    assert error_problems(good, 404) == []
    assert error_problems(good, 410) == ["code 404 in an answer 410"]
    assert error_problems({"error": "invalid"}, 400) != []
    assert error_problems({"error": {"code": 404, "message": "", "errors": [{"reason": "notFound"}]}}, 404) != []


def test_every_operation_opens_to_the_scopes_of_the_description() -> None:
    described = {name: {scope.removeprefix(PREFIX) for scope in method["scopes"]} for name, method in methods()}

    assert {name: set(scopes) for name, scopes in ACCEPTED.items()} == {name: described[name] for name in ACCEPTED}


def test_the_rules_of_lists_are_those_of_the_description() -> None:
    parameters = dict(methods())["events.list"]["parameters"]
    words = parameters["syncToken"]["description"]

    assert all(f"- {name}" in words for name in NOT_WITH_SYNC_TOKEN)
    assert words.count("\n- ") == len(NOT_WITH_SYNC_TOKEN)
    assert int(parameters["maxResults"]["default"]) == DEFAULT_RESULTS


def test_the_answers_of_a_whole_session_follow_the_description(google: Site) -> None:
    event = google.insert(recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=[{"email": HANAKO}], colorId="4")
    google.patch(f"{event['id']}_20261125T010000Z", status="cancelled")
    google.insert(TEAM, **all_day("2026-11-24", "2026-11-26"))
    calls = [
        google.events.list(calendarId="primary"),
        google.events.instances(calendarId="primary", eventId=event["id"], showDeleted=True),
        google.events.list(calendarId=TEAM, singleEvents=True),
        google.service.calendarList().list(),
        google.service.calendarList().get(calendarId=TEAM),
        google.service.calendars().get(calendarId="primary"),
        google.service.colors().get(),
    ]
    before = google.http.checked

    for call in calls:
        call.execute()

    assert google.http.checked - before == len(calls)


def test_an_error_of_every_kind_has_the_body_of_the_description(google: Site) -> None:
    assert description()["rootUrl"] == "https://www.googleapis.com/"
    answer = google.web.get("/calendar/v3/calendars/primary/events")

    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "code": 401,
            "message": "Invalid Credentials",
            "errors": [
                {
                    "domain": "global",
                    "reason": "authError",
                    "message": "Invalid Credentials",
                    "locationType": "header",
                    "location": "Authorization",
                }
            ],
        }
    }
