"""The push stages: carry the plan out on one side, one action and one small transaction after the other."""

from sqlalchemy.orm import Session

from desksync.contracts.messages import SyncError
from desksync.store import calendars, links, runs
from desksync.store.errors import NewError
from desksync.store.links import Refusal
from desksync.sync.event import Side
from desksync.sync.plan import Action, Create, Delete, Update
from desksync.sync.reading import Stored
from desksync.sync.reconcile import refusal_of
from desksync.sync.record import recorded
from desksync.sync.ticket import Stage
from desksync.worker import history
from desksync.worker.decide import decide
from desksync.worker.desk import Job
from desksync.worker.errors import EventRefused, RetryLater
from desksync.worker.noting import note
from desksync.worker.pull import settle_plan


def push(job: Job, run_id: int, noted: list[SyncError]) -> Stage | None:
    """Write what the plan has for this side, and return the stage that follows; the same one when a portion is done.

    The plan is decided anew from the rows, so a crash can only leave less to do. `noted` receives the errors that were
    written down, for publishing.
    """
    side, desk = job.desk.calendar.side, job.desk
    here = Stage.PUSH_NEO if side is Side.NEO else Stage.PUSH_GOOGLE
    with desk.begin() as session:
        desk.hold(session, job.held)
        plan = decide(session, job, run_id)
        actions = plan.actions_on(side)[: desk.limits.writes]
        if side is Side.NEO:
            _announce(session, job, actions)
    end = desk.now() + desk.limits.seconds
    done = settled = 0
    for action in actions:
        if desk.is_stopping() or desk.now() > end:
            break
        settled += _carry_out(job, run_id, action, noted)
        done += 1
    if side is Side.NEO and done < len(actions):
        with desk.begin() as session:
            desk.hold(session, job.held)
            _withdraw(session, job, actions[done:])
    if done < len(plan.actions_on(side)) and (settled or done < len(actions)):
        return here  # With nothing settled the next portion would be the same; the next run reads anew.
    with desk.begin() as session:
        desk.hold(session, job.held)
        left = settle_plan(session, job, run_id)
    return Stage.PUSH_NEO if side is Side.GOOGLE and Side.NEO in left else None


def _announce(session: Session, job: Job, actions: tuple[Action, ...]) -> None:
    """Record which events are about to be created in NEO; one announced before may be there: NEO is read first (rule R9)."""
    begun = links.intents(session, job.user.id, Side.NEO)
    for action in actions:
        if isinstance(action, Create):
            if action.source.id in begun:
                raise RetryLater("an event may have been created in NEO already; NEO is read again first", is_fault=False)
            links.record_intent(session, job.user.id, Side.NEO, action.source.id, action.key, job.desk.now())


def _withdraw(session: Session, job: Job, actions: tuple[Action, ...]) -> None:
    for action in actions:
        if isinstance(action, Create):
            links.forget_intent(session, job.user.id, Side.NEO, action.source.id)


def _carry_out(job: Job, run_id: int, action: Action, noted: list[SyncError]) -> bool:
    """Call the calendar and record what came of it. False when the event changed there meanwhile and nothing is settled."""
    try:
        answered = _call(job, action)
    except EventRefused as problem:
        with job.desk.begin() as session:
            job.desk.hold(session, job.held)
            if isinstance(action, Create):
                links.forget_intent(session, job.user.id, action.side, action.source.id)
            if not problem.is_stale:
                noted.append(_record_refusal(session, job, run_id, action, str(problem)))
        return not problem.is_stale
    with job.desk.begin() as session:
        job.desk.hold(session, job.held)
        _record(session, job, run_id, action, answered)
    return True


def _call(job: Job, action: Action) -> Stored | None:
    calendar = job.desk.calendar
    match action:
        case Create():
            return calendar.create(job.account, action.event, action.key)
        case Update():
            return calendar.update(job.account, action.current, action.event)
        case Delete():
            calendar.delete(job.account, action.current)
            return None


def _record(session: Session, job: Job, run_id: int, action: Action, answered: Stored | None) -> None:
    user_id, now = job.user.id, job.desk.now()
    outcome = recorded(action, answered)
    if outcome.dropped is not None:
        links.drop_link(session, user_id, outcome.dropped.neo_id, outcome.dropped.google_id)
    if outcome.link is not None:
        if isinstance(action, Update) and outcome.dropped is None:
            links.set_bases(session, user_id, [outcome.link])
        else:
            links.add_link(session, user_id, outcome.link, action.side.other, now)
    match action:
        case Create():
            links.forget_intent(session, user_id, action.side, action.source.id)
            links.forget_refusal(session, user_id, action.side, action.source.id)
            written = action.key
        case Update():
            links.forget_refusal(session, user_id, action.side, action.link.id_on(action.side.other))
            written = action.current.id
        case Delete():
            written = action.current.id
    is_replaced = answered is None or (isinstance(action, Update) and answered.id != written)
    gone = [written] if is_replaced and not isinstance(action, Create) else []
    calendars.save_seen(session, user_id, action.side, [] if answered is None else [answered], gone)
    lines = history.lines_of(action, written if answered is None else answered.id)
    runs.add_lines(session, run_id, user_id, now, lines)


def _record_refusal(session: Session, job: Job, run_id: int, action: Action, why: str) -> SyncError:
    user_id, now = job.user.id, job.desk.now()
    side, source_id, fingerprint = refusal_of(action)
    links.record_refusal(session, user_id, side, source_id, Refusal(fingerprint, why, now))
    runs.add_lines(session, run_id, user_id, now, [history.refused(action, why)])
    return note(session, NewError(user_id, now, "event_refused", why, run_id, side))
