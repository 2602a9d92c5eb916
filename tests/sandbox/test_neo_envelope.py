"""How NEO's programs are called and how they answer (NEO common API)."""

import pytest

from tests.sandbox.neo_office import SITE_KEY, Office


@pytest.mark.parametrize(
    "path",
    ["/cgi-bin/dneo/zrconst.cgi", "/scripts/dneo/zrconst.exe", "/zrconst.cgi", "/cgi-bin/a/b/zrconst.cgi/list/of/users"],
)
def test_a_module_answers_under_any_folder_and_extension(neo: Office, path: str) -> None:
    response = neo.http.post(neo.server.url + path, data={"action": "list_users", "access_key": SITE_KEY})

    assert response.json()["status"] == "ok"


def test_the_own_address_of_neo_ends_in_its_program_and_leads_people_to_the_page(neo: Office) -> None:
    response = neo.http.get(neo.server.base_url, follow_redirects=True)

    assert neo.server.base_url.endswith("/cgi-bin/dneo/dneo.cgi")
    assert "佐藤 健一" in response.text


def test_get_and_post_are_both_accepted(neo: Office) -> None:
    url = f"{neo.server.url}/cgi-bin/dneo/zrconst.cgi"

    got = neo.http.get(url, params={"action": "list_users", "access_key": SITE_KEY})
    posted = neo.http.post(url, data={"action": "list_users", "access_key": SITE_KEY})

    assert got.json() == posted.json()
    assert got.json()["allcnt"] == "3"


def test_a_json_body_is_no_form_and_carries_no_key(neo: Office) -> None:
    response = neo.http.post(f"{neo.server.url}/zrconst.cgi", json={"action": "list_users", "access_key": SITE_KEY})

    assert response.status_code == 401


def test_texts_are_utf_8_both_ways(neo: Office) -> None:
    sid = neo.insert(detail="予算の打ち合わせ ～ 5階 & 髙橋 😀", memo="一行目\r\n二行目")

    record = neo.record(sid)

    assert record["detail"] == "予算の打ち合わせ ～ 5階 & 髙橋 😀"
    assert record["memo"] == "一行目\r\n二行目"


def test_bytes_that_are_not_utf_8_are_refused(neo: Office) -> None:
    response = neo.http.post(
        f"{neo.server.url}/dneor.cgi",
        content=b"action=insert_schedule&detail=%83%65",
        headers={"Content-Type": "application/x-www-form-urlencoded", "X-Desknets-Auth": "key-of-sato"},
    )

    assert response.json()["errorno"] == -90002


def test_an_application_error_is_http_200_with_number_text_and_extra(neo: Office) -> None:
    response = neo.post("insert_schedule", startdate="20261131", detail="x")

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "status": "ng",
        "errorno": -90004,
        "errormessage": "W:日付の形式が正しくありません(YYYYMMDD)。[W90004]",
        "errmsgadd": "startdate",
    }


def test_the_error_keys_exist_only_on_errors(neo: Office) -> None:
    answer = neo.ask("insert_schedule", startdate="20261124", detail="x")

    assert set(answer) == {"status", "sid"}


@pytest.mark.parametrize(
    ("module", "action"), [("dneor", "list_users"), ("zrconst", "list_schedules"), ("dneor", "nonsense"), ("dneor", "")]
)
def test_an_action_that_the_module_does_not_have_is_an_error(neo: Office, module: str, action: str) -> None:
    assert neo.error(action, module=module) == -90001


def test_another_path_is_not_found(neo: Office) -> None:
    response = neo.http.get(f"{neo.server.url}/cgi-bin/dneo/appsr.cgi")

    assert response.status_code == 404


def test_maintenance_is_an_html_page_with_status_200(neo: Office) -> None:
    neo.turn(is_in_maintenance=True)

    response = neo.post("list_schedules", startdate="20261101", enddate="20261130")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "メンテナンス" in response.text


def test_every_value_of_a_record_is_a_text_or_a_list_of_texts(neo: Office) -> None:
    sid = neo.insert(plant=["9", "10"], repeat="w", rependtimes="2", starttime="1000", endtime="1100")

    record = neo.record(sid)

    lists = {"otherto", "permit_user", "plant", "dates"}
    assert {name for name, value in record.items() if not isinstance(value, str)} == lists
    assert record["plant"] == {"item": [{"id": "9", "name": "第1会議室"}, {"id": "10", "name": "プロジェクター"}]}
