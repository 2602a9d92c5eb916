"""What is kept of a reading to see that nothing changed. NEO has no change feed: the whole list is compared, by hash. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from desksync.sync.event import Window
from desksync_neo_worker.mapping import Eyes

_MAPPING_VERSION: Final = "1"
"""Another number makes every list count as changed, after records are read in another way."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Hashes of what was asked, of the entries in any order, and of the bytes of the answer (empty for several pages)."""

    question: str
    entries: str
    answer: str

    @classmethod
    def parsed(cls, text: str | None, question: str) -> Self:
        """Return the cursor of an earlier reading; an empty one where there is none, or it was asked something else."""
        match (text or "").split(":"):
            case [asked, entries, answer] if asked == question:
                return cls(asked, entries, answer)
            case _:
                return cls(question, "", "")

    def __str__(self) -> str:
        return f"{self.question}:{self.entries}:{self.answer}"


def question_of(eyes: Eyes, window: Window) -> str:
    """Return a hash of all that makes the same list another reading."""
    asked = (_MAPPING_VERSION, eyes.own_id, eyes.zone.key, eyes.shows_attendance, window.first, window.last)
    return _hashed("|".join(str(part) for part in asked))


def entries_hash(items: Sequence[object]) -> str:
    """Return a hash that is the same for the same entries, whatever their order and that of their keys."""
    encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _hashed("\n".join(sorted(encoder.encode(item) for item in items)))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
