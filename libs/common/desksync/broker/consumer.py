"""Takes messages from a queue and has them handled. Survives the broker; knows nothing of what a message means.

One thread, that of the caller, talks to the broker: it receives, acknowledges and heartbeats. Handlers run in threads of their
own, so that a long one does not cost the connection.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Generic, TypeVar

from desksync.broker.connection import BROKER_ERRORS, HEARTBEAT, connect, drop
from desksync.broker.declare import Source, TemporaryQueue
from desksync.broker.handlers import Handlers
from desksync.broker.intake import Doorbell
from desksync.broker.session import Delivery, Session
from desksync.broker.work import PAUSES, Work, pause_before
from desksync.contracts import messages

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.25
_SPARE_MESSAGES = 2
"""How many messages lie ready beside those that are handled, so that no thread waits for the network."""

_M = TypeVar("_M")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take. `pauses` are the seconds before each new try, to connect or to park; the last repeats."""

    grace: timedelta = timedelta(seconds=15)
    heartbeat: timedelta = HEARTBEAT
    pauses: Sequence[float] = PAUSES


USUAL = Timing()


class Consumer(Generic[_M]):
    """Has every message of a queue handled, by so many threads, until told to stop. It runs once.

    A message is acked after its handler has returned or raised, and never requeued: the row is the truth, and says when to try
    again. It comes again when the connection is lost before the ack. Order is not promised.

    `turned` is called at least four times a second by the thread that talks to the broker, also while the broker is away; only
    connecting may hold it up, for about 20 seconds. `seconds` is a clock that never goes back.
    """

    def __init__(
        self,
        url: str,
        source: Source,
        work: Work[_M],
        *,
        threads: int = 1,
        turned: Callable[[], None] = lambda: None,
        seconds: Callable[[], float] = time.monotonic,
        timing: Timing = USUAL,
    ) -> None:
        self._url = url
        self._source = source
        self._work = work
        self._threads = threads
        self._on_turn = turned
        self._seconds = seconds
        self._timing = timing
        self._turned_at = seconds()
        self._stops_by: float | None = None
        self._is_ready = False

    def is_ready(self) -> bool:
        """Say whether messages flow: connected, and not stopping."""
        return self._is_ready

    def progress(self) -> float:
        """Return how many seconds ago the loop last turned."""
        return self._seconds() - self._turned_at

    def run(self, stop: Event) -> None:
        """Consume until `stop` is set, connecting anew whenever the broker goes away.

        Then nothing more is begun; handlers that run have until `grace` to end, and are acked. All other messages stay with the
        broker, for whoever comes next.
        """
        handlers = Handlers(self._threads, name="handler")
        tries = 0
        with Doorbell() as doorbell:
            try:
                while not stop.is_set():
                    try:
                        session = self._session(doorbell, handlers, stop)
                        tries = 0
                        self._serve(session, handlers, stop)
                    except BROKER_ERRORS as error:
                        self._pause(error, pause_before(tries, self._timing.pauses), stop)
                        tries += 1
            finally:
                # After a loss of the connection, handlers may still run; what they do is worth waiting for, acked or not.
                self._let_finish(handlers, handlers.wait)
        if handlers.running():
            log.error(
                "handlers did not end in time",
                extra={"handlers": handlers.running(), "seconds": self._timing.grace.total_seconds()},
            )

    def _session(self, doorbell: Doorbell, handlers: Handlers, stop: Event) -> Session:
        def deliver(session: Session, delivery: Delivery) -> None:
            handlers.put(partial(self._do, session, delivery, stop))

        self._turned()
        connection = connect(self._url, heartbeat=self._timing.heartbeat)
        try:
            session = Session(connection, self._source, doorbell, deliver, prefetch=self._threads + _SPARE_MESSAGES)
        except BROKER_ERRORS:
            drop(connection)
            raise
        log.info("consuming", extra={"queue": session.queue, "threads": self._threads})
        return session

    def _serve(self, session: Session, handlers: Handlers, stop: Event) -> None:
        try:
            self._is_ready = True
            while not stop.is_set():
                self._turned()
                session.turn(_TURN_SECONDS)
            self._is_ready = False
            handlers.finish()
            session.cancel()
            self._let_finish(handlers, session.turn)
            session.close()
        finally:
            self._is_ready = False
            session.drop()

    def _let_finish(self, handlers: Handlers, turn: Callable[[float], None]) -> None:
        handlers.finish()
        if self._stops_by is None:
            self._stops_by = self._seconds() + self._timing.grace.total_seconds()
        while handlers.running() and self._seconds() < self._stops_by:
            self._turned()
            turn(_TURN_SECONDS)

    def _do(self, session: Session, delivery: Delivery, stop: Event) -> None:
        def rest(seconds: float) -> bool:
            return not stop.wait(seconds) and not session.is_over()

        if session.is_over():
            return
        if self._work.do(delivery.queue, delivery.body, rest, self._timing.pauses):
            session.finished(delivery)

    def _pause(self, error: Exception, seconds: float, stop: Event) -> None:
        if stop.is_set():
            return
        log.warning("the broker is away or refuses, trying again", extra={"seconds": seconds, "why": str(error)})
        left = seconds
        while left > 0 and not stop.wait(min(left, _TURN_SECONDS)):
            left -= _TURN_SECONDS
            self._turned()

    def _turned(self) -> None:
        self._turned_at = self._seconds()
        self._on_turn()


def subscribe(
    url: str, pattern: str, handle: Callable[[messages.Event], None], *, timing: Timing = USUAL
) -> Consumer[messages.Event]:
    """Return a consumer of the events of a topic pattern, such as `result.*` or `#`, from the moment it runs, one by one.

    For live views: events that happen while it has no connection are gone, and one that cannot be read is only logged.
    """
    return Consumer(url, TemporaryQueue(pattern), Work(messages.read_event, handle, _forget), timing=timing)


def _forget(_queue: str, _body: bytes, _reason: str) -> None:
    """Keep nothing: the log has the line, and the lasting queues keep what must be kept."""
