"""An installation as an administrator has it: settings in the environment, a folder, and both stand-ins with a small office."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store.engine import Begin, make_begin, make_engine
from desksync.store.schema import migrate
from desksync_embedded.office_setup import start_google, start_neo, take_in
from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY, ZONE, Office, make_office
from tests.waiting import eventually

PROGRAMS = Path(sys.executable).parent
START_SECONDS = 120
"""How long a program may take until it works, on a machine that is busy with other things."""


def now() -> datetime:
    return datetime.now(UTC)


def an_office(users: int = 2, events: int = 0) -> Office:
    return make_office(users=users, events=events, seed=1, today=datetime.now(ZoneInfo(ZONE)).date())


def a_free_port() -> int:
    """Return a port on which nobody listens at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Installation:
    """`settings` are the variables of the environment. Nothing is in the database before `migrate`."""

    folder: Path
    neo: NeoServer
    google: GoogleServer
    office: Office
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return self.settings["DESKSYNC_DATABASE_URL"]

    def migrate(self) -> None:
        """Make the tables."""
        migrate(self.database_url)

    def take_in(self) -> list[int]:
        """Add everybody, connected and permitted, and return the numbers of the users."""
        cipher = Cipher([SecretKey.parse(self.settings["DESKSYNC_SECRET_KEYS"])])
        with self.begin() as begin:
            return list(take_in(begin, self.office.people, cipher, now))

    @contextmanager
    def begin(self) -> Iterator[Begin]:
        """Give transactions on the database."""
        engine = make_engine(self.database_url)
        try:
            yield make_begin(engine)
        finally:
            engine.dispose()

    def environment(self) -> dict[str, str]:
        """Return the environment for a process of its own."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("DESKSYNC_")}
        return ours | self.settings


@contextmanager
def an_installation(folder: Path, *, users: int = 2, events: int = 0) -> Iterator[Installation]:
    """Start the stand-ins and give the settings that belong to them."""
    office = an_office(users, events)
    neo = start_neo(office, now)
    google = start_google(office, now)
    try:
        settings = {
            "DESKSYNC_DATABASE_URL": f"sqlite:///{folder / 'desksync.sqlite'}",
            "DESKSYNC_BROKER_URL": "memory://",
            "DESKSYNC_NEO_BASE_URL": neo.base_url,
            "DESKSYNC_NEO_ACCESS_KEY": SITE_KEY,
            "DESKSYNC_NEO_TIMEOUT": "5s",
            "DESKSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
            "DESKSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "DESKSYNC_GOOGLE_API_URL": google.api_url,
            "DESKSYNC_GOOGLE_TOKEN_URL": google.token_url,
            "DESKSYNC_GOOGLE_AUTH_URL": google.auth_url,
            "DESKSYNC_GOOGLE_REVOKE_URL": google.revoke_url,
            "DESKSYNC_GOOGLE_TIMEOUT": "5s",
            "DESKSYNC_SECRET_KEYS": make_key(),
            "DESKSYNC_HTTP_PORT": str(a_free_port()),
            "DESKSYNC_HEALTH_PORT": "0",
            "DESKSYNC_LOG_FORMAT": "json",
        }
        yield Installation(folder, neo, google, office, settings)
    finally:
        neo.stop()
        google.stop()


@dataclass
class Program:
    """A program in a process of its own. What it says goes into files, so that nothing has to be read while it runs."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def said(self) -> str:
        """Return all that it has written so far, to both streams."""
        return self.out.read_text() + self.err.read_text()

    def logged(self) -> list[Mapping[str, Any]]:
        """Return the lines of its log."""
        return [json.loads(line) for line in self.err.read_text().splitlines() if line.startswith("{")]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, as long as the program runs."""

        def held() -> bool:
            assert self.process.poll() is None, self.said
            return condition()

        eventually(held, within=START_SECONDS)

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(START_SECONDS)


@contextmanager
def a_program(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, name: str = "program"
) -> Iterator[Program]:
    """Run a program of ours, and kill it if the test leaves it running."""
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    program, *arguments = command
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(  # noqa: S603 - a program of ours
            [str(PROGRAMS / program), *arguments], cwd=folder, env=dict(environment), stdout=to_out, stderr=to_err
        )
    try:
        yield Program(process, out, err)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(START_SECONDS)


def asked(url: str) -> tuple[int, str]:
    """Return status and body of a page; 0 when nobody answers."""
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - an address on this machine
            return int(answer.status), answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
    except URLError:
        return 0, ""
