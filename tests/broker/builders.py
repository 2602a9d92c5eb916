"""What the broker tests share: messages, consumers that run while a block runs, and waiting for what must come."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any, Generic, TypeVar

from desksync.broker.connection import connect
from desksync.broker.consumer import Consumer, Timing
from desksync.broker.declare import LastingQueue, declare
from desksync.broker.work import Fate, Work
from desksync.contracts.messages import StageName, SyncError, SyncResult, SyncTicket, read_ticket
from desksync.contracts.topology import NEO_QUEUE

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
PATIENCE = 30.0
"""Seconds that anything may take. Nothing waits that long unless it has failed."""

QUICK = Timing(pauses=(0.05,), grace=timedelta(seconds=PATIENCE))

_M = TypeVar("_M")


def a_ticket(number: int = 1, *, stage: StageName = "pull_neo") -> SyncTicket:
    """Return a ticket for NEO's queue."""
    return SyncTicket(ticket_id=f"t-{number}", stage=stage, user_id=42)


def tickets(count: int, *, first: int = 1) -> list[SyncTicket]:
    """Return so many different tickets for NEO's queue."""
    return [a_ticket(number) for number in range(first, first + count)]


def a_result(outcome: str = "done") -> SyncResult:
    """Return the end of a run."""
    return SyncResult(run_id=1, user_id=42, outcome=outcome, counts={"created": 1}, started_at=NOON, finished_at=NOON)


def an_error(number: int = 1, *, kind: str = "retry_later") -> SyncError:
    """Return an error of a run."""
    return SyncError(error_id=number, run_id=1, user_id=42, side="google", kind=kind, at=NOON)


class Desk(Generic[_M]):
    """Takes messages as a handler, a park and a listener, and remembers them. Safe to use from several threads."""

    def __init__(self, *, before: Callable[[_M], None] = lambda _message: None) -> None:
        self.handled: list[_M] = []
        self.parked: list[tuple[str, bytes, str]] = []
        self.fates: list[Fate] = []
        self._before = before
        self._lock = Lock()

    def handle(self, message: _M) -> None:
        """Do what the test asked for, then remember the message."""
        self._before(message)
        with self._lock:
            self.handled.append(message)

    def has_handled(self, count: int) -> bool:
        """Say whether so many messages are done."""
        return len(self.handled) >= count

    def park(self, queue: str, body: bytes, reason: str) -> None:
        """Remember what could not be read."""
        with self._lock:
            self.parked.append((queue, body, reason))

    def tell(self, fate: Fate) -> None:
        """Remember what became of a message."""
        with self._lock:
            self.fates.append(fate)


def a_consumer(url: str, desk: Desk[SyncTicket], *, threads: int = 1, timing: Timing = QUICK) -> Consumer[SyncTicket]:
    """Return a consumer of NEO's queue."""
    return Consumer(
        url, LastingQueue(NEO_QUEUE), Work(read_ticket, desk.handle, desk.park, desk.tell), threads=threads, timing=timing
    )


@contextmanager
def consuming(*consumers: Consumer[Any]) -> Iterator[None]:
    """Run the consumers, each in its thread, from when all are ready to the end of the block."""
    stop = Event()
    threads = [Thread(target=consumer.run, args=(stop,)) for consumer in consumers]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: all(consumer.is_ready() for consumer in consumers))
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


def eventually(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "what was waited for did not come"
        time.sleep(0.01)


def send_raw(url: str, queue: str, body: bytes, **properties: Any) -> None:
    """Put any bytes into a queue, as a foreign or a broken program would."""
    connection = connect(url)
    declare(connection)
    with connection.Producer() as producer:
        properties = {"content_type": "application/json", "content_encoding": "utf-8"} | properties
        producer.publish(body, exchange="", routing_key=queue, **properties)
    connection.release()


def left_in(url: str, queue: str) -> int:
    """Return how many messages lie in a queue, which must exist."""
    connection = connect(url)
    with connection.channel() as channel:
        count = int(channel.queue_declare(queue=queue, passive=True).message_count)
    connection.release()
    return count


def ids(messages: Sequence[SyncTicket]) -> list[str]:
    """Return the ids of tickets, in order of their numbers: the broker promises none."""
    return sorted((message.ticket_id for message in messages), key=lambda ticket_id: int(ticket_id.partition("-")[2]))
