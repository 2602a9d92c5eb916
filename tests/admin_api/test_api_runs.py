"""The history in the API: by the same rules as its pages."""

import pytest

from desksync.store.runs import NewLine
from desksync.sync.event import Side
from tests.admin_api.api_calls import Api, is_problem
from tests.admin_api.office import As, MakeOffice, WebOffice
from tests.admin_api.runs import CREATED, a_run


def numbers(api: Api, path: str, **query: object) -> list[int | str]:
    """Return the numbers of runs, and for each quiet time how long it was."""
    return [one["run"]["id"] if one["run"] else f"{one['quiet']['number']} quiet" for one in api.items(path, **query)]


def test_the_runs_of_a_user_have_the_quiet_times_between_them_and_those_of_all_do_not(office: WebOffice) -> None:
    first = a_run(office, As.USER, CREATED)
    a_run(office, As.USER)
    a_run(office, As.USER)
    second, theirs = a_run(office, As.USER, CREATED), a_run(office, As.OTHER_USER, CREATED)

    api = Api(office, As.AUDITING_MACHINE)

    assert numbers(api, f"/users/{office.user_id()}/runs") == [second, "2 quiet", first]
    assert numbers(api, "/runs") == [theirs, second, first]
    assert numbers(api, f"/users/{office.user_id()}/runs", side="google") == [second, first]


def test_runs_come_in_pages(office: WebOffice) -> None:
    made = [a_run(office, As.USER, CREATED) for _ in range(5)]

    pages = Api(office).pages("/runs", limit=2)

    assert [[one["run"]["id"] for one in page] for page in pages] == [made[:2:-1], made[2:0:-1], made[:1]]


def test_runs_are_filtered_by_time_outcome_side_and_error(office: WebOffice) -> None:
    first = a_run(office, As.USER, CREATED)
    office.clock.forward(days=2)
    second = a_run(office, As.USER, NewLine("deleted", Side.NEO, "", "n1", "x"), outcome="side_unreadable", fails="retry_later")
    api, between = Api(office), "2026-11-24T00:00:00+09:00"

    assert numbers(api, "/runs", since=between) == [second]
    assert numbers(api, "/runs", until=between) == [first]
    assert numbers(api, "/runs", outcome="ok") == [first]
    assert numbers(api, "/runs", side="neo") == [second]
    assert (numbers(api, "/runs", error="any"), numbers(api, "/runs", error="retry_later")) == ([second], [second])


@pytest.mark.parametrize("who", [As.AUDITING_MACHINE, As.ADMINISTRATING_MACHINE, As.ADMINISTRATOR, As.USER_ADMINISTRATOR])
def test_titles_of_other_people_are_hidden(office: WebOffice, who: As) -> None:
    run_id = a_run(office, As.OTHER_USER, CREATED)

    answer = Api(office, who).get(f"/runs/{run_id}/lines")

    assert [(one["kind"], one["side"], one["title"]) for one in answer.json()["items"]] == [("created", "google", None)]
    assert "Secret dinner" not in answer.text


def test_titles_are_shown_to_their_owner_and_to_all_where_the_setting_says_so(office: WebOffice, make_office: MakeOffice) -> None:
    run_id = a_run(office, As.USER, CREATED)
    open_office = make_office(history_shows_titles=True)

    assert [one["title"] for one in Api(office, As.USER).items(f"/runs/{run_id}/lines")] == ["Secret dinner"]
    assert [one["title"] for one in Api(open_office).items(f"/runs/{run_id}/lines")] == ["Secret dinner"]


@pytest.mark.parametrize("path", ["/runs/{run}", "/runs/{run}/lines", "/users/{user}/runs", "/users/{user}/errors"])
def test_a_user_reaches_the_own_history_and_never_anothers(office: WebOffice, path: str) -> None:
    api = Api(office, As.USER)

    def asked(whose: As) -> int:
        filled = path.format(run=a_run(office, whose, CREATED, fails="retry_later"), user=office.user_id(whose))
        return api.get(filled).status_code

    assert (asked(As.USER), asked(As.OTHER_USER)) == (200, 404)


def test_lines_and_errors_come_in_pages_the_newest_first(office: WebOffice) -> None:
    several = [NewLine("created", Side.GOOGLE, "", f"g{number}", f"Title {number}") for number in range(5)]
    run_id = a_run(office, As.USER, *several, fails="retry_later")
    a_run(office, As.OTHER_USER, fails="side_unreadable")
    api, own = Api(office), Api(office, As.USER)

    titles = [[one["title"] for one in page] for page in own.pages(f"/runs/{run_id}/lines", limit=3)]

    assert titles == [["Title 4", "Title 3", "Title 2"], ["Title 1", "Title 0"]]
    assert [[one["kind"] for one in page] for page in api.pages("/errors", limit=1)] == [["side_unreadable"], ["retry_later"]]
    assert [one["run_id"] for one in api.items(f"/users/{office.user_id()}/errors")] == [run_id]


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"since": "2026-11-24T00:00:00"}, {"outcome": "x"}, {"side": "x"}, {"error": "x"}]
)
def test_a_filter_that_means_nothing_is_refused(office: WebOffice, query: dict[str, str]) -> None:
    answer = Api(office).get("/runs", **query)

    assert is_problem(answer, 422, "invalid")
    assert [name.partition(".")[2] for name in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize("path", ["/runs/999", "/runs/999/lines", "/users/999/runs", "/users/999/errors"])
def test_what_is_not_there_is_not_found(office: WebOffice, path: str) -> None:
    assert is_problem(Api(office).get(path), 404, "not-found")
