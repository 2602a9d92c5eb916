"""The push stages: carry the plan out on one side, one action and one small transaction after the other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from sqlalchemy.orm import Session

from desksync.contracts.messages import SyncError
from desksync.store import calendars, changes, links, runs
from desksync.store.errors import NewError
from desksync.store.links import Refusal
from desksync.store.runs import NewLine
from desksync.sync.event import Side
from desksync.sync.parts import PartWrite, owner_of, part_of, place_of, write_of
from desksync.sync.plan import Action, Create, Delete, Update
from desksync.sync.reading import Stored
from desksync.sync.reconcile import refusal_of
from desksync.sync.record import recorded
from desksync.sync.replacing import announced, is_due, is_replacement, withdrawn
from desksync.sync.ticket import Stage
from desksync.worker import history
from desksync.worker.decide import decide, sides_left
from desksync.worker.desk import Job
from desksync.worker.errors import CalendarError, EventRefused
from desksync.worker.freshness import freshness_after, freshness_of
from desksync.worker.look_again import look_again
from desksync.worker.noting import Notes, note
from desksync.worker.pull import forget_begun, read_side, record_reading, require_same_settings
from desksync.worker.settle import Settled, go_on


def push(job: Job, notes: Notes) -> Settled:
    """Write what the plan has for this side; the same stage follows when a portion is done and more is left.

    The plan is decided anew from the rows, so a crash can only leave less to do. Where the reading that it rests on is too old,
    the side is read again first, and decided anew. `notes` receives what is to be told.
    """
    side, desk = job.desk.calendar.side, job.desk
    with desk.begin() as session:
        desk.hold(session, job.held)
        require_same_settings(session, job)
        decided = decide(session, job)
        state = calendars.reading_state(session, job.user.id, side)
        fresh = freshness_of(desk, state)
        actions = decided.actions_on(side)[: desk.limits.writes]
        is_read_first = not fresh.is_enough(actions, desk.now())
        tried = frozenset() if is_read_first else _announce(session, job, actions)
    if is_read_first:
        found = read_side(job, state)
        with desk.begin() as session:
            desk.hold(session, job.held)
            require_same_settings(session, job)
            record_reading(session, job, state, found)
            decided = decide(session, job)
            # What was begun before this reading is in it, and found by now, or was never done (rule R9).
            links.forget_intents(session, job.user.id, _begun(session, job))
            forget_begun(session, job, side)
            actions = decided.actions_on(side)[: desk.limits.writes]
            tried = _announce(session, job, actions)
        fresh = freshness_after(desk, found.begun_at)
    plan = decided.actions_on(side)
    # Deciding is not to cost more than a tenth of the time, however short the turns are.
    turn = max(desk.limits.turn, (desk.now() - job.begun_at) * 10)
    end = desk.now() + min(turn, desk.limits.seconds)
    portion = _Portion(dict(decided.whole.get(side, {})))
    done = settled = 0
    try:
        for action in actions:
            if desk.is_stopping() or desk.now() > end or not fresh.allows(action, desk.now()):
                break
            if is_due(action, portion.unmade):
                if is_replacement(action) and not portion.is_announced:
                    _announce_replacements(job, actions[done:], portion)
                settled += _carry_out(job, action, portion, notes)
            done += 1
    except CalendarError:
        # Of the call that failed nobody knows what came of it: it may be several requests, and have been put off in its middle.
        with desk.begin() as session:
            desk.hold(session, job.held)
            _leave(session, job, actions[done + 1 :], tried)
        raise
    with desk.begin() as session:
        _leave(session, job, actions[done:], tried)
        if done < len(plan) and (settled or done < len(actions)):
            return go_on(session, job, job.held.stage)
        # With nothing settled another portion would be the same; the next run reads anew.
        left = sides_left(session, job)
        return go_on(session, job, Stage.PUSH_NEO if side is Side.GOOGLE and Side.NEO in left else None)


def _announce(session: Session, job: Job, actions: Sequence[Action]) -> frozenset[str]:
    """Record what is about to be created or changed, and return the ids of events that an earlier try may have changed already.

    A reading of NEO from before that proves nothing after it: a person may undo in NEO just what we write. The list is then the
    same as at the last reading, but it is not unchanged.
    """
    tried = changes.begun_ids(session, job.user.id, job.desk.calendar.side)
    if job.desk.calendar.side is Side.NEO and actions:
        calendars.forget_cursor(session, job.user.id, Side.NEO)
    links.record_intents(session, job.user.id, _creations(actions), job.desk.now())
    changes.record_begun(session, job.user.id, _changes(actions), job.desk.now())
    return tried


def _announce_replacements(job: Job, actions: Sequence[Action], portion: "_Portion") -> None:
    """Record which copies are about to be replaced, now that all creations are behind us.

    Sooner would be wrong: when a creation fails the old copies stay, and one that a person then deletes was not deleted by us.
    """
    with job.desk.begin() as session:
        job.desk.hold(session, job.held)
        links.set_bases(session, job.user.id, announced(action for action in actions if is_due(action, portion.unmade)))
    portion.is_announced = True


def _leave(session: Session, job: Job, unreached: Sequence[Action], tried: Collection[str]) -> None:
    """Forget what was written down of calls that were not made; but not of changes that were `tried` before."""
    links.forget_intents(session, job.user.id, _creations(unreached))
    links.set_bases(session, job.user.id, withdrawn(unreached))
    unmade = [change.current.id for change in _changes(unreached) if change.current.id not in tried]
    changes.forget_begun(session, job.user.id, job.desk.calendar.side, unmade)


def _begun(session: Session, job: Job) -> list[Create]:
    return [create for create in links.intents(session, job.user.id) if create.side is job.desk.calendar.side]


def _creations(actions: Sequence[Action]) -> list[Create]:
    return [action for action in actions if isinstance(action, Create)]


def _changes(actions: Sequence[Action]) -> list[Update]:
    return [action for action in actions if isinstance(action, Update)]


@dataclass(slots=True)
class _Portion:
    """How far a portion is: the series whose parts are written, as they are by now, and the creations that came to nothing.

    `looked` are the ids of events that were found not to be as they were known when the portion was decided.
    """

    whole: dict[str, Stored]
    unmade: list[Create] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    is_announced: bool = False

    def is_outdated(self, action: Action) -> bool:
        """Say whether the event that the action would write over is known better by now than when it was decided."""
        return not isinstance(action, Create) and owner_of(action.current.id) in self.looked

    def known(self, current: Stored) -> Stored:
        """Return the event that is really there: the series of a part as it is by now, or the event itself."""
        return current if place_of(current.id) is None else self.whole[owner_of(current.id)]


def _carry_out(job: Job, action: Action, portion: _Portion, notes: Notes) -> bool:
    """Call the calendar and record what came of it. False when the event changed there meanwhile and nothing is settled."""
    try:
        done = _call(job, action, portion)
    except EventRefused as problem:
        portion.unmade += _creations([action])
        with job.desk.begin() as session:
            job.desk.hold(session, job.held)
            # What was begun is kept until the next reading: an earlier try of ours, or a part of this one, may be written.
            links.set_bases(session, job.user.id, withdrawn([action]))
            noted = [] if problem.is_stale else [_record_refusal(session, job, action, str(problem))]
        notes.errors.extend(noted)
        if problem.is_stale and not isinstance(action, Create) and not portion.is_outdated(action):
            known = portion.known(action.current)
            portion.looked.update([known.id] if look_again(job, known) else [])
        return not problem.is_stale
    with job.desk.begin() as session:
        job.desk.hold(session, job.held)
        lines = _record(session, job, action, done)
    notes.actions[action.side, lines[0].kind] += 1
    return True


@dataclass(frozen=True, slots=True)
class _Done:
    """What the call brought about: the event that the action names as it is now, and what is to be kept of the side."""

    answered: Stored | None
    seen: tuple[Stored, ...] = ()
    gone: tuple[str, ...] = ()


def _call(job: Job, action: Action, portion: _Portion) -> _Done:
    calendar = job.desk.calendar
    if portion.is_outdated(action):
        raise EventRefused("The event was found changed since this was decided.", is_stale=True)
    if (part := write_of(action, portion.whole)) is not None:
        return _write_part(job, action, part, portion.whole)
    match action:
        case Create():
            answered = calendar.create(job.account, action.event, action.key)
            return _Done(answered, (answered,))
        case Update(current=current):
            answered = calendar.update(job.account, current, action.event)
            return _Done(answered, (answered,), () if answered.id == current.id else (current.id,))
        case Delete(current=current):
            calendar.delete(job.account, current)
            return _Done(None, gone=(current.id,))
        case _:
            assert_never(action)


def _write_part(job: Job, action: Action, part: PartWrite, whole: dict[str, Stored]) -> _Done:
    """Write one occurrence of a series that is an event of its own to the other side (rule R26)."""
    series = job.desk.calendar.update(job.account, part.series, part.event)
    whole[part.series.id] = series
    answered = part_of(series, part.day, job.policy.zone) if isinstance(action, Update) else None
    if answered is None and isinstance(action, Update):
        raise EventRefused("The occurrence is not part of its series any more.", is_stale=True)
    return _Done(answered, (series,), () if series.id == part.series.id else (part.series.id,))


def _record(session: Session, job: Job, action: Action, done: _Done) -> list[NewLine]:
    user_id, now = job.user.id, job.desk.now()
    outcome = recorded(action, done.answered)
    if outcome.dropped is not None:
        links.drop_link(session, user_id, outcome.dropped.neo_id, outcome.dropped.google_id)
    if outcome.link is not None:
        if isinstance(action, Update) and outcome.dropped is None:
            links.set_bases(session, user_id, [outcome.link])
        else:
            links.add_link(session, user_id, outcome.link, now)
    links.forget_intents(session, user_id, _creations([action]))
    changes.forget_begun(session, user_id, action.side, [change.current.id for change in _changes([action])])
    links.forget_refusal(session, user_id, action.side, refusal_of(action)[1])
    calendars.save_seen(session, user_id, action.side, done.seen, done.gone)
    lines = history.lines_of(action, done.answered)
    runs.add_lines(session, job.run_id, user_id, now, lines)
    return lines


def _record_refusal(session: Session, job: Job, action: Action, why: str) -> SyncError:
    user_id, now = job.user.id, job.desk.now()
    side, source_id, fingerprint = refusal_of(action)
    links.record_refusal(session, user_id, side, source_id, Refusal(fingerprint, why, now))
    runs.add_lines(session, job.run_id, user_id, now, [history.refused(action, why)])
    return note(session, NewError(user_id, now, "event_refused", why, job.run_id, side))
