"""Reaches the broker. The one module that looks at the scheme of its URL, and the one that knows how the transports differ.

A connection belongs to one thread. After any error it is thrown away, never mended: py-amqp does not say what was still done.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import amqp
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from desksync.broker.memory import Transport as MemoryTransport

HEARTBEAT = timedelta(seconds=10)
_CONNECT_SECONDS = 5
_READ_SECONDS = 10
_WRITE_SECONDS = 10
_POLL_SECONDS = 0.01
_DEFAULT_PORTS = {"amqp": 5672, "amqps": 5671}

BROKER_ERRORS: tuple[type[Exception], ...] = (
    OperationalError,
    *amqp.Connection.connection_errors,
    *amqp.Connection.channel_errors,
)
"""What any call on a connection raises when the broker is away, refuses, or does not answer in time."""


class BrokerUnreachable(ConnectionError):
    """No connection; one of the `BROKER_ERRORS`. `str()` says what to look at, and holds no password."""


class BrokerRefuses(BrokerUnreachable):
    """The broker is there and does not let us in: user, password or virtual host are wrong."""


def connect(url: str, *, heartbeat: timedelta = HEARTBEAT) -> Connection:
    """Return a connection that is established.

    `url` is `memory://`, `amqp://user:password@host:port/vhost`, or `amqps://` for TLS with the host name checked; several of
    one kind, divided by `;`, are tried in turn. Whoever asks for a heartbeat must call `heartbeat_check` at least twice as
    often; zero asks for none.
    Raises `BrokerUnreachable`, `BrokerRefuses` where waiting is no remedy, and `ValueError` for any other URL.
    """
    connection = _connection(url, heartbeat)
    try:
        # Without the interval kombu sleeps two seconds between its first try and the one other that it always makes.
        connection.ensure_connection(max_retries=1, interval_start=0)
    except BROKER_ERRORS as error:
        drop(connection)
        is_refused = isinstance(error, amqp.AccessRefused | amqp.NotAllowed)
        raise (BrokerRefuses if is_refused else BrokerUnreachable)(_remedy(url, error)) from error
    return connection


def drop(connection: Connection) -> None:
    """Throw the connection away without talking to the broker. Harmless when called twice."""
    with suppress(*BROKER_ERRORS, AttributeError):  # py-amqp stumbles over what it has already torn down.
        connection.collect()


def confirms(connection: Connection) -> bool:
    """Say whether the broker answers every publish. Memory does not: there a message has arrived when the call returns."""
    return bool(connection.transport.driver_type == "amqp")


def socket_of(connection: Connection) -> Any:
    """Return the socket on which messages come in, or `None` for memory, which rings the bells of its transport instead."""
    return connection.connection.sock if confirms(connection) else None


def _connection(url: str, heartbeat: timedelta) -> Connection:
    # Options are made anew for every connection, because kombu writes into them.
    match urlsplit(url).scheme:
        case "memory":
            return Connection(url, transport=MemoryTransport, transport_options={"polling_interval": _POLL_SECONDS})
        case "amqp" | "amqps" as scheme:
            return Connection(
                url,
                # `None` stands for the host of the URL; without it py-amqp takes any valid certificate for anybody's.
                ssl={"server_hostname": None} if scheme == "amqps" else False,
                heartbeat=heartbeat.total_seconds(),
                connect_timeout=_CONNECT_SECONDS,
                transport_options={"read_timeout": _READ_SECONDS, "write_timeout": _WRITE_SECONDS},
            )
        case _:
            raise ValueError(
                "The broker URL must begin with amqp://, amqps:// or memory://, as in amqp://user:password@host:5672/desksync."
            )


def _remedy(url: str, error: Exception) -> str:
    parts = [urlsplit(part) for part in url.split(";")]
    where = ", ".join(f"{part.hostname}:{part.port or _DEFAULT_PORTS[part.scheme]}" for part in parts)
    match error:
        case amqp.AccessRefused():
            return f"RabbitMQ at {where} refuses the user or the password. Check both in the broker URL."
        case amqp.NotAllowed():
            vhost = parts[0].path.removeprefix("/") or "/"
            return (
                f"RabbitMQ at {where} has no virtual host '{vhost}' for this user. "
                "Create it and give the rights: `rabbitmqctl add_vhost`, `rabbitmqctl set_permissions`."
            )
        case _:
            return (
                f"RabbitMQ does not answer at {where} ({type(error).__name__}: {error}). "
                "Check that it runs and listens there, and the host and port of the broker URL."
            )
