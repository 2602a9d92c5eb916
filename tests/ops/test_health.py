import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import httpx
import pytest

from desksync.ops.health import Health
from desksync.ops.health_server import HealthServer
from desksync.ops.metrics import Metrics
from desksync.ops.service import running
from tests.waiting import eventually


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_loop_that_turns_is_alive_and_one_that_stands_still_is_not() -> None:
    clock = Clock()
    health = Health(clock)
    turned = health.loop("consumer", timedelta(seconds=60))
    health.loop("tick", timedelta(seconds=60))

    clock.seconds += 61
    turned()

    report = health.liveness()
    assert report.well == ("consumer",)
    assert report.wrong == {"tick": "no progress for 61 s, allowed are 60 s"}
    assert not report.is_good


def test_a_program_without_loops_is_alive() -> None:
    assert Health(Clock()).liveness().is_good


def test_readiness_tells_what_is_wrong_and_what_is_well() -> None:
    health = Health(Clock())
    health.check("database", lambda: None)
    health.check("broker", lambda: "RabbitMQ does not answer; start it")

    report = health.readiness()

    assert report.well == ("database",)
    assert report.wrong == {"broker": "RabbitMQ does not answer; start it"}


def test_a_check_that_breaks_fails_without_telling_what_it_tripped_over(caplog: pytest.LogCaptureFixture) -> None:
    health = Health(Clock())

    def broken() -> str | None:
        raise ConnectionError("amqp://me:hunter2@mq")

    health.check("broker", broken)

    assert health.readiness().wrong == {"broker": "the check itself failed with ConnectionError"}
    assert caplog.records[0].message == "health check broke"


def test_a_failing_check_does_not_make_the_program_dead() -> None:
    health = Health(Clock())
    health.check("broker", lambda: "away")

    assert health.liveness().is_good


@contextmanager
def served(health: Health, metrics: Metrics) -> Iterator[str]:
    server = HealthServer(health, metrics, host="127.0.0.1", port=0)
    with running("trial", [("health", server.run)]):
        yield server.url


def test_probes_and_scrapers_get_their_answers() -> None:
    clock = Clock()
    health = Health(clock)
    turned = health.loop("consumer", timedelta(seconds=60))
    health.check("broker", lambda: "away")

    with served(health, Metrics(version="1.2.3")) as url, httpx.Client(base_url=url) as client:
        alive = client.get("/healthz")
        ready = client.get("/readyz?verbose")
        page = client.get("/metrics")
        clock.seconds += 61
        stuck = client.get("/healthz")
        turned()
        again = client.get("/healthz")
        nothing = client.get("/secret")

    assert alive.status_code == 200
    assert alive.json() == {"status": "ok", "wrong": {}, "well": ["consumer"]}
    assert (ready.status_code, ready.json()["wrong"]) == (503, {"broker": "away"})
    assert 'desksync_build_info{version="1.2.3"}' in page.text
    assert page.headers["content-type"].startswith("text/plain")
    assert [stuck.status_code, again.status_code, nothing.status_code] == [503, 200, 404]


def test_what_a_program_needs_is_among_its_numbers() -> None:
    health = Health(Clock())
    health.check("database", lambda: None)
    health.check("broker", lambda: "away")

    with served(health, Metrics(version="1.2.3")) as url:
        page = httpx.get(f"{url}/metrics").text

    assert 'desksync_check_ok{check="database"} 1.0' in page
    assert 'desksync_check_ok{check="broker"} 0.0' in page


def test_a_client_that_hangs_up_harms_nobody() -> None:
    with served(Health(Clock()), Metrics(version="x")) as url:
        port = int(url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()

        answer = httpx.get(f"{url}/healthz")

    assert json.loads(answer.text)["status"] == "ok"


def test_a_taken_port_is_an_error_at_once() -> None:
    server = HealthServer(Health(Clock()), Metrics(version="x"), host="127.0.0.1", port=0)
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        HealthServer(Health(Clock()), Metrics(version="x"), host="127.0.0.1", port=port)
    server.close()


def test_work_that_does_not_end_is_no_progress_and_no_work_is_fine() -> None:
    clock = Clock()
    health = Health(clock)
    under_way = health.work("tickets", timedelta(minutes=15))

    idle = health.liveness()
    with under_way():
        clock.seconds += 600
        with under_way():
            clock.seconds += 400
            stuck = health.liveness()
    after = health.liveness()

    assert (idle.wrong, idle.well) == ({}, ("tickets",))
    assert stuck.wrong == {"tickets": "no progress for 1000 s, allowed are 900 s"}
    assert after.is_good


def test_work_that_tells_of_its_progress_may_take_as_long_as_it_takes() -> None:
    clock = Clock()
    health = Health(clock)
    under_way = health.work("tickets", timedelta(minutes=15))
    reports = []

    with under_way():
        for _ in range(5):
            clock.seconds += 600
            reports.append(health.liveness().wrong)
            health.progress()
        clock.seconds += 901
        silent = health.liveness().wrong

    assert reports == [{}] * 5
    assert silent == {"tickets": "no progress for 901 s, allowed are 900 s"}


def test_the_progress_of_one_thread_says_nothing_of_the_work_of_another() -> None:
    clock = Clock()
    health = Health(clock)
    under_way = health.work("tickets", timedelta(minutes=15))

    with under_way():
        clock.seconds += 901
        other = Thread(target=health.progress)
        other.start()
        other.join(10)

        assert not health.liveness().is_good


def test_work_that_fails_is_over() -> None:
    clock = Clock()
    health = Health(clock)
    under_way = health.work("tickets", timedelta(minutes=15))

    with pytest.raises(ValueError, match="broken"), under_way():
        raise ValueError("broken")
    clock.seconds += 1000

    assert health.liveness().is_good


def test_loops_that_have_not_begun_because_something_is_away_count_as_alive() -> None:
    clock = Clock()
    health = Health(clock)
    health.loop("tick", timedelta(seconds=60))

    clock.seconds += 50
    health.forgive()
    clock.seconds += 50

    assert health.liveness().is_good


def test_a_check_that_hangs_keeps_no_probe_waiting_and_is_told() -> None:
    clock = Clock()
    health = Health(clock)
    may_end, hangs = Event(), Event()

    def hanging() -> str | None:
        hangs.set()
        may_end.wait(10)
        return None

    health.check("database", hanging)
    with running("trial", [("checks", health.run)]):
        assert hangs.wait(10)
        first = health.readiness()
        may_end.set()
        eventually(lambda: health.readiness().is_good)
        clock.seconds += 31
        may_end.clear()
        hangs.clear()
        assert hangs.wait(10)
        later = health.readiness()
        alive = health.liveness()
        may_end.set()

    assert first.wrong == {"checks": "the first look has not come to its end"}
    assert later.wrong == {"checks": "no look has come to its end for 31 s"}
    assert later.well == ("database",)
    assert alive.is_good


def test_what_has_changed_is_told_soon() -> None:
    health = Health(time.monotonic)
    answers = ["away"]
    health.check("broker", lambda: answers[0] or None)

    with running("trial", [("checks", health.run)]):
        eventually(lambda: health.readiness().wrong == {"broker": "away"})
        answers[0] = ""
        eventually(lambda: health.readiness().is_good)

    assert health.readiness().well == ("broker",)
