"""How texts are compared: as a side stores them, not as a person typed them (rule R21)."""

import re
import unicodedata

TITLE_LIMIT = 1024
"""The longest title that is compared; Google documents no more."""

SURE_LENGTH = 100
"""How much of a text every calendar is sure to hold: the shortest that is compared where one of them may have cut it."""

DESCRIPTION_LIMIT = 8192
"""The longest description that is compared."""


_HALF = re.compile("[\ud800-\udfff]")


def without_halves(text: str) -> str:
    """Return the text with U+FFFD for every lone surrogate: JSON can say half a character, UTF-8 and databases cannot."""
    return _HALF.sub("\ufffd", text)


def tidy(text: str) -> str:
    """Return the text with LF line ends, without blanks at line ends, and without blank lines around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def match_title(title: str) -> str:
    """Return a title in the form in which first contact compares it (rule R7).

    Width, case and runs of blanks do not count, nor does what comes after the length that every calendar is sure to hold.
    """
    return " ".join(unicodedata.normalize("NFKC", title[:SURE_LENGTH]).casefold().split())
