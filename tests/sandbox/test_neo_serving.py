"""Starting and stopping a stand-in, seeds, and the API for tests and the demo."""

import threading

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.errors import Refused
from desksync_sandbox.server import serve
from tests.sandbox.neo_office import SATO, SEED, SUZUKI, Office


def test_a_stopped_server_frees_its_port_and_its_thread() -> None:
    threads = threading.active_count()
    server = NeoServer(SEED)
    server.start()
    port = int(server.url.rsplit(":", 1)[1])
    with httpx.Client() as http:
        http.get(server.url)  # The connection is kept alive, and must not keep the server alive.
        server.stop()

    server.start(port)
    status = httpx.get(server.url).status_code
    server.stop()

    assert status == 200
    assert threading.active_count() == threads


def test_stopping_twice_is_harmless_and_starting_twice_is_told() -> None:
    server = NeoServer()

    with server, pytest.raises(RuntimeError, match="running already"):
        server.start()
    server.stop()

    with pytest.raises(RuntimeError, match="not running"):
        _ = server.base_url


def test_a_taken_port_is_told_at_once() -> None:
    with NeoServer() as server:
        port = int(server.url.rsplit(":", 1)[1])

        with pytest.raises(OSError, match="in use"):
            serve(Starlette(), port)


def test_a_stopped_server_keeps_what_it_holds() -> None:
    server = NeoServer(SEED)
    with server:
        server.world.add(SATO, startdate="20261124", detail="x")

    with server:
        page = httpx.get(f"{server.url}/users/{SATO}?week=2026-11-24").text

    assert "<b>x</b>" in page


def test_one_connection_serves_many_calls(neo: Office) -> None:
    responses = [neo.post("list_users", module="zrconst") for _ in range(3)]

    streams = {response.extensions["network_stream"].get_extra_info("client_addr") for response in responses}
    assert len(streams) == 1


def test_a_seed_names_people_and_facilities_of_a_schedule() -> None:
    schedule = {"otherto": [SATO, SUZUKI], "startdate": "20261124", "detail": "定例", "plant": ["9"], "sid": "700"}

    server = NeoServer({**SEED, "schedules": [schedule]})

    (record,) = server.world.records(SUZUKI)
    assert (record["sid"], record["detail"], record["entry"]) == ("700", "定例", "1")
    assert record["plant"] == {"item": [{"id": "9", "name": "第1会議室"}]}


def test_seeded_ids_are_not_given_again() -> None:
    seed = {**SEED, "schedules": [{"otherto": [SATO], "startdate": "20261124", "detail": "x", "sid": "501"}]}

    sid = NeoServer(seed).world.add(SATO, startdate="20261124", detail="y")

    assert sid == "502"


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": []},
        {"users": [SEED["users"][0], SEED["users"][0]]},
        {"users": [{"id": "x", "login_id": "a", "name": "b"}]},
        {"site_key": "key-of-sato"},
        {"schedules": [{"startdate": "20261124", "detail": "x"}]},
        {"rights": [{"owner": SATO, "viewer": "*", "view": "half"}]},
    ],
)
def test_a_seed_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NeoServer({**SEED, **wrong})


def test_a_seeded_schedule_must_be_one_that_neo_takes() -> None:
    with pytest.raises(Refused, match="日付"):
        NeoServer({**SEED, "schedules": [{"otherto": [SATO], "startdate": "24.11.2026", "detail": "x"}]})


def test_the_world_is_changed_and_read_from_python(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="朝会", repeat="d", rependtimes="3")
    neo.world.change(sid, modkind=1, seldate="20261125", detail="特別")
    moved = neo.world.change(sid, modkind=1, seldate="20261126", keeps_sid=False, detail="別の予定")

    neo.world.delete(sid, modkind=1, seldate="20261124")

    records = neo.world.records(SATO)
    assert [(record["sid"], record["detail"]) for record in records] == [(sid, "特別"), (moved, "別の予定")]
    with pytest.raises(Refused):
        neo.world.delete("4711")


def test_the_truth_of_a_user_is_unmasked_and_lists_are_always_arrays(neo: Office) -> None:
    neo.world.add(SATO, mask="time", startdate="20261124", detail="人事", public_level="secret")

    (record,) = neo.world.records(SATO)

    assert (record["detail"], record["public_level"]) == ("人事", "secret")
    assert record["otherto"] == {"item": [{"id": SATO, "name": "佐藤 健一"}]}


def test_another_office_can_be_loaded_while_running(neo: Office) -> None:
    neo.server.load_seed({"users": [{"id": "1", "login_id": "1", "name": "一", "access_key": "k"}]})

    answer = neo.ask("list_users", module="zrconst", by="k")
    neo.server.load_seed(SEED)

    assert answer["list"]["item"]["name"] == "一"
