"""What a RabbitMQ server is to the tests: virtual hosts to have, and something to kill, freeze and start again."""

import random
import secrets
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import httpx

from desksync.broker.connection import BrokerUnreachable, connect
from desksync.contracts.topology import BINDINGS, EVENTS, TICKETS

GIVEN = "DESKSYNC_TEST_BROKER_URL"
IMAGE = "rabbitmq:4.1-management-alpine"
PATIENCE = 60.0
"""Seconds that a server has for anything it is asked to do."""


class NoServer(Exception):
    """There is no RabbitMQ server to be had."""


class RabbitServer(ABC):
    """A server on which every test gets a virtual host of its own."""

    @abstractmethod
    def create_vhost(self) -> str:
        """Create an empty virtual host and return its URL."""

    @abstractmethod
    def drop_vhost(self, url: str) -> None:
        """Drop what `create_vhost` made, whoever is still connected."""

    @abstractmethod
    def version(self) -> str:
        """Return what the server calls itself."""

    @abstractmethod
    def start(self) -> None:
        """Start it, also after `kill9`, and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it for good and leave nothing behind."""

    @abstractmethod
    def kill9(self) -> None:
        """Kill every process of it at once. What was confirmed is there after `start`."""

    @abstractmethod
    def freeze(self) -> None:
        """Make it hold still without closing a connection."""

    @abstractmethod
    def thaw(self) -> None:
        """Let it go on after `freeze`."""


class GivenServer(RabbitServer):
    """One virtual host that somebody else runs. In it nothing but DeskSync's own names is touched."""

    def __init__(self, url: str) -> None:
        self._url = url

    def create_vhost(self) -> str:
        """Make the given virtual host as good as new."""
        self.drop_vhost(self._url)
        return self._url

    def drop_vhost(self, url: str) -> None:
        """Delete DeskSync's queues and exchanges from it."""
        connection = connect(url)
        with connection.channel() as channel:
            for binding in BINDINGS:
                channel.queue_delete(binding.queue)
            for exchange in (TICKETS, EVENTS):
                channel.exchange_delete(exchange)
        connection.release()

    def version(self) -> str:
        """Ask it."""
        connection = connect(self._url)
        version = str(connection.connection.server_properties["version"])
        connection.release()
        return version

    def start(self) -> None:
        """Raise `NoServer` unless it answers."""
        try:
            self.version()
        except BrokerUnreachable as error:
            raise NoServer(f"The server named by {GIVEN}: {error}") from error

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


class OwnServer(RabbitServer):
    """A server that belongs to the tests, with the management plugin and the user that every new server has."""

    def __init__(self, port: int, management_port: int) -> None:
        self.port = port
        self._management = f"http://127.0.0.1:{management_port}/api"

    def create_vhost(self) -> str:
        """Create a virtual host by the management API, which is ten times faster than the command."""
        name = f"desksync-{secrets.token_hex(6)}"
        # New queues are quorum queues, as on a server that means well; what must be something else has to say so.
        self._call("PUT", f"vhosts/{name}", {"default_queue_type": "quorum"})
        self._call("PUT", f"permissions/{name}/guest", {"configure": ".*", "write": ".*", "read": ".*"})
        return self._url(name)

    def drop_vhost(self, url: str) -> None:
        """Drop the virtual host with all that is in it."""
        self._call("DELETE", f"vhosts/{quote(urlsplit(url).path.removeprefix('/'), safe='')}")

    def version(self) -> str:
        """Ask it."""
        return str(self._call("GET", "overview").json()["rabbitmq_version"])

    def limit_queues(self, url: str, most: int | None) -> None:
        """Have every queue of a virtual host refuse what comes when it holds about so many messages; `None` lifts that."""
        path = f"policies/{urlsplit(url).path.removeprefix('/')}/limit"
        if most is None:
            self._call("DELETE", path)
        else:
            limits = {"max-length": most, "overflow": "reject-publish"}
            self._call("PUT", path, {"pattern": ".*", "definition": limits, "apply-to": "queues"})

    def answers(self) -> bool:
        """Say whether it takes connections and orders."""
        try:
            connect(self._url("%2f")).release()
            self.version()
        except (BrokerUnreachable, httpx.HTTPError):
            return False
        return True

    def _url(self, vhost: str) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{vhost}"

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        with httpx.Client(auth=("guest", "guest"), trust_env=False, timeout=PATIENCE) as client:
            return client.request(method, f"{self._management}/{path}", json=body).raise_for_status()


class ContainerServer(OwnServer):
    """A server in Docker."""

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where Docker is used

        # Chosen by us, because Docker would give others after a restart.
        port, management_port = free_ports(2)
        super().__init__(port, management_port)
        self._container = (
            DockerContainer(IMAGE)
            .with_env("RABBITMQ_NODENAME", "rabbit@localhost")
            # From inside the container we are not the loopback address, to which this user is restricted.
            .with_env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit loopback_users []")
            .with_bind_ports("5672/tcp", port)
            .with_bind_ports("15672/tcp", management_port)
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
            raise NoServer("RabbitMQ does not answer from its container.")

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


def free_ports(number: int) -> list[int]:
    """Return ports below those that the system gives to outgoing connections, so that they stay free while the server is down."""
    return [port for port in random.sample(range(20_000, 32_000), number * 10) if not listens(port)][:number]


def listens(port: int) -> bool:
    """Say whether somebody takes connections on that port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def comes_true(condition: Callable[[], bool]) -> bool:
    """Wait until the condition holds, and return whether it does before patience ends."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _not_ours() -> NoServer:
    return NoServer(f"The server named by {GIVEN} is not ours to break; unset it for this test.")
