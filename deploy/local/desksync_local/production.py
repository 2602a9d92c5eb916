"""Puts a production set-up together on this machine: servers, stand-ins with a made-up office, and all programs."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from desksync.ops.secrets import SecretKey, make_key
from desksync.ops.settings import PREFIX
from desksync_embedded.trial import Trial, trial
from desksync_local.fleet import Fleet, Program
from desksync_local.ports import free_ports
from desksync_local.postgres import PostgresServer, PrivatePostgres, installed_programs
from desksync_local.rabbitmq import OwnRabbitServer
from desksync_local.rabbitmq_node import PrivateNode, Programs
from desksync_local.server import NoServer
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY, Office

_INSTALL = "On Debian or Ubuntu:  sudo apt-get install --no-install-recommends"


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each program there are."""

    schedulers: int = 2
    workers: int = 2

    def programs(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each process and the command that it runs."""
        several = {"scheduler": self.schedulers, "neo-worker": self.workers, "google-worker": self.workers}
        for what, number in several.items():
            yield from ((f"{what}-{one}", f"desksync-{what}") for one in range(1, number + 1))
        yield "error-counter", "desksync-error-counter"
        yield "admin-api", "desksync-admin-api"


@dataclass(frozen=True)
class Production:
    """A set-up whose servers and stand-ins run, and whose programs can be started."""

    company: Trial
    fleet: Fleet
    rabbitmq: OwnRabbitServer
    postgres: PostgresServer
    logs: Path


@contextmanager
def production(
    office: Office,
    now: Callable[[], datetime],
    *,
    size: Size,
    interval: str,
    ports: tuple[int, int, int],
    rabbitmq_home: Path | None = None,
) -> Iterator[Production]:
    """Start the servers and the stand-ins, take the office in, and end everything when the block ends.

    `ports` are those of the web pages, NEO and Google. Raises `NoServer` with the remedy.
    """
    rabbitmq_programs, postgres_programs = Programs.below(rabbitmq_home), installed_programs()
    if rabbitmq_programs is None:
        raise NoServer(f"The programs of RabbitMQ are not here. {_INSTALL} rabbitmq-server")
    if postgres_programs is None:
        raise NoServer(f"The programs of PostgreSQL are not here. {_INSTALL} postgresql")
    web_port, neo_port, google_port = ports
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="desksync-production-")))
        postgres, rabbitmq = PrivatePostgres(postgres_programs), PrivateNode(rabbitmq_programs)
        for server in (postgres, rabbitmq):
            stack.callback(server.stop)
            server.start()
        key = make_key()
        tuned = {"sync_interval": interval, "database_url": postgres.create_database(), "broker_url": rabbitmq.create_vhost()}
        company = stack.enter_context(
            trial(office, now, neo_port=neo_port, google_port=google_port, secret_keys=(SecretKey.parse(key),), **tuned)
        )
        fleet = Fleet(list(_programs(size, environment(company, key, tuned), web_port, folder)))
        stack.callback(fleet.end)
        yield Production(company, fleet, rabbitmq, postgres, folder)


def environment(company: Trial, secret_keys: str, tuned: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a program of its own process needs to work for the trial. `tuned` are settings by field."""
    settings = {
        "neo_base_url": company.neo.base_url,
        "neo_access_key": SITE_KEY,
        "google_client_id": CLIENT_ID,
        "google_client_secret": CLIENT_SECRET,
        "google_api_url": company.google.api_url,
        "google_auth_url": company.google.auth_url,
        "google_token_url": company.google.token_url,
        "google_revoke_url": company.google.revoke_url,
        "secret_keys": secret_keys,
        "log_format": "json",
    }
    return {f"{PREFIX}{name.upper()}": value for name, value in (settings | dict(tuned)).items()}


def _programs(size: Size, settings: Mapping[str, str], web_port: int, folder: Path) -> Iterator[Program]:
    everything = list(size.programs())
    commands = Path(sys.executable).parent
    *health_ports, free = free_ports(len(everything) + 1)
    for (name, command), port in zip(everything, health_ports, strict=True):
        own, where = {f"{PREFIX}HEALTH_PORT": str(port)}, f"http://127.0.0.1:{port}"
        if command == "desksync-admin-api":
            where = f"http://127.0.0.1:{web_port or free}"
            own |= {f"{PREFIX}HTTP_PORT": str(web_port or free), f"{PREFIX}PUBLIC_URL": where}
        yield Program(name, [str(commands / command)], {**settings, **own}, where, folder / f"{name}.log")
