"""RabbitMQ servers of a test run that are not started from programs: one that somebody else runs, and a container."""

from desksync.broker.connection import BrokerUnreachable, connect
from desksync.contracts.topology import BINDINGS, EVENTS, TICKETS
from desksync_local.patience import comes_true
from desksync_local.ports import free_ports
from desksync_local.rabbitmq import OwnRabbitServer
from desksync_local.server import NoServer, Server

GIVEN = "DESKSYNC_TEST_BROKER_URL"
IMAGE = "rabbitmq:4.1-management-alpine"


class GivenServer(Server):
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


class ContainerServer(OwnRabbitServer):
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


def _not_ours() -> NoServer:
    return NoServer(f"The server named by {GIVEN} is not ours to break; unset it for this test.")


RabbitServer = GivenServer | OwnRabbitServer
"""A server on which every test gets a virtual host of its own."""
