"""One call at a time, and 429 when too many wait, as NEO's common API says. Lives in one event loop.

Whether NEO has one queue for each key, user or site is not said; here the site has one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta


class QueueFull(Exception):
    """Too many calls wait, or waited a moment ago."""


class CallQueue:
    """Lets one call in after the other."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._refused_until: datetime | None = None
        self._now = now

    @property
    def waiting(self) -> int:
        """Return how many calls wait for their turn."""
        return self._waiting

    def clear(self) -> None:
        """Refuse nobody any more."""
        self._refused_until = None

    @asynccontextmanager
    async def turn(self, *, longest: int, refusal: timedelta) -> AsyncIterator[None]:
        """Wait for the turn of this call. Raises `QueueFull` when more than `longest` wait, and during `refusal` after."""
        self._check(longest, refusal)
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    def _check(self, longest: int, refusal: timedelta) -> None:
        if self._refused_until is not None and self._now() < self._refused_until:
            raise QueueFull
        self._refused_until = None
        if self._turn.locked() and self._waiting >= longest:
            self._refused_until = self._now() + refusal
            raise QueueFull
