"""Waiting for what happens in another thread or process: for a condition, never for a time."""

import time
from collections.abc import Callable

PATIENCE = 20.0
"""Seconds after which a test gives up; only failures ever take this long."""


def eventually(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "what was waited for did not come"
        time.sleep(0.01)
