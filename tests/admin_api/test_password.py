import pytest

from desksync.store import accounts
from desksync.store.web_states import WebRole
from desksync_admin_api.access.passwords import hash_password
from tests.admin_api.office import As, Browser, WebOffice

OLD, NEW = "seven blue spoons", "  eleven green forks "


@pytest.fixture
def account(office: WebOffice) -> str:
    with office.begin() as session:
        return accounts.create_account(session, "kobayashi", WebRole.AUDITOR, hash_password(OLD), office.clock()).name


def came_in(office: WebOffice, password: str) -> Browser:
    browser = office.browser()
    browser.submit("/sign-in/local", {"name": "kobayashi", "password": password})
    return browser


def changed(browser: Browser, old: str = OLD, new: str = NEW, again: str = NEW) -> tuple[int, str]:
    answer = browser.submit("/account/password", {"old": old, "new": new, "again": again})
    return answer.status_code, answer.text


@pytest.mark.usefixtures("account")
def test_a_new_password_is_taken_as_it_is_typed_and_ends_every_other_session(office: WebOffice) -> None:
    here, there = came_in(office, OLD), came_in(office, OLD)
    secret = here.client.cookies["__Host-desksync-session"]

    status, _ = changed(here)

    assert status == 303
    assert (here.get("/admin").status_code, there.get("/admin").status_code) == (200, 303)
    assert here.client.cookies["__Host-desksync-session"] != secret
    doors = [came_in(office, password).get("/admin").status_code for password in (OLD, NEW.strip(), NEW)]
    assert doors == [303, 303, 200]
    assert "account_password" in office.deeds()
    assert not [one for one in office.entries() if NEW.strip() in str(one)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"old": "wrong"}, "old"),
        ({"old": ""}, "old"),
        ({"new": "short", "again": "short"}, "new"),
        ({"new": "kobayashikobayashi", "again": "kobayashikobayashi"}, "new"),
        ({"new": "x" * 257, "again": "x" * 257}, "new"),
        ({"again": "something else"}, "again"),
        ({"new": "a\0b" * 5, "again": "a\0b" * 5}, "new"),
    ],
)
@pytest.mark.usefixtures("account")
def test_what_is_wrong_is_said_beside_the_field_and_no_password_is_shown(
    office: WebOffice, values: dict[str, str], field: str
) -> None:
    browser = came_in(office, OLD)

    status, page = changed(browser, **values)

    assert status == 422
    assert f'id="{field}-wrong"' in page
    assert OLD not in page
    assert NEW.strip() not in page
    assert came_in(office, OLD).get("/admin").status_code == 200


@pytest.mark.usefixtures("account")
def test_guessing_the_old_password_slows_down(office: WebOffice) -> None:
    browser = came_in(office, OLD)

    statuses = [changed(browser, old="a guess")[0] for _ in range(7)]

    assert statuses == [422] * 6 + [429]


@pytest.mark.parametrize("who", [As.USER, As.USER_ADMINISTRATOR])
def test_whose_password_is_elsewhere_has_no_such_page(office: WebOffice, who: As) -> None:
    assert office.browser(who).get("/account/password").status_code == 404


def test_an_administrator_sees_who_is_signed_in_and_signs_them_out(office: WebOffice) -> None:
    user, administrator = office.browser(As.USER), office.browser(As.ADMINISTRATOR)
    page = administrator.get("/admin/sessions").text
    session_id = office.session_ids(As.USER)[0]

    answer = administrator.submit(f"/admin/sessions/{session_id}/end", form_on="/admin/sessions")

    assert "User 1" in page
    assert answer.status_code == 303
    assert user.get("/sync").status_code == 303
    entry = office.entries()[0].entry
    assert (entry.what, entry.about.name, entry.after) == ("signed_out_others", "User 1", {"sessions": 1})


def test_an_administrator_signs_everybody_else_out(office: WebOffice) -> None:
    others = [office.browser(who) for who in (As.USER, As.OTHER_USER, As.AUDITOR)]
    administrator = office.browser(As.ADMINISTRATOR)

    administrator.submit("/admin/sessions/end-all", form_on="/admin/sessions")

    assert {browser.get("/account").status_code for browser in others} == {303}
    assert "3 件のサインインを終了させました" in administrator.get("/admin/sessions").text


def test_an_auditor_sees_who_is_signed_in_and_no_button(office: WebOffice) -> None:
    page = office.browser(As.AUDITOR).get("/admin/sessions").text

    assert "auditor" in page
    assert "/end" not in page


def test_a_refused_request_is_in_the_log(office: WebOffice, caplog: pytest.LogCaptureFixture) -> None:
    office.browser(As.USER).get("/admin")

    found = [vars(record) for record in caplog.records if record.getMessage() == "request refused"]

    assert [(one["kind"], one["path"], one["who"]) for one in found] == [("not-allowed", "/admin", f"user {office.user_id()}")]
