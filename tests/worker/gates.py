"""Processes that share a remote: each with a connection and a gate of its own, their loops turned by hand and by one clock."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Generic, TypeVar

from prometheus_client import Counter
from sqlalchemy import Engine
from sqlalchemy import event as sql

from desksync.ops.metrics import Metrics
from desksync.store.engine import make_begin, make_engine
from desksync.sync.event import Side
from desksync.worker.gate import Gate
from desksync.worker.quota import Quota
from desksync.worker.seats import Seats
from tests.worlds import Clock

G = TypeVar("G", Seats, Quota)


def counted(counter: Counter, *labels: str) -> float:
    """Return how far a counter has counted."""
    return float(counter.labels(*labels)._value.get())


@dataclass
class Process(Generic[G]):
    """One process: its gate, its numbers, and how many transactions it has begun."""

    gate: G
    engine: Engine
    metrics: Metrics
    transactions: int = 0


@dataclass
class Machine:
    """Starts processes on one database. Close it in the end."""

    url: str
    clock: Clock = field(default_factory=Clock)
    engines: list[Engine] = field(default_factory=list)

    def seats(self, holder: str, most: int = 2, *, chance: float = 0.0, patience: float = 20.0) -> Process[Seats]:
        engine, metrics = self._engine(), Metrics(version="test")
        gate = Seats(
            make_begin(engine),
            Side.NEO,
            holder,
            most,
            now=self.clock,
            chance=lambda: chance,
            metrics=metrics,
            patience=timedelta(seconds=patience),
        )
        return self._process(gate, engine, metrics)

    def quota(self, *, per_minute: int = 6000, per_user_minute: int = 600) -> Process[Quota]:
        engine, metrics = self._engine(), Metrics(version="test")
        gate = Quota(
            make_begin(engine),
            Side.GOOGLE,
            per_minute=per_minute,
            per_user_minute=per_user_minute,
            now=self.clock,
            metrics=metrics,
        )
        return self._process(gate, engine, metrics)

    def is_free(self) -> bool:
        """Say whether somebody could write at once. In SQLite a process that was stopped may hold the one lock there is."""
        if not self.url.startswith("sqlite"):
            return True
        with closing(sqlite3.connect(self.url.partition("///")[2], timeout=0.2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.execute("ROLLBACK")
        return True

    def close(self) -> None:
        for engine in self.engines:
            engine.dispose()

    def _engine(self) -> Engine:
        engine = make_engine(self.url)
        self.engines.append(engine)
        return engine

    def _process(self, gate: G, engine: Engine, metrics: Metrics) -> Process[G]:
        process = Process(gate, engine, metrics)

        def began(_connection: object) -> None:
            process.transactions += 1

        sql.listen(engine, "begin", began)
        return process


class Call:
    """A call in a thread of its own, which is under way until it is ended."""

    def __init__(self, gate: Gate, user_id: int = 1) -> None:
        self.is_under_way = Event()
        self.has_ended = Event()
        self.error: Exception | None = None
        self._end = Event()
        self._thread = Thread(target=self._run, args=(gate, user_id), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the call end, and wait until it has left the gate."""
        self._end.set()
        assert self.has_ended.wait(20)

    def _run(self, gate: Gate, user_id: int) -> None:
        try:
            with gate(user_id):
                self.is_under_way.set()
                assert self._end.wait(20)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self.has_ended.set()


@contextmanager
def running(run: Callable[[Event], None]) -> Iterator[Event]:
    """Run a loop in a thread while the block runs, and give what stops it."""
    stop = Event()
    thread = Thread(target=run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
