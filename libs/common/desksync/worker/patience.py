"""Waits for room at a side in the middle of a reading, instead of throwing away what was read of it so far.

A reading is whole or nothing (rule R3): a ticket that is put off at the last of many pages begins at the first one again, and
where the side is busy at every hour that is for ever. Only what is nobody's fault is waited for: then nothing was carried out.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from desksync.worker.errors import RetryLater

TRIES: Final = 12
"""How often one request is tried again. Most gates wait some seconds by themselves each time."""

LONGEST_REST: Final = timedelta(minutes=1)
"""A longer rest is not waited for: the thread is free for others, and the reading begins anew. Limits go by the minute."""

_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(seconds=30)

Answer = TypeVar("Answer")


def pause_after(tries: int) -> timedelta:
    """Return how long to wait where nobody said for how long: 1, 2, 4 s and so on, at most 30.

    All tries together outlast the minute by which Google counts requests; it answers 429 without a time.
    """
    return min(_FIRST_PAUSE * (1 << tries), _LONGEST_PAUSE)


@dataclass
class Patience:
    """Lets the requests of one reading through a gate.

    `rest` waits that long, keeps the lease meanwhile, and says whether there is time to go on. The first request is never waited
    for: nothing is lost by coming back later.
    """

    rest: Callable[[timedelta], bool]
    _has_begun: bool = field(default=False, init=False)

    def through(self, enter: Callable[[], AbstractContextManager[None]], call: Callable[[], Answer]) -> Answer:
        """Return the answer of a call that is made inside of the gate."""
        tries = 0
        while True:
            try:
                with enter():
                    answer = call()
            except RetryLater as refusal:
                rest = refusal.after or pause_after(tries)
                if refusal.is_fault or not self._has_begun or tries >= TRIES or rest > LONGEST_REST:
                    raise
                if not self.rest(rest):
                    raise
                tries += 1
            else:
                self._has_begun = True
                return answer


def impatient() -> Patience:
    """Return what waits for nothing: for calls whose results are recorded one by one."""
    return Patience(lambda _: False)
