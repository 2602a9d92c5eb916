"""Follows the pages of events.list to the last one, which alone holds the sync token. Half a list is never returned.

Must not know what an event means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from desksync.worker.calendar import Account
from desksync.worker.errors import Reason, SideUnreadable, UserMustAct
from desksync_google_worker.mapping import Item
from desksync_google_worker.service import GoogleService

PAGE_SIZE = 2500
"""The most that Google gives at once. The same for every list, because a sync token binds the parameters (Google events.list)."""

Method = Literal["list", "instances"]

_BLIND = frozenset({"none", "freeBusyReader"})


@dataclass(frozen=True, slots=True)
class Listing:
    """All items of all pages. `role` is Google's accessRole, `token` leads to the next list of changes.

    `has_unnamed`: items without an id were left out. Each could be any event.
    """

    items: list[Item]
    role: str
    token: str
    has_unnamed: bool = False


def list_events(service: GoogleService, account: Account, **parameters: str) -> Listing:
    """Return everything that events.list gives for these parameters, with the token for the next list of changes.

    Raises `SideUnreadable` for anything but a whole list, and `UserMustAct` where the account sees times without their events.
    """
    listing = list_pages(service, account, "list", {"calendarId": account.address, "maxResults": PAGE_SIZE, **parameters})
    if listing.role in _BLIND:
        raise UserMustAct(Reason.NO_ACCESS, "This Google account sees only when the calendar is busy. Share it with all details.")
    if not listing.token:
        raise SideUnreadable("The last page of Google's list of events holds no sync token.")
    return listing


def list_pages(service: GoogleService, account: Account, method: Method, asked: Mapping[str, Any]) -> Listing:
    """Return all pages of events.list or events.instances. Raises `SideUnreadable` for anything but a whole list.

    Of a series every date has to be told: where one of `instances` has no id, that is half of it.
    """
    items: list[object] = []
    seen: set[str] = set()
    turn: dict[str, str] = {}
    while True:
        page = service.call(account, partial(_asked, method, {**asked, **turn}))
        _refuse_what_is_no_list(page)
        items += page.get("items", [])
        following = page.get("nextPageToken")
        if not following:
            break
        if following in seen:
            raise SideUnreadable("Google's list of events turns in a circle.")
        seen.add(following)
        turn = {"pageToken": following}
    named = [item for item in items if isinstance(item, Mapping) and isinstance(item.get("id"), str) and item["id"]]
    if method == "instances" and len(named) < len(items):
        raise SideUnreadable("Google's list of the dates of a series holds something that is no event.")
    return Listing(named, str(page.get("accessRole", "")), str(page.get("nextSyncToken", "")), len(named) < len(items))


def _asked(method: Method, parameters: Mapping[str, Any], events: Any) -> Any:
    return getattr(events, method)(**parameters)


def _refuse_what_is_no_list(page: Mapping[str, Any]) -> None:
    items = page.get("items", [])
    if page.get("kind") != "calendar#events" or not isinstance(items, list):
        raise SideUnreadable("Google answered something that is no list of events.")
