"""Translates. Reads the catalogues once, straight from their sources: there is no compiled file that could be out of date."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from desksync_admin_api.locale.texts import Text

FOLDER = Path(__file__).parent

LANGUAGES: dict[str, str] = {"ja": "日本語", "en": "English"}
"""What can be chosen, and what each calls itself."""


def catalogues(language: str) -> Iterator[tuple[str, Catalog]]:
    """Yield the name of each area and its catalogue."""
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as source:
            yield file.stem, read_po(source, locale=language)


@cache
def translations(language: str) -> NullTranslations:
    """Return what translates into that language; English is what the code says."""
    found = NullTranslations()
    for _area, catalog in catalogues(language):
        compiled = BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        part = Translations(compiled)
        if isinstance(found, Translations):
            found.merge(part)
        else:
            found = part
    return found


def say(language: str, text: Text | str) -> str:
    """Return the words in that language. What is no `Text` has been said already."""
    if isinstance(text, str):
        return text
    known = translations(language)
    if text.plural is None or text.number is None:
        words = known.gettext(text.singular)
    else:
        words = known.ngettext(text.singular, text.plural, text.number)
    return words % text.values if text.values else words
