"""What the next page says once: "Saved." It travels in a cookie as a text to be translated, never as markup."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desksync_admin_api.locale.texts import Text


class Tone(StrEnum):
    """How it is meant."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Told:
    """One message."""

    text: Text
    tone: Tone = Tone.GOOD


def written_told(several: Sequence[Told]) -> str:
    """Return the messages as a cookie holds them."""
    listed = [[one.tone.value, one.text.singular, one.text.plural, one.text.number, dict(one.text.values)] for one in several]
    return base64.urlsafe_b64encode(json.dumps(listed).encode()).decode()


def read_told(written: str | None) -> list[Told]:
    """Return the messages of a cookie; none where it holds anything else."""
    if written is None:
        return []
    try:
        listed = json.loads(base64.urlsafe_b64decode(written.encode("ascii")))
        found = [
            Told(Text(str(one), _text(more), _number(count), _values(given)), Tone(tone))
            for tone, one, more, count, given in listed
        ]
        for one in found:
            _ = one.text.singular % one.text.values if one.text.values else ""
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, UnicodeError):
        return []
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _values(given: object) -> dict[str, str | int]:
    if not isinstance(given, dict):
        raise TypeError("values are a mapping")
    return {str(name): value if isinstance(value, int) else str(value) for name, value in given.items()}
