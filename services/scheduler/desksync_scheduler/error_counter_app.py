"""The program `desksync-error-counter`: reads the settings and puts the error counter together."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from desksync.contracts.messages import read_error
from desksync.contracts.topology import ERROR_COUNTER_QUEUE
from desksync.ops.service import Loop
from desksync.worker.program import run_program
from desksync.worker.resources import Resources
from desksync_scheduler.error_counter import ErrorCounter


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the error counter together."""
    settings = resources.settings
    counter = ErrorCounter(
        begin=resources.begin,
        publish=resources.publish,
        metrics=resources.metrics,
        now=resources.now,
        limit=settings.error_limit,
        period=settings.error_period,
    )
    consumer = resources.consumer(ERROR_COUNTER_QUEUE, read_error, counter.handle, threads=1)
    yield [("error-counter", consumer.run), ("error-sweep", counter.run)]


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-error-counter", parts, now=lambda: datetime.now(UTC)))
