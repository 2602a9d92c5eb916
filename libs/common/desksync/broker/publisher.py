"""Sends messages and knows which have arrived. A lost wake-up is harmless, because the row stays; it has to be known."""

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from threading import Lock
from types import TracebackType
from typing import Any, Self

from kombu.connection import Connection
from kombu.messaging import Producer

from desksync.broker.confirms import Confirms
from desksync.broker.connection import BROKER_ERRORS, confirms, connect, drop
from desksync.broker.declare import declare
from desksync.contracts.messages import Message, written
from desksync.contracts.topology import address_of

log = logging.getLogger(__name__)

WINDOW = 100
"""How many messages may wait for their answer. Waiting for each one alone is eleven times slower."""

_PERSISTENT = 2


class PublishFailed(Exception):
    """Some messages may not have arrived: `unsent` holds their message ids. Sending them again is right, and may double them."""

    def __init__(self, unsent: Iterable[str], why: str) -> None:
        self.unsent = tuple(unsent)
        super().__init__(f"{len(self.unsent)} of the messages may not have reached the broker: {why}")


class Publisher:
    """Publishes over a connection of its own, which it opens when first needed. Safe to use from several threads.

    `patience` is how long the broker may say nothing while an answer is due.
    """

    def __init__(self, url: str, *, patience: timedelta = timedelta(seconds=10)) -> None:
        self._url = url
        self._patience = patience
        self._link: _Link | None = None
        self._lock = Lock()

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the messages and return when the broker has taken every one of them.

        Raises `PublishFailed` when one came back unroutable, was refused, or stayed unanswered; the others are still sent. The
        connection is thrown away then: on it a late answer could be taken for that of another message.
        """
        left = deque(messages)
        with self._lock:
            try:
                link = self._link = self._working_link()
                while left:
                    link.send(left[0])
                    left.popleft()
                    link.wait(WINDOW - 1)
                link.wait(0)
            except BROKER_ERRORS as error:
                raise self._failed(left, str(error) or type(error).__name__) from error
            if not link.account.is_clean:
                raise self._failed(left, "it refused them, or no queue is bound for them")

    def hindrance(self) -> str | None:
        """Return why nothing can be sent now, as a sentence, or `None`. Opens the connection if there is none."""
        if not self._lock.acquire(timeout=self._patience.total_seconds()):
            return "The broker takes long to answer what is being sent."
        try:
            self._link = self._working_link()
        except BROKER_ERRORS as error:
            self._drop_link()
            return str(error) or type(error).__name__
        finally:
            self._lock.release()
        return None

    def close(self) -> None:
        """Close the connection. A later `publish` opens another."""
        with self._lock:
            link, self._link = self._link, None
            if link is not None:
                link.connection.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _working_link(self) -> "_Link":
        if self._link is not None and not self._link.is_alive():
            log.info("the broker closed an idle connection, opening another")
            self._drop_link()
        # No heartbeat: nobody would send it between two calls. An answer that stays away shows a dead connection as well.
        return self._link or _Link(connect(self._url, heartbeat=timedelta(0)), self._patience)

    def _failed(self, left: Iterable[Message], why: str) -> PublishFailed:
        unsent = dict.fromkeys(self._link.account.unsent() if self._link is not None else ())
        unsent.update(dict.fromkeys(message.message_id for message in left))
        self._drop_link()
        return PublishFailed(unsent, why)

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            drop(link.connection)


class _Link:
    """A connection, a channel on it, and the account of that channel. They live and die together."""

    def __init__(self, connection: Connection, patience: timedelta) -> None:
        self.connection = connection
        self.account = Confirms()
        self._patience = patience.total_seconds()
        self._is_answered = confirms(connection)
        try:
            declare(connection)
            self._producer = self._open()
        except BROKER_ERRORS:
            drop(connection)
            raise

    def send(self, message: Message) -> None:
        """Publish without waiting for the answer."""
        address = address_of(message)
        if self._is_answered:
            self.account.sent(message.message_id)
        self._producer.publish(
            written(message),
            exchange=address.exchange,
            routing_key=address.routing_key,
            mandatory=address.is_awaited,
            message_id=message.message_id,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=_PERSISTENT,
        )

    def wait(self, most: int) -> None:
        """Wait until at most that many messages are unanswered. Raises `TimeoutError` when the broker says nothing."""
        while self.account.outstanding > most:
            self.connection.drain_events(timeout=self._patience)

    def is_alive(self) -> bool:
        """Say whether the broker still holds the connection, by reading what it sent since the last call."""
        try:
            self.connection.drain_events(timeout=0)
        except TimeoutError:
            return True
        except BROKER_ERRORS:
            return False
        return self.account.is_clean

    def _open(self) -> Producer:
        channel = self.connection.channel()
        if self._is_answered:
            channel.confirm_select()
            channel.events["basic_ack"].add(lambda tag, multiple: self.account.acked(tag, multiple=multiple))
            channel.events["basic_nack"].add(lambda tag, multiple: self.account.nacked(tag, multiple=multiple))
            channel.events["basic_return"].add(self._on_return)
        return Producer(channel, auto_declare=False)

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        log.error("no queue is bound for a message", extra={"exchange": exchange, "routing_key": routing_key, "why": str(error)})
        self.account.returned(message.properties["message_id"])
