"""Shows each side as the other can say it: a series that it cannot hold is there as its parts (rule R26). Pure.

A series changes its form when its rule is edited, or when the user's zone is another one. What was linked in the old form is then
superseded: its copy has to go, because the new form is copied as well. Only a copy of ours ever goes, and only when nothing is in
it that its original lacks: what a person made stays, and the series keeps the form that it has there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto

from desksync.sync.copies import is_copy
from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.pairs import agreement, is_edited
from desksync.sync.parts import Place, days_in_sight, found, part_of, place_of
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.replacing import is_announced
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


class _Fate(Enum):
    """What becomes of a pair whose series is to be copied in another form."""

    GOES = auto()
    CARRIES = auto()
    """Our copy goes later: a person has changed something in it, and that is written to the original first."""
    STAYS = auto()


@dataclass(slots=True)
class _Pairs:
    """The pairs of one series: as a whole, and date by date."""

    whole: Link | None = None
    parts: dict[date, Link] = field(default_factory=dict)


def views_of(links: Iterable[Link], neo: Known, google: Known, policy: Policy) -> dict[Side, View]:
    """Return both sides, each as the other one can say it."""
    pairs = list(links)
    return {
        Side.NEO: expanded(Side.NEO, neo, pairs, google, policy),
        Side.GOOGLE: expanded(Side.GOOGLE, google, pairs, neo, policy),
    }


def expanded(side: Side, known: Known, links: Iterable[Link], others: Known, policy: Policy) -> View:
    """Return that side as the other one can say it. `others` is what is known of the other one.

    A part that is linked is shown wherever it is in time, because leaving the window is not a deletion (rule R4). A side that
    receives only is never expanded anew, for what it cannot say over there is put back here (rule R13).
    """
    pairs = _by_owner(side, links)
    shown: dict[str, Stored | Odd] = {}
    reasons: dict[str, str] = {}
    superseded: set[str] = set()
    whole: dict[str, Stored] = {}
    for event_id, item in known.items():
        mine = pairs.get(event_id, _Pairs())
        if isinstance(item, Odd):
            shown[event_id] = item
            shown |= {str(Place(event_id, day)): Odd(str(Place(event_id, day)), item.why) for day in mine.parts}
            continue
        form = _form(side, item, mine, others, policy)
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


@dataclass(frozen=True, slots=True)
class _Form:
    """How an event is shown: as a whole, or these dates of it, or both while a change of form is under way.

    `why` is set where new dates are copied one by one.
    """

    is_whole: bool
    days: frozenset[date] = frozenset()
    why: str | None = None
    superseded: frozenset[str] = frozenset()


def _form(side: Side, item: Stored, mine: _Pairs, others: Known, policy: Policy) -> _Form:
    why = obstacle(item.event, side.other, policy.zone)
    if why is None and not mine.parts:
        return _Form(is_whole=True)
    in_sight = frozenset(days_in_sight(item.event, policy.window, policy.zone))
    if not policy.direction.may_write(side.other):
        # Nothing is copied there, and nothing is replaced.
        return _Form(mine.whole is not None or not mine.parts, in_sight.union(mine.parts) if mine.parts else frozenset())
    keeps_whole = mine.whole is not None and (why is None or _fate(side, mine.whole, item, others, policy) is not _Fate.GOES)
    fates = {day: _fate(side, link, part_of(item, day, policy.zone), others, policy) for day, link in mine.parts.items()}
    there = frozenset(day for day in mine.parts if part_of(item, day, policy.zone) is not None)
    if why is None and mine.whole is None and any(fates[day] is _Fate.STAYS for day in there):
        why = "some of its dates over there are events that a person made one by one"
    kept = frozenset(day for day, fate in fates.items() if why is not None or fate is not _Fate.GOES)
    there &= kept
    is_divided = why is not None and not keeps_whole
    superseded = {str(Place(item.id, day)) for day in mine.parts.keys() - kept}
    if mine.whole is not None and not keeps_whole:
        superseded.add(item.id)
    return _Form(
        is_whole=keeps_whole or not (is_divided or there),
        days=there | in_sight if is_divided else there,
        why=why if is_divided else None,
        superseded=frozenset(superseded),
    )


def _fate(side: Side, link: Link, shown: Stored | None, others: Known, policy: Policy) -> _Fate:
    """Return what becomes of a pair when its event on that side is copied in another form. `shown` is what there is of it."""
    copy = found(link.id_on(side.other), others, policy.zone)
    if not is_copy(link, side.other, policy.scope):
        return _Fate.STAYS
    if copy is None:
        # Unless it was us, a person deleted it, and the original has to be as they want it before it is copied anew.
        return _Fate.GOES if shown is None or is_announced(link, side) else _Fate.CARRIES
    if isinstance(copy, Odd) or not copy.is_editable:
        return _Fate.STAYS
    if shown is None:
        has_news = is_edited(link, side.other, copy.event, policy)
    else:
        agreed = agreement(link, *((shown, copy) if side is Side.NEO else (copy, shown)), policy)
        has_news = agreed is not None and bool(agreed.merged.flow_to(side))
    return _Fate.CARRIES if has_news else _Fate.GOES


def _by_owner(side: Side, links: Iterable[Link]) -> Mapping[str, _Pairs]:
    pairs: dict[str, _Pairs] = defaultdict(_Pairs)
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
