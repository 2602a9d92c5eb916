"""What another time zone of the user means for a pair: NEO's clock times are other moments then, though nobody moved anything.

NEO's times carry no zone (rule R23). Which times stay is therefore not a question of who changed something:
those of the original do.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from desksync.sync.copies import is_copy
from desksync.sync.event import Event, Side, Timed, When, end_after, local
from desksync.sync.link import Link
from desksync.sync.policy import Policy
from desksync.sync.views import kept_by


def span(start: datetime, end: datetime | None, zone: ZoneInfo) -> Timed:
    """Return a span of clock times without a zone, as NEO tells them, in that zone.

    What lies in the gap of a DST change is moved out of it (rule R23).
    """
    begins = _settled(start, zone)
    return Timed(begins, None if end is None else end_after(begins, _settled(end, zone), end - start))


def read_anew(event: Event, zone: ZoneInfo) -> Event:
    """Return an event of NEO with the same clock times by that zone, exceptions included."""
    exceptions = {day: None if one is None else read_anew(one, zone) for day, one in event.exceptions.items()}
    return replace(event, when=_by(event.when, zone), exceptions=exceptions)


def base_of(link: Link, side: Side, now: Event, zone: ZoneInfo | None) -> Event:
    """Return what that side held when the two events last agreed, by the clock by which `now` is told."""
    base = link.base_on(side)
    return read_anew(base, zone) if zone is not None and side is Side.NEO and _has_moved(base, now, zone) else base


def by_present_clock(link: Link, neo: Event, policy: Policy) -> Link:
    """Return the link as two events are merged by it; another one than given only where the user's zone has changed since.

    `neo` is what NEO holds now. The original keeps its clock: NEO's by being read in the new zone, so that it counts as changed;
    Google's by laying the bases so that Google counts as changed and our copy in NEO gets other clock times. Where neither is
    ours, the winner keeps its clock.
    """
    zone = policy.zone
    if zone is None or not _has_moved(link.neo, neo, zone) or is_copy(link, Side.GOOGLE, policy.scope):
        return link
    if not is_copy(link, Side.NEO, policy.scope) and policy.winner is Side.NEO:
        return link
    base = read_anew(link.neo, zone)
    return replace(link, neo=base, google=_at_times_of(link.google, kept_by(Side.GOOGLE, base)))


def _has_moved(base: Event, now: Event, zone: ZoneInfo) -> bool:
    return not _zones(base) <= {zone.key} and _zones(now) == {zone.key}


def _zones(event: Event) -> set[str]:
    return {str(when.start.tzinfo) for when in _times(event) if isinstance(when, Timed)}


def _times(event: Event) -> Iterator[When]:
    yield event.when
    for one in event.exceptions.values():
        if one is not None:
            yield one.when


def _by(when: When, zone: ZoneInfo) -> When:
    if not isinstance(when, Timed):
        return when
    return span(_wall(when.start), None if when.end is None else _wall(when.end), zone)


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, fold=0)


def _settled(wall: datetime, zone: ZoneInfo) -> datetime:
    return local(wall.replace(tzinfo=zone), zone)


def _at_times_of(event: Event, other: Event) -> Event:
    exceptions = {}
    for day, one in event.exceptions.items():
        shown = other.exceptions.get(day)
        exceptions[day] = one if one is None or shown is None else replace(one, when=shown.when)
    return replace(event, when=other.when, exceptions=exceptions)
