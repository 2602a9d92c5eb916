"""What the models of the API have in common: nothing is guessed from another type, and nothing unknown is let pass."""

from typing import Annotated, Generic, TypeVar
from unicodedata import category

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Item = TypeVar("Item")


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
