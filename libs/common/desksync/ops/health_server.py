"""Answers `/healthz`, `/readyz` and `/metrics` on a port that is for machines alone, never on the one that people reach."""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event

from desksync.ops.health import Health, Report
from desksync.ops.metrics import CONTENT_TYPE, Metrics

_TURN_SECONDS = 0.2
_CLIENT_SECONDS = 5


class HealthServer:
    """A small HTTP server that is one of the loops of a program: `("health", server.run)`.

    It serves one request at a time: its clients are a probe and a scraper, and a check must not run twice at once. `port` 0
    takes a free one; `url` tells which.
    """

    def __init__(self, health: Health, metrics: Metrics, *, host: str, port: int) -> None:
        """Bind the address. Raises `OSError` when it is taken."""
        pages: dict[str, Callable[[], tuple[HTTPStatus, str, bytes]]] = {
            "/healthz": lambda: _told(health.liveness()),
            "/readyz": lambda: _told(health.readiness()),
            "/metrics": lambda: _numbers(health, metrics),
        }
        self._server = _Server((host, port), pages)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def run(self, stop: Event) -> None:
        """Serve until `stop` is set, then give the address back."""
        with self._server as server:
            server.timeout = _TURN_SECONDS
            while not stop.is_set():
                server.handle_request()

    def close(self) -> None:
        """Give the address back without having run."""
        self._server.server_close()


class _Server(HTTPServer):
    def __init__(self, address: tuple[str, int], pages: dict[str, Callable[[], tuple[HTTPStatus, str, bytes]]]) -> None:
        self.pages = pages
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    # A client that connects and says nothing would otherwise hold the only thread.
    timeout = _CLIENT_SECONDS
    server: _Server

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, content_type, body = page()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write nothing: probes come every few seconds."""


def _numbers(health: Health, metrics: Metrics) -> tuple[HTTPStatus, str, bytes]:
    found = health.readiness()
    for name in (*found.wrong, *found.well):
        metrics.checks.labels(name).set(name in found.well)
    return HTTPStatus.OK, CONTENT_TYPE, metrics.page()


def _told(report: Report) -> tuple[HTTPStatus, str, bytes]:
    status = HTTPStatus.OK if report.is_good else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": "ok" if report.is_good else "wrong", "wrong": report.wrong, "well": list(report.well)}
    return status, "application/json", json.dumps(body, ensure_ascii=False).encode()
