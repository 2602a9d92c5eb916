"""How a program of its own process begins and ends: settings, logs, resources, loops, health. For composition roots."""

import logging
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import datetime

from desksync.ops.health_server import HealthServer
from desksync.ops.logs import configure_logs
from desksync.ops.secrets import SecretsError
from desksync.ops.service import Loop, run_service
from desksync.ops.settings_loading import SettingsError, load_settings
from desksync.store.engine import DatabaseProblem
from desksync.worker.resources import Resources, opened
from desksync.worker.start import Start, require_welcome, tables_are_current

log = logging.getLogger(__name__)

CANNOT_START = 2
"""The exit code when a person has to mend something first; standard error says what."""


class CannotListen(OSError):
    """An address cannot be listened on. `str()` names it, and the setting that chooses another."""


@contextmanager
def listening_on(host: str, port: int, setting: str) -> Iterator[None]:
    """Say which address and which setting it was when listening on it fails. Raises `CannotListen`."""
    try:
        yield
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise CannotListen(
            f"Nothing can listen on {host}:{port} ({why}). End whatever uses it, or choose another one with {setting}."
        ) from problem


@contextmanager
def health_server(resources: Resources) -> Iterator[HealthServer]:
    """Give what answers probes and Prometheus, away from the port that people reach. Its loop has to run."""
    host, port = resources.settings.health_host, resources.settings.health_port
    with listening_on(host, port, "DESKSYNC_HEALTH_HOST and DESKSYNC_HEALTH_PORT"):
        server = HealthServer(resources.health, resources.metrics, host=host, port=port)
    with closing(server):
        log.info("answering health", extra={"url": server.url})
        yield server


Parts = Callable[[Resources], AbstractContextManager[list[tuple[str, Loop]]]]
"""Puts the loops of a program together, and closes what they use when the block ends."""


def run_program(
    name: str,
    parts: Parts,
    *,
    now: Callable[[], datetime],
    required: Collection[str] = (),
    begins_at_once: bool = False,
) -> int:
    """Run the loops until SIGTERM and return the exit code.

    Wrong settings, a broker in memory, which would join it to nobody, a refused login and tables of a newer version end it at
    once, told without a traceback. A database or broker that is away, and tables that are not made yet, are waited for: meanwhile
    it is alive and not ready. With `begins_at_once` its loops do not wait: a program that people look at says itself what is not
    there.
    """
    with ExitStack() as stack:
        try:
            settings = load_settings(required=required, is_one_of_several=True)
            configure_logs(name, level=settings.log_level, log_format=settings.log_format)
            resources = stack.enter_context(opened(settings, now, waits=True))
            start = Start(tables_are_current(resources.engine), waiting=resources.health.forgive)
            require_welcome(settings.broker_url)
            working = stack.enter_context(parts(resources))
            if not begins_at_once:
                working = [(label, start.before(loop)) for label, loop in working]
            working = [*working, ("health", stack.enter_context(health_server(resources)).run)]
        except (SettingsError, DatabaseProblem, SecretsError, OSError, ValueError) as problem:
            return _cannot_start(name, str(problem))
        code = run_service(name, [("start", start.run), ("checks", resources.health.run), *working])
        return code if start.problem is None else _cannot_start(name, start.problem)


def _cannot_start(name: str, why: str) -> int:
    sys.stderr.write(f"{name} cannot start.\n{why}\n")
    return CANNOT_START
