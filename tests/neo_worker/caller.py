"""A process that does nothing but call NEO, from several threads through one gate, until it is told to stop: for the tests.

python -m tests.neo_worker.caller DATABASE_URL NEO_URL HOLDER
"""

import random
import signal
import sys
from datetime import UTC, date, datetime
from threading import Event, Thread

from desksync.ops.metrics import Metrics
from desksync.store.engine import make_begin, make_engine
from desksync.sync.event import Side
from desksync.worker.calendar import Account
from desksync.worker.errors import RetryLater
from desksync.worker.seats import Seats
from desksync_neo_worker.client import NeoClient
from tests.builders import TOKYO

MOST = 2
THREADS = 4
PAUSE_SECONDS = 0.05
"""How long a thread does something else after a call that was put off."""


def main(database_url: str, neo_url: str, holder: str) -> None:
    """Call until SIGTERM. Each process asks for a date of its own, so that the stand-in can tell who called."""
    engine = make_engine(database_url)
    gate = Seats(
        make_begin(engine),
        Side.NEO,
        holder,
        MOST,
        now=lambda: datetime.now(UTC),
        chance=random.random,
        metrics=Metrics(version="test"),
    )
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with NeoClient(neo_url, gate=gate) as client:
        threads = [Thread(target=gate.run, args=(stop,))]
        threads += [Thread(target=call, args=(client, stop, date(2026, 1, int(holder)))) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    engine.dispose()


def call(client: NeoClient, stop: Event, day: date) -> None:
    """List one day over and over."""
    while not stop.is_set():
        try:
            client.list_schedules(Account(1, "84", "key-of-sato", TOKYO), day, day)
        except RetryLater:
            stop.wait(PAUSE_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
