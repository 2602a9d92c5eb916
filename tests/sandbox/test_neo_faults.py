"""Orders to fail, the request log and the switches, from Python and over HTTP."""

import httpx
import pytest

from tests.sandbox.neo_office import SATO, Office

ADD = {"startdate": "20261124", "detail": "打ち合わせ"}


def test_the_next_three_inserts_fail_and_the_fourth_succeeds(neo: Office) -> None:
    neo.server.faults.add(on="insert_schedule", kind="status", status=503, times=3)

    statuses = [neo.post("insert_schedule", **ADD).status_code for _ in range(4)]

    assert statuses == [503, 503, 503, 200]
    assert len(neo.schedules()) == 1


def test_a_fault_lets_other_operations_and_the_first_calls_pass(neo: Office) -> None:
    neo.server.faults.add(on="insert_schedule", kind="status", skip=1)

    statuses = [neo.post("insert_schedule", **ADD).status_code for _ in range(3)]

    assert statuses == [200, 503, 200]
    assert len(neo.schedules()) == 2


def test_a_fault_may_bring_its_own_status_body_and_headers(neo: Office) -> None:
    neo.server.faults.add(kind="status", status=429, body={"a": "b"}, headers={"Retry-After": "7"})

    response = neo.post("list_schedules")

    assert (response.status_code, response.json(), response.headers["retry-after"]) == (429, {"a": "b"}, "7")


def test_a_lost_answer_means_that_the_work_was_done(neo: Office) -> None:
    neo.server.faults.add(on="insert_schedule", kind="lose_answer")

    with pytest.raises(httpx.RemoteProtocolError):
        neo.post("insert_schedule", **ADD)

    assert [item["detail"] for item in neo.schedules()] == ["打ち合わせ"]
    assert [(call.status, call.fault, call.done) for call in neo.server.calls.all("insert_schedule")] == [(0, "lose_answer", 200)]


def test_an_answer_may_be_lost_behind_a_status(neo: Office) -> None:
    neo.server.faults.add(kind="lose_answer", status=500)

    response = neo.post("insert_schedule", **ADD)

    assert response.status_code == 500
    assert len(neo.schedules()) == 1


def test_a_dropped_call_does_nothing(neo: Office) -> None:
    neo.server.faults.add(kind="drop")

    with pytest.raises(httpx.RemoteProtocolError):
        neo.post("insert_schedule", **ADD)
    assert [call.done for call in neo.server.calls.all("insert_schedule")] == [None]

    assert neo.schedules() == []


def test_a_maintenance_page_comes_with_status_200(neo: Office) -> None:
    neo.server.faults.add(kind="html")

    response = neo.post("insert_schedule", **ADD)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert neo.schedules() == []


def test_garbage_is_half_an_answer(neo: Office) -> None:
    neo.server.faults.add(kind="garbage")

    response = neo.post("list_schedules", startdate="20261101", enddate="20261130")

    assert response.text.startswith('{"status":"ok"')
    with pytest.raises(ValueError, match="line 1"):
        response.json()


def test_a_slow_call_is_answered_after_its_time(neo: Office) -> None:
    neo.server.faults.add(kind="slow", seconds=0.05)

    response = neo.post("insert_schedule", **ADD)

    assert response.elapsed.total_seconds() >= 0.05
    assert response.json()["status"] == "ok"


def test_faults_are_ordered_listed_and_taken_back_over_http(neo: Office) -> None:
    url = f"{neo.server.url}/control/faults"

    added = neo.http.post(url, json={"on": "get_schedule", "kind": "status", "status": 500, "times": 2})
    standing = neo.http.get(url).json()
    failed = neo.post("get_schedule", sid="501").status_code
    left = neo.http.get(url).json()
    neo.http.delete(url)

    assert added.status_code == 201
    assert [(fault["on"], fault["times"]) for fault in standing + left] == [("get_schedule", 2), ("get_schedule", 1)]
    assert failed == 500
    assert neo.post("get_schedule", sid="501").status_code == 200


@pytest.mark.parametrize("order", [{"kind": "explode"}, {}, {"kind": "slow", "second": 1}, {"kind": "status", "times": 0}])
def test_an_order_that_makes_no_sense_is_refused(neo: Office, order: dict[str, object]) -> None:
    response = neo.http.post(f"{neo.server.url}/control/faults", json=order)

    assert response.status_code == 422
    assert neo.server.faults.standing() == []


def test_the_request_log_tells_doubled_creates_and_no_secrets(neo: Office) -> None:
    neo.insert()
    neo.insert()
    neo.ask("login", by=None, login_id="10001", password="cherry-1")
    neo.post("list_schedules", by=None, access_key="key-of-sato")

    log = neo.http.get(f"{neo.server.url}/control/requests")
    inserts = neo.http.get(f"{neo.server.url}/control/requests", params={"operation": "insert_schedule"}).json()

    assert [call["parameters"]["detail"] for call in inserts] == ["打ち合わせ"] * 2
    assert inserts[0]["time"] == "2026-11-24T09:00:00+09:00"
    assert [call["operation"] for call in log.json()] == ["insert_schedule", "insert_schedule", "login", "list_schedules"]
    assert "cherry" not in log.text
    assert "key-of" not in log.text


def test_the_request_log_can_be_emptied(neo: Office) -> None:
    neo.insert()

    neo.http.delete(f"{neo.server.url}/control/requests")

    assert neo.server.calls.all() == []


def test_reset_returns_to_the_seed_and_forgets_faults_switches_and_calls(neo: Office) -> None:
    neo.insert()
    neo.turn(is_directory_on=False)
    neo.server.faults.add(kind="drop")

    neo.http.post(f"{neo.server.url}/control/reset")

    assert neo.server.faults.standing() == []
    assert neo.server.calls.all() == []
    assert neo.server.switches.is_directory_on
    assert neo.world.records(SATO) == []


def test_switches_are_shown_and_turned_over_http(neo: Office) -> None:
    url = f"{neo.server.url}/control/switches"

    turned = neo.http.patch(url, json={"is_directory_on": False})

    assert turned.json()["is_directory_on"] is False
    assert neo.http.get(url).json() == turned.json()
    assert neo.error("list_users", module="zrconst") == -10008


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"refused_status": 418}', "refused_status: Input should be 401 or 403"),
        ('{"nonsense": 1}', "nonsense: Extra inputs are not permitted"),
        ('{"longest_queue": -5}', "longest_queue: Input should be greater than or equal to 0"),
        ('{"refusal_seconds": 1e308}', "refusal_seconds: Input should be less than or equal to 86400"),
        ('{"refusal_seconds": NaN}', "refusal_seconds: Input should be a finite number"),
        ("[]", "The body has to be a JSON object"),
        ('[["is_in_maintenance", true]]', "The body has to be a JSON object"),
        ("no json", "The body is no JSON: "),
        ("", "The body is no JSON: "),
    ],
)
def test_a_switch_that_cannot_be_turned_so_is_refused_with_the_reason(neo: Office, body: str, why: str) -> None:
    before = neo.server.switches

    response = neo.http.patch(f"{neo.server.url}/control/switches", content=body)

    assert response.status_code == 422
    assert response.json()["error"].startswith(why)
    assert neo.server.switches == before
