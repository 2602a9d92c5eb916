"""How the two events of a pair stand to each other: what each should hold, and what keeps one from following the other. Pure."""

from dataclasses import dataclass

from desksync.sync.clocks import base_of, by_present_clock
from desksync.sync.copies import is_copy
from desksync.sync.event import Event, Side
from desksync.sync.flow import TIMING, Merged
from desksync.sync.horizon import Cut
from desksync.sync.link import Link
from desksync.sync.merge import merge
from desksync.sync.parts import place_of
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Stored
from desksync.sync.sayable import obstacle
from desksync.sync.views import comparable, kept_by

_PART_OF_SERIES = "it stands for one date of a series there"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both should hold, the link by which that was found, and where a series without an end is cut for NEO."""

    link: Link
    ends: Cut
    merged: Merged


def agreement(link: Link, neo: Stored, google: Stored, policy: Policy) -> Agreement | None:
    """Return what both events of a pair should hold; `None` where neither may be written.

    What one side cannot hold as the one event that it has there is not
    written to it. Whether the pair then goes on apart, or the copy is replaced by one in another form, is decided in `expand`.
    """
    direction = _possible(policy.direction, neo, google)
    if direction is None:
        return None
    link = by_present_clock(link, neo.event, policy)
    ends = Cut(link, neo.event, google.event, policy.window)
    merged = merge(
        ends.link,
        neo.event,
        ends.google,
        direction,
        policy.winner,
        says=lambda side, event: hindrance(link, side, event, policy) is None,
    )
    return Agreement(link, ends, merged)


def hindrance(link: Link, side: Side, event: Event, policy: Policy) -> str | None:
    """Return why the pair's event on that side cannot get the dates and the rule of the event, as a clause; `None` if it can."""
    if event.repeat is not None and place_of(link.id_on(side)) is not None:
        return _PART_OF_SERIES
    return obstacle(event, side, policy.zone)


def standstill(link: Link, neo: Stored, google: Stored, merged: Merged, policy: Policy) -> tuple[Side, str] | None:
    """Return the side that keeps its own dates and rule for good, with the reason, or `None`.

    Only an original does: our own copy is replaced by one in another form.
    """
    if TIMING not in merged.held.groups:
        return None
    for side, theirs in ((Side.NEO, google), (Side.GOOGLE, neo)):
        why = hindrance(link, side, theirs.event, policy)
        if why is not None and policy.direction.may_write(side) and not is_copy(link, side, policy.scope):
            return side, why
    return None


def is_edited(link: Link, side: Side, now: Event, policy: Policy) -> bool:
    """Say whether a person changed the pair's event on that side; a change of the participants alone is none."""
    base = base_of(link, side, now, policy.zone)
    return comparable(kept_by(Side.NEO, now)) != comparable(kept_by(Side.NEO, base))


def _possible(direction: Direction, neo: Stored, google: Stored) -> Direction | None:
    """Return the direction that is left where the account may not change one of the two events (rule R18)."""
    writable = [
        side for side, stored in ((Side.NEO, neo), (Side.GOOGLE, google)) if stored.is_editable and direction.may_write(side)
    ]
    match writable:
        case [Side.NEO]:
            return Direction.GOOGLE_TO_NEO
        case [Side.GOOGLE]:
            return Direction.NEO_TO_GOOGLE
        case []:
            return None
        case _:
            return direction
