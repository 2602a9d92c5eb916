"""What the items of a list prove, one by one. Pure; must not know pages, tokens or HTTP.

Sources: Google's reference of the Events resource (status, eventType, attendees) and of events.list (accessRole).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from desksync.sync.reading import Odd, SeenOccurrence, Stored, Unread
from desksync_google_worker.mapping import Item, Unmappable, original_day, original_start, stored_of, text_of

_WRITERS = frozenset({"", "writer", "owner", "writerWithoutPrivateAccess"})
_BLIND_TO_PRIVATE = frozenset({"reader", "writerWithoutPrivateAccess"})
UNNAMED: Final = Odd("?", "An event of Google's list has no ID. Nothing is taken for deleted while that is so.")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at which calendar. `role` is Google's accessRole, empty where an answer does not tell it."""

    zone: ZoneInfo
    address: str
    role: str = ""


@dataclass(slots=True)
class Collected:
    """Items sorted by what they mean."""

    events: list[Stored] = field(default_factory=list)
    occurrences: list[SeenOccurrence] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Say that nothing of the list concerns us."""
        return not (self.events or self.occurrences or self.odd or self.gone)


def collected(items: Iterable[Item], viewer: Viewer) -> Collected:
    """Sort the items of a list, in any order. An item that cannot be understood is `Odd` and harms no other."""
    found = Collected()
    for item in items:
        try:
            _collect(item, viewer, found)
        except Unmappable as error:
            found.odd.append(Odd(_id(item), str(error)))
            found.unread += unread_of(item, viewer)
    series = {stored.id for stored in found.events if stored.event.repeat is not None}
    # Alone it had been an event of its own (an invitation to one date); now that its series is here it is part of that.
    found.gone |= {one.stored.id for one in found.occurrences if one.stored is not None and one.series_id in series}
    return found


def is_cancelled(item: Item) -> bool:
    """Say whether the item is deleted, or an occurrence taken out of its series (Google Event.status)."""
    return item.get("status") == "cancelled"


def is_synced(item: Item) -> bool:
    """Say whether it is an ordinary event that the account has not declined (rule R19)."""
    return item.get("eventType") in (None, "default") and not _is_declined(item)


def occurrence_of(item: Item, viewer: Viewer) -> SeenOccurrence:
    """Return an item that belongs to a series. A declined date is like a cancelled one."""
    is_there = not is_cancelled(item) and is_synced(item)
    start = original_start(item, viewer.zone)
    return SeenOccurrence(
        series_id=text_of(item, "recurringEventId"),
        original=original_day(item, viewer.zone),
        stored=_stored(item, viewer) if is_there else None,
        started=start if isinstance(start, datetime) else None,
    )


def unread_of(item: Item, viewer: Viewer) -> list[Unread]:
    """Return what can be said of an item that cannot be understood, if it belongs to a series."""
    series_id = item.get("recurringEventId")
    if not isinstance(series_id, str) or not series_id:
        return []
    try:
        start, day = original_start(item, viewer.zone), original_day(item, viewer.zone)
    except Unmappable:
        return [Unread(series_id)]
    return [Unread(series_id, day, start if isinstance(start, datetime) else None)]


def _collect(item: Item, viewer: Viewer, found: Collected) -> None:
    is_occurrence = bool(text_of(item, "recurringEventId"))
    if is_cancelled(item):
        # For an occurrence this says that it is no event of its own either; the series stays.
        found.gone.add(_id(item))
    elif item.get("eventType") not in (None, "default"):
        return
    elif _is_declined(item):
        found.gone.add(_id(item))
    elif not is_occurrence:
        found.events.append(_stored(item, viewer))
        return
    if is_occurrence:
        found.occurrences.append(occurrence_of(item, viewer))


def _stored(item: Item, viewer: Viewer) -> Stored:
    if viewer.role in _BLIND_TO_PRIVATE and item.get("summary") is None and item.get("visibility") in ("private", "confidential"):
        raise Unmappable("A private event of the Google calendar shows its details to its owner only.")
    return stored_of(item, viewer.zone, viewer.address, is_writable=viewer.role in _WRITERS)


def _is_declined(item: Item) -> bool:
    attendees = item.get("attendees")
    if not isinstance(attendees, list):
        return False
    return any(
        isinstance(one, Mapping) and one.get("self") is True and one.get("responseStatus") == "declined" for one in attendees
    )


def _id(item: Item) -> str:
    return str(item.get("id", ""))
