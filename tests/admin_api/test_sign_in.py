import logging
import re
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from desksync.store import accounts
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.states import Permission
from desksync.store.users import find_user
from desksync.store.web_states import SignInWay, WebRole
from desksync.worker.errors import RetryLater
from desksync_admin_api.access.passwords import hash_password, is_password, needs_new_hash, weakness
from desksync_admin_api.access.throttle import FOR_AN_ACCOUNT, FOR_AN_ADDRESS, neighbourhood
from desksync_admin_api.doors import NeoPerson
from desksync_admin_api.web import SIGN_INS_AT_ONCE
from tests.admin_api.office import As, Browser, WebOffice

PASSWORD = "seven blue spoons"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Give the hash of `PASSWORD`: making one costs a tenth of a second on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def account(office: WebOffice, password_hash: str) -> str:
    with office.begin() as session:
        return accounts.create_account(session, "kobayashi", WebRole.ADMINISTRATOR, password_hash, office.clock()).name


def signed_in(
    browser: Browser, path: str = "/sign-in", name: str = "user1", password: str = "password 1", back: str = "/"
) -> int:
    return browser.submit(path, {"name": name, "password": password, "back": back}).status_code


def test_a_user_of_neo_comes_in_with_the_password_of_neo(office: WebOffice) -> None:
    browser = office.browser()

    answer = browser.submit("/sign-in", {"name": "user1", "password": "password 1", "back": "/sync"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sync")
    assert "User 1" in browser.get("/sync").text
    assert browser.get("/admin").status_code == 403


def test_a_local_account_comes_in_with_its_own(office: WebOffice, account: str) -> None:
    browser = office.browser()

    status = signed_in(browser, "/sign-in/local", account, PASSWORD)

    assert status == 303
    assert browser.get("/admin").status_code == 200
    assert browser.get("/sync").status_code == 403


@pytest.mark.parametrize(
    ("path", "name", "password"),
    [
        ("/sign-in", "user1", "password 2"),
        ("/sign-in", "nobody", "password 1"),
        ("/sign-in/local", "kobayashi", "wrong"),
        ("/sign-in/local", "nobody", PASSWORD),
        ("/sign-in/local", "user1", "password 1"),
        ("/sign-in", "kobayashi", PASSWORD),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_wrong_name_and_a_wrong_password_are_refused_with_the_same_words(
    office: WebOffice, path: str, name: str, password: str
) -> None:
    browser = office.browser()

    answer = browser.submit(path, {"name": name, "password": password})

    assert answer.status_code == 422
    assert "名前またはパスワードが正しくありません" in answer.text
    assert f'value="{name}"' in answer.text  # What was typed is kept,
    assert password not in answer.text  # and the password is not.
    assert browser.get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/local"])
@pytest.mark.parametrize(
    ("name", "password"), [("", "x"), ("x", ""), ("x" * 201, "x"), ("x", "y" * 257), ("\0", "x"), ("  ", "x")]
)
def test_what_cannot_be_a_name_or_a_password_is_said_beside_the_field(
    office: WebOffice, path: str, name: str, password: str
) -> None:
    answer = office.browser().submit(path, {"name": name, "password": password})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_neo_that_does_not_answer_is_said_and_nobody_is_let_in(office: WebOffice) -> None:
    office.neo.error = RetryLater("NEO did not answer in time.")

    answer = office.browser().submit("/sign-in", {"name": "user1", "password": "password 1"})

    assert answer.status_code == 502
    assert "NEO did not answer in time." in answer.text


def test_somebody_whom_the_list_does_not_hold_yet_is_added_disabled(office: WebOffice) -> None:
    office.neo.people["new"] = ("secret", NeoPerson("999", "Newcomer"))
    browser = office.browser()

    status = signed_in(browser, name="new", password="secret")

    with office.begin() as session:
        user = find_user(session, "999", office.clock())
        others = find_user(session, "user1", office.clock())
    assert status == 303
    assert user is not None
    assert (user.name, user.permission) == ("Newcomer", Permission.DISABLED)
    assert others is not None
    assert others.vanished_at is None
    assert "管理者により無効とされています" in browser.get("/sync").text


def test_a_new_session_begins_at_every_sign_in(office: WebOffice) -> None:
    browser = office.browser()
    secrets = []
    for number in (1, 2):
        browser.client.cookies.delete("__Host-desksync-session") if number == 2 else None
        signed_in(browser, name=f"user{number}", password=f"password {number}")
        secrets.append(browser.client.cookies["__Host-desksync-session"])

    assert len(set(secrets)) == 2


def test_signing_in_over_a_session_ends_it(office: WebOffice) -> None:
    browser, thief = office.browser(), office.browser()
    signed_in(browser)
    stolen = browser.client.cookies["__Host-desksync-session"]
    token = browser.token_on("/sync")

    browser.client.post("/sign-in", data={"csrf": token, "name": "user2", "password": "password 2"})

    thief.client.cookies.set("__Host-desksync-session", stolen)
    assert thief.get("/sync").status_code == 303
    assert "User 2" in browser.get("/sync").text


def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_were(office: WebOffice) -> None:
    browser = office.browser()
    sent = browser.get("/sync?a=1&b=2").headers["location"]

    form = browser.get(sent).text
    back = re.search(r'name="back" value="([^"]+)"', form)

    assert sent == "/sign-in?back=%2Fsync%3Fa%3D1%26b%3D2"
    assert back is not None
    assert back[1].replace("&amp;", "&") == "/sync?a=1&b=2"


@pytest.mark.parametrize("away", ["https://evil.example", "//evil.example/x", "/\\evil.example", "evil"])
def test_signing_in_leads_to_no_other_site(office: WebOffice, away: str) -> None:
    answer = office.browser().submit("/sign-in", {"name": "user1", "password": "password 1", "back": away})

    assert answer.headers["location"] == "/"


def test_who_is_signed_in_is_not_asked_again(office: WebOffice) -> None:
    browser = office.browser(As.USER)

    assert [browser.get(path).headers["location"] for path in ("/sign-in", "/sign-in/local", "/")] == ["/", "/", "/sync"]


def test_signing_out_ends_the_session_and_says_so_once(office: WebOffice) -> None:
    browser, other = office.browser(As.USER), office.browser()
    other.client.cookies.update(browser.client.cookies)

    answer = browser.submit("/sign-out", form_on="/sync")

    assert answer.headers["location"] == "/sign-in"
    assert "サインアウトしました" in browser.get("/sign-in").text
    assert "サインアウトしました" not in browser.get("/sign-in").text
    assert other.get("/sync").status_code == 303


def test_signing_out_everywhere_ends_every_session_of_that_person_alone(office: WebOffice) -> None:
    here, there, somebody = office.browser(), office.browser(), office.browser(As.OTHER_USER)
    for browser in (here, there):
        signed_in(browser)

    here.submit("/sign-out/everywhere", form_on="/sync")

    assert [browser.get("/sync").status_code for browser in (here, there, somebody)] == [303, 303, 200]


def test_a_session_ends_when_nobody_has_used_it_for_two_hours_and_after_twelve_in_any_case(office: WebOffice) -> None:
    browser = office.browser()
    signed_in(browser)
    office.clock.forward(hours=1, minutes=59)
    used = browser.get("/sync").status_code
    office.clock.forward(hours=2)
    idle = browser.get("/sync").status_code
    signed_in(browser)
    for _ in range(7):
        office.clock.forward(hours=1, minutes=50)
        browser.get("/sync")

    assert (used, idle, browser.get("/sync").status_code) == (200, 303, 303)


def test_an_account_that_is_shut_out_is_out_with_the_next_click(office: WebOffice, account: str) -> None:
    browser = office.browser()
    signed_in(browser, "/sign-in/local", account, PASSWORD)

    with office.begin() as session:
        accounts.set_active(session, account, is_active=False)

    assert browser.get("/admin").status_code == 303
    assert signed_in(browser, "/sign-in/local", account, PASSWORD) == 422


def test_who_has_left_neo_is_out_with_the_next_click(office: WebOffice) -> None:
    browser = office.browser(As.USER)
    before = browser.get("/sync").status_code

    with office.begin() as session:
        sync_directory(session, [ListedUser("999", "other", "Other")], office.clock(), time_zone="Asia/Tokyo")

    assert (before, browser.get("/sync").status_code) == (200, 303)


def test_a_way_in_that_is_not_offered_is_not_there(make_office: Callable[..., WebOffice]) -> None:
    office = make_office(ways=frozenset({SignInWay.NEO}))
    browser = office.browser()

    assert browser.get("/sign-in/local").status_code == 404
    assert browser.submit("/sign-in/local", {"name": "x", "password": "y"}, form_on="/sign-in").status_code == 404
    assert "/sign-in/local" not in browser.get("/sign-in").text


def test_guessing_slows_down_and_the_right_password_has_to_wait_too(office: WebOffice) -> None:
    browser = office.browser()
    for _ in range(FOR_AN_ACCOUNT.free + 1):
        signed_in(browser, password="wrong")

    refused = browser.submit("/sign-in", {"name": "USER1", "password": "password 1"})
    office.clock.forward(seconds=5)
    let_in = signed_in(browser)

    assert (refused.status_code, refused.headers["retry-after"], let_in) == (429, "5", 303)
    assert "5 秒後" in refused.text
    assert len(office.neo.logins) == FOR_AN_ACCOUNT.free + 2  # NEO was not asked while it was waited for.


def test_guessing_at_one_account_keeps_nobody_else_out(office: WebOffice) -> None:
    browser = office.browser()
    for _ in range(FOR_AN_ACCOUNT.free + 1):
        signed_in(browser, password="wrong")

    assert signed_in(browser, name="user2", password="password 2") == 303


def test_one_address_that_guesses_at_many_accounts_slows_down(office: WebOffice) -> None:
    browser = office.browser()
    for number in range(FOR_AN_ADDRESS.free + 1):
        signed_in(browser, name=f"guess{number}", password="x")

    assert signed_in(browser) == 429


def test_a_whole_company_behind_one_address_signs_in(office: WebOffice) -> None:
    browser = office.browser()

    statuses = set()
    for _ in range(FOR_AN_ADDRESS.free + 10):
        browser.client.cookies.clear()
        statuses.add(signed_in(browser))

    assert statuses == {303}


def test_so_many_at_once_that_nobody_else_would_be_served_are_asked_to_come_again(office: WebOffice) -> None:
    browser = office.browser()
    for _ in range(SIGN_INS_AT_ONCE):
        office.web.signing_in.acquire()

    busy = signed_in(browser)
    office.web.signing_in.release()

    assert (busy, signed_in(browser), signed_in(office.browser())) == (429, 303, 303)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("a socket", "a socket", True),
    ],
)
def test_addresses_of_one_customer_count_as_one(one: str, other: str, *, is_same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is is_same


@pytest.mark.parametrize(("failures", "seconds"), [(5, 0), (6, 5), (7, 10), (9, 40), (13, 640), (14, 900), (10_000, 900)])
def test_each_failure_costs_twice_as_long_as_the_one_before_and_never_more_than_a_quarter_hour(
    failures: int, seconds: int
) -> None:
    assert FOR_AN_ACCOUNT.wait_after(failures).total_seconds() == seconds


def test_signing_in_and_failing_and_signing_out_are_written_down_without_a_secret(office: WebOffice, account: str) -> None:
    browser = office.browser()
    signed_in(browser, "/sign-in/local", account, "a wrong password")
    signed_in(browser, "/sign-in/local", "my password by mistake", "x")
    signed_in(browser, "/sign-in/local", account, PASSWORD)
    browser.submit("/sign-out", form_on="/admin")

    out, come_in, unknown, failed = (one.entry for one in office.entries())

    assert [out.what, come_in.what, unknown.what, failed.what] == ["signed_out", "signed_in", "sign_in_failed", "sign_in_failed"]
    assert (come_in.who.kind, come_in.who.name, come_in.after, come_in.address) == (
        "account",
        account,
        {"way": "local"},
        "testclient",
    )
    assert (failed.who.name, failed.about.name) == ("", account)
    assert (unknown.who.name, unknown.about.name) == ("", "")
    assert len({out.request_id, come_in.request_id, unknown.request_id, failed.request_id}) == 4


def test_no_password_and_no_cookie_reaches_the_log(office: WebOffice, account: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = office.browser()
    for path, name, password in (("/sign-in/local", account, PASSWORD), ("/sign-in", "user1", "password 1")):
        browser.client.cookies.clear()
        signed_in(browser, path, name, "wrong guess")
        signed_in(browser, path, name, password)
    cookie = browser.client.cookies["__Host-desksync-session"]

    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)

    assert "request" in told
    assert [secret for secret in (PASSWORD, "password 1", "wrong guess", cookie) if secret in told] == []


def test_no_secret_of_an_address_reaches_the_log(office: WebOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = office.browser(As.USER)

    browser.get("/sign-in/oidc/back?code=sesame-1&state=sesame-2")
    browser.get("/admin/users?text=sesame-3")
    browser.get("/api/v1/me", authorization="Bearer dsk_sesame-4")

    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name.startswith("desksync"))
    assert "/sign-in/oidc/back" in told
    assert "sesame" not in told


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        (PASSWORD, True),
        ("長いパスワードはよいものです", True),
        ("elevenchars", False),
        ("x" * 257, False),
        ("aaaaaaaaaaaaaaaa", False),
        ("PasswordPassword", False),
        ("kobayashikobayashi", False),
        ("123456789012", False),
        ("qwertyuiopasdf", False),
        ("desksyncdesksync", False),
        ("Password123456!", False),
        ("correct horse battery", True),
    ],
)
def test_a_password_is_judged_by_its_length_and_by_what_everybody_guesses(password: str, *, is_good: bool) -> None:
    assert (weakness(password, "kobayashi") is None) is is_good


def test_a_hash_is_argon2id_of_full_strength_and_fits_its_password_alone(password_hash: str) -> None:
    assert password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(password_hash, PASSWORD)
    assert not is_password(password_hash, PASSWORD + " ")
    assert not is_password("no hash at all", PASSWORD)
    assert not is_password(None, "nobody has this password")
    assert not needs_new_hash(password_hash)


def test_a_weaker_hash_of_old_is_replaced_at_the_next_sign_in(office: WebOffice) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with office.begin() as session:
        accounts.create_account(session, "old", WebRole.AUDITOR, weak, office.clock())

    signed_in(office.browser(), "/sign-in/local", "old", PASSWORD)

    with office.begin() as session:
        found = accounts.find_account(session, "old")
    assert found is not None
    assert "m=65536" in found.password_hash
