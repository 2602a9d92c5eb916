"""Shows each side as the other can say it: a series that it cannot hold is there as its parts (rule R26). Pure.

A series changes its form when its rule is edited, or when the user's zone is another one. What was linked in the old form is then
superseded: its copy has to go, because the new form is copied as well. Only a copy of ours ever goes, and only when nothing is in
it that its original lacks: what a person made stays, and the series keeps the form that it has there. `forms` decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from desksync.sync.event import Side
from desksync.sync.forms import Pairs, Surroundings, form_of
from desksync.sync.link import Link
from desksync.sync.parts import Place, days_in_sight, part_of, place_of
from desksync.sync.plan import Refusal
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


def views_of(
    links: Iterable[Link], neo: Known, google: Known, policy: Policy, refused: Collection[Refusal] = frozenset()
) -> dict[Side, View]:
    """Return both sides, each as the other one can say it, and as far as it has not refused to hold it so."""
    pairs = list(links)
    return {
        Side.NEO: expanded(Side.NEO, neo, pairs, google, policy, refused),
        Side.GOOGLE: expanded(Side.GOOGLE, google, pairs, neo, policy, refused),
    }


def expanded(
    side: Side, known: Known, links: Iterable[Link], others: Known, policy: Policy, refused: Collection[Refusal] = frozenset()
) -> View:
    """Return that side as the other one can say it. `others` is what is known of the other one.

    A part that is linked is shown wherever it is in time, because leaving the window is not a deletion (rule R4). A side that
    receives only is never expanded anew, for what it cannot say over there is put back here (rule R13).
    """
    pairs = _by_owner(side, links)
    surroundings = Surroundings(side, others, policy, refused)
    shown: dict[str, Stored | Odd] = {}
    reasons: dict[str, str] = {}
    superseded: set[str] = set()
    whole: dict[str, Stored] = {}
    for event_id, item in known.items():
        mine = pairs.get(event_id, Pairs())
        if isinstance(item, Odd):
            shown[event_id] = item
            shown |= {str(Place(event_id, day)): Odd(str(Place(event_id, day)), item.why) for day in mine.parts}
            continue
        form = form_of(item, mine, surroundings)
        if form.is_whole:
            shown[event_id] = item
        parts = _parts(item, form.days, policy)
        shown |= {part.id: part for part in parts}
        if parts:
            whole[event_id] = item
        if parts and form.why is not None:
            reasons[event_id] = form.why
        superseded |= form.superseded
    return View(shown, reasons, frozenset(superseded), whole)


def comes_in_parts(side: Side, series: Stored, policy: Policy) -> bool:
    """Say whether a series of that side is copied date by date, where no pair speaks against it."""
    return policy.direction.may_write(side.other) and obstacle(series.event, side.other, policy.zone) is not None


def parts_in_sight(series: Stored, policy: Policy) -> list[Stored]:
    """Return the occurrences in the window as events of their own."""
    return _parts(series, days_in_sight(series.event, policy.window, policy.zone), policy)


def _by_owner(side: Side, links: Iterable[Link]) -> Mapping[str, Pairs]:
    pairs: dict[str, Pairs] = defaultdict(Pairs)
    for link in links:
        place = place_of(link.id_on(side))
        if place is None:
            pairs[link.id_on(side)].whole = link
        else:
            pairs[place.series_id].parts[place.day] = link
    return pairs


def _parts(series: Stored, days: Iterable[date], policy: Policy) -> list[Stored]:
    parts = (part_of(series, day, policy.zone) for day in sorted(days))
    return [part for part in parts if part is not None]
