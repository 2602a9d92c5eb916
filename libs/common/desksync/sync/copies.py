"""Which events of a pair were made by us. Only such may be removed together; what a person made is theirs."""

from collections.abc import Iterable

from desksync.sync.event import Side
from desksync.sync.link import Link, creation_key
from desksync.sync.plan import Create


def origin_of(adopted: Link, begun: Iterable[Create]) -> Side:
    """Return on which side an adopted pair began: on Google if it is a copy that was begun in NEO, else in NEO."""
    is_begun = any(create.side is Side.NEO and create.source.id == adopted.google_id for create in begun)
    return Side.GOOGLE if is_begun else Side.NEO


def is_copy(link: Link, origin: Side, side: Side, scope: str) -> bool:
    """Say whether the pair's event on that side was made by us.

    Two events that were there already and were matched count as begun in NEO, and neither of them is ours. Ours on Google are
    told by the id that we choose for them; in NEO by the origin alone, because NEO takes no ids.
    """
    if side is Side.NEO:
        return origin is Side.GOOGLE
    return origin is Side.NEO and link.google_id == creation_key(scope, Side.NEO, link.neo_id)
