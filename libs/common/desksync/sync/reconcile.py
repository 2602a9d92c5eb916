"""Everything together: links and both sides in, a plan out. The whole policy of syncing is reached from here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from desksync.sync.event import Event, Side
from desksync.sync.expand import views_of
from desksync.sync.fingerprint import fingerprint
from desksync.sync.horizon import Cut, cut_for_neo, horizon
from desksync.sync.link import Link, creation_key
from desksync.sync.match import Matcher
from desksync.sync.merge import Lost, Merged, merge, rebased
from desksync.sync.parts import owner_of
from desksync.sync.plan import Action, Create, Delete, Plan, Refusal, Skipped, Update
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.refusals import refusal_of_copy, stopped_series
from desksync.sync.series import touches
from desksync.sync.views import comparable, kept_by


def refusal_of(action: Action) -> Refusal:
    """Return how a refused action is remembered."""
    match action:
        case Create():
            return refusal_of_copy(action.side, action.source)
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
    links = list(links)
    views = views_of(links, neo, google, policy)
    neo, google = views[Side.NEO].known, views[Side.GOOGLE].known
    work = _Work(neo, google, policy, frozenset(refused), {side: view.superseded for side, view in views.items()})
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
    dropped = {side: {link.id_on(side) for link in work.forgotten} for side in Side}
    taken = {side: linked[side] - bereft[side].keys() - dropped[side] for side in Side}
    resumable = [create for create in begun if create.source.id not in taken[create.side.other]]
    sources = {Side.NEO: neo.keys(), Side.GOOGLE: google.keys()}
    for link in Matcher(free[Side.NEO].values(), free[Side.GOOGLE].values(), policy).match(resumable, sources):
        for side in Side:
            free[side].pop(link.id_on(side), None)
            if (old := bereft[side].get(link.id_on(side))) is not None:
                work.forgotten.append(old)  # Its event was copied anew already, and only the record is missing.
        work.adopted.append(link)
        work.consider(link)
    stopped = {side: stopped_series(side, views[side].whole, linked[side], work.refused) for side in Side}
    for side in Side:
        for event_id, stored in free[side].items():
            if owner_of(event_id) not in stopped[side]:
                work.copy(stored, side.other, bereft[side].get(event_id))
        work.shunned += [refusal_of_copy(side.other, views[side].whole[series_id]) for series_id in stopped[side]]
    work.skipped += [
        Skipped(side, event_id, f"It is copied as single events, date by date, because {why}.")
        for side, view in views.items()
        for event_id, why in view.reasons.items()
        if event_id not in stopped[side]
    ]
    return replace(work.plan(), whole={side: view.whole for side, view in views.items()})


@dataclass
class _Work:
    neo: Known
    google: Known
    policy: Policy
    refused: frozenset[Refusal]
    superseded: Mapping[Side, frozenset[str]]
    adopted: list[Link] = field(default_factory=list)
    settled: list[Link] = field(default_factory=list)
    forgotten: list[Link] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    shunned: list[Refusal] = field(default_factory=list)
    bereft: dict[Side, dict[str, Link]] = field(default_factory=lambda: {Side.NEO: {}, Side.GOOGLE: {}})
    """Links by the id of the event that is left of them. It is to be copied anew, unless it cannot be read."""

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
        for side in Side:
            if link.id_on(side) in self.superseded[side]:
                self._supersede(link, side.other)
                return
        neo, google = self.neo.get(link.neo_id), self.google.get(link.google_id)
        if isinstance(neo, Odd) or isinstance(google, Odd):
            # It is there but cannot be read: neither its absence nor its content says anything.
            for side, other in ((Side.NEO, google), (Side.GOOGLE, neo)):
                if other is None:
                    self.bereft[side][link.id_on(side)] = link
            return
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
        if not touches(source.event, self.policy.window) and (replaces is None or side is Side.NEO):
            if replaces is not None:
                # In NEO only a reading of the window shows a copy of which the answer was lost (rule R9). It is copied when the
                # window reaches it, as any other event.
                self.forgotten.append(replaces)
            return
        key = creation_key(self.policy.scope, side.other, source.id)
        said = cut_for_neo(source.event, self.policy.window) if side is Side.NEO else source.event
        is_planned = self._add(Create(side, source, kept_by(side, said), key, replaces))
        if is_planned and said is not source.event:
            self._note_cut(source.id, horizon(self.policy.window))

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

    def _supersede(self, link: Link, side: Side) -> None:
        """Plan to remove the copy of a form in which the event is not copied any more (rule R26)."""
        copy = (self.neo if side is Side.NEO else self.google).get(link.id_on(side))
        if copy is None:
            self.forgotten.append(link)
        elif isinstance(copy, Stored) and copy.is_editable:
            lost = (Lost(side, copy.event, ("series",)),) if _edited(copy.event, link.base_on(side)) else ()
            self._add(Delete(side, link, copy, is_superseded=True, lost=lost))

    def _merge(self, link: Link, neo: Stored, google: Stored) -> None:
        ends = Cut(link, neo.event, google.event, self.policy.window)
        if neo.event == link.neo and google.event == link.google and not ends.is_longer:
            return
        direction = _possible(self.policy.direction, neo, google)
        if direction is None:
            return
        merged = merge(ends.link, neo.event, ends.google, direction, self.policy.winner)
        waiting = False
        for side, current, other in ((Side.GOOGLE, google, neo), (Side.NEO, neo, google)):
            if not merged.flow_to(side):
                continue
            waiting = True
            wanted = merged.wanted_on(side)
            if side is Side.GOOGLE:
                wanted = ends.mended(wanted)
            pending = merged.flow_to(side.other) | merged.held
            is_planned = self._add(Update(side, link, current, other.event, wanted, pending, _lost_to(merged, side)))
            if is_planned and side is Side.NEO and ends.is_longer:
                self._note_cut(google.id, ends.end)
        if not waiting:
            settled = rebased(link, neo.event, google.event, merged.held)
            if settled != link:
                self.settled.append(settled)

    def _note_cut(self, event_id: str, end: date) -> None:
        why = f"It has no end, which NEO cannot say. In NEO it goes on until {end}, and is made longer when that day comes near."
        self.skipped.append(Skipped(Side.GOOGLE, event_id, why))

    def _add(self, action: Action) -> bool:
        refusal = refusal_of(action)
        if refusal in self.refused:
            self.shunned.append(refusal)
            return False
        self.actions.append(action)
        return True


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
