"""Puts the pages of a NEO list together and makes sure that nothing is missing. Knows neither HTTP nor what the items are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from desksync.worker.errors import SideUnreadable
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import Record, members, number, text
from desksync_neo_worker.wire import Key


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a list, as they were sent, and how many the list has in all; `None` where NEO did not tell."""

    items: tuple[object, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list. `digest` stands for the bytes of the answer; it is empty where there were several pages."""

    items: tuple[object, ...]
    digest: str


def read_page(body: Record, *, may_lack_count: bool = False) -> Page:
    """Return one page. Raises `SideUnreadable` where it does not tell the total, unless it may lack it."""
    try:
        count = number(body, Key.COUNT) or 0
        is_told = bool(text(body, Key.COUNT).strip())
    except Strange as strange:
        raise SideUnreadable(f"{strange} The list cannot be trusted.") from strange
    if not is_told and not may_lack_count:
        raise SideUnreadable("NEO sent a list without saying how long it is.")
    if Key.LIST in body and not isinstance(body[Key.LIST], Mapping | list | None):
        raise SideUnreadable("NEO sent something else in place of a list.")
    return Page(tuple(members(body.get(Key.LIST), Key.ITEM)), count if is_told else None)


def whole(first: Page, ask: Callable[[int], Page]) -> list[object]:
    """Return all items, asking for the pages after the first one. Raises `SideUnreadable` when they do not add up."""
    total, items = first.total, list(first.items)
    while total is not None and len(items) < total:
        page = ask(len(items))
        if not page.items:
            raise SideUnreadable(f"NEO sent {len(items)} of {total} entries: half a list.")
        if page.total != total:
            raise SideUnreadable("NEO's list changed while it was read.")
        items += page.items
    if total is not None and len(items) != total:
        raise SideUnreadable(f"NEO sent {len(items)} entries and said {total}.")
    return items
