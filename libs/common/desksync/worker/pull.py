"""The pull stages: read one side, keep what it brought, and decide what follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from desksync.store import calendars, links, runs
from desksync.store.calendars import ReadingState
from desksync.sync.absorb import absorb, missing
from desksync.sync.event import Side
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.ticket import Stage, first_push
from desksync.worker import history
from desksync.worker.decide import decide
from desksync.worker.desk import Job


@dataclass(frozen=True, slots=True)
class _Read:
    """A reading with what it was compared to. `is_whole` is false when more was missing than one stage looks up."""

    reading: Reading
    known: Known
    linked: frozenset[str]
    looked: Mapping[str, Stored | Odd | None]
    is_whole: bool


def pull(job: Job, run_id: int) -> Stage | None:
    """Read one side, record it, and return the stage that follows; `None` when nothing has to be written.

    Harmless when done twice: a reading replaces the one before it.
    """
    side = job.desk.calendar.side
    with job.desk.begin() as session:
        state = _state(session, job, side)
    found = _read(job, side, state)
    with job.desk.begin() as session:
        job.desk.hold(session, job.held)
        _record(session, job, run_id, side, state, found)
        if side is Side.NEO:
            return Stage.PULL_GOOGLE
        return _next_push(session, job, run_id)


def _state(session: Session, job: Job, side: Side) -> ReadingState | None:
    """Return how far this side was read; rows that belong to another pair of calendars are dropped first (rule R6)."""
    state = calendars.reading_state(session, job.user.id, side)
    if state is not None and state.scope != job.user.scope:
        job.desk.hold(session, job.held)
        calendars.drop_scope(session, job.user.id)
        return None
    return state


def _read(job: Job, side: Side, state: ReadingState | None) -> _Read:
    since = None if state is None else state.cursor
    if state is not None and state.window is not None and job.window.first < state.window.first:
        since = None  # The window was made longer backwards: what lies there was never asked for.
    known = _once(lambda: _known(job, side))
    reading = job.desk.calendar.read(job.account, since, job.window, known)
    if reading.is_unchanged:
        return _Read(reading, {}, frozenset(), {}, is_whole=True)
    with job.desk.begin() as session:
        linked = frozenset(link.id_on(side) for link in links.links(session, job.user.id))
    lacking = missing(known(), reading, linked)
    looked = {event_id: job.desk.calendar.look(job.account, event_id) for event_id in lacking[: job.desk.limits.looks]}
    return _Read(reading, known(), linked, looked, is_whole=len(looked) == len(lacking))


def _known(job: Job, side: Side) -> Known:
    with job.desk.begin() as session:
        return calendars.known(session, job.user.id, side)


def _once(load: Callable[[], Known]) -> Callable[[], Known]:
    loaded: list[Known] = []

    def known() -> Known:
        if not loaded:
            loaded.append(load())
        return loaded[0]

    return known


def _record(session: Session, job: Job, run_id: int, side: Side, state: ReadingState | None, found: _Read) -> None:
    user_id, now = job.user.id, job.desk.now()
    reading = found.reading
    is_dirty = state is None or state.is_dirty or state.window != job.window
    if not reading.is_unchanged:
        absorbed = absorb(found.known, reading, found.looked, found.linked)
        calendars.save_seen(session, user_id, side, absorbed.changed, absorbed.gone)
        odd = [history.odd(item, side) for item in absorbed.changed if isinstance(item, Odd)]
        runs.add_lines(session, run_id, user_id, now, odd)
        is_dirty = is_dirty or bool(absorbed.changed or absorbed.gone)
    calendars.save_reading_state(
        session,
        user_id,
        side,
        ReadingState(
            cursor=reading.cursor if found.is_whole else None,
            window=job.window,
            read_at=now,
            scope=job.user.scope,
            settings_version=job.user.settings_version,
            is_dirty=is_dirty,
        ),
    )
    if side is Side.NEO:
        # What was tried before this reading is in it, or was never done (rule R9).
        for source_id in links.intents(session, user_id, Side.NEO):
            links.forget_intent(session, user_id, Side.NEO, source_id)


def _next_push(session: Session, job: Job, run_id: int) -> Stage | None:
    states = [calendars.reading_state(session, job.user.id, side) for side in Side]
    if not any(state is not None and state.is_dirty for state in states):
        return None
    return first_push(settle_plan(session, job, run_id))


def settle_plan(session: Session, job: Job, run_id: int) -> frozenset[Side]:
    """Decide, and return the sides that have to be written. With none left, both readings count as carried over."""
    sides = decide(session, job, run_id).sides()
    if not sides:
        for side in Side:
            calendars.set_dirty(session, job.user.id, side, is_dirty=False)
    return sides
