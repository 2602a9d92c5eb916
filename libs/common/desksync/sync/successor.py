"""A series that was made one single event: what is left of it is the date of which the other side has an event already. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from desksync.sync.event import Side, first_day
from desksync.sync.link import Link
from desksync.sync.parts import place_of
from desksync.sync.reading import Known, Stored

Pair = tuple[str, str]
"""The two ids of a link."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A link of one date of what was a series of `side`, and the single event that is left of that."""

    link: Link
    side: Side
    single_id: str
    is_its_date: bool

    def going_on(self) -> Link:
        if self.side is Side.NEO:
            return replace(self.link, neo_id=self.single_id)
        return replace(self.link, google_id=self.single_id)


def successors(links: Iterable[Link], known: Mapping[Side, Known]) -> dict[Pair, Link]:
    """Return the links that take the place of links of one date of a series which is no series any more, by the ids of those.

    Without this the other side's event would be deleted with those of the other dates, and created anew. Where several dates are
    at the time of what is left, because one was moved there, the one goes on that the rule gave.
    """
    pairs = list(links)
    taken = {(side, link.id_on(side)) for link in pairs for side in Side}
    candidates = [one for link in pairs for side in Side if (one := _candidate(link, side, known)) is not None]
    found: dict[Pair, Link] = {}
    for one in sorted(candidates, key=lambda one: not one.is_its_date):
        ids = (one.link.neo_id, one.link.google_id)
        if ids not in found and (one.side, one.single_id) not in taken:
            taken.add((one.side, one.single_id))
            found[ids] = one.going_on()
    return found


def _candidate(link: Link, side: Side, known: Mapping[Side, Known]) -> _Candidate | None:
    place = place_of(link.id_on(side))
    single = None if place is None else known[side].get(place.series_id)
    if place is None or not isinstance(single, Stored) or single.event.repeat is not None:
        return None
    is_its_date = first_day(single.event.when) == place.day
    is_at_its_time = is_its_date or single.event.when == link.base_on(side).when
    if not is_at_its_time or link.id_on(side.other) not in known[side.other]:
        return None
    return _Candidate(link, side, single.id, is_its_date)
