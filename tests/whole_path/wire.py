"""HTTP without a network: what a client sends goes straight to the application of a stand-in, and its answer straight back.

Both clients send as they always do: httpx down to its transport, httplib2 down to its socket. No thread, no port, no waiting.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httplib2
import httpx
from starlette.types import ASGIApp, Message

_CLOSE = "desksync_sandbox.close"


class Dropped(Exception):
    """The connection was closed instead of an answer."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Wire:
    """Leads to one application. `is_reset`: a connection that breaks is reset, and not closed in good order."""

    app: ASGIApp
    is_reset: bool = False
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def close(self) -> None:
        """Send nothing any more."""
        self._loop.close()

    def send(self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer:
        """Return the answer. Raises `Dropped`."""
        return self._loop.run_until_complete(self._send(method, target, headers, body))

    async def _send(self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer:
        path, _, query = target.partition(b"?")
        is_dropped = False
        incoming: list[Message] = [
            {"type": "http.request", "body": body, "more_body": False},
            {"type": "http.disconnect"},
        ]
        outgoing: list[Message] = []

        def drop() -> None:
            nonlocal is_dropped
            is_dropped = True

        async def receive() -> Message:
            return incoming.pop(0)

        async def send(message: Message) -> None:
            outgoing.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": httpx.URL(path.decode("ascii")).path,
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            _CLOSE: drop,
        }
        await self.app(scope, receive, send)
        if is_dropped:
            raise Dropped
        start, *parts = outgoing
        return Answer(start["status"], start["headers"], b"".join(part.get("body", b"") for part in parts))


class HttpxWire(httpx.BaseTransport):
    """The wire as httpx takes it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        try:
            answer = self._wire.send(request.method, request.url.raw_path, request.headers.raw, request.read())
        except Dropped:
            kind = httpx.ReadError if self._wire.is_reset else httpx.RemoteProtocolError
            raise kind("the connection was closed") from None
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)


def http_over(wire: Wire) -> type[httplib2.Http]:
    """Return an `httplib2.Http` that sends over the wire; it keeps its own habits, such as sending again when it was dropped."""

    class Connection(httplib2.HTTPConnectionWithTimeout):
        def connect(self) -> None:
            self.sock = _Socket(wire)

    class HttpOverWire(httplib2.Http):
        def request(self, uri: Any, *how: Any, **named: Any) -> Any:
            return super().request(uri, *how, **(named | {"connection_type": Connection}))

    return HttpOverWire


class _Socket:
    """As much of a socket as `http.client` needs: the bytes of one request in, the bytes of its answer out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._sent = b""

    def sendall(self, data: bytes) -> None:
        """Take some bytes of a request."""
        self._sent += bytes(data)

    def makefile(self, _mode: str) -> io.BytesIO:
        """Return the answer to what was sent: nothing where the connection was closed instead."""
        head, _, body = self._sent.partition(b"\r\n\r\n")
        self._sent = b""
        line, *fields = head.split(b"\r\n")
        method, target, _ = line.split(b" ", 2)
        headers = [(name, value.strip()) for name, _, value in (one.partition(b":") for one in fields)]
        try:
            answer = self._wire.send(method.decode("ascii"), target, headers, body)
        except Dropped:
            return _Reset() if self._wire.is_reset else io.BytesIO()
        lines = [b"HTTP/1.1 %d -" % answer.status, *(name + b": " + value for name, value in answer.headers)]
        return io.BytesIO(b"\r\n".join([*lines, b"", answer.body]))

    def close(self) -> None:
        """Nothing is open."""


class _Reset(io.BytesIO):
    def readline(self, _size: int | None = -1, /) -> bytes:
        raise ConnectionResetError
