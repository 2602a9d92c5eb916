"""The PostgreSQL server of a test run: a given one, a private cluster from installed programs, or a container, in this order.

The choice is the machine's; the tests see one class. A server that we started can also be killed, frozen and started again.
"""

import os
import random

from sqlalchemy import URL, make_url

from desksync_local.patience import comes_true
from desksync_local.postgres import PostgresServer, PrivatePostgres, installed_programs
from desksync_local.server import NoServer

GIVEN = "DESKSYNC_TEST_DATABASE_URL"
IMAGE = "postgres:17-alpine"

HOW_TO_GET_ONE = f"""These tests need a PostgreSQL server, and this machine offers none. One of these helps:
  - install it; nothing has to be started:   sudo apt-get install -y --no-install-recommends postgresql
  - start Docker; the image {IMAGE} is then used
  - name a server on which databases may be created:   {GIVEN}=postgresql://user:password@host/database
To leave these tests out:   pytest -m "not servers\""""


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
        if not comes_true(self.answers):
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
    if programs := installed_programs():
        return PrivatePostgres(programs)
    if _has_docker():
        return ContainerServer()
    raise NoServer(HOW_TO_GET_ONE)


def _has_docker() -> bool:
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, needed only where nothing else is there, has no types

    try:
        client = docker.from_env(timeout=2)
    except docker.errors.DockerException:
        return False
    client.close()
    return True


def _not_ours() -> NoServer:
    return NoServer(f"The server named by {GIVEN} is not ours to break; unset it for this test.")
