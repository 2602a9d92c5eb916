"""`desksync sandbox`: one stand-in alone, until Ctrl-C."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from pydantic import ValidationError

from desksync.ops.service import run_service
from desksync.worker.program import listening_on
from desksync_sandbox.google.app import GoogleServer, serve_google
from desksync_sandbox.neo.app import NeoServer, serve_neo
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY, Office


class BadSeed(Exception):
    """A seed file cannot be used. `str()` names it and says what is wrong, one line for each place."""


def run_neo(seed: Path | None, port: int) -> int:
    """Run NEO and return the exit code. Raises `BadSeed`, or `OSError` for a port that is taken."""
    with _judged(seed), listening_on("127.0.0.1", port, "--port"):
        server = serve_neo(seed, port)
    return _run(server, f"desknet's NEO, a stand-in: {server.url}/\nDESKSYNC_NEO_BASE_URL={server.base_url}")


def run_google(seed: Path | None, port: int) -> int:
    """Run Google Calendar and return the exit code. Raises like `run_neo`."""
    with _judged(seed), listening_on("127.0.0.1", port, "--port"):
        server = serve_google(None if seed is None else json.loads(seed.read_bytes()), port)
    return _run(
        server,
        f"Google Calendar, a stand-in: {server.url}/\n"
        f"DESKSYNC_GOOGLE_API_URL={server.api_url}\n"
        f"DESKSYNC_GOOGLE_AUTH_URL={server.auth_url}\n"
        f"DESKSYNC_GOOGLE_TOKEN_URL={server.token_url}\n"
        f"DESKSYNC_GOOGLE_REVOKE_URL={server.revoke_url}",
    )


@contextmanager
def _judged(seed: Path | None) -> Iterator[None]:
    """Say of a seed that cannot be used where it is wrong."""
    if seed is not None and not seed.is_file():
        raise BadSeed(f"There is no file {seed}. A seed is a JSON file; without --seed the stand-in begins empty.")
    try:
        yield
    except ValidationError as problem:
        places = [f"  {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in problem.errors()]
        raise BadSeed("\n".join([f"{seed} is no seed for this stand-in:", *places])) from problem
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise BadSeed(f"{seed} is no JSON: {problem}.") from problem


def _run(server: NeoServer | GoogleServer, greeting: str) -> int:
    print(greeting, flush=True)  # noqa: T201 - the addresses are what the command is for

    def wait(stop: Event) -> None:
        stop.wait()

    try:
        return run_service("sandbox", [("wait", wait)])
    finally:
        server.stop()
