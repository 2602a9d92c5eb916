"""One connection's worth of consuming. When the connection ends so does the session, and what it had not acked comes again."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from kombu.connection import Connection
from kombu.messaging import Consumer as KombuConsumer

from desksync.broker.connection import drop
from desksync.broker.declare import Source
from desksync.broker.intake import Doorbell, Intake


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came in. `token` is kombu's; only the session looks at it."""

    queue: str
    body: bytes
    token: Any


class Session:
    """Belongs to the thread that owns the connection, but for `finished` and `is_over`, which any thread may use."""

    def __init__(
        self,
        connection: Connection,
        source: Source,
        doorbell: Doorbell,
        deliver: Callable[["Session", Delivery], None],
        *,
        prefetch: int,
    ) -> None:
        self._connection = connection
        self._source = source
        self._doorbell = doorbell
        self._deliver = deliver
        self._finished: deque[Delivery] = deque()
        self._over = Event()
        channel = connection.channel()
        self._queue = source.open(channel)
        # Kombu never decodes the body: it would unpickle if the sender asked for it. Reading is the business of whoever handles.
        self._consumer = KombuConsumer(
            channel,
            [self._queue],
            auto_declare=False,
            prefetch_count=prefetch,
            on_message=self._on_message,
            on_decode_error=lambda message, _error: self._on_message(message),
        )
        self._consumer.consume()
        self._intake = Intake(connection, self.queue, doorbell)

    @property
    def queue(self) -> str:
        """Return the queue's name, which the broker may have chosen."""
        return str(self._queue.name)

    def is_over(self) -> bool:
        """Say whether the connection is gone. What was delivered over it is not to be handled any more: it comes again."""
        return self._over.is_set()

    def finished(self, delivery: Delivery) -> None:
        """Have the message acked soon, unless the session is over."""
        self._finished.append(delivery)
        self._doorbell.ring()

    def turn(self, seconds: float) -> None:
        """Ack what is finished, receive what is there, heartbeat, and wait up to so many seconds for more."""
        self._ack()  # First, because it makes room for more.
        while self._intake.take():
            pass
        self._connection.heartbeat_check()
        self._intake.wait(seconds)

    def cancel(self) -> None:
        """Ask for no more messages."""
        self._consumer.cancel()

    def close(self) -> None:
        """Ack what is finished, leave the queue and close the connection; everything else goes back to the broker."""
        self._ack()
        self._source.close(self._queue)
        self._over.set()
        self._intake.close()
        self._connection.release()

    def drop(self) -> None:
        """Throw the connection away without a word."""
        self._over.set()
        self._intake.close()
        drop(self._connection)

    def _ack(self) -> None:
        while self._finished:
            self._finished.popleft().token.ack()

    def _on_message(self, message: Any) -> None:
        body = message.body
        self._deliver(self, Delivery(self.queue, body.encode() if isinstance(body, str) else bytes(body), message))
