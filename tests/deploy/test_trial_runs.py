"""The trial of Docker Compose without Docker: its services as processes, as compose.yaml and trial.yaml describe them.

Commands, variables, secrets, order and health checks are those of the files. Only the names of machines lead to this one.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from desksync.ops.secrets import make_key
from desksync.store.engine import make_begin, make_engine
from desksync.store.runs import Run, list_runs
from desksync_local.postgres import PostgresServer
from tests.deploy.test_compose import read
from tests.embedded.installation import START_SECONDS, Program, a_free_port, a_program
from tests.project.files import ROOT
from tests.waiting import eventually

HEALTH = ROOT / "deploy" / "docker" / "health.py"

SERVERS = {"postgres", "rabbitmq"}
PEOPLE = 5
"""So many have to be in step; the office of the trial has five times as many, all alike."""


@dataclass
class Trial:
    """What runs so far. `start` starts a service after those that it waits for, as Compose does."""

    services: Mapping[str, Any]
    secrets: Mapping[str, str]
    folder: Path
    stack: ExitStack
    ports: dict[str, int] = field(default_factory=lambda: {"neo": a_free_port(), "google": a_free_port()})
    running: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start the service, unless it runs, and wait until it is healthy, or has ended where it is to end."""
        if name in self.running or name in SERVERS:
            return
        service = self.services[name]
        for needed in service.get("depends_on", {}):
            self.start(needed)
        environment = self.environment(name)
        command = [self.moved(word) for word in service["command"]]
        program = self.stack.enter_context(a_program(command, self.folder, environment, name=name))
        self.running[name] = program
        if service["restart"] == "no":
            assert program.process.wait(START_SECONDS) == 0, f"{name}: {program.said}"
        else:
            program.wait_until(is_healthy(service["healthcheck"]["test"], environment))

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables of the service, with its secrets among them, since nothing can be mounted here."""
        given = {key: self.moved(value) for key, value in (self.services[name].get("environment") or {}).items()}
        secret = {one["source"]: self.secrets[one["source"]] for one in self.services[name].get("secrets", [])}
        own = {"DESKSYNC_HEALTH_HOST": "127.0.0.1", "DESKSYNC_HEALTH_PORT": str(a_free_port()), "DESKSYNC_HTTP_HOST": "127.0.0.1"}
        if name not in self.ports:
            own["DESKSYNC_HTTP_PORT"] = str(a_free_port())
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"} | secret | given | own

    def moved(self, text: str) -> str:
        """Let what leads to a stand-in's container lead to its process on this machine."""
        for name, port in (("neo", "8001"), ("google", "8002")):
            text = text.replace(f"http://{name}:{port}", f"http://127.0.0.1:{self.ports[name]}")
            text = str(self.ports[name]) if text == port else text
        return "127.0.0.1" if text == "0.0.0.0" else text  # noqa: S104 - it is what is replaced


def is_healthy(check: list[str], environment: Mapping[str, str]) -> Callable[[], bool]:
    """Return what asks as the container's health check does."""
    how, program, *words = check
    assert (how, program) == ("CMD", "desksync-health")

    def ask() -> bool:
        asked = subprocess.run(  # noqa: S603 - a program of ours
            [sys.executable, HEALTH, *words], env=dict(environment), capture_output=True, check=False, timeout=60
        )
        return asked.returncode == 0

    return ask


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """Give a database without tables, as the first start finds it."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.mark.servers
@pytest.mark.slow
def test_the_trial_of_compose_begins_to_bring_its_office_in_step(database_url: str, rabbitmq_url: str, tmp_path: Path) -> None:
    secrets = {
        "DESKSYNC_DATABASE_URL": database_url,
        "DESKSYNC_BROKER_URL": rabbitmq_url,
        "DESKSYNC_SECRET_KEYS": make_key(),
        # As make-secrets.sh begins them. The trial's own values stand in its variables.
        "DESKSYNC_NEO_ACCESS_KEY": "",
        "DESKSYNC_GOOGLE_CLIENT_SECRET": "",
    }
    services = {name: one for name, one in read("trial")["services"].items() if not one.get("profiles")}
    engine = make_engine(database_url)

    def runs() -> list[Run]:
        with make_begin(engine)() as session:
            return list_runs(session, None, limit=1000)

    with ExitStack() as stack:
        stack.callback(engine.dispose)
        trial = Trial(services, secrets, tmp_path, stack)
        for name in services:
            trial.start(name)

        eventually(lambda: len({run.user_id for run in runs() if run.outcome == "ok"}) >= PEOPLE, within=300)

        assert set(trial.running) == set(services) - SERVERS
        assert {run.outcome for run in runs()} <= {"ok", None}
        codes = {name: program.end() for name, program in trial.running.items() if program.process.poll() is None}
    assert set(codes.values()) == {0}
    assert [name for name, program in trial.running.items() if "Traceback" in program.said] == []
