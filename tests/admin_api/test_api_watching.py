"""The audit log and the statistics in the API."""

import pytest

from desksync_admin_api.access.audit import Deed
from tests.admin_api.api_calls import Api, is_problem
from tests.admin_api.holds import a_hold
from tests.admin_api.office import As, WebOffice
from tests.admin_api.runs import CREATED, a_run


def test_a_change_by_a_machine_is_in_the_log_with_what_it_was(office: WebOffice) -> None:
    Api(office).change(f"/users/{office.user_id()}", {"permission": "disabled"})

    (entry,) = Api(office, As.AUDITING_MACHINE).items("/audit")

    assert (entry["what"], entry["who"]["kind"], entry["about"]["id"]) == (
        "permission_changed",
        "machine",
        str(office.user_id()),
    )
    assert (entry["before"], entry["after"]) == ({"permission": "enabled"}, {"permission": "disabled"})


def test_the_log_is_filtered_and_comes_in_pages(office: WebOffice) -> None:
    machine, administrator = Api(office), Api(office, As.ADMINISTRATOR)
    first, second = office.user_id(), office.user_id(As.OTHER_USER)
    machine.change(f"/users/{first}", {"permission": "disabled"})
    office.clock.forward(days=1)
    between = office.clock().isoformat()
    office.clock.forward(hours=1)
    administrator.change(f"/users/{second}", {"sync_state": "stopped"})

    def found(**query: object) -> list[str]:
        return [one["what"] for one in machine.items("/audit", **query)]

    stopped, disabled = Deed.SYNC_STATE_CHANGED, Deed.PERMISSION_CHANGED
    assert found() == [stopped, disabled]
    assert [[one["what"] for one in page] for page in machine.pages("/audit", limit=1)] == [[stopped], [disabled]]
    assert (found(what=stopped), found(who="machine"), found(user_id=first)) == ([stopped], [disabled], [disabled])
    assert (found(since=between), found(until=between), found(q="User 2")) == ([stopped], [disabled], [stopped])


@pytest.mark.parametrize("query", [{"what": "x"}, {"who": "x"}, {"user_id": 0}, {"since": "x"}, {"cursor": "x"}])
def test_a_filter_that_means_nothing_is_refused(office: WebOffice, query: dict[str, str]) -> None:
    answer = Api(office).get("/audit", **query)

    assert is_problem(answer, 422, "invalid")
    assert [name.partition(".")[2] for name in answer.json()["errors"]] == list(query)


def test_statistics_count_what_the_overview_shows(office: WebOffice) -> None:
    a_run(office, As.USER, CREATED, fails="retry_later")
    a_hold(office)
    Api(office).change(f"/users/{office.user_id(As.OTHER_USER)}", {"sync_state": "stopped"})

    shown = Api(office, As.AUDITING_MACHINE).get("/statistics").json()

    assert shown["users"] == {"disabled": 0, "stopped": 1, "waiting": 2, "running": 0}
    assert shown["stopped"] == {"user": 0, "administrator": 1, "errors": 0, "consent": 0}
    assert (shown["held"], shown["hours_are_cut"], len(shown["hours"])) == (1, False, 24)
    assert (shown["hours"][-1]["runs"], shown["hours"][-1]["errors"]) == (1, 1)
