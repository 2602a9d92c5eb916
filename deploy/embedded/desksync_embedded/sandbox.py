"""`desksync sandbox`: one stand-in alone, until Ctrl-C."""

import json
from pathlib import Path
from threading import Event

from desksync.ops.service import run_service
from desksync_sandbox.google.app import GoogleServer, serve_google
from desksync_sandbox.neo.app import NeoServer, serve_neo


def run_neo(seed: Path | None, port: int) -> int:
    """Run NEO and return the exit code. Raises `ValueError` or `OSError` for a bad seed or a port that is taken."""
    server = serve_neo(seed, port)
    return _run(server, f"NEO: {server.url}/  (DESKSYNC_NEO_BASE_URL={server.base_url})")


def run_google(seed: Path | None, port: int) -> int:
    """Run Google Calendar and return the exit code. Raises like `run_neo`."""
    server = serve_google(None if seed is None else json.loads(seed.read_text(encoding="utf-8")), port)
    return _run(
        server,
        f"Google Calendar: {server.url}/\n"
        f"DESKSYNC_GOOGLE_API_URL={server.api_url}\n"
        f"DESKSYNC_GOOGLE_AUTH_URL={server.auth_url}\n"
        f"DESKSYNC_GOOGLE_TOKEN_URL={server.token_url}\n"
        f"DESKSYNC_GOOGLE_REVOKE_URL={server.revoke_url}",
    )


def _run(server: NeoServer | GoogleServer, greeting: str) -> int:
    print(greeting, flush=True)  # noqa: T201 - the addresses are what the command is for

    def wait(stop: Event) -> None:
        stop.wait()

    try:
        return run_service("sandbox", [("wait", wait)])
    finally:
        server.stop()
