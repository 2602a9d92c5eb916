"""Where a request waits for its turn before it goes to NEO or Google. Adapters know only that they enter one around each.

Knows nothing of what is limited, nor of the database.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from threading import Condition

from desksync.ops.metrics import Metrics
from desksync.sync.event import Side
from desksync.worker.errors import RetryLater

Gate = Callable[[int | None], AbstractContextManager[None]]
"""Entered around each request for the user of that number, or for nobody in particular.

Raises `RetryLater` instead of waiting for long. A `RetryLater` that is nobody's fault and leaves the block is the remote's own
word that there were too many requests.
"""

_LOOK_SECONDS = 0.25


def ungated(_user_id: int | None) -> AbstractContextManager[None]:
    """Let every request through: the gate of programs that send a single one."""
    return nullcontext()


class Line:
    """Threads that wait, let through in the order in which they came. Its methods are called with `changed` held.

    `patience` is how long one may wait; `seconds` is a clock that never goes back.
    """

    def __init__(self, patience: timedelta, seconds: Callable[[], float] = time.monotonic) -> None:
        self.changed = Condition()
        self._patience = patience.total_seconds()
        self._seconds = seconds
        self._waiting: deque[object] = deque()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def pass_when(self, may_pass: Callable[[], bool], call: Callable[[], None]) -> bool:
        """Wait until it is this thread's turn and it may pass, and say whether that took any waiting.

        `may_pass` may raise to end the waiting. `call` wakes whoever can bring about that it may. Raises `RetryLater`, which is
        nobody's fault, when that takes too long or the program is about to end.
        """
        if not self._waiting and may_pass():
            return False
        me = object()
        self._waiting.append(me)
        try:
            call()
            end = self._seconds() + self._patience
            while not (self._waiting[0] is me and may_pass()):
                left = end - self._seconds()
                if self._is_closed:
                    raise RetryLater("DeskSync is being stopped.", is_fault=False)
                if left <= 0:
                    raise RetryLater("Too many requests are under way.", is_fault=False)
                self.changed.wait(min(left, _LOOK_SECONDS))
        finally:
            self._waiting.remove(me)
            self.changed.notify_all()
        return True

    def rest(self, length: timedelta) -> None:
        """Wait that long, unless the program is about to end; then raise `RetryLater`."""
        self.changed.wait_for(lambda: self._is_closed, length.total_seconds())
        if self._is_closed:
            raise RetryLater("DeskSync is being stopped.", is_fault=False)

    def close(self) -> None:
        """Let nobody wait any more."""
        self._is_closed = True
        self.changed.notify_all()


@dataclass
class Counted:
    """One request as the numbers have it."""

    has_waited: bool = False


class Waits:
    """Counts the requests to a side that had to wait, those that were put off, and the refusals."""

    def __init__(self, metrics: Metrics, side: Side) -> None:
        self._waited = metrics.remote_waits.labels(side.value, "waited")
        self._put_off = metrics.remote_waits.labels(side.value, "put_off")
        self._paused = metrics.remote_pauses.labels(side.value)

    @contextmanager
    def counted(self) -> Iterator[Counted]:
        """Count what becomes of one request while the block runs."""
        counted = Counted()
        try:
            yield counted
        except RetryLater:
            self._put_off.inc()
            raise
        if counted.has_waited:
            self._waited.inc()

    def paused(self) -> None:
        """Count a refusal of the remote."""
        self._paused.inc()
