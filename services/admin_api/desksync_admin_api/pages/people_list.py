"""Which part of the list of people is looked at, as the address of the page says it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from desksync.store.people import Order, Sought
from desksync.store.states import State, StopReason
from desksync_admin_api.locale.texts import T

PAGE_SIZE = 100

ORDERS = (
    (Order.NUMBER, T("No.")),
    (Order.STATE, T("State")),
    (Order.NAME, T("User name")),
    (Order.LOGIN, T("Login ID")),
)

_LAST_PAGE = 1_000_000
_LONGEST_TEXT = 200

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class View:
    """What is sought, and the page of it, counted from 1."""

    sought: Sought
    page: int = 1

    def on_page(self, number: int) -> "View":
        """Return another page of the same list."""
        return replace(self, page=number)

    def sorted_by(self, order: Order) -> "View":
        """Return the first page of the list in that order; in the other direction if it is in that order already."""
        is_descending = self.sought.order is order and not self.sought.is_descending
        return View(replace(self.sought, order=order, is_descending=is_descending))

    @property
    def query(self) -> str:
        """Return the part of the address behind the question mark."""
        sought = self.sought
        parts = {
            "q": sought.text,
            "state": sought.state or "",
            "reason": sought.reason or "",
            "gone": "yes" if sought.has_vanished else "",
            "order": "" if sought.order is Order.NUMBER else sought.order,
            "desc": "yes" if sought.is_descending else "",
            "page": "" if self.page == 1 else str(self.page),
        }
        return urlencode({name: value for name, value in parts.items() if value})


def view_of(query: Mapping[str, str]) -> View:
    """Return what the address asks for; what it says wrongly does not matter."""
    number = query.get("page", "")
    page = int(number) if number.isascii() and number.isdecimal() and len(number) <= len(str(_LAST_PAGE)) else 1
    sought = Sought(
        text=query.get("q", "").replace("\0", "").strip()[:_LONGEST_TEXT],
        state=_word(State, query.get("state")),
        reason=_word(StopReason, query.get("reason")),
        order=_word(Order, query.get("order")) or Order.NUMBER,
        is_descending=query.get("desc") == "yes",
        has_vanished=query.get("gone") == "yes",
    )
    return View(sought, max(1, page))


def _word(kind: type[Word], text: str | None) -> Word | None:
    return next((one for one in kind if one.value == text), None)
