"""Loads what is known, lets the core decide, and writes down what needs no remote call."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from desksync.store import calendars, changes, held, links, runs
from desksync.store.links import Refusal
from desksync.sync.event import Side, Window
from desksync.sync.guard import Decided, Guarded, HoldLimits, Pair, Pairs, doubtful_pairs, guard, pair_of, still_deleted
from desksync.sync.link import Link
from desksync.sync.parts import found, owner_of
from desksync.sync.plan import Create, Plan, Skipped, Update
from desksync.sync.plan import Refusal as Refused
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Stored
from desksync.sync.reconcile import reconcile
from desksync.sync.refusals import still_refused
from desksync.sync.replacing import unmarked
from desksync.sync.resumed import resumed
from desksync.sync.series import touches
from desksync.worker import history
from desksync.worker.desk import Job


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that a decision rests on, besides the policy: what is known, linked, refused, begun, held and released.

    `unlooked` are the ids that a reading of that side lacked and that have not been looked at yet.
    """

    known: Mapping[Side, Known]
    links: list[Link]
    refusals: Mapping[Side, Mapping[str, Refusal]]
    begun: list[Create]
    changes: list[Update]
    decided: Decided
    unlooked: Mapping[Side, frozenset[str]] = field(default_factory=dict)

    def resumed(self, zone: ZoneInfo | None) -> list[Link]:
        """Return the links of changes that were written without our hearing of it."""
        return resumed(self.changes, self.known, zone)

    @property
    def doubtful(self) -> Mapping[Side, Pairs]:
        """Return the pairs that may turn out to be deleted on that side."""
        return doubtful_pairs(self.links, self.unlooked)

    @property
    def refused(self) -> frozenset[Refused]:
        """Return what a side refused, or must not get again, as the core names it."""
        return frozenset((side, source_id, one.fingerprint) for side in Side for source_id, one in self.refusals[side].items())

    @property
    def still(self) -> Pairs:
        """Return the pairs of which a person has said something that has not come true yet."""
        said = self.decided.released | self.decided.refused
        in_doubt = frozenset[Pair]().union(*self.doubtful.values())
        return still_deleted(said, self.links, self.known[Side.NEO], self.known[Side.GOOGLE], in_doubt)


def basis(session: Session, user_id: int) -> Basis:
    """Load what a decision about the user rests on."""
    pairs = links.links(session, user_id)
    return Basis(
        known={side: calendars.known(session, user_id, side) for side in Side},
        links=pairs,
        refusals={side: links.refusals(session, user_id, side) for side in Side},
        begun=links.intents(session, user_id),
        changes=changes.begun_changes(session, user_id, pairs),
        decided=held.decided(session, user_id),
        unlooked={side: calendars.unlooked(session, user_id, side) for side in Side},
    )


def found_again(on: Basis, window: Window, zone: ZoneInfo | None) -> list[Link]:
    """Return the links of copies of which a deletion was announced, and which a reading that began after that still showed.

    Of what lies outside of the window, cannot be read, or has not been looked at yet no reading tells.
    """
    return [
        unmarked(link)
        for link in on.links
        if unmarked(link) is not link and all(_is_shown(on, side, link.id_on(side), window, zone) for side in Side)
    ]


def _is_shown(on: Basis, side: Side, event_id: str, window: Window, zone: ZoneInfo | None) -> bool:
    item = found(event_id, on.known[side], zone)
    return isinstance(item, Stored) and touches(item.event, window) and owner_of(event_id) not in on.unlooked.get(side, ())


def planned(on: Basis, policy: Policy, limits: HoldLimits) -> Guarded:
    """Return what is to be done, and what is held. Writes nothing down."""
    moved = {pair_of(link): link for link in on.resumed(policy.zone)}
    plan = reconcile(
        [moved.get(pair_of(link), link) for link in on.links],
        on.known[Side.NEO],
        on.known[Side.GOOGLE],
        replace(policy, kept=on.decided.refused),
        on.refused,
        on.begun,
    )
    deletable = {side: pairs for side, pairs in on.doubtful.items() if policy.direction.may_write(side.other)}
    return guard(plan, len(on.links), limits, on.decided, deletable)


def decide(session: Session, job: Job, *, are_just_read: bool = False) -> Plan:
    """Return the plan as of now. New links, moved bases and links without events are recorded in the same transaction.

    So is what is held; the plan is without it. `are_just_read`: both sides were read since anything was announced or written.
    """
    user_id, now = job.user.id, job.desk.now()
    on = basis(session, user_id)
    policy = replace(job.policy, window=_window_read(session, job))
    if are_just_read and (still := found_again(on, policy.window, policy.zone)):
        links.set_bases(session, user_id, still)
        on = basis(session, user_id)
    guarded = planned(on, policy, job.desk.hold_limits)
    plan = guarded.plan
    links.set_bases(session, user_id, on.resumed(job.policy.zone))
    for link in plan.forgotten:
        links.drop_link(session, user_id, link.neo_id, link.google_id)
    links.add_links(session, user_id, plan.adopted, now)
    links.set_bases(session, user_id, plan.settled)
    lines = [history.matched(len(plan.adopted))] if plan.adopted else []
    if held.record(session, user_id, guarded, on.still, now):
        lines.append(history.held(guarded))
    partnered = {(side, link.id_on(side)) for link in (*on.links, *plan.adopted) for side in Side}
    holding = plan.shunned | still_refused(on.refused, partnered, on.known, job.policy.zone)
    valid = {(side, source_id) for side, source_id, _ in holding}
    for one in plan.skipped:
        if (one.side.other, one.event_id) in valid:
            continue  # What the side would not take is told already, and must not be forgotten, or it would be tried again.
        refusal = links.notice(one.why, now)
        valid.add((one.side.other, one.event_id))
        before = on.refusals[one.side.other].get(one.event_id)
        if before is None or before.fingerprint != refusal.fingerprint:
            links.record_refusal(session, user_id, one.side.other, one.event_id, refusal)
            lines.append(history.skipped(one, _title(on.known[one.side], one)))
    for side, refused in on.refusals.items():
        for source_id in refused:
            if (side, source_id) not in valid:
                # It is gone, was changed, or is the same on both sides by now: nothing is refused any more.
                links.forget_refusal(session, user_id, side, source_id)
    runs.add_lines(session, job.run_id, user_id, now, lines)
    return plan


def _window_read(session: Session, job: Job) -> Window:
    """Return the days in which NEO was read. Past midnight they are yesterday's: what NEO was not asked for, it does not lack."""
    state = calendars.reading_state(session, job.user.id, Side.NEO)
    return job.window if state is None or state.window is None else state.window


def sides_left(session: Session, job: Job, *, are_just_read: bool = False) -> frozenset[Side]:
    """Decide, and return the sides that have to be written. With none left, both readings count as carried over.

    What is held counts as left to nobody: a user who waits for a decision costs no more than any quiet one.
    """
    sides = decide(session, job, are_just_read=are_just_read).sides()
    if not sides:
        for side in Side:
            calendars.set_dirty(session, job.user.id, side, is_dirty=False)
    return sides


def _title(known: Known, one: Skipped) -> str:
    item = known.get(one.event_id)
    return item.event.title if isinstance(item, Stored) else ""
