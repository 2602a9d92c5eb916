"""All programs in one process. The same parts as in separate processes; they differ by who starts the threads."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import desksync_google_worker.app
import desksync_neo_worker.app
import desksync_scheduler.app
import desksync_scheduler.error_counter_app
from desksync.ops.service import Loop
from desksync.worker.program import Parts
from desksync.worker.resources import Resources
from desksync_embedded import web_app

REQUIRED = (*desksync_neo_worker.app.REQUIRED, *desksync_google_worker.app.REQUIRED)
"""The settings without which nothing can be synced."""

WORKERS: Sequence[Parts] = (desksync_neo_worker.app.parts, desksync_google_worker.app.parts)
"""The programs that carry tickets through their stages."""

EVERYTHING: Sequence[Parts] = (
    desksync_scheduler.app.parts,
    desksync_scheduler.error_counter_app.parts,
    *WORKERS,
    web_app.parts,
)
"""All programs of an installation."""


@contextmanager
def together(resources: Resources, programs: Sequence[Parts] = EVERYTHING) -> Iterator[list[tuple[str, Loop]]]:
    """Put several programs together on the same resources, and close what they use when the block ends."""
    with ExitStack() as stack:
        yield [loop for parts in programs for loop in stack.enter_context(parts(resources))]
