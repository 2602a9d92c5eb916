"""NEO's two-part texts (予定 and 予定詳細, 場所 and 場所詳細) as one text and back (rule R14). Knows no field names."""

from dataclasses import dataclass

from desksync.sync.text import tidy
from desksync_neo_worker.wire import Sign


@dataclass(frozen=True, slots=True)
class TwoPart:
    """How two parts become one text. `writes_twins_once`: equal parts are shown once, as NEO's Microsoft 365 link does."""

    separator: str
    writes_twins_once: bool = False

    def joined(self, first: str, second: str) -> str:
        """Return both parts as one text; a part that was not chosen counts as absent."""
        parts = [part for part in (one_line(first), one_line(second)) if _counts(part)]
        if self.writes_twins_once:
            parts = list(dict.fromkeys(parts))
        return one_line(self.separator.join(parts))

    def parted(self, whole: str, first: str) -> tuple[str, str]:
        """Return the two parts of an edited text: `first` stays while the text still begins with it, else all is second."""
        if not first:
            return "", whole
        if whole == first:
            return first, ""
        second = whole.removeprefix(first + self.separator)
        if second == whole or self.joined(first, second) != whole:
            return "", whole
        return first, second


TITLE = TwoPart(": ")
LOCATION = TwoPart(" ", writes_twins_once=True)


def first_part(raw: str) -> str:
    """Return what the first part contributes to the whole text, empty if it counts as absent."""
    part = one_line(raw)
    return part if _counts(part) else ""


def one_line(raw: str) -> str:
    """Return a tidy text without line ends, for fields that have one line."""
    return " ".join(tidy(raw).split("\n")).strip()


def _counts(part: str) -> bool:
    return part not in {Sign.NOTHING, Sign.NOT_CHOSEN}
