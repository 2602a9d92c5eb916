"""Measures work by what it does, not by how long it takes: machines are slow, busy and watched; a count is the same on all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooMuch(AssertionError):
    """More was called than allowed. The work was cut off, so that a test of what never ends does end."""


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fail when the block calls functions, of Python or built in, more often than that; the yields of generators count too."""
    left = calls
    watching = sys.getprofile()

    def count(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal left
        if event in {"call", "c_call"}:
            left -= 1
            if left < 0:
                sys.setprofile(watching)
                raise TooMuch(f"more than {calls} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(watching)
    if left < 0:
        raise TooMuch(f"more than {calls} calls")  # Whoever was called may have swallowed the first one.
