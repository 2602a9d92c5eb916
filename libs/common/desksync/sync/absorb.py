"""What a reading adds to what we know of a side, and what it proves to be gone (rules R3 and R4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from desksync.sync.clocks import read_anew
from desksync.sync.event import Event, Side, Timed, Window
from desksync.sync.reading import Known, Odd, Reading, SeenOccurrence, Stored, last_known
from desksync.sync.series import touches, with_exceptions


@dataclass(frozen=True, slots=True)
class Absorbed:
    """All that is now known of the side, and how it differs from before."""

    known: Known
    changed: tuple[Stored | Odd, ...]
    gone: frozenset[str]


def missing(known: Known, reading: Reading, linked: Collection[str], unlooked: Collection[str] = ()) -> list[str]:
    """Return the linked ids that a complete reading lacks although they lie in its window, or did when one lacked them before.

    The latter are `unlooked`. They were deleted, or moved out of the window: only a look at each one can tell. What is not linked
    needs no look, because forgetting it deletes nothing anywhere.
    """
    if not reading.is_complete:
        return []
    listed = _listed(reading)
    return [
        event_id
        for event_id in linked
        if event_id not in listed
        and event_id in known
        and (event_id in unlooked or _should_be_listed(known[event_id], reading.window))
    ]


def absorb(known: Known, reading: Reading, looked: Mapping[str, Stored | Odd | None], linked: Collection[str]) -> Absorbed:
    """Return what is known after the reading.

    `looked` answers the ids of `missing`; one that was not looked at stays as it was known. `None` is proof of deletion.
    """
    now = dict(known)
    for event_id in reading.gone:
        now.pop(event_id, None)
    if reading.is_complete:
        # Forgetting what is not linked deletes nothing anywhere, and it is listed again when the window reaches it.
        listed = _listed(reading)
        now = {event_id: item for event_id, item in now.items() if event_id in listed or event_id in linked}
    for event_id, found in looked.items():
        if found is None:
            now.pop(event_id, None)
        else:
            now[event_id] = looked_at(found, last_known(known.get(event_id)))
    for stored in reading.events:
        now[stored.id] = _with_known_exceptions(stored, last_known(known.get(stored.id)), reading)
    for odd in reading.odd:
        now[odd.id] = replace(odd, last=last_known(known.get(odd.id)))
    for occurrence in reading.occurrences:
        _overlay(now, occurrence)
    return Absorbed(
        known=now,
        changed=tuple(item for event_id, item in now.items() if known.get(event_id) != item),
        gone=frozenset(event_id for event_id in known if event_id not in now),
    )


def _listed(reading: Reading) -> set[str]:
    return (
        {stored.id for stored in reading.events}
        | {odd.id for odd in reading.odd}
        | reading.gone
        | {occurrence.stored.id for occurrence in reading.occurrences if occurrence.stored is not None}
    )


def _should_be_listed(item: Stored | Odd, window: Window) -> bool:
    return isinstance(item, Odd) or touches(item.event, window)


def looked_at(found: Stored | Odd, last: Stored | None) -> Stored | Odd:
    """Return what is known of an event after a look at it alone. `last` is what it was when it could last be read."""
    return replace(found, last=last) if isinstance(found, Odd) else keeping_unread(found, last)


def looked_at_beside_a_list(found: Stored, listed: Stored, window: Window) -> Stored:
    """Return what is known of a series that is in a list of the window, and was looked at: by that, of its dates outside."""
    inside = {day: one for day, one in listed.event.exceptions.items() if _is_in_sight(day, one, window)}
    outside = {day: one for day, one in found.event.exceptions.items() if not _is_in_sight(day, one, window)}
    return replace(listed, event=with_exceptions(listed.event, {**outside, **inside}), extra=found.extra)


def keeping_unread(found: Stored, last: Stored | None) -> Stored:
    """Return the event that was looked at, with the dates that could not be read as they were known (rule R27)."""
    if last is None or not found.unread:
        return found
    kept = {day: one for day, one in last.event.exceptions.items() if any(unread.may_be(day, found) for unread in found.unread)}
    return replace(found, event=with_exceptions(found.event, {**kept, **found.event.exceptions}))


def _with_known_exceptions(stored: Stored, before: Stored | None, reading: Reading) -> Stored:
    """Keep the exceptions that the reading does not speak of: all, if it is a list of changes.

    Else those outside its window, and those that are there and could not be read.
    """
    if stored.event.repeat is None or before is None or not before.event.exceptions:
        return stored
    exceptions = {
        day: one
        for day, one in before.event.exceptions.items()
        if not (reading.is_complete and _is_in_sight(day, one, reading.window))
        or any(unread.may_be(day, stored) for unread in reading.unread)
    }
    kept = replace(stored.event, exceptions=exceptions)
    if reading.side is Side.NEO and isinstance(kept.when, Timed) and isinstance(kept.when.start.tzinfo, ZoneInfo):
        kept = read_anew(kept, kept.when.start.tzinfo)  # They may have been read when the user's zone was another one.
    return replace(stored, event=with_exceptions(stored.event, {**kept.exceptions, **stored.event.exceptions}))


def _is_in_sight(original: date, one: Event | None, window: Window) -> bool:
    return window.first <= original <= window.last or (one is not None and touches(one, window))


def _overlay(now: dict[str, Stored | Odd], occurrence: SeenOccurrence) -> None:
    item = now.get(occurrence.series_id)
    series = last_known(item)
    if isinstance(item, Odd):
        if series is not None and series.event.repeat is not None:
            now[item.id] = replace(item, last=_overlaid(series, occurrence))
        return
    if series is None or series.event.repeat is None:
        # An invitation to one date of a series that is not in this calendar is an event of its own.
        if occurrence.stored is not None:
            now[occurrence.stored.id] = occurrence.stored
        return
    now[series.id] = _overlaid(series, occurrence)


def _overlaid(series: Stored, occurrence: SeenOccurrence) -> Stored:
    changed = None if occurrence.stored is None else occurrence.stored.event
    exceptions = dict(series.event.exceptions) | {occurrence.day_in(series.event): changed}
    return replace(series, event=with_exceptions(series.event, exceptions))
