"""Waits for what another process does: for a condition, never for a time."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds that a server has for anything it is asked to do."""


def comes_true(condition: Callable[[], bool], within: float = PATIENCE) -> bool:
    """Wait until the condition holds, and return whether it does before that many seconds are over."""
    limit = time.monotonic() + within
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True
