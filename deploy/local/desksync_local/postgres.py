"""PostgreSQL: databases to have on any server, and a private cluster from installed programs."""

import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

from desksync_local.families import has_ended, signal_family
from desksync_local.patience import PATIENCE, comes_true
from desksync_local.server import NoServer, Server

_DEFAULT_PORT = 5432


class PostgresServer(Server):
    """A server on which everybody gets a database of their own."""

    def __init__(self, url: URL) -> None:
        self._url = url

    @property
    def port(self) -> int:
        """Return the port on which it listens."""
        return self._url.port or _DEFAULT_PORT

    def create_database(self, template: str | None = None) -> str:
        """Create a database, as a copy of another one if its URL is given, and return its URL."""
        name = f"desksync_{uuid4().hex[:12]}"
        source = "template1" if template is None else make_url(template).database
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, whoever is still connected."""
        self._execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def version(self) -> str:
        """Return what the server calls itself."""
        return str(self._execute("SHOW server_version"))

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


class PrivatePostgres(PostgresServer):
    """A private cluster in a temporary folder, from the programs in a folder."""

    def __init__(self, programs: Path) -> None:
        super().__init__(URL.create("postgresql", "desksync", host="127.0.0.1", database="postgres"))
        self._programs = programs
        # A folder of its own below the system's: others cannot be entered by the user as whom the server runs.
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
            if comes_true(lambda: self.answers() or not self._is_alive()) and self._is_alive():
                return
        log = (self._folder / "log").read_text(errors="replace")[-2000:]
        raise NoServer(f"PostgreSQL did not start: {log}")

    def stop(self) -> None:
        """Stop the server and delete the cluster."""
        self.shut_down()
        shutil.rmtree(self._folder)

    def shut_down(self) -> None:
        """Stop the server as an administrator does: open transactions are rolled back, and the data stay for `start`."""
        if self._process is not None and self._is_alive():
            self.thaw()
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)

    def kill9(self) -> None:
        """Kill the server and its children, which are in sessions of their own."""
        processes = self._signal_all(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE)
        # A new server refuses to start while one of them still holds the shared memory.
        if not comes_true(lambda: all(has_ended(process) for process in processes)):
            raise NoServer("PostgreSQL's processes did not end when they were killed.")

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
        return signal_family(self._process.pid, number) if self._process is not None and self._is_alive() else []


def installed_programs() -> Path | None:
    """Return the folder with the programs of the newest PostgreSQL of this machine, or `None`."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
