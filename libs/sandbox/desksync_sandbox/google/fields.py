"""Partial answers: the `fields` parameter, such as `nextSyncToken,items(id,start/dateTime)`. Knows no calendars."""

import re
from collections.abc import Iterator
from typing import Any

from desksync_sandbox.google.errors import GoogleError

Mask = dict[str, "Mask | None"]
"""Which fields to keep, and what of them; `None` keeps all of it."""

_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),/]")


def read_mask(text: str) -> Mask:
    """Return the mask. Raises `GoogleError` (400 `invalidParameter`) when it cannot be read."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise _unreadable(text)
    rest = iter([*tokens, ""])
    mask, last = _mask(rest, text)
    if last != "":
        raise _unreadable(text)
    return mask


def masked(value: Any, mask: Mask | None) -> Any:
    """Return what the mask keeps; a list is masked item by item."""
    if mask is None or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: masked(held, mask[name]) for name, held in value.items() if name in mask}
    return value


def _mask(tokens: Iterator[str], text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        name = next(tokens)
        if name in ("", ",", "(", ")", "/"):
            raise _unreadable(text)
        inner, after = _inner(tokens, text)
        mask[name] = inner
        if after != ",":
            return mask, after


def _inner(tokens: Iterator[str], text: str) -> tuple[Mask | None, str]:
    after = next(tokens)
    if after == "/":
        name = next(tokens)
        inner, after = _inner(tokens, text)
        return {name: inner}, after
    if after == "(":
        mask, closing = _mask(tokens, text)
        if closing != ")":
            raise _unreadable(text)
        return mask, next(tokens)
    return None, after


def _unreadable(text: str) -> GoogleError:
    return GoogleError(400, "invalidParameter", f"Invalid field selection {text}", parameter="fields")
