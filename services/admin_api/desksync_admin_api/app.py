"""The program `desksync-admin-api`: reads the settings and puts the web side together."""

import logging
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import uvicorn
from fastapi import FastAPI

from desksync.ops.service import Loop
from desksync.worker.program import listening_on, run_program
from desksync.worker.resources import Resources
from desksync_admin_api.web import web_app

log = logging.getLogger(__name__)


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the web side together. The address is bound here, so that a port that is taken is told at the start."""
    settings = resources.settings
    turned = resources.health.loop("web", timedelta(seconds=60))
    app = web_app(resources.health, resources.metrics)
    with listening_on(settings.http_host, settings.http_port, "DESKSYNC_HTTP_HOST and DESKSYNC_HTTP_PORT"):
        listening = socket.create_server((settings.http_host, settings.http_port))
    with listening:
        host, port = listening.getsockname()[:2]
        log.info("the web pages listen", extra={"url": f"http://{host}:{port}"})

        def run(stop: Event) -> None:
            _Server(app, stop, turned).run(sockets=[listening])

        yield [("web", run)]


class _Server(uvicorn.Server):
    """uvicorn takes signals only in the main thread, so it is told to end by the event of the service instead."""

    def __init__(self, app: FastAPI, stop: Event, turned: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
        self._stop = stop
        self._turned = turned

    async def on_tick(self, counter: int) -> bool:
        """Look at the event; uvicorn calls this ten times a second."""
        self._turned()
        self.should_exit = self.should_exit or self._stop.is_set()
        return await super().on_tick(counter)


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-admin-api", parts, now=lambda: datetime.now(UTC), serves_health=False))
