"""Something said to a person, before it is known in which language: English words and the values that belong into them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be said. With `plural`, the words depend on `number`, which is also the value of that name."""

    singular: str
    plural: str | None = None
    number: int | None = None
    values: Mapping[str, str | int] = field(default_factory=dict)


def T(singular: str, plural: str | None = None, number: int | None = None, /, **values: str | int | None) -> Text:  # noqa: N802 - found by it
    """Mark a text for translation. `T("%(number)s user", "%(number)s users", count)` chooses the words by the number.

    The words must be written out: the catalogue is made by reading the code.
    """
    given = {name: "" if value is None else value for name, value in values.items()}
    return Text(singular, plural, number, given if number is None else {"number": number} | given)
