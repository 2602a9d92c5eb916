import re

import pytest

from desksync.store.web_states import WebRole
from tests.admin_api.office import As, WebOffice

NEW = "/admin/tokens/new"


def made(office: WebOffice, **values: str) -> str:
    """Make a token on the page and return it."""
    form = {"name": "Nightly report", "role": "auditor", "days": "90"} | values
    answer = office.browser(As.ADMINISTRATOR).submit(NEW, form)
    found = re.search(r"<code>(dsk_[\w-]+)</code>", answer.text)
    assert found is not None, answer.text
    return found[1]


def status_with(office: WebOffice, token: str, scheme: str = "Bearer") -> int:
    return office.browser().get("/api/v1/me", authorization=f"{scheme} {token}").status_code


def test_a_token_is_shown_once_and_opens_the_api(office: WebOffice) -> None:
    token = made(office)

    listed = office.browser(As.AUDITOR).get("/admin/tokens").text

    assert status_with(office, token) == 200
    assert token not in listed
    assert token[:10] in listed
    assert "Nightly report" in listed


def test_a_revoked_token_opens_nothing_with_the_next_call(office: WebOffice) -> None:
    token = made(office)

    answer = office.browser(As.ADMINISTRATOR).submit("/admin/tokens/1/revoke", form_on="/admin/tokens")

    assert answer.headers["location"] == "/admin/tokens"
    assert status_with(office, token) == 401
    page = office.browser(As.ADMINISTRATOR).get("/admin/tokens").text
    assert "トークン「Nightly report」を取り消しました" in page
    assert "取り消し済み" in page


def test_a_token_expires(office: WebOffice) -> None:
    month, ever = made(office, days="30"), made(office, days="never")

    office.clock.forward(days=31)

    assert (status_with(office, month), status_with(office, ever)) == (401, 200)


@pytest.mark.parametrize("offered", ["", "x", "dsk_", "Bearer", "dsk_ dsk_"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic"])
def test_what_is_no_token_opens_nothing(office: WebOffice, offered: str, scheme: str) -> None:
    assert status_with(office, offered, scheme) == 401


def test_bytes_that_are_no_text_open_nothing(office: WebOffice) -> None:
    answer = office.browser().client.get("/api/v1/me", headers=[(b"authorization", b"Bearer dsk_\xff\xfe")])

    assert answer.status_code == 401


def test_a_token_that_is_wrong_is_refused_even_beside_a_good_cookie(office: WebOffice) -> None:
    answer = office.browser(As.ADMINISTRATOR).get("/api/v1/me", authorization="Bearer dsk_wrong")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_opens_no_page(office: WebOffice) -> None:
    answer = office.browser().get("/admin", authorization=f"Bearer {made(office, role='administrator')}")

    assert answer.headers["location"] == "/sign-in?back=%2Fadmin"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"role": "king"}, "role"),
        ({"days": "31"}, "days"),
        ({"days": ""}, "days"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    office: WebOffice, values: dict[str, str], field: str
) -> None:
    form = {"name": "Nightly report", "role": "administrator", "days": "365"} | values

    answer = office.browser(As.ADMINISTRATOR).submit(NEW, form)

    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    kept = {"name": 'value="Nightly report"', "role": 'value="administrator" checked', "days": 'value="365" selected'}
    assert all(words in answer.text for name, words in kept.items() if name != field)
    assert office.deeds() == []


def test_making_and_revoking_is_written_down_without_the_token(office: WebOffice) -> None:
    token = made(office)
    for _ in range(2):
        office.browser(As.ADMINISTRATOR).submit("/admin/tokens/1/revoke", form_on="/admin/tokens")

    revoked, making = (one.entry for one in office.entries())

    assert (making.what, revoked.what) == ("token_made", "token_revoked")
    assert (making.who.name, making.about.name) == ("administrator", "Nightly report")
    assert making.after == {"role": "auditor", "expires_at": "2027-02-21 01:00:00+00:00"}
    assert token not in str(office.entries())


def test_the_use_of_a_token_is_kept_to_the_minute(office: WebOffice) -> None:
    token = made(office)
    office.clock.forward(hours=1)
    status_with(office, token)
    office.clock.forward(seconds=30)
    status_with(office, token)

    listed = office.browser(As.ADMINISTRATING_MACHINE).get("/api/v1/tokens").json()["items"]

    assert [one["used_at"] for one in listed if one["name"] == "Nightly report"] == ["2026-11-23T02:00:00Z"]


def test_machines_make_list_and_revoke_tokens(office: WebOffice) -> None:
    machine = office.browser(As.ADMINISTRATING_MACHINE).client

    answer = machine.post("/api/v1/tokens", json={"name": "One", "role": "auditor"})
    token = answer.json()
    revoked = machine.delete(f"/api/v1/tokens/{token['id']}")

    assert answer.status_code == 201
    assert token["token"].startswith(token["prefix"])
    assert status_with(office, token["token"]) == 401
    assert revoked.json()["revoked_at"] == "2026-11-23T01:00:00Z"
    assert [one["name"] for one in machine.get("/api/v1/tokens").json()["items"]] == ["One", "a machine that is administrator"]


def test_tokens_come_in_pages(office: WebOffice) -> None:
    machine = office.browser(As.AUDITING_MACHINE).client
    for number in range(4):
        office.a_token(WebRole.AUDITOR, name=f"Machine {number}")

    names, cursor = [], "?limit=2"
    while cursor:
        body = machine.get(f"/api/v1/tokens{cursor}").json()
        names.append([one["name"] for one in body["items"]])
        cursor = f"?limit=2&cursor={body['next']}" if body["next"] else ""

    assert names == [["Machine 3", "Machine 2"], ["Machine 1", "Machine 0"], ["a machine that is auditor"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "role": "auditor"},
        {"name": "a\u0000b", "role": "auditor"},
        {"name": 7, "role": "auditor"},
        {"name": "x", "role": "king"},
        {"name": "x", "role": "auditor", "days": 0},
        {"name": "x", "role": "auditor", "days": "90"},
        {"name": "x", "role": "auditor", "days": True},
        {"name": "x", "role": "auditor", "more": 1},
        [],
        None,
    ],
)
def test_what_the_api_cannot_use_is_a_problem_with_the_fields(office: WebOffice, body: object) -> None:
    answer = office.browser(As.ADMINISTRATING_MACHINE).client.post("/api/v1/tokens", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/invalid"
    assert answer.json()["errors"] != {}


@pytest.mark.parametrize("token_id", ["0", "-1", "x", "99999999999999999999", "1.5", "%00"])
def test_a_number_that_no_token_can_have_is_refused(office: WebOffice, token_id: str) -> None:
    assert office.browser(As.ADMINISTRATING_MACHINE).client.delete(f"/api/v1/tokens/{token_id}").status_code == 422


def test_a_token_that_is_not_there_is_not_found(office: WebOffice) -> None:
    answer = office.browser(As.ADMINISTRATING_MACHINE).client.delete("/api/v1/tokens/999")

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
