"""Holds back deletions when there are so many of them that something may be wrong (rule R5). Pure: decides, and keeps nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.parts import is_there, owner_of
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
    """The plan without the deletions that are held, and these.

    `doubtful` are the pairs of which an event was missing on that side and has not been looked at yet. They were counted, and
    what a person says about the deletions is said about them as well, so that it has to be said once and not for each portion.
    """

    plan: Plan
    held: tuple[Delete, ...] = ()
    doubtful: Mapping[Side, Pairs] = field(default_factory=dict)

    @property
    def pairs(self) -> Pairs:
        """Return what is held, and what may have to be held with it, as pairs of ids."""
        return frozenset(pair_of(delete.link) for delete in self.held).union(*self.doubtful.values())

    @property
    def number_in_doubt(self) -> int:
        """Return how many of the deletions are none yet: their events were missing, and nobody has looked at them."""
        return sum(len(pairs) for pairs in self.doubtful.values())

    def number_on(self, side: Side) -> int:
        """Return how many deletions on that side are held, those in doubt included."""
        return sum(delete.side is side for delete in self.held) + len(self.doubtful.get(side.other, ()))


def pair_of(link: Link) -> Pair:
    """Return the two ids of a link."""
    return link.neo_id, link.google_id


def doubtful_pairs(links: Iterable[Link], unlooked: Mapping[Side, Collection[str]]) -> Mapping[Side, Pairs]:
    """Return the links of the events that a reading of a side lacked and that have not been looked at yet.

    A series of which parts are linked stands for as many deletions as there are parts.
    """
    pairs = list(links)
    return {side: frozenset(pair_of(one) for one in pairs if owner_of(one.id_on(side)) in ids) for side, ids in unlooked.items()}


def guard(plan: Plan, linked: int, limits: HoldLimits, decided: Decided, doubtful: Mapping[Side, Pairs] | None = None) -> Guarded:
    """Return the plan without the deletions that have to wait for a person.

    `linked` is how many links there are, those of the deletions included. What waits already goes on waiting, also when the share
    has fallen since, because other events were copied. What was released passes and is not counted.

    Nor is the copy of a series in a form that another one replaces (rule R26). Only what we made ourselves is replaced, and only
    when all that a person has changed in it is in its original, or has given way there as in any conflict: what goes is there
    once more. Held, it would stand beside what takes its place.

    `doubtful` may become deletions with the next portions (`doubtful_pairs`), and count as if they were some already: else a
    thousand missing events would pass in portions that are little enough each. Where a side may not be deleted from, the caller
    leaves them out. When something is held, so are they: a person answers once for all that was missing at that time, and of
    what is found there after all nothing is deleted. What goes missing later is weighed anew.
    """
    unreleased = [
        action
        for action in plan.actions
        if isinstance(action, Delete) and not action.is_superseded and pair_of(action.link) not in decided.released
    ]
    known = decided.released | decided.refused | {pair_of(delete.link) for delete in unreleased}
    unsure = {side: pairs - known for side, pairs in (doubtful or {}).items()}
    number = len(unreleased) + sum(len(pairs) for pairs in unsure.values())
    is_over = number > limits.deletes and number > limits.share * linked
    held = tuple(delete for delete in unreleased if is_over or pair_of(delete.link) in decided.waiting)
    if not held:
        return Guarded(plan)
    if not is_over:
        unsure = {side: pairs & decided.waiting for side, pairs in unsure.items()}
    pairs = {pair_of(delete.link) for delete in held}
    left = tuple(action for action in plan.actions if not (isinstance(action, Delete) and pair_of(action.link) in pairs))
    return Guarded(replace(plan, actions=left), held, unsure)


def still_deleted(
    pairs: Collection[Pair],
    links: Iterable[Link],
    neo: Mapping[str, Stored | Odd],
    google: Mapping[str, Stored | Odd],
    doubtful: Pairs = frozenset(),
) -> Pairs:
    """Return those of the pairs that are still linked and of which not both sides hold their event, as far as is known.

    The others are settled: carried out, put back, or undone by the person. What was said about them says nothing any more.
    """
    if not pairs:
        return frozenset()
    return frozenset(
        pair_of(link)
        for link in links
        if pair_of(link) in pairs
        and (pair_of(link) in doubtful or not (is_there(link.neo_id, neo) and is_there(link.google_id, google)))
    )
