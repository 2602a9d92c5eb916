"""Which events of a pair were made by us. Only such may be removed together; what a person made is theirs."""

from desksync.sync.event import Side
from desksync.sync.link import Link, creation_key


def is_copy(link: Link, side: Side, scope: str) -> bool:
    """Say whether the pair's event on that side was made by us.

    Two events that were there already and were matched count as begun in NEO, and neither of them is ours. Ours on Google are
    told by the id that we choose for them; in NEO by the origin alone, because NEO takes no ids.
    """
    if side is Side.NEO:
        return link.origin is Side.GOOGLE
    return link.origin is Side.NEO and link.google_id == creation_key(scope, Side.NEO, link.neo_id)
