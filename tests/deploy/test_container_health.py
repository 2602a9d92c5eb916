"""What Docker asks a container: the small program says what the program beside it says."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest

from desksync.ops.health import Health
from desksync.ops.health_server import HealthServer
from desksync.ops.metrics import Metrics
from tests.embedded.installation import a_free_port
from tests.project.files import ROOT

pytestmark = pytest.mark.wide


@contextmanager
def a_program(health: Health) -> Iterator[int]:
    """Answer as a worker does, and give the port."""
    server, stop = HealthServer(health, Metrics(version="0"), host="127.0.0.1", port=0), Event()
    thread = Thread(target=server.run, args=(stop,))
    thread.start()
    try:
        yield int(server.url.rpartition(":")[2])
    finally:
        stop.set()
        thread.join(30)


def asked(*words: str, health_port: int, http_port: int) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, ROOT / "deploy" / "docker" / "health.py", *words],
        env={"DESKSYNC_HEALTH_PORT": str(health_port), "DESKSYNC_HTTP_PORT": str(http_port)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_a_worker_that_is_well_is_healthy() -> None:
    with a_program(Health(lambda: 0.0)) as port:
        code, said = asked(health_port=port, http_port=a_free_port())

    assert code == 0
    assert '"status": "ok"' in said


def test_the_web_program_answers_on_its_own_port() -> None:
    with a_program(Health(lambda: 0.0)) as port:
        code, _ = asked(health_port=a_free_port(), http_port=port)

    assert code == 0


def test_a_worker_whose_loop_is_stuck_is_unhealthy_and_says_which() -> None:
    seconds = [0.0]
    health = Health(lambda: seconds[0])
    health.loop("desksync.neo.v1", timedelta(seconds=60))
    seconds[0] = 61.0

    with a_program(health) as port:
        code, said = asked(health_port=port, http_port=a_free_port())

    assert code == 1
    assert "desksync.neo.v1" in said


def test_a_worker_without_its_broker_is_alive_and_not_ready() -> None:
    health = Health(lambda: 0.0)
    health.check("broker", lambda: "Not connected.")

    with a_program(health) as port:
        alive = asked(health_port=port, http_port=a_free_port())
        ready = asked("readyz", health_port=port, http_port=a_free_port())

    assert alive[0] == 0
    assert ready[0] == 1
    assert "Not connected." in ready[1]


def test_where_nobody_answers_it_says_on_which_ports() -> None:
    health_port, http_port = a_free_port(), a_free_port()

    assert asked(health_port=health_port, http_port=http_port) == (1, f"nobody listens on {health_port} or {http_port}\n")
