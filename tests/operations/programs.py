"""The separate programs as processes on real servers, and what they say of themselves to a probe."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from desksync_local.server import Server
from tests.embedded.installation import Installation, Program, a_program, an_installation, asked

SERVICES = ["desksync-scheduler", "desksync-error-counter", "desksync-neo-worker", "desksync-google-worker", "desksync-admin-api"]


@contextmanager
def on_servers(folder: Path, database_url: str, broker_url: str, **size: int) -> Iterator[Installation]:
    """Give an installation on PostgreSQL and RabbitMQ, with the stand-ins."""
    with an_installation(folder, **size) as made:
        made.settings |= {"DESKSYNC_DATABASE_URL": database_url, "DESKSYNC_BROKER_URL": broker_url}
        yield made


@contextmanager
def started(installation: Installation, names: Sequence[str]) -> Iterator[dict[str, Program]]:
    """Start programs of an installation, and kill what is left of them in the end."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(a_program([name], installation.folder, installation.environment(), name=name))
            for name in names
        }


def address(program: Program) -> str:
    """Return where the program answers probes, or an empty string while it does not."""
    for line in program.logged():
        if line["message"] in ("answering health", "the web pages listen"):
            return str(line["url"])
    return ""


def probed(program: Program, page: str) -> tuple[int, dict[str, Any]]:
    """Return what the program answers to a probe; 0 while it does not answer."""
    url = address(program)
    status, body = asked(f"{url}/{page}") if url else (0, "")
    return status, json.loads(body) if body.startswith("{") else {}


def is_ready(program: Program) -> bool:
    return probed(program, "readyz")[0] == 200


def is_alive(program: Program) -> bool:
    return probed(program, "healthz")[0] == 200


@contextmanager
def down(*servers: Server) -> Iterator[Callable[[], None]]:
    """Kill servers, and give what starts them again; they run again in the end in any case."""
    for server in servers:
        server.kill9()
    left = list(servers)

    def up() -> None:
        while left:
            left.pop().start()

    try:
        yield up
    finally:
        up()
