"""Declares what `contracts.topology` names. Safe to repeat, by any program in any order.

Asks for nothing that RabbitMQ 4 refuses: what lasts is durable, what does not is exclusive. The arguments of a queue protect
the broker and carry no logic; memory ignores them.
"""

from typing import Any, Protocol

from kombu.connection import Connection
from kombu.entity import Exchange, Queue

from desksync.contracts.topology import BINDINGS, EVENTS, TICKETS, Binding

_DELIVERY_LIMIT = 20
"""How often a message may come back unacked before RabbitMQ drops it: one that kills its worker must not do so for ever."""

_EXCHANGES = {
    TICKETS: Exchange(TICKETS, type="direct", durable=True),
    EVENTS: Exchange(EVENTS, type="topic", durable=True),
}


class Source(Protocol):
    """Something to consume from."""

    def open(self, channel: Any) -> Queue:
        """Declare the queue on the channel of a new connection, and return it."""
        ...

    def close(self, queue: Queue) -> None:
        """Leave the queue, over a connection that works."""
        ...


class LastingQueue:
    """One queue of the topology. Programs come and go, it stays."""

    def __init__(self, name: str) -> None:
        (self._binding,) = (binding for binding in BINDINGS if binding.queue == name)

    def open(self, channel: Any) -> Queue:
        """Declare and return it."""
        queue: Queue = _lasting(self._binding).bind(channel)
        queue.declare()
        return queue

    def close(self, queue: Queue) -> None:
        """Do nothing: messages go on arriving."""


class TemporaryQueue:
    """A queue for one live view: it gets the events of a pattern from now on, and goes with its connection."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def open(self, channel: Any) -> Queue:
        """Declare and return it; the broker chooses the name."""
        queue: Queue = Queue(
            exchange=_EXCHANGES[EVENTS],
            routing_key=self._pattern,
            durable=False,
            exclusive=True,
            # Said outright: a quorum queue cannot be exclusive, and a virtual host may make new queues that by default.
            queue_arguments={"x-queue-type": "classic"},
        ).bind(channel)
        queue.declare()
        return queue

    def close(self, queue: Queue) -> None:
        """Delete it, although RabbitMQ would do so by itself: memory would not."""
        queue.delete()


def declare(connection: Connection) -> None:
    """Declare every exchange, every lasting queue and their bindings."""
    with connection.channel() as channel:
        for exchange in _EXCHANGES.values():
            exchange.bind(channel).declare()
        for binding in BINDINGS:
            _lasting(binding).bind(channel).declare()


def _lasting(binding: Binding) -> Queue:
    return Queue(
        binding.queue,
        exchange=_EXCHANGES[binding.exchange],
        routing_key=binding.routing_key,
        durable=True,
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": _DELIVERY_LIMIT},
    )
