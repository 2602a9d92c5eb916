"""Names on the broker: exchanges, queues, bindings, and which message goes where. Names only; `desksync.broker` declares them.

The arguments of a queue are frozen when it is first declared. Whoever changes them gives the queue the next version in its name.
"""

from dataclasses import dataclass
from typing import assert_never

from desksync.contracts.messages import Message, StageName, StateChanged, SyncError, SyncResult, SyncTicket

TICKETS = "desksync.tickets"
"""Direct exchange: tickets, to the worker of the stage."""

EVENTS = "desksync.events"
"""Topic exchange: what has happened, `result.<outcome>`, `error.<kind>` and `state.<state>`."""

NEO_QUEUE = "desksync.neo.v1"
GOOGLE_QUEUE = "desksync.google.v1"
ERROR_COUNTER_QUEUE = "desksync.error-counter.v1"

_NEO_KEY = "neo"
_GOOGLE_KEY = "google"


@dataclass(frozen=True, slots=True)
class Binding:
    """A lasting queue, and what flows into it."""

    queue: str
    exchange: str
    routing_key: str


BINDINGS = (
    Binding(NEO_QUEUE, TICKETS, _NEO_KEY),
    Binding(GOOGLE_QUEUE, TICKETS, _GOOGLE_KEY),
    Binding(ERROR_COUNTER_QUEUE, EVENTS, "error.#"),
)
"""Every lasting queue. Live views bind temporary ones to `EVENTS`."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `is_awaited`: a lasting queue must get it, so that getting nowhere is an error."""

    exchange: str
    routing_key: str
    is_awaited: bool


def ticket_key(stage: StageName) -> str:
    """Return the routing key of a ticket at that stage: each worker runs both stages of its side."""
    match stage:
        case "pull_neo" | "push_neo":
            return _NEO_KEY
        case "pull_google" | "push_google":
            return _GOOGLE_KEY
        case _:
            assert_never(stage)


def address_of(message: Message) -> Address:
    """Return where the message goes."""
    match message:
        case SyncTicket():
            return Address(TICKETS, ticket_key(message.stage), is_awaited=True)
        case SyncError():
            return Address(EVENTS, f"error.{message.kind}", is_awaited=True)
        case SyncResult():
            # Nobody has to watch a run end: the row tells it to whoever looks later.
            return Address(EVENTS, f"result.{message.outcome}", is_awaited=False)
        case StateChanged():
            return Address(EVENTS, f"state.{message.state}", is_awaited=False)
        case _:
            assert_never(message)
