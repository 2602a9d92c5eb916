"""Access keys, login and the user list (NEO common API)."""

import pytest

from desksync_sandbox.neo.people import User
from tests.sandbox.neo_office import SATO, SITE_KEY, SUZUKI, TANAKA, Office, many

MONTH = {"startdate": "20261101", "enddate": "20261130"}


@pytest.mark.parametrize("key", [None, "", "wrong", "key-of-satoo"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_answered_with_an_empty_body(neo: Office, key: str | None, status: int) -> None:
    neo.turn(refused_status=status)
    headers = {} if key is None else {"X-Desknets-Auth": key}

    response = neo.http.post(f"{neo.server.url}/dneor.cgi", data={"action": "list_schedules", **MONTH}, headers=headers)

    assert response.status_code == status
    assert response.content == b""


def test_a_key_comes_as_header_or_as_parameter(neo: Office) -> None:
    by_header = neo.post("list_schedules", **MONTH)
    by_parameter = neo.post("list_schedules", by=None, access_key="key-of-sato", **MONTH)

    assert by_header.json() == by_parameter.json()
    assert by_header.status_code == 200


def test_login_gives_a_key_that_acts_as_the_user(neo: Office) -> None:
    neo.world.add(SATO, startdate="20261124", detail="x")

    answer = neo.ask("login", by=None, login_id="10001", password="cherry-1")
    items = neo.schedules(by=answer["access_key"])

    assert answer["status"] == "ok"
    assert (answer["user_id"], answer["name"], answer["default_group_id"]) == (SATO, "佐藤 健一", "1")
    assert len(answer["access_key"]) == 64
    assert [item["detail"] for item in items] == ["x"]


def test_a_login_key_lives_for_three_days(neo: Office) -> None:
    key = neo.ask("login", by=None, login_id="10001", password="cherry-1")["access_key"]

    neo.clock.advance(days=3, seconds=-1)
    before = neo.post("list_schedules", by=key, **MONTH)
    neo.clock.advance(seconds=1)
    after = neo.post("list_schedules", by=key, **MONTH)

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize(("login_id", "password"), [("10001", "wrong"), ("99999", "cherry-1"), ("10003", "anything")])
def test_a_wrong_login_is_an_application_error(neo: Office, login_id: str, password: str) -> None:
    assert neo.error("login", by=None, login_id=login_id, password=password) == -90020


def test_the_user_list_has_everybody_and_pages(neo: Office) -> None:
    whole = neo.ask("list_users", module="zrconst")
    page = neo.ask("list_users", module="zrconst", offset="1", limit="2")

    assert [user["id"] for user in many(whole["list"])] == [SATO, SUZUKI, TANAKA]
    assert many(page["list"])[0] == {"id": SUZUKI, "name": "鈴木 美咲", "login_id": "10002"}
    assert (len(many(page["list"])), page["allcnt"]) == (2, "3")


def test_the_user_list_is_refused_while_the_directory_is_off(neo: Office) -> None:
    neo.turn(is_directory_on=False)

    answer = neo.ask("list_users", module="zrconst", by="site")

    assert answer["errorno"] == -10008
    assert answer["errormessage"] == "W:アクセス権がありません。[W10008]"


def test_the_site_key_acts_on_every_user_but_must_name_one(neo: Office) -> None:
    neo.world.add(SUZUKI, startdate="20261124", detail="x")

    items = neo.schedules(by="site", user_id=SUZUKI)

    assert [item["detail"] for item in items] == ["x"]
    assert neo.error("list_schedules", by="site", **MONTH) == -90003
    assert neo.error("list_schedules", by="site", user_id="999", **MONTH) == -90011


def test_a_user_who_joins_is_listed_and_one_who_leaves_loses_the_key(neo: Office) -> None:
    neo.world.join(User("87", "10004", "伊藤 直樹", access_key="key-of-ito"))
    neo.world.leave(SUZUKI)

    users = many(neo.ask("list_users", module="zrconst")["list"])

    assert [user["id"] for user in users] == [SATO, TANAKA, "87"]
    assert neo.post("list_schedules", by="key-of-ito", **MONTH).status_code == 200
    assert neo.post("list_schedules", by=SUZUKI, **MONTH).status_code == 401


def test_a_revoked_key_is_refused(neo: Office) -> None:
    neo.world.keys.revoke(SITE_KEY)

    assert neo.post("list_users", module="zrconst", by="site").status_code == 401
