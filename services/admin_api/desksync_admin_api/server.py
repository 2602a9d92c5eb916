"""Serves the web side over HTTP as one of the loops of a program. Knows uvicorn, and no page."""

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event

import uvicorn
from starlette.types import ASGIApp

from desksync.ops.service import Loop
from desksync.worker.program import listening_on

log = logging.getLogger(__name__)


@contextmanager
def serving(
    app: ASGIApp, host: str, port: int, turned: Callable[[], None], *, trusted_proxies: Sequence[str] = ()
) -> Iterator[Loop]:
    """Give what serves the application. `trusted_proxies` are believed when they say for whom they ask.

    The address is bound here, so that a port that is taken is told at the start.
    """
    with listening_on(host, port, "DESKSYNC_HTTP_HOST and DESKSYNC_HTTP_PORT"):
        listening = socket.create_server((host, port))
    with listening:
        bound, number = listening.getsockname()[:2]
        log.info("the web pages listen", extra={"url": f"http://{bound}:{number}"})

        def run(stop: Event) -> None:
            _Server(app, stop, turned, trusted_proxies).run(sockets=[listening])

        yield run


class _Server(uvicorn.Server):
    """uvicorn takes signals only in the main thread, so it is told to end by the event of the service instead."""

    def __init__(self, app: ASGIApp, stop: Event, turned: Callable[[], None], trusted_proxies: Sequence[str]) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, forwarded_allow_ips=list(trusted_proxies)
        )
        super().__init__(config)
        self._stop = stop
        self._turned = turned

    async def on_tick(self, counter: int) -> bool:
        """Look at the event; uvicorn calls this ten times a second."""
        self._turned()
        self.should_exit = self.should_exit or self._stop.is_set()
        return await super().on_tick(counter)
