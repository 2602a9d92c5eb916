"""A user's sync settings in the API: by the rules of the form, on the version that was read."""

from collections.abc import Mapping

import pytest

from desksync.sync.policy import Direction
from desksync.worker.errors import RetryLater
from desksync_admin_api.access.audit import Deed
from tests.admin_api.api_calls import Api, is_problem
from tests.admin_api.office import As, WebOffice
from tests.admin_api.test_sync_settings import connected

TEAM = "team@group.example.com"


def wanted(**changes: object) -> dict[str, object]:
    whole = {"calendar_id": TEAM, "direction": "neo_to_google", "time_zone": "Europe/Paris", "shows_attendance": False}
    return whole | changes


def path_of(office: WebOffice, who: As = As.USER) -> str:
    return f"/users/{office.user_id(who)}/settings"


@pytest.mark.parametrize("who", [As.USER, As.ADMINISTRATOR, As.ADMINISTRATING_MACHINE])
def test_settings_are_replaced_and_written_down(office: WebOffice, who: As) -> None:
    connected(office)
    api = Api(office, who)

    answer = api.change(path_of(office), wanted(), method="PUT")

    assert answer.json() == wanted(calendar_zone="Europe/Paris")
    assert answer.headers["etag"] == api.get(path_of(office)).headers["etag"]
    settings = office.user().settings
    assert (settings.calendar_id, settings.direction, settings.time_zone) == (TEAM, Direction.NEO_TO_GOOGLE, "Europe/Paris")
    assert office.deeds() == [Deed.SETTINGS_CHANGED]


def test_settings_that_somebody_else_has_saved_are_not_written_over(office: WebOffice) -> None:
    connected(office)
    api, path = Api(office), path_of(office)
    seen = api.get(path).headers["etag"]
    api.change(path, wanted(), method="PUT")

    old = api.send("PUT", path, wanted(time_zone="Asia/Tokyo"), {"if-match": seen})
    without = api.send("PUT", path, wanted(time_zone="Asia/Tokyo"))

    assert is_problem(old, 412, "precondition-failed")
    assert is_problem(without, 428, "precondition-required")
    assert office.user().settings.time_zone == "Europe/Paris"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calendar_id": "primary"}, "calendar_id"),
        ({"calendar_id": ""}, "calendar_id"),
        ({"calendar_id": "holidays@example.com"}, "calendar_id"),
        ({"calendar_id": "unknown@example.com"}, "calendar_id"),
        ({"calendar_id": "a\nb"}, "calendar_id"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"direction": "sideways"}, "direction"),
        ({"shows_attendance": "yes"}, "shows_attendance"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_saved_is_a_problem_that_names_the_field(
    office: WebOffice, changes: Mapping[str, object], field: str
) -> None:
    connected(office)

    answer = Api(office).change(path_of(office), wanted(**changes), method="PUT")

    assert is_problem(answer, 422, "invalid")
    assert list(answer.json()["errors"]) == [f"body.{field}"]
    assert office.deeds() == []


def test_nothing_may_be_left_out(office: WebOffice) -> None:
    answer = Api(office).change(path_of(office), {"time_zone": "Asia/Tokyo"}, method="PUT")

    assert is_problem(answer, 422, "invalid")
    assert set(answer.json()["errors"]) == {"body.calendar_id", "body.direction", "body.shows_attendance"}


def test_a_calendar_of_somebody_else_is_refused(office: WebOffice) -> None:
    connected(office)
    theirs = office.user(As.OTHER_USER).settings.calendar_id or ""
    for listed in office.google.lists.values():
        office.google.hidden[theirs] = listed[0]

    answer = Api(office).change(path_of(office), wanted(calendar_id=theirs), method="PUT")

    assert is_problem(answer, 422, "invalid")
    assert answer.json()["errors"]["body.calendar_id"].startswith("Another user syncs this Google calendar already.")


def test_a_google_that_does_not_answer_saves_nothing(office: WebOffice) -> None:
    connected(office)
    office.google.error = RetryLater("Google Server Error (HTTP 503).")

    answer = Api(office).change(path_of(office), wanted(), method="PUT")

    assert is_problem(answer, 422, "invalid")
    assert "Try again later" in answer.json()["errors"]["body.calendar_id"]
    assert office.deeds() == []


def test_users_get_at_their_own_settings_only(office: WebOffice) -> None:
    api, theirs = Api(office, As.USER), path_of(office, As.OTHER_USER)

    read, changed = api.get(theirs), api.send("PUT", theirs, wanted(), {"if-match": "*"})

    assert is_problem(read, 404, "not-found")
    assert is_problem(changed, 404, "not-found")
    assert api.get(path_of(office)).status_code == 200
