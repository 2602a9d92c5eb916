"""What a person writes, and how each calendar says it: NEO by the names of its form, Google as parts of an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIELDS = ("title", "place", "memo", "is_private", "is_tentative")


@dataclass(frozen=True)
class Slot:
    """When somebody puts something: whole days, or from a minute on for so long; NEO may leave the end open.

    `zone` is the clock by which it is meant, `None` for the person's own; only Google can say another.
    """

    day: date
    start: time | None
    minutes: int | None
    zone: ZoneInfo | None = None

    @property
    def days(self) -> int:
        """Return how many whole days it takes."""
        return max((self.minutes or 0) // 1440, 1)


@dataclass(frozen=True)
class Wish:
    """What somebody writes into an event. `kind` and `is_shared` (with a colleague and a room) are for NEO only."""

    title: str
    place: str = ""
    memo: str = ""
    is_private: bool = False
    is_tentative: bool = False
    kind: str = ""
    is_shared: bool = False


def wish_in_neo(wish: Wish) -> dict[str, Any]:
    """Return all that NEO's form is to hold."""
    return {"event": wish.kind} | changes_in_neo({name: getattr(wish, name) for name in FIELDS})


def wish_on_google(wish: Wish) -> dict[str, Any]:
    """Return all that Google's event is to hold."""
    return changes_on_google({name: getattr(wish, name) for name in FIELDS}, "")


def changes_in_neo(changes: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of NEO's form that say the changes."""
    words = {"title": "detail", "place": "place", "memo": "memo"}
    found = {words[name]: value for name, value in changes.items() if name in words}
    if "place" in changes:
        found["other"] = ""
    if "is_private" in changes:
        found["public_level"] = "secret" if changes["is_private"] else "open"
    if "is_tentative" in changes:
        found["reserve"] = "1" if changes["is_tentative"] else ""
    return found


def changes_on_google(changes: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return the parts of Google's event that say the changes. A kind that NEO gave the event stays before its title."""
    words = {"title": "summary", "place": "location", "memo": "description"}
    found = {words[name]: value for name, value in changes.items() if name in words}
    if kind and "summary" in found:
        found["summary"] = f"{kind}: {found['summary']}"
    if "is_private" in changes:
        found["visibility"] = "private" if changes["is_private"] else "default"
    if "is_tentative" in changes:
        found["status"] = "tentative" if changes["is_tentative"] else "confirmed"
    return found


def slot_in_neo(slot: Slot, *, is_series: bool = False) -> dict[str, str]:
    """Return the dates and times for NEO's form; of a series the first date only, because its end ends the series."""
    first, last = slot.day, slot.day + timedelta(days=slot.days - 1)
    start = end = ""
    if slot.start is not None:
        start, last = f"{slot.start:%H%M}", first
        if slot.minutes is not None:
            ends = datetime.combine(first, slot.start) + timedelta(minutes=slot.minutes)
            end, last = f"{ends:%H%M}", ends.date()
    dates = {"startdate": f"{first:%Y%m%d}"} if is_series else {"startdate": f"{first:%Y%m%d}", "enddate": f"{last:%Y%m%d}"}
    return {**dates, "starttime": start, "endtime": end}


def slot_on_google(slot: Slot, zone: ZoneInfo) -> dict[str, dict[str, str | None]]:
    """Return start and end for Google. What an earlier form of them held is cleared."""
    cleared: dict[str, str | None] = {"date": None, "dateTime": None, "timeZone": None}
    if slot.start is None:
        return {
            "start": cleared | {"date": f"{slot.day}"},
            "end": cleared | {"date": f"{slot.day + timedelta(days=slot.days)}"},
        }
    clock = slot.zone or zone
    begins = datetime.combine(slot.day, slot.start)
    ends = begins + timedelta(minutes=slot.minutes or 30)
    return {
        name: cleared | {"dateTime": moment.replace(tzinfo=clock).isoformat(), "timeZone": clock.key}
        for name, moment in (("start", begins), ("end", ends))
    }
