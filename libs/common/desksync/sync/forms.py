"""In which form a series is shown to the other side: as a whole, or date by date, and what becomes of the old form (R26). Pure.

The new form comes first. Copies of the old one are superseded only where the new one is there, or can be made before they go:
not while a person's change is on its way out of one of them, and not where the other side has refused what would take their
place. So each date that the other side shows goes on being shown, and a series that is refused for good keeps what it has.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Final

from desksync.sync.copies import is_copy
from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.pairs import agreement, is_edited
from desksync.sync.parts import Place, days_in_sight, found, is_there, part_of
from desksync.sync.plan import Refusal
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.refusals import refusal_of_change, refusal_of_copy, refusal_of_deletion
from desksync.sync.replacing import is_announced
from desksync.sync.sayable import obstacle
from desksync.sync.series import touches

_NAMES: Final = {Side.NEO: "NEO", Side.GOOGLE: "Google Calendar"}


@dataclass(slots=True)
class Pairs:
    """The pairs of one series: as a whole, and date by date."""

    whole: Link | None = None
    parts: dict[date, Link] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """How an event is shown: as a whole, or these dates of it, or both while a change of form is under way.

    `why` is set where new dates are copied one by one. `superseded` are ids of the form that goes.
    """

    is_whole: bool
    days: frozenset[date] = frozenset()
    why: str | None = None
    superseded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the form of a series of `side` depends on besides itself. `others` is what is known of the other side."""

    side: Side
    others: Known
    policy: Policy
    refused: Collection[Refusal]

    def takes(self, source: Stored) -> bool:
        """Say whether the other side has not refused a copy of the event."""
        return refusal_of_copy(self.side.other, source) not in self.refused

    def has_copy_of(self, link: Link) -> bool:
        """Say whether the pair's copy is there, readable or not."""
        return is_there(link.id_on(self.side.other), self.others)


class _Fate(Enum):
    """What becomes of a pair whose series is to be copied in another form."""

    GOES = auto()
    CARRIES = auto()
    """Our copy goes later: a person has changed something in it, and that is written to the original first."""
    STAYS = auto()
    STUCK = auto()
    """Our copy stays: a person has changed something in it that its original's side has refused."""


def form_of(item: Stored, mine: Pairs, at: Surroundings) -> Form:
    """Return the form of an event, given what is linked of it."""
    why = obstacle(item.event, at.side.other, at.policy.zone)
    if why is None and not mine.parts:
        return Form(is_whole=True)
    in_sight = frozenset(days_in_sight(item.event, at.policy.window, at.policy.zone))
    if not at.policy.direction.may_write(at.side.other):
        # Nothing is copied there, and nothing is replaced.
        return Form(mine.whole is not None or not mine.parts, in_sight.union(mine.parts) if mine.parts else frozenset())
    there = frozenset(day for day in mine.parts if part_of(item, day, at.policy.zone) is not None)
    fates = {day: _fate(link, part_of(item, day, at.policy.zone), at) for day, link in mine.parts.items()}
    going = frozenset(day for day, fate in fates.items() if fate is _Fate.GOES)
    if mine.whole is not None:
        return _out_of_whole(item, mine.whole, mine, _Dates(in_sight, there, going), at)
    if why is None:
        kept = {fates[day] for day in there}
        if _Fate.CARRIES in kept and not kept & {_Fate.STAYS, _Fate.STUCK}:
            return Form(is_whole=False, days=there)
        why = _reason_for_parts(item, at, kept)
        if why is None and touches(item.event, at.policy.window):
            return Form(is_whole=True, superseded=_ids(item, going))
    return Form(is_whole=False, days=there | in_sight, why=why)


@dataclass(frozen=True, slots=True)
class _Dates:
    """The dates of a series: those in the window, those that are linked and given by its rule, and those whose copies may go."""

    in_sight: frozenset[date]
    there: frozenset[date]
    going: frozenset[date]


def _out_of_whole(item: Stored, whole: Link, mine: Pairs, dates: _Dates, at: Surroundings) -> Form:
    """Return the form of what is linked as a whole."""
    why = obstacle(item.event, at.side.other, at.policy.zone)
    if why is None:
        # Until the copy has been changed, and where that is refused, only single events may show what it lacks.
        copy = at.others.get(whole.id_on(at.side.other))
        going = frozenset(
            day
            for day in dates.going
            if isinstance(copy, Stored) and (day not in dates.there or part_of(copy, day, at.policy.zone) is not None)
        )
        return Form(is_whole=True, days=dates.there - going, superseded=_ids(item, going))
    if _fate(whole, item, at) is not _Fate.GOES:
        return Form(is_whole=True, days=dates.there)
    wanted = dates.there | dates.in_sight
    copy = at.others.get(whole.id_on(at.side.other))
    held = frozenset(day for day in wanted if isinstance(copy, Stored) and part_of(copy, day, at.policy.zone) is not None)
    if not isinstance(copy, Stored) or _can_be_divided(item, copy, mine, dates.in_sight, held, at):
        return Form(is_whole=False, days=wanted, why=why, superseded=frozenset((item.id,)))
    # It stays, and beside it come only the dates that it has not.
    twice = held & dates.going
    return Form(is_whole=True, days=(dates.there - twice) | (dates.in_sight - held), superseded=_ids(item, twice))


def _can_be_divided(
    item: Stored, copy: Stored, mine: Pairs, in_sight: frozenset[date], held: frozenset[date], at: Surroundings
) -> bool:
    """Say whether single events can take the place of a copy that has the dates that are `held`.

    A series that has left the window has none; its copy goes only where it would show dates there that the series has no more.
    """
    if not in_sight:
        return touches(copy.event, at.policy.window)
    if not mine.parts and not at.takes(item):
        return False
    missing = [day for day in in_sight if day not in mine.parts or not at.has_copy_of(mine.parts[day])]
    parts = {day: part_of(item, day, at.policy.zone) for day in missing}
    refused = {day for day, part in parts.items() if part is not None and not at.takes(part)}
    return bool(in_sight - refused) and not refused & held


def _reason_for_parts(item: Stored, at: Surroundings, kept: Collection[_Fate]) -> str | None:
    """Return why a series goes on being copied date by date although the other side could hold it as one."""
    if _Fate.STAYS in kept:
        return "some of its dates over there are events that a person made one by one"
    if _Fate.STUCK in kept:
        return f"what a person changed in one of them is not taken by {_NAMES[at.side]}"
    return None if at.takes(item) else f"{_NAMES[at.side.other]} did not take it as one series"


def _fate(link: Link, shown: Stored | None, at: Surroundings) -> _Fate:
    """Return what becomes of a pair when its event is copied in another form. `shown` is what there is of it."""
    side, policy = at.side, at.policy
    copy = found(link.id_on(side.other), at.others, policy.zone)
    if not is_copy(link, side.other, policy.scope):
        return _Fate.STAYS
    if copy is None:
        return _fate_without_copy(link, shown, at)
    if isinstance(copy, Odd) or not copy.is_editable:
        return _Fate.STAYS
    if shown is None:
        return _Fate.CARRIES if is_edited(link, side.other, copy.event, policy) else _Fate.GOES
    agreed = agreement(link, *((shown, copy) if side is Side.NEO else (copy, shown)), policy)
    if agreed is None or not agreed.merged.flow_to(side):
        return _Fate.GOES
    wanted = agreed.merged.wanted_on(side)
    wanted = agreed.ends.mended(wanted) if side is Side.GOOGLE else wanted
    return _Fate.STUCK if refusal_of_change(side, copy.id, wanted) in at.refused else _Fate.CARRIES


def _fate_without_copy(link: Link, shown: Stored | None, at: Surroundings) -> _Fate:
    """Unless it was us, a person deleted the copy: the original has to follow, or to prevail, before it is copied anew."""
    if shown is None or is_announced(link, at.side):
        return _Fate.GOES
    is_kept = (link.neo_id, link.google_id) in at.policy.kept
    may_follow = shown.is_editable and at.policy.direction.may_write(at.side)
    if is_kept or not may_follow or is_edited(link, at.side, shown.event, at.policy):
        return _Fate.GOES  # The original prevails, and it is copied anew in any form.
    return _Fate.STUCK if refusal_of_deletion(at.side, link.id_on(at.side.other)) in at.refused else _Fate.CARRIES


def _ids(item: Stored, days: Collection[date]) -> frozenset[str]:
    return frozenset(str(Place(item.id, day)) for day in days)
