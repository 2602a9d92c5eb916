"""The program `desksync-scheduler`: reads the settings and puts the scheduler together."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from desksync.ops.service import Loop
from desksync.store.engine import make_begin
from desksync.sync.pacing import shared_pace
from desksync.worker.program import run_program
from desksync.worker.resources import Resources
from desksync_scheduler.census import CensusTaker
from desksync_scheduler.scheduler import Scheduler


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the scheduler together."""
    settings = resources.settings
    resources.health.check("broker", resources.publisher.hindrance)
    scheduler = Scheduler(
        begin=resources.begin,
        publish=resources.publish,
        now=resources.now,
        seconds=resources.seconds,
        holder=f"{socket.gethostname()}/{os.getpid()}/{uuid4()}",
        interval=settings.sync_interval,
        history=timedelta(days=settings.history_days),
        lease=settings.ticket_lease,
        # The lease that has to run out first is waiting as well, and the two together are no longer than an interval: else such
        # a user would never make the errors in a day that stop them.
        longest_wait=max(timedelta(0), settings.sync_interval - settings.ticket_lease),
        stopped=lambda told: resources.metrics.automatic_stops.labels(told.reason).inc(),
        most_lapses=settings.lapse_limit,
        turned=resources.health.loop("scheduler", timedelta(seconds=60)),
        per_second=max(1, int(shared_pace(settings.google_calls_per_minute).per_second)),
    )
    census = CensusTaker(
        begin=make_begin(resources.engine, reads_only=True),
        metrics=resources.metrics,
        now=resources.now,
        turned=resources.health.loop("census", timedelta(minutes=5)),
    )
    yield [("scheduler", scheduler.run), ("census", census.run)]


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-scheduler", parts, now=lambda: datetime.now(UTC)))
