"""Two versions of one event, made one: field by field against what each side held last (rules R11, R13, R15, R22, R27)."""

from collections.abc import Callable
from dataclasses import replace

from desksync.sync.event import Access, Event, Side, Timed, open_end
from desksync.sync.flow import GROUPS, TIMING, Flow, Group, Lost, Merged, differ, flow_of
from desksync.sync.link import Link
from desksync.sync.merge_dates import Versions, merge_dates
from desksync.sync.policy import Direction
from desksync.sync.series import with_exceptions
from desksync.sync.views import comparable, kept_by

Says = Callable[[Side, Event], bool]
"""Whether a side can hold the dates and the rule of an event, as part of the pair that is merged."""


def merge(
    link: Link, neo: Event, google: Event, direction: Direction, winner: Side, says: Says = lambda _side, _event: True
) -> Merged:
    """Merge what both sides hold now, given what they held when they last agreed.

    In a one-way sync, and where `direction` says that one side cannot be written, a change there is put back. What the other side
    cannot say is not written there (rule R26).
    """
    plain_neo, plain_google = comparable(neo), comparable(google)
    pairs = ((Side.NEO, plain_neo, comparable(link.neo)), (Side.GOOGLE, plain_google, comparable(link.google)))
    sources: dict[Group, Side] = {}
    held = set[Group]()
    lost: dict[Side, list[str]] = {Side.NEO: [], Side.GOOGLE: []}
    for group in GROUPS:
        changed = frozenset(side for side, now, base in pairs if differ(group, now, base))
        if not changed or not differ(group, plain_neo, plain_google):
            continue
        source = _source(group, changed, neo, direction, winner)
        given = neo if source is Side.NEO else google
        if not direction.may_write(source.other) or (group == TIMING and not says(source.other, given)):
            held.add(group)
            continue
        sources[group] = source
        if source.other in changed and group != ("attendance",):
            lost[source.other] += group
    new_neo = _take(neo, google, Side.NEO, [group for group, source in sources.items() if source is Side.GOOGLE])
    new_google = _take(google, neo, Side.GOOGLE, [group for group, source in sources.items() if source is Side.NEO])

    def together(pair: Link, one: Event, other: Event) -> Merged:
        return merge(pair, one, other, direction, winner)

    days = merge_dates(link, Versions(neo, new_neo), Versions(google, new_google), direction, winner, together)
    wanted_neo = with_exceptions(new_neo, days.neo)
    wanted_google = with_exceptions(new_google, days.google)
    return Merged(
        neo=wanted_neo,
        google=wanted_google,
        to_neo=flow_of(neo, wanted_neo, [group for group, source in sources.items() if source is Side.GOOGLE]),
        to_google=flow_of(google, wanted_google, [group for group, source in sources.items() if source is Side.NEO]),
        lost=tuple(
            [Lost(side, neo if side is Side.NEO else google, tuple(fields)) for side, fields in lost.items() if fields]
            + days.lost
        ),
        held=Flow(frozenset(held), frozenset(days.held)),
    )


def _source(group: Group, changed: frozenset[Side], neo: Event, direction: Direction, winner: Side) -> Side:
    if group == ("attendance",):
        return Side.NEO
    if group == ("access",) and neo.access is Access.RESTRICTED:
        return Side.NEO  # A restricted event is never loosened from Google (rule R15).
    if direction is not Direction.BOTH:
        return Side.NEO if direction is Direction.NEO_TO_GOOGLE else Side.GOOGLE
    return winner if len(changed) > 1 else next(iter(changed))


def _take(mine: Event, theirs: Event, side: Side, groups: list[Group]) -> Event:
    """Return my event with these groups of the other side, in the words of my side."""
    offered = kept_by(side, theirs)
    taken = {name: getattr(offered, name) for group in groups for name in group}
    if side is Side.NEO:
        taken.pop("attendance", None)
        if "when" in taken:
            taken["when"] = _open_end_kept(mine, offered)
    return replace(mine, **taken)


def _open_end_kept(mine: Event, offered: Event) -> object:
    """Leave an event without an end in NEO without one when it was merely moved on Google (rule R22)."""
    old, new = mine.when, offered.when
    if isinstance(old, Timed) and isinstance(new, Timed) and old.end is None and new.end == open_end(new.start):
        return Timed(new.start, None)
    return new
