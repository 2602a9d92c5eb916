"""Parts: the occurrences of a series as events of their own, for the side that cannot say the series (rule R26). Pure.

A part is a view. It has an id made of the series' id and the original date, it is linked like any event, and writing it means
writing that occurrence of the series.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from desksync.sync.event import AllDay, Event, Timed, Window, first_day, last_day, occurrence_on, seen_from
from desksync.sync.plan import Action, Create, Update
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import days_from, gives
from desksync.sync.series import touches, with_exceptions

_MARK = "#"
"""Stands in no id of either calendar: Google's are letters, digits and underscores, NEO's are numbers."""

_ANY_ZONE = timedelta(days=1)
"""By how much the date of a moment differs between two zones at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which occurrence of which series a part is. `day` is its original date."""

    series_id: str
    day: date

    def __str__(self) -> str:
        """Return the id of the part."""
        return f"{self.series_id}{_MARK}{self.day.isoformat()}"


def place_of(event_id: str) -> Place | None:
    """Return which occurrence an id stands for, `None` for the id of an event that is really there."""
    series_id, mark, day = event_id.rpartition(_MARK)
    if not mark or not series_id:
        return None
    try:
        return Place(series_id, date.fromisoformat(day))
    except ValueError:
        return None


def owner_of(event_id: str) -> str:
    """Return the id of the event that is really there: the series of a part, or the event itself."""
    place = place_of(event_id)
    return event_id if place is None else place.series_id


def part_of(series: Stored, day: date, zone: ZoneInfo | None) -> Stored | None:
    """Return one occurrence as an event of its own, by the user's clock; `None` where it is cancelled or the rule lacks it."""
    event = series.event
    if event.repeat is None or not gives(event.repeat, first_day(event.when), day):
        return None
    one = event.exceptions.get(day, occurrence_on(event, day))
    if one is None:
        return None
    shown = one if zone is None else replace(one, when=seen_from(one.when, zone))
    return Stored(str(Place(series.id, day)), shown, version=series.version, is_editable=series.is_editable)


def found(event_id: str, known: Mapping[str, Stored | Odd], zone: ZoneInfo | None) -> Stored | Odd | None:
    """Return the event, or the occurrence that a part stands for, by the user's clock; `None` if there is no such event."""
    item = known.get(owner_of(event_id))
    place = place_of(event_id)
    if place is None or not isinstance(item, Stored):
        return item
    return part_of(item, place.day, zone)


def is_there(event_id: str, known: Mapping[str, Stored | Odd]) -> bool:
    """Say whether the event, or the occurrence that a part stands for, exists."""
    return found(event_id, known, None) is not None


def with_part(series: Event, day: date, wanted: Event | None) -> Event:
    """Return the series in which that occurrence is as wanted, `None` for cancelled."""
    if wanted is not None:
        held = series.exceptions.get(day) or occurrence_on(series, day)
        if _is_same_time(held, wanted):
            wanted = replace(wanted, when=held.when)  # The same instant by another clock is no change (rule R23).
    return with_exceptions(series, {**series.exceptions, day: wanted})


@dataclass(frozen=True, slots=True)
class PartWrite:
    """How a part is written: the series is brought to this event."""

    series: Stored
    event: Event
    day: date


def write_of(action: Action, whole: Mapping[str, Stored]) -> PartWrite | None:
    """Return how the action is carried out if it is about a part, `None` if it is about an event that is really there.

    `whole` are the series of that side as they are by now: every write moves the version on.
    """
    if isinstance(action, Create) or (place := place_of(action.current.id)) is None:
        return None
    series = whole[place.series_id]
    wanted = action.event if isinstance(action, Update) else None
    return PartWrite(series, with_part(series.event, place.day, wanted), place.day)


def days_in_sight(series: Event, window: Window, zone: ZoneInfo | None) -> list[date]:
    """Return the original dates of what is in the window, wherever an occurrence was moved to. Bounded by the window."""
    if series.repeat is None:
        return []
    reach = last_day(series.when) - first_day(series.when) + _ANY_ZONE
    given = days_from(series.repeat, first_day(series.when), _minus(window.first, reach))
    regular = (day for day in takewhile(lambda day: day <= _plus(window.last), given) if day not in series.exceptions)
    found = [day for day in regular if touches(_shown(occurrence_on(series, day), zone), window)]
    found += [day for day, one in series.exceptions.items() if one is not None and touches(_shown(one, zone), window)]
    return sorted(set(found))


def _shown(one: Event, zone: ZoneInfo | None) -> Event:
    return one if zone is None else replace(one, when=seen_from(one.when, zone))


def _is_same_time(one: Event, other: Event) -> bool:
    if isinstance(one.when, Timed) and isinstance(other.when, Timed):
        return one.when == other.when and (one.when.end is None) == (other.when.end is None)
    return isinstance(one.when, AllDay) and one.when == other.when


def _minus(day: date, reach: timedelta) -> date:
    return date.min if day - date.min < reach else day - reach


def _plus(day: date) -> date:
    return day if day == date.max else day + _ANY_ZONE
