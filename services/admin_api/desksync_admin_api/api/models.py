"""What the models of the API have in common: nothing is guessed from another type, and nothing unknown is let pass."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from unicodedata import category

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Item = TypeVar("Item")
Row = TypeVar("Row")

Cursor = Annotated[int | None, Query(ge=1, le=2**53 - 1, description="From `next` of the page before.", examples=[41])]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.", examples=[100])]
MOST = 100
"""How many a page of a list holds where nobody asks for another number."""


class Sent(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(strict=True, extra="forbid", str_strip_whitespace=True)


def _printable(text: str) -> str:
    if any(category(letter) in {"Cc", "Cs"} for letter in text):
        raise ValueError("must be one line of text without control characters")
    return text


Line = Annotated[str, AfterValidator(_printable)]
"""A text of one line."""


class Listed(BaseModel, Generic[Item]):
    """A page of a list. `next` leads to the following one as `?cursor=`; it is null on the last."""

    items: list[Item]
    next: str | None = Field(default=None, examples=["41"])


def listed(found: Sequence[Row], limit: int, shown: Callable[[Row], Item], number: Callable[[Row], int]) -> Listed[Item]:
    """Return a page of what was found: one more than is shown, if there is more. `number` is what the next page begins after."""
    following = str(number(found[limit - 1])) if len(found) > limit else None
    return Listed(items=[shown(one) for one in found[:limit]], next=following)
