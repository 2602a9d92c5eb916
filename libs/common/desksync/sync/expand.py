"""Shows each side as the other can say it: a series that it cannot hold is there as its parts (rule R26). Pure.

A series changes its form when its rule is edited. What was linked in the old form is then superseded: its copy has to go, because
the new form is copied as well.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.parts import Place, days_in_sight, part_of, place_of
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.sayable import obstacle


@dataclass(frozen=True, slots=True)
class View:
    """One side, with parts in place of series that the other side cannot hold.

    `reasons` say why, by the id of the series. `superseded` are linked ids that stand for a form in which an event is not shown
    any more. `whole` are the series of which parts are shown.
    """

    known: Mapping[str, Stored | Odd]
    reasons: Mapping[str, str] = field(default_factory=dict)
    superseded: frozenset[str] = frozenset()
    whole: Mapping[str, Stored] = field(default_factory=dict)


def views_of(links: Iterable[Link], neo: Known, google: Known, policy: Policy) -> dict[Side, View]:
    """Return both sides, each as the other one can say it."""
    pairs = list(links)
    known = {Side.NEO: neo, Side.GOOGLE: google}
    return {side: expanded(side, known[side], {link.id_on(side) for link in pairs}, policy) for side in Side}


def expanded(side: Side, known: Known, linked: Collection[str], policy: Policy) -> View:
    """Return that side as the other one can say it.

    `linked` are the ids that have a partner, those of parts among them: a part that is linked is shown wherever it is in time,
    because leaving the window is not a deletion (rule R4). A side that receives only is never expanded anew, for what it cannot
    say over there is put back here (rule R13).
    """
    linked_days = _linked_days(linked)
    may_copy = policy.direction.may_write(side.other)
    shown: dict[str, Stored | Odd] = {}
    reasons: dict[str, str] = {}
    superseded: set[str] = set()
    whole: dict[str, Stored] = {}
    for event_id, item in known.items():
        days = linked_days.get(event_id, frozenset())
        if isinstance(item, Odd):
            shown[event_id] = item
            shown |= {str(Place(event_id, day)): Odd(str(Place(event_id, day)), item.why) for day in days}
            continue
        why = obstacle(item.event, side.other, policy.zone)
        if item.event.repeat is None or not (why if may_copy else days):
            shown[event_id] = item
            superseded |= {str(Place(event_id, day)) for day in days}
            continue
        whole[event_id] = item
        parts = _parts(item, days, policy)
        shown |= {part.id: part for part in parts}
        if parts and why and may_copy:
            reasons[event_id] = why
        if event_id in linked:
            superseded.add(event_id)
    return View(shown, reasons, frozenset(superseded), whole)


def _linked_days(linked: Iterable[str]) -> Mapping[str, Collection[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for event_id in linked:
        if (place := place_of(event_id)) is not None:
            found[place.series_id].add(place.day)
    return found


def _parts(series: Stored, linked: Collection[date], policy: Policy) -> list[Stored]:
    days = sorted({*days_in_sight(series.event, policy.window, policy.zone), *linked})
    found = (part_of(series, day, policy.zone) for day in days)
    return [part for part in found if part is not None]
