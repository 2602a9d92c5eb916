"""Kombu's in-memory transport, made to lose nothing inside one process. Only `connection` names it."""

from queue import Queue
from threading import Lock
from typing import Any, ClassVar, Protocol

from kombu.transport import memory
from kombu.transport.virtual.base import BrokerState


class Bell(Protocol):
    """Wakes a thread that waits for messages."""

    def ring(self) -> None:
        """Wake it."""
        ...


class Channel(memory.Channel):
    """A channel that gives back what was not acked when it closes, as RabbitMQ does."""

    queues: dict[str, Queue[Any]] = {}  # noqa: RUF012 - shared by all channels of the process, as kombu has it
    do_restore = True
    _binding = Lock()

    def queue_bind(self, *args: Any, **options: Any) -> None:
        """Bind a queue while nobody else changes a table."""
        with self._binding:
            memory.Channel.queue_bind(self, *args, **options)

    def queue_delete(self, queue: str, *_args: Any, **_options: Any) -> None:
        """Delete the queue and its bindings. Kombu leaves them in the tables of the exchanges, and keeps a queue without any."""
        with self._binding:
            self.state.queue_bindings_delete(queue)
            for exchange in list(self.state.exchanges.values()):
                # A new list, because a publisher may be reading the old one.
                exchange["table"] = [entry for entry in exchange["table"] if entry[2] != queue]
            self.queues.pop(queue, None)

    def _new_queue(self, queue: str, **_options: Any) -> None:
        # Kombu looks first and creates then; of two threads that declare at once, one would throw the other's messages away.
        self.queues.setdefault(queue, Queue())

    def _put(self, queue: str, message: dict[str, Any], **_options: Any) -> None:
        # Kombu would create a queue that was deleted meanwhile, with nobody left to empty it.
        waiting = self.queues.get(queue)
        if waiting is None:
            return
        # One topic message goes to several queues; each gets its own copy, which remembers where to go back to.
        properties = message["properties"]
        details = {**properties["delivery_info"], "queue": queue}
        waiting.put({**message, "properties": {**properties, "delivery_info": details}})
        for name, bell in tuple(Transport.bells):
            if name == queue:
                bell.ring()

    def _restore(self, message: Any) -> None:
        self._put(message.delivery_info["queue"], message.serializable())


class Transport(memory.Transport):
    """The transport behind `memory://`. All its connections in one process share one state.

    `bells` ring at every message for their queue. Kombu would have its consumers look a hundred times a second instead.
    """

    Channel = Channel
    global_state = BrokerState()
    bells: ClassVar[set[tuple[str, Bell]]] = set()


def forget_everything() -> None:
    """Drop every queue, binding and message of this process. For tests; live connections have to be closed first."""
    Channel.queues.clear()
    Transport.global_state.clear()
