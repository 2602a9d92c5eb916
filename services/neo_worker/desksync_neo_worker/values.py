"""Reads single values of a NEO record. Tolerant of types, as NEO's own clients are: numbers for texts, nulls, missing keys."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from desksync.sync.text import without_halves
from desksync_neo_worker.untranslatable import Strange

Record = Mapping[str, object]
"""One JSON object of an answer."""

Fields = dict[str, str]
"""Fields as they are posted."""

_DAY = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})")
_MOST_DIGITS = 9
_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})")


def text(record: Record, name: str) -> str:
    """Return a value as text; missing and null are empty, half a character is U+FFFD. Raises `Strange` for object and list."""
    match record.get(name):
        case str() as value:  # First, because nearly every value is one.
            return value if value.isascii() else without_halves(value)
        case None:
            return ""
        case bool() as flag:
            return str(int(flag))
        case int() | float() as amount:
            return str(amount)
        case _:
            raise Strange(f"NEO sent no text as {name!s}.")


def day(record: Record, name: str) -> date:
    """Return a date, `YYYYMMDD` with or without separators. Raises `Strange` for anything else, empty included."""
    found = _DAY.fullmatch(text(record, name).strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass  # No such date, the 31st of a short month for one: told below like any other text.
    raise Strange(f"NEO sent no date as {name!s}.")


def clock(record: Record, name: str) -> timedelta | None:
    """Return a time of day since midnight, `HHMM` up to 24:00, or `None` where it is empty. Raises `Strange` for the rest."""
    raw = text(record, name).strip()
    if not raw:
        return None
    found = _CLOCK.fullmatch(raw.zfill(4))
    if found:
        hours, minutes = (int(part) for part in found.groups())
        since_midnight = timedelta(hours=hours, minutes=minutes)
        if minutes < 60 and since_midnight <= timedelta(days=1):  # noqa: PLR2004 - minutes of an hour
            return since_midnight
    raise Strange(f"NEO sent no time of day as {name!s}.")


def number(record: Record, name: str) -> int | None:
    """Return a whole number of at least 1, or `None` where it is empty or zero. Raises `Strange` for the rest."""
    raw = text(record, name).strip()
    if not raw.strip("0"):
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= _MOST_DIGITS):
        raise Strange(f"NEO sent no number as {name!s}.")
    return int(raw)


def members(value: object, item: str) -> Iterator[object]:
    """Yield what a NEO list holds: absent is nothing, one object stands for a list of one.

    `item` is the key under which the list keeps its items; a bare array is taken as well.
    """
    held = value.get(item) if isinstance(value, Mapping) else value
    match held:
        case None | "":
            return
        case list():
            yield from held
        case _:
            yield held


def written_day(value: date) -> str:
    """Return `YYYYMMDD`."""
    return f"{value.year:04}{value.month:02}{value.day:02}"


def written_clock(moment: datetime) -> str:
    """Return `HHMM`; NEO knows no seconds, they are cut."""
    return f"{moment.hour:02}{moment.minute:02}"
