"""Events that may be taken for one another, because they hold the same and have no partner yet."""

from desksync.sync.event import Event, Side
from desksync.sync.expand import comes_in_parts
from desksync.sync.parts import owner_of
from desksync.sync.reading import Stored
from tests.sync.counting import is_linked, partners_of, token_of
from tests.sync.pair import Pair


def unlinked_namesakes(pair: Pair, side: Side, event: Event) -> int:
    """Count the events of that side that could be taken for the same one."""
    there = pair.calendar(side).events
    return sum(token_of(one) == token_of(event) and not is_linked(pair, side, id_) for id_, one in there.items())


def is_to_be_divided(pair: Pair, side: Side, event_id: str) -> bool:
    """Say whether the partner of the event is to be copied date by date, so that its dates may be taken for namesakes."""
    there = pair.calendar(side.other).events
    return any(
        comes_in_parts(side.other, Stored(one, there[one]), pair.policy)
        for one in map(owner_of, partners_of(pair, side, event_id))
        if one in there
    )


def any_namesake_is_divided(pair: Pair, event: Event) -> bool:
    """Say whether something of that token on Google is copied date by date."""
    return any(
        token_of(one) == token_of(event) and comes_in_parts(Side.GOOGLE, Stored(id_, one), pair.policy)
        for id_, one in pair.google.events.items()
    )
