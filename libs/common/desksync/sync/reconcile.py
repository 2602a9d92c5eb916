"""Everything together: links and both sides in, a plan out. The whole policy of syncing is reached from here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from desksync.sync.event import Side
from desksync.sync.expand import comes_in_parts, parts_in_sight, views_of
from desksync.sync.flow import Lost, Merged, rebased
from desksync.sync.horizon import Cut, cut_for_neo, horizon
from desksync.sync.link import Link, creation_key
from desksync.sync.match import Matcher
from desksync.sync.pairs import agreement, is_edited, standstill
from desksync.sync.parts import is_there, owner_of
from desksync.sync.plan import STAYS_APART, Action, Create, Delete, Plan, Refusal, Skipped, Update
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Odd, Stored, last_known
from desksync.sync.refusals import refusal_of_change, refusal_of_copy, refusal_of_deletion, stopped_series
from desksync.sync.replacing import is_announced, recovered
from desksync.sync.series import touches
from desksync.sync.successor import successors
from desksync.sync.views import kept_by


def refusal_of(action: Action) -> Refusal:
    """Return how a refused action is remembered."""
    match action:
        case Create():
            return refusal_of_copy(action.side, action.source)
        case Update():
            return refusal_of_change(action.side, action.link.id_on(action.side.other), action.event)
        case Delete():
            return refusal_of_deletion(action.side, action.link.id_on(action.side.other))
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
    announced = list(links)
    links = [recovered(link, {Side.NEO: neo, Side.GOOGLE: google}) for link in announced]
    # Of these it is not certain that the copy is still there: their bases are not moved before something is written to them.
    unsettled = {(link.neo_id, link.google_id) for link, old in zip(links, announced, strict=True) if link is not old}
    links, replaced = _without_ended_series(links, neo, google)
    refused = frozenset(refused)
    views = views_of(links, neo, google, policy, refused)
    begun = list(begun)
    # Whether they are shown or not: a series may have to be copied in another form since its copy was begun.
    sources = {
        side: {one.source.id for one in begun if one.side is side.other and is_there(one.source.id, known)}
        for side, known in ((Side.NEO, neo), (Side.GOOGLE, google))
    }
    neo, google = views[Side.NEO].known, views[Side.GOOGLE].known
    work = _Work(neo, google, policy, refused, {side: view.superseded for side, view in views.items()})
    work.forgotten += [old for old, _ in replaced]
    work.adopted += [new for _, new in replaced]
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
    for link in Matcher(free[Side.NEO].values(), free[Side.GOOGLE].values(), policy).match(resumable, sources):
        for side in Side:
            free[side].pop(link.id_on(side), None)
            if (old := bereft[side].get(link.id_on(side))) is not None:
                work.forgotten.append(old)  # Its event was copied anew already, and only the record is missing.
        work.adopted.append(link)
        work.consider(link)
    stopped = {side: stopped_series(side, views[side].whole, linked[side] - dropped[side], work.refused) for side in Side}
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
    work.settled = [link for link in work.settled if (link.neo_id, link.google_id) not in unsettled]
    return replace(work.plan(), whole={side: view.whole for side, view in views.items()})


def _without_ended_series(links: list[Link], neo: Known, google: Known) -> tuple[list[Link], list[tuple[Link, Link]]]:
    """Return the links as they go on, and those of them that are new, each behind the one that it replaces."""
    going = successors(links, {Side.NEO: neo, Side.GOOGLE: google})
    going_on = [(link, going.get((link.neo_id, link.google_id), link)) for link in links]
    return [new for _, new in going_on], [(old, new) for old, new in going_on if new is not old]


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
        """Return the plan; deletions come last, so that an interrupted run has rather too much than too little.

        Those of a form that another one replaces are to be left out where one of its creations fails (`replacing.is_due`).
        """
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
        neo, google = (_held(known, link.id_on(side)) for side, known in ((Side.NEO, self.neo), (Side.GOOGLE, self.google)))
        if isinstance(neo, Odd) or isinstance(google, Odd):
            # It is there but cannot be read: neither its absence nor its content says anything.
            for side, odd, other in ((Side.NEO, neo, google), (Side.GOOGLE, google, neo)):
                if other is None and not self._is_taken_back(link, side.other, last_known(odd)):
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
        if replaces is not None and comes_in_parts(side.other, source, self.policy):
            # The original was deleted, and our copy of it is by now what that side cannot say.
            self.forgotten.append(replaces)
            for part in parts_in_sight(source, self.policy):
                self.copy(part, side)
            return
        key = creation_key(self.policy.scope, side.other, source.id)
        said = cut_for_neo(source.event, self.policy.window) if side is Side.NEO else source.event
        is_planned = self._add(Create(side, source, kept_by(side, said), key, replaces))
        if is_planned and said is not source.event:
            self._note_cut(source.id, horizon(self.policy.window))

    def _deleted(self, link: Link, deleted_on: Side, left: Stored) -> None:
        side = deleted_on.other
        if self._is_taken_back(link, deleted_on, left):
            return
        is_kept = (link.neo_id, link.google_id) in self.policy.kept
        changed = is_edited(link, side, left.event, self.policy)
        if (changed or is_kept or not left.is_editable) and self.policy.direction.may_write(deleted_on):
            self.bereft[side][left.id] = link  # Deleted there, changed here: the change wins (rule R12).
        elif self.policy.direction.may_write(side) and left.is_editable and not is_kept and not is_announced(link, side):
            self._add(Delete(side, link, left))
        elif self.policy.direction.may_write(deleted_on):
            self.bereft[side][left.id] = link  # A deletion on the receiving side is put back (rule R13).
        else:
            self.forgotten.append(link)

    def _is_taken_back(self, link: Link, deleted_on: Side, left: Stored | None) -> bool:
        """Forget a pair of which an undo deleted the copy, without coming to record it. What is left is not copied again."""
        if left is None or not is_announced(link, deleted_on.other):
            return False
        refusal = refusal_of_copy(deleted_on, left)
        if refusal not in self.refused:
            return False
        self.shunned.append(refusal)
        self.forgotten.append(link)
        return True

    def _supersede(self, link: Link, side: Side) -> None:
        """Plan to remove the copy of a form in which the event is not copied any more (rule R26).

        What a person changed in it is in its original by now, or gave way to what was changed there.
        """
        copy = (self.neo if side is Side.NEO else self.google).get(link.id_on(side))
        if isinstance(copy, Stored):
            lost = (Lost(side, copy.event, ("series",)),) if is_edited(link, side, copy.event, self.policy) else ()
            self._add(Delete(side, link, copy, is_superseded=True, lost=lost))
        else:
            self.forgotten.append(link)

    def _merge(self, link: Link, neo: Stored, google: Stored) -> None:
        ends = Cut(link, neo.event, google.event, self.policy.window)
        if neo.event == link.neo and google.event == link.google and not ends.is_longer:
            return
        agreed = agreement(link, neo, google, self.policy)
        if agreed is None:
            return
        before, link, ends, merged = link, agreed.link, agreed.ends, agreed.merged
        if (kept := standstill(link, neo, google, merged, self.policy)) is not None:
            self._note_standstill(link, *kept)
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
            if settled != before:
                self.settled.append(settled)

    def _note_standstill(self, link: Link, side: Side, why: str) -> None:
        place = "in NEO" if side is Side.NEO else "on Google"
        self.skipped.append(
            Skipped(
                side.other,
                link.id_on(side.other),
                f"{STAYS_APART}, because {why}, and the event {place} was made by a person and is not "
                "replaced. Both keep their own until one of the two is changed to what both calendars can hold; everything else "
                "of it is copied.",
            )
        )

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


def _held(known: Known, event_id: str) -> Stored | Odd | None:
    owner = known.get(owner_of(event_id))
    return owner if isinstance(owner, Odd) else known.get(event_id)


def _lost_to(merged: Merged, side: Side) -> tuple[Lost, ...]:
    return tuple(lost for lost in merged.lost if lost.side is side)
