"""What a person deleted, and whether the other side has to follow or to prevail (rule R12)."""

from dataclasses import dataclass, replace

from desksync.sync.clocks import base_of
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.sync.series import touches
from desksync.sync.views import comparable, kept_by
from tests.sync.likeness import in_sight
from tests.sync.pair import Pair
from tests.sync.strategies import FORBIDDEN


@dataclass(frozen=True)
class Deletion:
    """A linked event that a person deleted on one side, until the other side has followed or has prevailed."""

    token: str
    side: Side
    partner: str
    link: tuple[str, str]


def was_edited(pair: Pair, deletion: Deletion) -> bool | None:
    """Say whether the partner of a deleted event was edited, or `None` where there is no saying."""
    side = deletion.side.other
    held = pair.calendar(side)._events.get(deletion.partner)
    link = pair.links.get(deletion.link)
    if held is None or link is None or not held.is_editable or held.odd_why or FORBIDDEN in held.event.title:
        return None
    if pair.policy.direction is not Direction.BOTH or not touches(held.event, pair.policy.window):
        return None
    if side is Side.GOOGLE and not touches(link.neo, pair.policy.window):
        return None
    before = base_of(link, side, held.event, pair.policy.zone)
    whole = [replace(comparable(one), attendance="") for one in (held.event, before)]
    if side is Side.GOOGLE:
        return comparable(kept_by(Side.NEO, held.event)) != comparable(kept_by(Side.NEO, link.google))
    now, base = (in_sight(one, pair.policy.window) for one in whole)
    if now == base and whole[0] != whole[1]:
        return None  # An occurrence outside the window was: whether that is known depends on the side.
    return now != base


def is_back(pair: Pair, deletion: Deletion) -> bool:
    """Say whether the event is there again, because the other side prevailed."""
    return deletion.link[list(Side).index(deletion.side)] in pair.calendar(deletion.side).events
