"""The programs under faults: the parts of the real ones, with a clock that the tests turn and messages that go wrong.

Run as `python -m tests.faults.programs NAME`; two variables of the environment name the clock's file and what goes wrong.
"""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import count
from pathlib import Path

from desksync.broker.publisher import Publisher
from desksync.contracts.messages import Message
from desksync.ops.service import Loop
from desksync.worker.program import Parts, run_program
from desksync.worker.resources import Resources
from tests.faults.clock import Clock

CLOCK = "DESKSYNC_TEST_FAULTS_CLOCK"
MESSAGES = "DESKSYNC_TEST_FAULTS_MESSAGES"


@dataclass(frozen=True)
class Faulty:
    """Passes on to a publisher what its heirs do not get wrong."""

    publisher: Publisher

    def hindrance(self) -> str | None:
        """Return why nothing can be sent now."""
        return self.publisher.hindrance()


class Doubling(Faulty):
    """Sends every message twice."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Send them, and send them again."""
        self.publisher.publish(messages)
        self.publisher.publish(messages)


@dataclass(frozen=True)
class Losing(Faulty):
    """Loses every tenth message, and says nothing."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the others."""
        if kept := [message for message in messages if next(self.numbers) % 10]:
            self.publisher.publish(kept)


WRONGS = {"doubled": Doubling, "lost": Losing}
"""What can go wrong with messages, by its name in the environment."""


def under(wrong: str, clock: Clock, parts: Parts) -> Parts:
    """Return the parts with that wrong, if any, and by that clock."""

    def changed(resources: Resources) -> AbstractContextManager[list[tuple[str, Loop]]]:
        publisher = WRONGS[wrong](resources.publisher) if wrong else resources.publisher
        return parts(replace(resources, publisher=publisher, seconds=clock.seconds))

    return changed


def parts_of(name: str) -> tuple[Parts, Collection[str]]:
    """Return the parts of a program, and the settings that it needs. Only what it needs is loaded."""
    modules = {
        "scheduler": "desksync_scheduler.app",
        "error-counter": "desksync_scheduler.error_counter_app",
        "neo-worker": "desksync_neo_worker.app",
        "google-worker": "desksync_google_worker.app",
        "admin-api": "desksync_embedded.web_app",
    }
    module = import_module(modules[name])
    return module.parts, getattr(module, "REQUIRED", ())


def main(name: str) -> int:
    """Run a program until it is told to stop, or dies."""
    clock = Clock(Path(os.environ[CLOCK]))
    parts, required = parts_of(name)
    wrong = os.environ.get(MESSAGES, "")
    return run_program(
        f"desksync-{name}", under(wrong, clock, parts), now=clock.now, required=required, begins_at_once=name == "admin-api"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
