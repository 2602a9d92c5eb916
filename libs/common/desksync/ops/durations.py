"""Lengths of time as people write them in settings: `600`, `10m`, `24h`, `1.5d`."""

import re
from datetime import timedelta

_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def duration(written: object) -> object:
    """Turn a number of seconds, or a number with `s`, `m`, `h` or `d`, into a `timedelta`; leave anything else alone.

    Raises `ValueError` with a sentence for the person who wrote it.
    """
    match written:
        case bool():
            raise ValueError(_WRONG)
        case int() | float():
            return timedelta(seconds=written)
        case str():
            found = _WRITTEN.fullmatch(written)
            unit = None if found is None else _UNITS.get(found[2].lower())
            if found is None or unit is None:
                raise ValueError(_WRONG)
            return timedelta(seconds=float(found[1]) * unit)
        case _:
            return written


def written(length: timedelta) -> str:
    """Return the shortest way to write it, in the largest unit that divides it: `24h`, `10m`, `45s`."""
    seconds = length.total_seconds()
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


_WRONG = "is no length of time; write seconds, or a number with s, m, h or d"
