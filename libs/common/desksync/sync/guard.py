"""Holds back deletions when there are so many of them that something may be wrong (rule R5). Pure: decides, and keeps nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.parts import is_there
from desksync.sync.plan import Delete, Plan
from desksync.sync.reading import Odd, Stored

Pair = tuple[str, str]
"""The NEO id and the Google id of a link."""

Pairs = frozenset[Pair]


@dataclass(frozen=True, slots=True)
class HoldLimits:
    """Deletions are held when they are more than `deletes`, and more than `share` of the events that are linked.

    Both sides are counted together: what went wrong seldom knows which side it is on.
    """

    deletes: int = 10
    share: float = 0.30


@dataclass(frozen=True, slots=True)
class Decided:
    """What persons have said about deletions of one user.

    `waiting` are held and nobody has decided yet, `released` may be carried out, `refused` are put back.
    """

    waiting: Pairs = frozenset()
    released: Pairs = frozenset()
    refused: Pairs = frozenset()


@dataclass(frozen=True, slots=True)
class Guarded:
    """The plan without the deletions that are held, and these."""

    plan: Plan
    held: tuple[Delete, ...] = ()

    @property
    def pairs(self) -> Pairs:
        """Return what is held, as pairs of ids."""
        return frozenset(pair_of(delete.link) for delete in self.held)

    def number_on(self, side: Side) -> int:
        """Return how many deletions on that side are held."""
        return sum(delete.side is side for delete in self.held)


def pair_of(link: Link) -> Pair:
    """Return the two ids of a link."""
    return link.neo_id, link.google_id


def guard(plan: Plan, linked: int, limits: HoldLimits, decided: Decided) -> Guarded:
    """Return the plan without the deletions that have to wait for a person.

    `linked` is how many links there are, those of the deletions included. What waits already goes on waiting, also when the share
    has fallen since, because other events were copied. What was released passes and is not counted, nor is the copy of a series
    in a form that another one replaces (rule R26): nobody deleted anything.
    """
    unreleased = [
        action
        for action in plan.actions
        if isinstance(action, Delete) and not action.is_superseded and pair_of(action.link) not in decided.released
    ]
    is_over = len(unreleased) > limits.deletes and len(unreleased) > limits.share * linked
    held = tuple(delete for delete in unreleased if is_over or pair_of(delete.link) in decided.waiting)
    if not held:
        return Guarded(plan)
    pairs = {pair_of(delete.link) for delete in held}
    left = tuple(action for action in plan.actions if not (isinstance(action, Delete) and pair_of(action.link) in pairs))
    return Guarded(replace(plan, actions=left), held)


def still_deleted(
    pairs: Collection[Pair],
    links: Iterable[Link],
    neo: Mapping[str, Stored | Odd],
    google: Mapping[str, Stored | Odd],
) -> Pairs:
    """Return those of the pairs that are still linked and of which not both sides hold their event.

    The others are settled: carried out, put back, or undone by the person. What was said about them says nothing any more.
    """
    if not pairs:
        return frozenset()
    return frozenset(
        pair_of(link)
        for link in links
        if pair_of(link) in pairs and not (is_there(link.neo_id, neo) and is_there(link.google_id, google))
    )
