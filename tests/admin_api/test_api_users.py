"""Users in the API: found, looked at, and changed by whoever may, on the version that they have seen."""

import pytest

from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.users import save_google_consent, set_permission, stop
from desksync_admin_api.access.audit import Deed
from tests.admin_api.api_calls import Api, is_problem
from tests.admin_api.office import As, WebOffice
from tests.store.builders import a_user


def test_users_are_listed_page_by_page_while_others_are_added(office: WebOffice) -> None:
    api = Api(office, As.AUDITING_MACHINE)

    first = api.get("/users", limit=2).json()
    added = a_user(office.begin, 9)
    second = api.get("/users", limit=2, cursor=first["next"]).json()

    assert [one["login_id"] for one in first["items"]] == ["user1", "user2"]
    assert [one["id"] for one in second["items"]] == [office.user_id(As.USER_ADMINISTRATOR), added]
    assert second["next"] is None


def test_users_are_found_by_text_state_and_reason(office: WebOffice) -> None:
    api, failing, unwanted = Api(office), office.user_id(As.USER), office.user_id(As.OTHER_USER)
    with office.begin() as session:
        stop(session, failing, StopReason.ERRORS, "120 errors", office.clock())
        set_permission(session, unwanted, Permission.DISABLED)

    def found(**query: str) -> list[str]:
        return [one["login_id"] for one in api.items("/users", **query)]

    assert found(q="SER2") == ["user2"]
    assert found(state="disabled") == ["user2"]
    assert (found(state="stopped"), found(reason="errors"), found(reason="consent")) == (["user1"], ["user1"], [])
    assert found(state="waiting") == ["user3"]


def test_one_user_is_shown_with_how_their_sync_stands_and_no_secret(office: WebOffice) -> None:
    answer = Api(office, As.AUDITOR).get(f"/users/{office.user_id()}")

    shown = answer.json()
    assert (shown["login_id"], shown["state"], shown["google"], shown["last_run"]) == ("user1", "waiting", "done", None)
    assert answer.headers["etag"].startswith('"')
    assert not {"google_token", "neo_key"} & shown.keys()


def test_users_get_at_themselves_and_at_nobody_else(office: WebOffice) -> None:
    api = Api(office, As.USER)

    own, other = api.get(f"/users/{office.user_id()}"), api.get(f"/users/{office.user_id(As.OTHER_USER)}")
    changing = api.send("PATCH", f"/users/{office.user_id(As.OTHER_USER)}", {"sync_state": "stopped"}, {"if-match": "*"})

    assert own.json()["login_id"] == "user1"
    assert is_problem(other, 404, "not-found")
    assert is_problem(changing, 404, "not-found")
    assert office.user(As.OTHER_USER).sync_state is SyncState.SYNC


def test_permission_and_sync_state_are_changed_and_written_down_as_on_the_page(office: WebOffice) -> None:
    path = f"/users/{office.user_id()}"

    answer = Api(office).change(path, {"permission": "disabled", "sync_state": "stopped"})

    assert (answer.status_code, answer.json()["state"]) == (200, "disabled")
    user = office.user()
    assert (user.permission, user.sync_state, user.stop_reason) == (
        Permission.DISABLED,
        SyncState.STOPPED,
        StopReason.ADMINISTRATOR,
    )
    assert office.deeds()[:2] == [Deed.SYNC_STATE_CHANGED, Deed.PERMISSION_CHANGED]
    assert office.entries()[0].entry.who.kind == "machine"
    assert answer.headers["etag"] == Api(office).get(path).headers["etag"]


def test_a_change_without_a_version_is_refused_and_so_is_one_that_rests_on_an_old_version(office: WebOffice) -> None:
    api, path = Api(office), f"/users/{office.user_id()}"
    seen = api.get(path).headers["etag"]
    api.change(path, {"sync_state": "stopped"})

    without = api.send("PATCH", path, {"sync_state": "sync"})
    old = api.send("PATCH", path, {"sync_state": "sync"}, {"if-match": seen})
    weak = api.send("PATCH", path, {"sync_state": "sync"}, {"if-match": "W/" + api.get(path).headers["etag"]})

    assert is_problem(without, 428, "precondition-required")
    assert is_problem(old, 412, "precondition-failed")
    assert is_problem(weak, 412, "precondition-failed")
    assert office.user().sync_state is SyncState.STOPPED


def test_a_version_may_be_one_of_several_or_any(office: WebOffice) -> None:
    api, path = Api(office), f"/users/{office.user_id()}"
    seen = api.get(path).headers["etag"]

    one_of = api.send("PATCH", path, {"sync_state": "stopped"}, {"if-match": f'"other", {seen}'})
    whatever = api.send("PATCH", path, {"sync_state": "sync"}, {"if-match": "*"})

    assert (one_of.status_code, whatever.status_code) == (200, 200)


def test_users_stop_and_start_themselves_by_the_rules_of_their_page(office: WebOffice) -> None:
    api, path = Api(office, As.USER), f"/users/{office.user_id()}"

    stopped = api.change(path, {"sync_state": "stopped"}).json()
    permitted = api.change(path, {"permission": "disabled"})
    user_id = office.user_id()
    with office.begin() as session:
        save_google_consent(session, user_id, None, None)
    started = api.change(path, {"sync_state": "sync"})

    assert stopped["stop_reason"] == "user"
    assert is_problem(permitted, 403, "not-allowed")
    assert is_problem(started, 409, "conflict")
    assert started.json()["detail"] == "Authenticate with Google first."


@pytest.mark.parametrize(
    "body", [{}, {"permission": None}, {"permission": "maybe"}, {"sync_state": 1}, {"more": 1}, [], "x", None]
)
def test_what_cannot_be_understood_is_a_problem_that_names_the_field(office: WebOffice, body: object) -> None:
    answer = Api(office).send("PATCH", f"/users/{office.user_id()}", body, {"if-match": "*"})

    assert is_problem(answer, 422, "invalid")
    assert answer.json()["errors"] != {}


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"cursor": "-1"}, {"cursor": "x"}, {"state": "x"}, {"q": "a\0"}]
)
def test_a_list_is_asked_for_in_words_that_are_known(office: WebOffice, query: dict[str, str]) -> None:
    answer = Api(office).get("/users", **query)

    assert is_problem(answer, 422, "invalid")
    assert [name.partition(".")[2] for name in answer.json()["errors"]] == list(query)


def test_nobody_is_at_a_number_that_no_user_has(office: WebOffice) -> None:
    assert is_problem(Api(office).get("/users/999"), 404, "not-found")
