"""Everything together: links and both sides in, a plan out. The whole policy of syncing is reached from here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import assert_never

from desksync.sync.event import Event, Side
from desksync.sync.fingerprint import fingerprint
from desksync.sync.link import Link, creation_key
from desksync.sync.match import Matcher
from desksync.sync.merge import Lost, Merged, merge, rebased
from desksync.sync.plan import Action, Create, Delete, Plan, Refusal, Skipped, Update
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.sayable import obstacle
from desksync.sync.series import touches
from desksync.sync.views import comparable, kept_by


def refusal_of(action: Action) -> Refusal:
    """Return how a refused action is remembered."""
    match action:
        case Create():
            return action.side, action.source.id, fingerprint(action.event)
        case Update():
            return action.side, action.link.id_on(action.side.other), fingerprint(action.event)
        case Delete():
            return action.side, action.link.id_on(action.side.other), "deleted"
        case _:
            assert_never(action)


def reconcile(
    links: Iterable[Link],
    neo: Known,
    google: Known,
    policy: Policy,
    refused: Collection[Refusal] = frozenset(),
    begun: Iterable[Create] = (),
) -> Plan:
    """Return what makes both sides equal.

    An id that `neo` or `google` lacks has been proven not to exist (`absorb` sees to that). `refused` actions are left out until
    the event changes. `begun` are the creations that were tried and not recorded as done, as they were planned: their copies may
    exist by now (rule R9).
    """
    work = _Work(neo, google, policy, frozenset(refused))
    linked: dict[Side, set[str]] = {Side.NEO: set(), Side.GOOGLE: set()}
    for link in links:
        work.consider(link)
        for side in Side:
            linked[side].add(link.id_on(side))
    bereft = {side: dict(work.bereft[side]) for side in Side}
    free = {
        side: {
            event_id: one
            for event_id, one in known.items()
            if isinstance(one, Stored) and (event_id not in linked[side] or event_id in bereft[side])
        }
        for side, known in ((Side.NEO, neo), (Side.GOOGLE, google))
    }
    for link in Matcher(free[Side.NEO].values(), free[Side.GOOGLE].values(), policy).match(begun):
        for side in Side:
            free[side].pop(link.id_on(side), None)
            if (old := bereft[side].get(link.id_on(side))) is not None:
                work.forgotten.append(old)  # Its event was copied anew already, and only the record is missing.
        work.adopted.append(link)
        work.consider(link)
    for side in Side:
        for event_id, stored in free[side].items():
            work.copy(stored, side.other, bereft[side].get(event_id))
    return work.plan()


@dataclass
class _Work:
    neo: Known
    google: Known
    policy: Policy
    refused: frozenset[Refusal]
    adopted: list[Link] = field(default_factory=list)
    settled: list[Link] = field(default_factory=list)
    forgotten: list[Link] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    shunned: list[Refusal] = field(default_factory=list)
    bereft: dict[Side, dict[str, Link]] = field(default_factory=lambda: {Side.NEO: {}, Side.GOOGLE: {}})
    """Links by the id of the event that is left of them and is to be copied anew."""

    def plan(self) -> Plan:
        """Return the plan; deletions come last, so that an interrupted run has rather too much than too little."""
        ordered = sorted(self.actions, key=lambda action: isinstance(action, Delete))
        return Plan(
            tuple(self.forgotten),
            tuple(self.adopted),
            tuple(self.settled),
            tuple(ordered),
            tuple(self.skipped),
            frozenset(self.shunned),
        )

    def consider(self, link: Link) -> None:
        """Plan one pair."""
        neo, google = self.neo.get(link.neo_id), self.google.get(link.google_id)
        if isinstance(neo, Odd) or isinstance(google, Odd):
            return  # It is there but cannot be read: neither its absence nor its content says anything.
        if neo is not None and google is not None:
            self._merge(link, neo, google)
        elif google is not None:
            self._deleted(link, Side.NEO, google)
        elif neo is not None:
            self._deleted(link, Side.GOOGLE, neo)
        else:
            self.forgotten.append(link)

    def copy(self, source: Stored, side: Side, replaces: Link | None = None) -> None:
        """Plan the copy of an event that the given side lacks."""
        if not self.policy.direction.may_write(side):
            return
        if replaces is None and not touches(source.event, self.policy.window):
            return
        if why := obstacle(source.event, side):
            self.skipped.append(Skipped(side.other, source.id, why))
            return
        key = creation_key(self.policy.scope, side.other, source.id)
        self._add(Create(side, source, kept_by(side, source.event), key, replaces))

    def _deleted(self, link: Link, deleted_on: Side, left: Stored) -> None:
        side = deleted_on.other
        is_kept = (link.neo_id, link.google_id) in self.policy.kept
        changed = _edited(left.event, link.base_on(side))
        if (changed or is_kept or not left.is_editable) and self.policy.direction.may_write(deleted_on):
            self.bereft[side][left.id] = link  # Deleted there, changed here: the change wins (rule R12).
        elif self.policy.direction.may_write(side) and left.is_editable and not is_kept:
            self._add(Delete(side, link, left))
        elif self.policy.direction.may_write(deleted_on):
            self.bereft[side][left.id] = link  # A deletion on the receiving side is put back (rule R13).
        else:
            self.forgotten.append(link)

    def _merge(self, link: Link, neo: Stored, google: Stored) -> None:
        if neo.event == link.neo and google.event == link.google:
            return
        direction = _possible(self.policy.direction, neo, google)
        if direction is None:
            return
        merged = merge(link, neo.event, google.event, direction, self.policy.winner)
        waiting = False
        for side, current, other in ((Side.GOOGLE, google, neo), (Side.NEO, neo, google)):
            if not merged.flow_to(side):
                continue
            waiting = True
            wanted = merged.wanted_on(side)
            if why := obstacle(wanted, side):
                self.skipped.append(Skipped(side.other, other.id, why))
                continue
            pending = merged.flow_to(side.other) | merged.held
            self._add(Update(side, link, current, other.event, wanted, pending, _lost_to(merged, side)))
        if not waiting:
            settled = rebased(link, neo.event, google.event, merged.held)
            if settled != link:
                self.settled.append(settled)

    def _add(self, action: Action) -> None:
        refusal = refusal_of(action)
        if refusal in self.refused:
            self.shunned.append(refusal)
        else:
            self.actions.append(action)


def _lost_to(merged: Merged, side: Side) -> tuple[Lost, ...]:
    return tuple(lost for lost in merged.lost if lost.side is side)


def _edited(now: Event, base: Event) -> bool:
    """Say whether a person changed it; a change of the participants alone is none."""
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
