"""Looks at and writes one event for a mending, and one date of a series alike: that is written through its series (rule R26)."""

from datetime import date
from zoneinfo import ZoneInfo

from desksync.store import calendars
from desksync.sync.event import Event, Side
from desksync.sync.parts import owner_of, part_of, place_of, with_part
from desksync.sync.reading import Odd, Stored, last_known
from desksync.sync.undo import Spot, spot
from desksync.worker.errors import EventRefused
from desksync.worker.mending import Done, Mending


def look_at(work: Mending, side: Side, event_id: str) -> Spot:
    """Return what the side holds now under the id."""
    return spot(event_id, work.look(side, owner_of(event_id)), _zone(work))


def as_last_known(work: Mending, side: Side, at: Spot) -> Spot:
    """Return what there is; of what cannot be read, what it was when a run could read it last, if one ever could."""
    if not isinstance(at.current, Odd):
        return at
    with work.transaction(side) as session:
        last = last_known(calendars.known(session, work.user.id, side).get(owner_of(at.id)))
    return at if last is None else spot(at.id, last, _zone(work))


def found_at(at: Spot) -> tuple[Stored, Done]:
    """Return what is there as if a call had just written it: an earlier try did, and did not come to record it."""
    current = _current(at)
    return current, Done((at.series or current,))


def change(work: Mending, side: Side, at: Spot, event: Event) -> tuple[Stored, Done]:
    """Bring what is there to the event, and return it as it is then."""
    if at.series is not None:
        return _write_part(work, side, at, event)
    answered = work.update(side, _current(at), event)
    return answered, Done((answered,), () if answered.id == at.id else (at.id,))


def create(work: Mending, side: Side, at: Spot, event: Event, key: str) -> tuple[Stored, Done]:
    """Create the event: a date of a series in its old place, everything else anew, on Google under the key."""
    if at.series is not None:
        return _write_part(work, side, at, event)
    calendar, account = work.calendar(side)
    answered = calendar.create(account, event, key)
    return answered, Done((answered,))


def remove(work: Mending, side: Side, at: Spot) -> Done:
    """Delete what is there."""
    if at.series is not None:
        series = work.update(side, at.series, with_part(at.series.event, _day(at), None))
        return _done(at.series, series)
    work.delete(side, _current(at))
    return Done(gone=(at.id,))


def _write_part(work: Mending, side: Side, at: Spot, event: Event) -> tuple[Stored, Done]:
    if at.series is None:
        raise ValueError("a part is written through its series")
    series = work.update(side, at.series, with_part(at.series.event, _day(at), event))
    answered = part_of(series, _day(at), _zone(work))
    if answered is None:
        raise EventRefused("The occurrence is not part of its series any more.", is_stale=True)
    return answered, _done(at.series, series)


def _done(before: Stored, now: Stored) -> Done:
    return Done((now,), () if now.id == before.id else (before.id,))


def _day(at: Spot) -> date:
    place = place_of(at.id)
    if place is None:
        raise ValueError("only a part names a date of a series")
    return place.day


def _current(at: Spot) -> Stored:
    if not isinstance(at.current, Stored):
        raise TypeError("only what is there can be changed")
    return at.current


def _zone(work: Mending) -> ZoneInfo:
    return ZoneInfo(work.user.settings.time_zone)
