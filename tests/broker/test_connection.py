"""What a URL turns into, and what is said when nobody answers behind it."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from desksync.broker.connection import BrokerUnreachable, _connection, connect, drop
from desksync.broker.publisher import Publisher, PublishFailed
from tests.broker.builders import a_ticket, tickets


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Give a port on which connections are taken and nothing is ever said."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def dead_port() -> int:
    """Give a port on which nobody listens."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def test_an_amqp_connection_has_a_heartbeat_and_gives_up_in_time() -> None:
    connection = _connection("amqp://user:password@broker:5672/desksync", timedelta(seconds=10))

    assert connection.heartbeat == 10
    assert connection.connect_timeout == 5
    assert connection.transport_options == {"read_timeout": 10, "write_timeout": 10}
    assert not connection.ssl


def test_options_are_not_shared_between_connections() -> None:
    one = _connection("memory://", timedelta(0))
    other = _connection("memory://", timedelta(0))

    assert one.transport_options is not None
    one.transport_options["max_retries"] = 3

    assert other.transport_options == {"polling_interval": 0.01}


def test_tls_checks_the_name_of_the_host() -> None:
    connection = _connection("amqps://user:password@broker/desksync", timedelta(seconds=10))

    assert connection.ssl == {"server_hostname": None}  # kombu puts the host of the URL there
    assert connection.transport.default_connection_params["port"] == 5671


@pytest.mark.parametrize("url", ["redis://localhost", "http://localhost", "localhost", ""])
def test_another_kind_of_broker_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with amqp://, amqps:// or memory://"):
        connect(url)


def test_a_broker_that_is_away_is_named_with_the_remedy_and_without_the_password(dead_port: int) -> None:
    with pytest.raises(BrokerUnreachable) as refused:
        connect(f"amqp://user:hunter2@127.0.0.1:{dead_port}/desksync")

    assert f"does not answer at 127.0.0.1:{dead_port}" in str(refused.value)
    assert "Check that it runs" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_every_broker_of_a_list_is_named(dead_port: int) -> None:
    with pytest.raises(BrokerUnreachable, match=rf"at 127\.0\.0\.1:{dead_port}, localhost:{dead_port} "):
        connect(f"amqp://user:hunter2@127.0.0.1:{dead_port}/;amqp://user:hunter2@localhost:{dead_port}/")


def test_publishing_to_a_broker_that_is_away_names_every_message(dead_port: int) -> None:
    with Publisher(f"amqp://user:hunter2@127.0.0.1:{dead_port}/") as publisher, pytest.raises(PublishFailed) as failed:
        publisher.publish(tickets(3))

    assert failed.value.unsent == tuple(ticket.message_id for ticket in tickets(3))
    assert "does not answer" in str(failed.value)
    assert "hunter2" not in str(failed.value)


@pytest.mark.slow
def test_a_broker_that_says_nothing_is_given_up(deaf_port: int) -> None:
    with Publisher(f"amqp://127.0.0.1:{deaf_port}/") as publisher, pytest.raises(PublishFailed, match="does not answer"):
        publisher.publish([a_ticket()])


def test_a_connection_can_be_dropped_twice() -> None:
    connection = connect("memory://")

    drop(connection)
    drop(connection)

    assert not connection.connected
