"""Counts and times the requests to NEO and Google. Adapters know only that they enter a watch around each, and say the status."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from desksync.ops.metrics import Metrics
from desksync.sync.event import Side

NO_ANSWER: Final = "no_answer"
"""The status of a request that timed out, or whose connection broke or was never made."""


@dataclass(slots=True)
class Call:
    """One request. `status` is the HTTP status of its answer, once there is one."""

    status: str = NO_ANSWER

    def answered(self, status: int) -> None:
        """Note the status of the answer."""
        self.status = str(status)


Watch = Callable[[str], AbstractContextManager[Call]]
"""Entered around each request, while it is on its way, with the name of its operation: one of a small fixed set."""


def unwatched(_operation: str) -> AbstractContextManager[Call]:
    """Count nothing: the watch of programs that send a single request."""
    return nullcontext(Call())


class Calls:
    """The watch of one side. `seconds` is a clock that never goes back."""

    def __init__(self, metrics: Metrics, side: Side, seconds: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._side = side.value
        self._seconds = seconds

    @contextmanager
    def __call__(self, operation: str) -> Iterator[Call]:
        """Count the request when the block ends, however it ends."""
        call, begun = Call(), self._seconds()
        try:
            yield call
        finally:
            self._metrics.remote_calls.labels(self._side, operation, call.status).inc()
            self._metrics.remote_call_seconds.labels(self._side, operation).observe(self._seconds() - begun)
