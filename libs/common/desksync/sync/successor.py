"""A series that was made one single event: what is left of it is the date of which the other side has an event already. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from desksync.sync.event import Side, first_day
from desksync.sync.link import Link
from desksync.sync.parts import place_of
from desksync.sync.reading import Known, Stored


def succeeded(link: Link, known: Mapping[Side, Known], linked: Mapping[Side, frozenset[str]]) -> Link | None:
    """Return the link that takes the place of a link of one date of a series which is no series any more, `None` for any other.

    `linked` are all ids that have a partner. Without this the other side's event would be deleted with those of the other dates,
    and created anew.
    """
    for side in Side:
        place = place_of(link.id_on(side))
        single = None if place is None else known[side].get(place.series_id)
        if place is None or not isinstance(single, Stored) or single.event.repeat is not None or single.id in linked[side]:
            continue
        is_same_date = first_day(single.event.when) == place.day or single.event.when == link.base_on(side).when
        if is_same_date and link.id_on(side.other) in known[side.other]:
            return replace(link, neo_id=single.id) if side is Side.NEO else replace(link, google_id=single.id)
    return None
