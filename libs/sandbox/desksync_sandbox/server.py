"""Runs a stand-in on a port of this machine, from tests and from the demo alike. Must not know which calendar it serves."""

import asyncio
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

THIS_MACHINE = "127.0.0.1"
"""Where a stand-in listens unless told otherwise: its pages ask for no password."""

EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by name, in a container
"""Lets other machines in."""

_CLOSE = "desksync_sandbox.close"
_PATIENCE = 30.0
"""Seconds to wait for the server to listen, and to end."""


class RunningServer:
    """An application that answers until `stop`. Made by `serve`. `url` leads to it from this machine."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, host: str, port: int) -> None:
        self._server = server
        self._thread = thread
        self.port = port
        self.url = f"http://{THIS_MACHINE if host == EVERYWHERE else host}:{port}"

    def stop(self) -> None:
        """Stop answering and free the port. Calling it twice is harmless."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            raise RuntimeError(f"The stand-in on {self.url} did not stop within {_PATIENCE:.0f} s.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class NoAnswer(Response):
    """Closes the connection instead of answering, as a network that breaks does."""

    def __init__(self) -> None:
        super().__init__()
        self.status_code = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        """Close the connection below HTTP, and return when the server has noticed."""
        close: Callable[[], None] = scope[_CLOSE]
        close()
        while (await receive())["type"] != "http.disconnect":
            pass


def serve(app: ASGIApp, port: int = 0, host: str = THIS_MACHINE) -> RunningServer:
    """Serve a Starlette or FastAPI application in a daemon thread with its own loop; return once it listens.

    Port 0 takes a free one, and `EVERYWHERE` lets other machines in. Raises `OSError` when the port is taken.
    """
    listener = _listener(host, port)
    config = uvicorn.Config(
        app,
        http=_ClosableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = _AnnouncingServer(config)
    thread = threading.Thread(target=server.run_and_announce, args=(listener,), name="stand-in", daemon=True)
    thread.start()
    if not server.settled.wait(_PATIENCE) or not server.started:
        listener.close()
        raise RuntimeError("The stand-in did not start; the log says why.")
    number: int = listener.getsockname()[1]
    return RunningServer(server, thread, host, number)


def _listener(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it every answer would take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class _AnnouncingServer(uvicorn.Server):
    """Tells when it listens, or that it will not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    def run_and_announce(self, listener: socket.socket) -> None:
        try:
            self.run(sockets=[listener])
        finally:
            self.settled.set()


class _ClosableProtocol(H11Protocol):
    """Hands the application a way to close its connection; ASGI itself has none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        answer = self.app

        async def answer_or_close(scope: Scope, receive: Receive, send: Send) -> None:
            scope[_CLOSE] = transport.abort
            await answer(scope, receive, send)

        self.app = answer_or_close
