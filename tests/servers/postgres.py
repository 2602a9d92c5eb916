"""A PostgreSQL server for tests: a given one, a private cluster from installed programs, or a container, in this order.

The choice is the machine's; the tests see one class. A server that we started can also be killed, frozen and started again.
"""

import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

GIVEN = "DESKSYNC_TEST_DATABASE_URL"
IMAGE = "postgres:17-alpine"
PATIENCE = 30.0
"""Seconds that a server has for anything it is asked to do."""

HOW_TO_GET_ONE = f"""These tests need a PostgreSQL server, and this machine offers none. One of these helps:
  - install it; nothing has to be started:   sudo apt-get install -y --no-install-recommends postgresql
  - start Docker; the image {IMAGE} is then used
  - name a server on which databases may be created:   {GIVEN}=postgresql://user:password@host/database
To leave these tests out:   pytest -m "not servers\""""


class NoServer(Exception):
    """There is no PostgreSQL server to be had."""


class PostgresServer(ABC):
    """A server on which every test gets a database of its own."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def create_database(self, template: str | None = None) -> str:
        """Create a database, as a copy of another one if its URL is given, and return its URL."""
        name = f"desksync_test_{uuid4().hex[:12]}"
        source = "template1" if template is None else make_url(template).database
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, whoever is still connected."""
        self._execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def version(self) -> str:
        """Return what the server calls itself."""
        return str(self._execute("SHOW server_version"))

    @abstractmethod
    def start(self) -> None:
        """Start it, also after `kill9`, and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it for good and leave nothing behind."""

    @abstractmethod
    def kill9(self) -> None:
        """Kill every process of it at once. What was committed is there after `start`."""

    @abstractmethod
    def freeze(self) -> None:
        """Make it hold still without closing a connection."""

    @abstractmethod
    def thaw(self) -> None:
        """Let it go on after `freeze`."""

    def answers(self) -> bool:
        """Say whether a new connection works now."""
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> Any:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True, connect_timeout=3) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]


class GivenServer(PostgresServer):
    """A server that somebody else runs. Nothing but our own databases is touched."""

    def start(self) -> None:
        """Raise `NoServer` unless it answers."""
        if not self.answers():
            raise NoServer(f"The server named by {GIVEN} does not answer.")

    def stop(self) -> None:
        """Leave it running."""

    def kill9(self) -> None:
        """Refuse."""
        raise _not_ours()

    def freeze(self) -> None:
        """Refuse."""
        raise _not_ours()

    def thaw(self) -> None:
        """Refuse."""
        raise _not_ours()


class LocalServer(PostgresServer):
    """A private cluster in a temporary folder, from installed programs. Linux only: it looks for processes in /proc."""

    def __init__(self, programs: Path) -> None:
        super().__init__(URL.create("postgresql", "desksync", host="127.0.0.1", database="postgres"))
        self._programs = programs
        # Not pytest's own folder: that one cannot be entered by the user as whom the server runs.
        self._folder = Path(tempfile.mkdtemp(prefix="desksync-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
            account = _unprivileged_account()
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self._folder, account.pw_uid, account.pw_gid)

    def start(self) -> None:
        """Create the cluster if there is none, choose a free port the first time, and wait for the server."""
        if not (self._folder / "data" / "PG_VERSION").exists():
            program = str(self._programs / "initdb")
            made = subprocess.run(  # noqa: S603 - our own command
                [program, "-D", "data", "-U", "desksync", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                cwd=self._folder,
                capture_output=True,
                check=False,
                **self._as_user,
            )
            if made.returncode != 0:
                raise NoServer(f"initdb failed: {made.stderr.decode(errors='replace')}")
        ports = [self._url.port] if self._url.port else random.sample(range(20_000, 32_000), 10)
        for port in ports:
            self._url = self._url.set(port=port)
            self._launch(port)
            if _comes_true(lambda: self.answers() or not self._is_alive()) and self._is_alive():
                return
        log = (self._folder / "log").read_text(errors="replace")[-2000:]
        raise NoServer(f"PostgreSQL did not start: {log}")

    def stop(self) -> None:
        """Stop the server and delete the cluster."""
        if self._process is not None and self._is_alive():
            self.thaw()
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
        shutil.rmtree(self._folder)

    def kill9(self) -> None:
        """Kill the server and its children, which are in sessions of their own."""
        processes = self._signal_all(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE)
        # A new server refuses to start while one of them still holds the shared memory.
        assert _comes_true(lambda: not any(_is_process(process) for process in processes))

    def freeze(self) -> None:
        """Stop the server and its children where they are; new connections are neither taken nor refused."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all of them go on."""
        self._signal_all(signal.SIGCONT)

    def _launch(self, port: int) -> None:
        options = {
            "unix_socket_directories": "",
            "max_connections": "200",
            # A killed process loses nothing by these; only a dead machine would.
            "fsync": "off",
            "full_page_writes": "off",
        }
        command: list[str | Path] = [self._programs / "postgres", "-D", "data", "-h", "127.0.0.1", "-p", str(port)]
        for name, setting in options.items():
            command += ["-c", f"{name}={setting}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user,
            )

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _signal_all(self, number: signal.Signals) -> list[int]:
        if self._process is None or not self._is_alive():
            return []
        # The parent first, so that no child is born while we look.
        self._process.send_signal(signal.SIGSTOP)
        children = _children_of(self._process.pid)
        for process in (*children, self._process.pid):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue  # It ended by itself.
        return children


class ContainerServer(PostgresServer):
    """A server in Docker."""

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where Docker is used

        port = random.randrange(20_000, 32_000)  # Chosen by us, because Docker would give another one after a restart.
        super().__init__(URL.create("postgresql", "postgres", host="127.0.0.1", port=port, database="postgres"))
        self._container = (
            DockerContainer(IMAGE)
            .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
            .with_bind_ports("5432/tcp", port)
            .with_command("postgres -c fsync=off -c full_page_writes=off -c max_connections=200")
        )
        self._is_created = False

    def start(self) -> None:
        """Create the container or start it again, and wait for the server."""
        if self._is_created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._is_created = True
        if not _comes_true(self.answers):
            raise NoServer("PostgreSQL does not answer from its container.")

    def stop(self) -> None:
        """Remove the container."""
        self._container.stop()

    def kill9(self) -> None:
        """Kill the container."""
        self._container.get_wrapped_container().kill()

    def freeze(self) -> None:
        """Pause the container."""
        self._container.get_wrapped_container().pause()

    def thaw(self) -> None:
        """Unpause the container."""
        self._container.get_wrapped_container().unpause()


def find_server() -> PostgresServer:
    """Return the server that this machine offers, not yet started. Raises `NoServer` with the ways to get one."""
    if given := os.environ.get(GIVEN):
        return GivenServer(make_url(given))
    if programs := _installed_programs():
        return LocalServer(programs)
    if _has_docker():
        return ContainerServer()
    raise NoServer(HOW_TO_GET_ONE)


def _installed_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _has_docker() -> bool:
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, needed only where nothing else is there, has no types

    try:
        client = docker.from_env(timeout=2)
    except docker.errors.DockerException:
        return False
    client.close()
    return True


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The program's name, in brackets, may hold blanks; the parent is the second field after it.
            of = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked.
        if of == parent:
            found.append(int(stat.parent.name))
    return found


def _is_process(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _comes_true(condition: Callable[[], bool]) -> bool:
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _not_ours() -> NoServer:
    return NoServer(f"The server named by {GIVEN} is not ours to break; unset it for this test.")
