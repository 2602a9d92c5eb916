"""Deletions that wait, in the API: answered on exactly what was shown."""

import pytest

from desksync.store.states import Permission
from desksync.store.users import set_permission
from desksync_admin_api.access.audit import Deed
from tests.admin_api.api_calls import Api, is_problem
from tests.admin_api.holds import a_hold, hold, waiting
from tests.admin_api.office import As, MakeOffice, WebOffice


def test_what_waits_is_listed_and_titles_are_for_the_owner(office: WebOffice, make_office: MakeOffice) -> None:
    held = a_hold(office, As.USER, google=12)
    path = f"/users/{office.user_id()}/held"

    (listed,) = Api(office, As.AUDITING_MACHINE).items("/held")
    own = Api(office, As.USER).get(path)
    shown = Api(make_office(history_shows_titles=True)).items("/held")

    assert (listed["user_id"], listed["google"], {one["title"] for one in listed["sample"]}) == (office.user_id(), 12, {None})
    assert own.headers["etag"] == own.json()["etag"] == listed["etag"] == f'"{held.mark}"'
    assert own.json()["sample"][0]["title"] == shown[0]["sample"][0]["title"] == "Secret dinner"


def test_what_waits_comes_in_pages(office: WebOffice) -> None:
    for who in (As.USER, As.OTHER_USER, As.USER_ADMINISTRATOR):
        a_hold(office, who)

    pages = Api(office).pages("/held", limit=2)

    assert [[one["user_id"] for one in page] for page in pages] == [
        [office.user_id(As.USER), office.user_id(As.OTHER_USER)],
        [office.user_id(As.USER_ADMINISTRATOR)],
    ]


@pytest.mark.parametrize(("answer", "deed"), [("release", Deed.HELD_RELEASED), ("refuse", Deed.HELD_REFUSED)])
@pytest.mark.parametrize("who", [As.USER, As.ADMINISTRATING_MACHINE])
def test_an_answer_is_given_once_and_written_down(office: WebOffice, answer: str, deed: Deed, who: As) -> None:
    held, path = a_hold(office), f"/users/{office.user_id()}/held/{answer}"
    headers = {"if-match": f'"{held.mark}"', "idempotency-key": "one"}

    given, again = (Api(office, who).send("POST", path, headers=headers) for _ in range(2))

    assert (given.status_code, given.json()) == (202, again.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert waiting(office) is None
    assert office.deeds() == [deed]


def test_an_answer_to_what_was_not_seen_changes_nothing(office: WebOffice) -> None:
    held, path = a_hold(office, google=12), f"/users/{office.user_id()}/held/release"
    hold(office, office.user_id(), google=13)

    old = Api(office).send("POST", path, headers={"if-match": f'"{held.mark}"'})
    without = Api(office).send("POST", path)

    assert is_problem(old, 412, "precondition-failed")
    assert is_problem(without, 428, "precondition-required")
    assert waiting(office) is not None
    assert office.deeds() == []


def test_a_key_stands_for_one_answer_to_one_version(office: WebOffice) -> None:
    held, path = a_hold(office), f"/users/{office.user_id()}/held/release"
    Api(office).send("POST", path, headers={"if-match": f'"{held.mark}"', "idempotency-key": "one"})

    answer = Api(office).send("POST", path, headers={"if-match": '"another"', "idempotency-key": "one"})

    assert is_problem(answer, 422, "key-reused")


def test_users_answer_for_nobody_else_and_not_without_permission(office: WebOffice) -> None:
    a_hold(office, As.OTHER_USER)
    own, user_id, api = a_hold(office, As.USER), office.user_id(), Api(office, As.USER)
    with office.begin() as session:
        set_permission(session, user_id, Permission.DISABLED)

    theirs = api.send("POST", f"/users/{office.user_id(As.OTHER_USER)}/held/release", headers={"if-match": "*"})
    mine = api.send("POST", f"/users/{user_id}/held/release", headers={"if-match": f'"{own.mark}"'})

    assert is_problem(theirs, 404, "not-found")
    assert is_problem(api.get(f"/users/{office.user_id(As.OTHER_USER)}/held"), 404, "not-found")
    assert is_problem(mine, 403, "not-allowed")
    assert office.deeds() == []


def test_nothing_that_waits_is_not_found(office: WebOffice) -> None:
    path = f"/users/{office.user_id()}/held"

    assert is_problem(Api(office).get(path), 404, "not-found")
    assert is_problem(Api(office).send("POST", f"{path}/refuse", headers={"if-match": "*"}), 404, "not-found")
