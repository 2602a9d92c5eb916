import pytest

from desksync.store import accounts
from desksync.store.users import set_web_role
from desksync.store.web_states import WebRole
from desksync.worker.accounts import NEO_KEY
from desksync.worker.errors import Reason, RetryLater, UserMustAct
from tests.admin_api.office import As, WebOffice

KEY = "0123456789abcdef"


def own_key(office: WebOffice) -> str | None:
    sealed = office.user().neo_key
    return None if sealed is None else office.web.cipher.open(sealed, purpose=NEO_KEY, user_id=office.user_id())


def pasted(office: WebOffice, key: str) -> tuple[int, str]:
    answer = office.browser(As.USER).submit("/account/neo-key", {"key": key})
    return answer.status_code, answer.text


def test_a_key_that_neo_takes_is_kept_sealed_and_never_shown(office: WebOffice) -> None:
    office.neo.keys["101"] = KEY

    status, _ = pasted(office, f" {KEY}\n".strip())

    page = office.browser(As.USER).get("/account/neo-key").text
    assert (status, own_key(office)) == (303, KEY)
    assert "アクセスキーを確認し、保存しました" in page
    assert KEY not in page + office.browser(As.USER).get("/account").text
    assert KEY.encode() not in (office.user().neo_key or b"")
    assert office.deeds() == ["neo_key_saved"]
    assert KEY not in str(office.entries())


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "入力してください"),
        ("wrong", "このアクセスキーは使えません"),
        ("キー", "アクセスキーに使われない文字"),
        ("a b", "アクセスキーに使われない文字"),
        ("x" * 501, "500 文字以内"),
        ("a\0b", "この値は使えません"),
    ],
)
def test_a_key_that_is_none_is_said_beside_the_field_and_not_kept(office: WebOffice, key: str, said: str) -> None:
    office.neo.keys["101"] = KEY

    status, page = pasted(office, key)

    assert (status, own_key(office), office.deeds()) == (422, None, [])
    assert 'id="key-wrong"' in page
    assert said in page
    assert not key or f'value="{key}"' not in page


def test_a_key_that_opens_somebody_elses_schedule_is_refused(office: WebOffice) -> None:
    office.neo.error = UserMustAct(Reason.NO_ACCESS, "No right.")

    status, page = pasted(office, KEY)

    assert (status, own_key(office)) == (422, None)
    assert "ほかの人のキーではありませんか" in page


def test_a_key_that_cannot_be_tried_is_not_kept(office: WebOffice) -> None:
    office.neo.error = RetryLater("NEO did not answer in time.")

    status, page = pasted(office, KEY)

    assert (status, own_key(office)) == (502, None)
    assert "NEO did not answer in time." in page


def test_a_key_can_be_removed(office: WebOffice) -> None:
    office.neo.keys["101"] = KEY
    pasted(office, KEY)
    browser = office.browser(As.USER)

    for _ in range(2):
        browser.submit("/account/neo-key/remove", form_on="/account/neo-key")

    assert own_key(office) is None
    assert office.deeds() == ["neo_key_removed", "neo_key_saved"]


@pytest.mark.parametrize("has_site_key", [True, False])
def test_who_needs_a_key_is_told(office: WebOffice, *, has_site_key: bool) -> None:
    office.neo.has_site_key = has_site_key

    page = office.browser(As.USER).get("/account/neo-key").text

    assert ("同期できません" in page) is not has_site_key


def test_everybody_sees_where_they_are_signed_in_and_signs_out_elsewhere(office: WebOffice) -> None:
    here = office.browser(As.USER)
    office.change_browsers()
    there = office.browser(As.USER)
    there_id = max(office.session_ids(As.USER))

    answer = here.submit(f"/account/sessions/{there_id}/end", form_on="/account")

    assert answer.headers["location"] == "/account"
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 303)


@pytest.mark.parametrize("session_id", [0, 999, 2**60])
def test_a_session_that_is_not_there_cannot_be_ended(office: WebOffice, session_id: int) -> None:
    browser = office.browser(As.USER)

    assert browser.submit(f"/account/sessions/{session_id}/end", form_on="/account").status_code in {404, 422}


def test_an_administrator_gives_a_user_of_neo_a_role_that_holds_at_once(office: WebOffice) -> None:
    browser, user = office.browser(As.ADMINISTRATOR), office.browser(As.USER)
    before = user.get("/admin").status_code

    answer = browser.submit("/admin/roles", {"user": "user1", "role": "auditor"})
    as_auditor = (user.get("/admin").status_code, user.client.post("/admin/tokens/new").status_code)
    browser.submit("/admin/roles", {"user": "101", "role": "none"})

    assert answer.status_code == 303
    assert (before, as_auditor, user.get("/admin").status_code) == (403, (200, 403), 403)
    taken, given = (one.entry for one in office.entries())
    assert (given.what, given.about.name, given.before, given.after) == (
        "role_changed",
        "User 1",
        {"role": None},
        {"role": "auditor"},
    )
    assert taken.after == {"role": None}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"user": "", "role": "auditor"}, "user"),
        ({"user": "nobody", "role": "auditor"}, "user"),
        ({"user": "user1", "role": "king"}, "role"),
        ({"user": "user1"}, "role"),
        ({"user": "a\nb", "role": "auditor"}, "user"),
    ],
)
def test_a_role_that_cannot_be_given_is_said_beside_the_field(office: WebOffice, values: dict[str, str], field: str) -> None:
    answer = office.browser(As.ADMINISTRATOR).submit("/admin/roles", values)

    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert office.deeds() == []


def test_the_last_administrator_cannot_be_taken_away(office: WebOffice) -> None:
    browser = office.browser(As.USER_ADMINISTRATOR)

    answer = browser.submit("/admin/roles", {"user": "user3", "role": "auditor"})

    assert answer.status_code == 422
    assert "ほかに管理者がいません" in answer.text
    assert office.user(As.USER_ADMINISTRATOR).web_role is WebRole.ADMINISTRATOR


def test_one_of_two_administrators_can_step_down(office: WebOffice) -> None:
    with office.begin() as session:
        accounts.create_account(session, "abe", WebRole.ADMINISTRATOR, "h", office.clock())
    browser = office.browser(As.USER_ADMINISTRATOR)

    answer = browser.submit("/admin/roles", {"user": "user3", "role": "none"})

    assert answer.status_code == 303
    assert browser.get("/admin").status_code == 403


def test_the_page_of_roles_shows_users_and_local_accounts(office: WebOffice) -> None:
    with office.begin() as session:
        set_web_role(session, office.user_id(), WebRole.AUDITOR)

    page = office.browser(As.AUDITOR).get("/admin/roles").text

    assert [name in page for name in ("User 1", "User 2", "User 3", ">auditor<")] == [True, False, True, True]
    assert "役割を外す" not in page
