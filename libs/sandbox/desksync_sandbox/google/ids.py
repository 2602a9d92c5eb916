"""How Google names events, the instances of a series, and the second half of a split series."""

import re
from datetime import UTC, date, datetime
from random import Random

_CHOSEN = re.compile(r"[0-9a-v]{5,1024}")
_INSTANCE = re.compile(r"(?P<series>.+)_(?P<at>\d{8}(T\d{6}Z)?)")
_ALPHABET = "0123456789abcdefghijklmnopqrstuv"

Original = date | datetime
"""The original start of an instance: a date, or an aware datetime."""


def is_choosable(event_id: str) -> bool:
    """Say whether a client may choose this id: base32hex in lower case, 5 to 1,024 characters (Google Event.id)."""
    return _CHOSEN.fullmatch(event_id) is not None


def new_event_id(rng: Random) -> str:
    """Return an id as Google makes them, 26 characters."""
    return "".join(rng.choices(_ALPHABET, k=26))


def instance_id(series_id: str, original: Original) -> str:
    """Return `<series>_<YYYYMMDDTHHMMSSZ>`, or `<series>_<YYYYMMDD>` for a series of whole days."""
    if isinstance(original, datetime):
        return f"{series_id}_{original.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{series_id}_{original:%Y%m%d}"


def split_instance_id(event_id: str) -> tuple[str, Original] | None:
    """Return the series and the original start that an instance id names, or `None` if it is no instance id."""
    match = _INSTANCE.fullmatch(event_id)
    if match is None:
        return None
    at = match["at"]
    try:
        if "T" in at:
            return match["series"], datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return match["series"], datetime.strptime(at, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def following_id(series_id: str, original: Original) -> str:
    """Return `<series>_R<time>`: the id of the series that "this and following" splits off."""
    base = re.sub(r"_R\d{8}(T\d{6})?$", "", series_id)
    if isinstance(original, datetime):
        return f"{base}_R{original.astimezone(UTC):%Y%m%dT%H%M%S}"
    return f"{base}_R{original:%Y%m%d}"
