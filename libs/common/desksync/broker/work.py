"""What is done with one message: read, handle, or set aside. Knows nothing of the broker; runs in the threads of `handlers`."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from desksync.contracts.messages import Unreadable

log = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds to wait before another try, growing until the last, which repeats."""

Park = Callable[[str, bytes, str], None]
"""Keeps a message that nobody can read: queue, body, reason. It may be called twice for one message."""

_M = TypeVar("_M")


class Fate(StrEnum):
    """What became of a message."""

    HANDLED = "handled"
    FAILED = "failed"
    PARKED = "parked"


def pause_before(try_number: int, pauses: Sequence[float]) -> float:
    """Return the seconds to wait before that try, counted from 0."""
    return pauses[min(try_number, len(pauses) - 1)]


@dataclass(frozen=True, slots=True)
class Work(Generic[_M]):
    """How messages are dealt with. All of it is called from several threads.

    `read` raises `Unreadable` for what goes to `park`. `handle` may get a message twice. `tell` hears what became of each.
    """

    read: Callable[[bytes], _M]
    handle: Callable[[_M], None]
    park: Park
    tell: Callable[[Fate], None] = lambda _fate: None

    def do(self, queue: str, body: bytes, rest: Callable[[float], bool], pauses: Sequence[float] = PAUSES) -> bool:
        """Deal with one message and return whether it is done with; otherwise it must come again.

        A handler that raises is done with its message: its row says whether and when there will be another. `rest` waits so many
        seconds, and returns false when there is no point in trying again.
        """
        try:
            message = self.read(body)
        except Unreadable as error:
            return self._set_aside(queue, body, str(error), rest, pauses)
        try:
            self.handle(message)
        except Exception:
            log.exception("a handler failed", extra={"queue": queue})
            self.tell(Fate.FAILED)
        else:
            self.tell(Fate.HANDLED)
        return True

    def _set_aside(self, queue: str, body: bytes, reason: str, rest: Callable[[float], bool], pauses: Sequence[float]) -> bool:
        log.error("a message cannot be read and is set aside", extra={"queue": queue, "reason": reason})
        tries = 0
        while not self._parked(queue, body, reason):
            if not rest(pause_before(tries, pauses)):
                return False
            tries += 1
        self.tell(Fate.PARKED)
        return True

    def _parked(self, queue: str, body: bytes, reason: str) -> bool:
        try:
            self.park(queue, body, reason)
        except Exception:
            log.exception("a message could not be set aside, trying again", extra={"queue": queue})
            return False
        return True
