"""Commands of the API: accepted, done once for each key, and what came of them where the answer says."""

import pytest

from desksync.store.states import Permission
from desksync.store.users import save_google_consent, set_permission
from desksync.store.web_states import ErrandKind
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.api.orders import without_titles
from tests.admin_api.api_calls import PREFIX, Api, is_problem
from tests.admin_api.errand_office import a_place, an_errand
from tests.admin_api.office import As, WebOffice
from tests.admin_api.runs import CREATED, a_run
from tests.builders import an_event

KEY = {"idempotency-key": "4e9f1a30"}


def test_a_preview_is_ordered_polled_and_shows_its_titles_to_nobody_else() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        machine, owner = Api(place.office), Api(place.office, As.USER)

        accepted = machine.send("POST", f"/users/{place.world.user_id}/preview")
        there = accepted.json()["poll"].removeprefix(PREFIX)
        before = machine.get(there).json()
        place.carry_out()
        after, own = machine.get(there), owner.get(there).json()

    assert (accepted.status_code, accepted.headers["location"]) == (202, accepted.json()["poll"])
    assert (before["state"], before["result"]) == ("waiting", None)
    assert (after.json()["state"], after.json()["result"]["creates"][0]["title"]) == ("done", None)
    assert "Stand-up" not in after.text
    assert own["result"]["creates"][0]["title"] == "Stand-up"


def test_a_run_is_put_back_by_its_owner() -> None:
    with a_place(neo=[an_event("Stand-up"), an_event("Review")]) as place:
        run, owner = place.world.sync(), Api(place.office, As.USER)

        accepted = owner.send("POST", f"/runs/{run.id}/undo")
        place.carry_out()
        errand = owner.get(accepted.json()["poll"].removeprefix(PREFIX)).json()
        again = owner.send("POST", f"/runs/{run.id}/undo")

    assert (accepted.status_code, errand["kind"], errand["result"]["number"]) == (202, "undo", 2)
    assert place.world.google.titles() == []
    assert is_problem(again, 409, "conflict")
    assert again.json()["detail"] == "Everything that this run wrote was put back already."


def test_a_run_is_ordered_at_once_and_known_again_by_its_ticket() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        machine = Api(place.office)

        accepted = machine.send("POST", f"/users/{place.world.user_id}/sync").json()
        place.world.sync_open()
        last = machine.get(accepted["poll"].removeprefix(PREFIX)).json()["last_run"]

    assert last["ticket_id"] == accepted["ticket_id"]
    assert last["finished_at"] is not None
    assert place.world.google.titles() == ["Stand-up"]


def test_a_run_that_is_ahead_is_not_doubled(office: WebOffice) -> None:
    api, path = Api(office), f"/users/{office.user_id()}/sync"

    first, second = api.send("POST", path), api.send("POST", path)

    assert (first.status_code, second.status_code) == (202, 202)
    assert (first.json()["ticket_id"] is None, second.json()["ticket_id"]) == (False, None)


def test_the_same_key_does_it_once_and_brings_the_same_answer(office_on_any: WebOffice) -> None:
    api, path = Api(office_on_any), f"/users/{office_on_any.user_id()}/sync"

    first, second = api.send("POST", path, headers=KEY), api.send("POST", path, headers=KEY)

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.headers["location"] == second.headers["location"]
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    assert office_on_any.deeds().count(Deed.SYNC_ORDERED) == 1


def test_a_key_that_comes_with_another_request_is_refused(office: WebOffice) -> None:
    api, user_id = Api(office), office.user_id()
    api.send("POST", f"/users/{user_id}/sync", headers=KEY)

    answer = api.send("POST", f"/users/{user_id}/preview", headers=KEY)

    assert is_problem(answer, 422, "key-reused")
    assert Deed.PREVIEW_ORDERED not in office.deeds()


def test_keys_of_different_callers_have_nothing_to_do_with_each_other(office: WebOffice) -> None:
    path = f"/users/{office.user_id()}/preview"

    for who in (As.ADMINISTRATING_MACHINE, As.ADMINISTRATOR, As.USER):
        assert "idempotent-replayed" not in Api(office, who).send("POST", path, headers=KEY).headers

    assert office.deeds().count(Deed.PREVIEW_ORDERED) == 3


def test_a_command_that_failed_may_be_sent_again_with_its_key(office: WebOffice) -> None:
    api, user_id, token = Api(office), office.user_id(), office.user().google_token
    with office.begin() as session:
        save_google_consent(session, user_id, None, None)
    failed = api.send("POST", f"/users/{user_id}/preview", headers=KEY)
    with office.begin() as session:
        save_google_consent(session, user_id, "user1@example.com", token)

    again = api.send("POST", f"/users/{user_id}/preview", headers=KEY)

    assert is_problem(failed, 409, "conflict")
    assert again.status_code == 202


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(office: WebOffice, key: str) -> None:
    answer = Api(office).send("POST", f"/users/{office.user_id()}/sync", headers={"idempotency-key": key})

    assert is_problem(answer, 422, "invalid")


def test_nothing_is_ordered_for_who_does_not_sync(office: WebOffice) -> None:
    api, user_id = Api(office), office.user_id()
    api.change(f"/users/{user_id}", {"sync_state": "stopped"})

    answer = api.send("POST", f"/users/{user_id}/sync")

    assert is_problem(answer, 409, "conflict")
    assert Deed.SYNC_ORDERED not in office.deeds()


def test_users_who_are_not_permitted_order_nothing_for_themselves(office: WebOffice) -> None:
    user_id, run_id = office.user_id(), a_run(office, As.USER, CREATED)
    with office.begin() as session:
        set_permission(session, user_id, Permission.DISABLED)

    answers = [Api(office, As.USER).send("POST", path) for path in (f"/users/{user_id}/preview", f"/runs/{run_id}/undo")]

    assert [is_problem(answer, 403, "not-allowed") for answer in answers] == [True, True]


@pytest.mark.parametrize("path", ["/users/{user}/sync", "/users/{user}/preview", "/runs/{run}/undo"])
def test_users_order_nothing_for_others(office: WebOffice, path: str) -> None:
    filled = path.format(user=office.user_id(As.OTHER_USER), run=a_run(office, As.OTHER_USER, CREATED))

    answer = Api(office, As.USER).send("POST", filled)

    assert is_problem(answer, 404, "not-found")
    assert office.deeds() == []


def test_errands_of_others_and_of_nobody_are_not_there(office: WebOffice) -> None:
    theirs, of_nobody = an_errand(office, As.OTHER_USER), an_errand(office, As.USER, ErrandKind.CLEAN, side="google")

    assert is_problem(Api(office, As.USER).get(f"/errands/{theirs}"), 404, "not-found")
    assert Api(office, As.AUDITOR).get(f"/errands/{theirs}").json()["kind"] == "undo"
    assert Api(office, As.USER).get(f"/errands/{of_nobody}").json()["kind"] == "clean"
    assert is_problem(Api(office).get("/errands/999"), 404, "not-found")


def test_titles_are_taken_out_of_a_result_however_deep_they_lie() -> None:
    result = {"number": 1, "lines": [{"title": "Secret dinner", "text": "x", "more": [{"title": "Secret lunch"}]}]}

    assert without_titles(result) == {"number": 1, "lines": [{"title": None, "text": "x", "more": [{"title": None}]}]}
