"""What every program opens when it starts, and closes when it ends: database, broker, numbers, health. For composition roots."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine

from desksync.broker.consumer import Consumer
from desksync.broker.declare import LastingQueue
from desksync.broker.publisher import Publisher, PublishFailed
from desksync.broker.work import Fate, Work
from desksync.contracts.messages import Message, SyncTicket, read_ticket
from desksync.ops.health import Health
from desksync.ops.metrics import Metrics
from desksync.ops.settings import Settings
from desksync.store.engine import Begin, DatabaseProblem, connections, make_begin, make_engine
from desksync.store.parked import park
from desksync.store.schema import REMEDIES, SchemaState, require_current, schema_state

log = logging.getLogger(__name__)

VERSION = "0.1.0"

M = TypeVar("M")

_STUCK_AFTER = timedelta(seconds=60)
"""How long the broker loop may take for one turn; connecting holds it up for 20 seconds at most."""

_ENDLESS_AFTER = timedelta(minutes=15)
"""How long one message may be worked on: several stages, each with its time and a call more. Three leases, if longer."""


@dataclass(frozen=True)
class Resources:
    """The open resources of one program. `now` gives the present time in UTC, and `seconds` is a clock that never jumps."""

    settings: Settings
    engine: Engine
    begin: Begin
    publisher: Publisher
    metrics: Metrics
    now: Callable[[], datetime]
    health: Health = field(default_factory=lambda: Health(time.monotonic))
    seconds: Callable[[], float] = time.monotonic

    def publish(self, messages: Sequence[Message]) -> None:
        """Send messages. One that cannot be sent is logged: its row is there, and the scheduler's sweep sends it again."""
        try:
            self.publisher.publish(messages)
        except PublishFailed as problem:
            self.metrics.unsent_messages.inc(len(problem.unsent))
            log.warning("messages not published", extra={"number": len(problem.unsent), "reason": str(problem)})

    def ticket_consumer(self, queue: str, handle: Callable[[SyncTicket], None]) -> Consumer[SyncTicket]:
        """Return what has every ticket of a queue handled, by as many threads as the settings say."""
        return self.consumer(queue, read_ticket, handle, threads=self.settings.worker_threads)

    def consumer(self, queue: str, read: Callable[[bytes], M], handle: Callable[[M], None], *, threads: int) -> Consumer[M]:
        """Return what has every message of a queue handled. One that cannot be read is parked in its table."""

        def set_aside(name: str, body: bytes, reason: str) -> None:
            with self.begin() as session:
                park(session, name, body, reason, self.now())

        def told(fate: Fate) -> None:
            if fate is Fate.PARKED:
                self.metrics.parked_messages.labels(queue).inc()

        under_way = self.health.work(f"{queue} work", max(_ENDLESS_AFTER, 3 * self.settings.ticket_lease))

        def watched(message: M) -> None:
            with under_way():
                handle(message)

        consumer = Consumer(
            self.settings.broker_url,
            LastingQueue(queue),
            Work(read, watched, set_aside, told),
            threads=threads,
            turned=self.health.loop(queue, _STUCK_AFTER),
        )
        self.health.check(
            queue,
            lambda: None if consumer.is_ready() else "Not connected to the broker. Check that it runs and DESKSYNC_BROKER_URL.",
        )
        return consumer


@contextmanager
def opened(
    settings: Settings, now: Callable[[], datetime], *, metrics: Metrics | None = None, waits: bool = False
) -> Iterator[Resources]:
    """Open what every program needs. Raises `DatabaseProblem` with the remedy when the tables are missing or out of date.

    With `waits` nobody is asked yet: the caller has its loops wait for the database (`worker.start`).
    """
    engine = make_engine(settings.database_url)
    try:
        if not waits:
            require_current(engine)
        with Publisher(settings.broker_url) as publisher:
            resources = Resources(settings, engine, make_begin(engine), publisher, metrics or Metrics(version=VERSION), now)
            resources.health.check("database", lambda: _wrong_with(engine))
            _count_connections(engine, resources.metrics)
            yield resources
    finally:
        engine.dispose()


def _count_connections(engine: Engine, metrics: Metrics) -> None:
    """Have the connections counted whenever somebody asks for the numbers."""
    metrics.database_connections.labels("in_use").set_function(lambda: connections(engine).in_use)
    metrics.database_connections.labels("idle").set_function(lambda: connections(engine).idle)
    metrics.database_connections_most.set(connections(engine).most)


def _wrong_with(engine: Engine) -> str | None:
    """Return what keeps a program that runs from working with the database.

    Newer tables do not: an upgrade changes them first, only adds to them, and ends the old programs one after the other.
    """
    try:
        state = schema_state(engine)
    except DatabaseProblem as problem:
        return str(problem)
    return None if state is SchemaState.AHEAD else REMEDIES.get(state)
