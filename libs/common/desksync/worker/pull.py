"""The pull stages: read one side, keep what it brought, and decide what follows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desksync.store import calendars, changes, links, runs
from desksync.store.calendars import ReadingState
from desksync.sync.absorb import absorb, missing
from desksync.sync.event import Side
from desksync.sync.parts import owner_of
from desksync.sync.reading import Known, Odd, Reading, Stored, last_known
from desksync.sync.ticket import Stage, first_push
from desksync.worker import history
from desksync.worker.decide import sides_left
from desksync.worker.desk import Case, Job, SettingsChanged
from desksync.worker.errors import RetryLater
from desksync.worker.settle import Settled, go_on


@dataclass(frozen=True, slots=True)
class Found:
    """A reading with what it was compared to.

    `unlooked` is what was missing and is more than one stage looks up. `begun_at` is when the side was asked: what somebody
    changes after that need not be in it.
    """

    reading: Reading
    known: Known
    linked: frozenset[str]
    looked: Mapping[str, Stored | Odd | None]
    unlooked: frozenset[str]
    begun_at: datetime


def pull_neo(job: Job) -> Settled:
    """Read NEO and record it. Harmless when done twice: a reading replaces the one before it."""
    with job.desk.begin() as session:
        state = _state_in_scope(session, job)
    found = read_side(job, state)
    with job.desk.begin() as session:
        record_reading(session, job, state, found)
        return go_on(session, job, Stage.PULL_GOOGLE)


def pull_google(job: Job) -> Settled:
    """Read Google, record it and decide what has to be written. Harmless when done twice.

    Raises `SettingsChanged` when NEO was read under other settings than the user has by now.
    """
    with job.desk.begin() as session:
        neo = require_same_settings(session, job)
        state = calendars.reading_state(session, job.user.id, Side.GOOGLE)
    found = read_side(job, state)
    with job.desk.begin() as session:
        is_dirty = record_reading(session, job, state, found)
        if not is_dirty and not neo.is_dirty:
            return go_on(session, job, None)
        sides = sides_left(session, job, are_just_read=True)
        # What was begun before these two readings is in them, and found by now, or was never done (rule R9).
        links.forget_intents(session, job.user.id, links.intents(session, job.user.id))
        for side in Side:
            forget_begun(session, job, side)
        return go_on(session, job, first_push(sides))


def forget_begun(session: Session, job: Job, side: Side) -> None:
    """Forget which events of that side were about to be changed before it was read: it is known by now what came of it.

    But for those that could not be read, or have not been looked at yet.
    """
    begun = changes.begun_ids(session, job.user.id, side)
    if not begun:
        return
    known, unlooked = calendars.known(session, job.user.id, side), calendars.unlooked(session, job.user.id, side)
    owners = {event_id: owner_of(event_id) for event_id in begun}
    settled = [one for one, owner in owners.items() if owner not in unlooked and not isinstance(known.get(owner), Odd)]
    changes.forget_begun(session, job.user.id, side, settled)


def require_same_settings(session: Session, job: Job) -> ReadingState:
    """Return how far NEO was read in this run. Raises `SettingsChanged` when that was under other settings."""
    state = calendars.reading_state(session, job.user.id, Side.NEO)
    if state is None or (state.settings_version, state.scope) != (job.user.settings_version, job.user.scope):
        raise SettingsChanged(job.held.id)
    return state


def _state_in_scope(session: Session, job: Job) -> ReadingState | None:
    """Return how far NEO was read; all rows that belong to another pair of calendars are dropped first (rule R6)."""
    state = calendars.reading_state(session, job.user.id, Side.NEO)
    if state is not None and state.scope != job.user.scope:
        job.desk.hold(session, job.held)
        calendars.drop_scope(session, job.user.id)
        runs.go_on_elsewhere(session, job.run_id, job.user.scope)
        return None
    return state


def read_side(case: Case, state: ReadingState | None) -> Found:
    """Read one side, and look at what a complete reading lacks. Writes nothing down.

    With no state, what is known and linked belongs to other calendars, and counts as nothing. A side without room for more calls
    is waited for between two requests of the list, and ends the looking: what was read or looked at so far is not lost.
    """
    calendar, begun_at = case.desk.calendar, case.desk.now()
    since = None if state is None else state.cursor
    if state is not None and state.window is not None and case.window.first < state.window.first:
        since = None  # The window was made longer backwards: what lies there was never asked for.
    known = _once(lambda: {} if state is None else _known(case))
    reading = calendar.read(case.reading_account(), since, case.window, known)
    unlooked = frozenset() if state is None else state.unlooked
    if reading.is_unchanged:
        return Found(reading, {}, frozenset(), {}, unlooked, begun_at)
    with case.desk.begin() as session:
        pairs = [] if state is None else links.links(session, case.user.id)
    linked = frozenset(owner_of(link.id_on(calendar.side)) for link in pairs)
    # What was not reached the last time comes first, and what cannot be read, whenever it is looked at, does not bar the others.
    lacking = sorted(
        missing(known(), reading, linked, unlooked), key=lambda one: (isinstance(known()[one], Odd), one not in unlooked)
    )
    looked = _looked(case, lacking[: case.desk.limits.looks], known())
    left = frozenset(lacking).difference(looked) if reading.is_complete else unlooked
    return Found(reading, known(), linked, looked, left, begun_at)


def _looked(case: Case, lacking: Iterable[str], known: Known) -> dict[str, Stored | Odd | None]:
    """Look at each event by itself, until a portion's time is over or the side has no room for more calls.

    The latter is nobody's fault. What was looked at by then is kept, and the run goes on with it; the rest is looked at first the
    next time, so that a side that is busy at every hour only makes it take more runs.
    """
    desk = case.desk
    end = desk.now() + desk.limits.seconds
    looked: dict[str, Stored | Odd | None] = {}
    for event_id in lacking:
        if desk.is_stopping() or desk.now() > end:
            break
        try:
            looked[event_id] = desk.calendar.look(case.account, event_id, last_known(known.get(event_id)))
        except RetryLater as busy:
            if busy.is_fault:
                raise
            break
    return looked


def _known(case: Case) -> Known:
    with case.desk.begin() as session:
        return calendars.known(session, case.user.id, case.desk.calendar.side)


def _once(load: Callable[[], Known]) -> Callable[[], Known]:
    loaded: list[Known] = []

    def known() -> Known:
        if not loaded:
            loaded.append(load())
        return loaded[0]

    return known


def _why(before: Stored | Odd | None) -> str | None:
    return before.why if isinstance(before, Odd) else None


def record_reading(session: Session, job: Job, state: ReadingState | None, found: Found) -> bool:
    """Keep the reading and what it brought, and say whether any of it may have to be carried to the other side."""
    side, user_id, now = job.desk.calendar.side, job.user.id, job.desk.now()
    reading = found.reading
    # Asked anew: a person may have released or refused a held plan while the side was read.
    latest = calendars.reading_state(session, user_id, side)
    is_dirty = state is None or latest is None or latest.is_dirty or state.is_dirty or state.window != job.window
    if not reading.is_unchanged:
        absorbed = absorb(found.known, reading, found.looked, found.linked)
        calendars.save_seen(session, user_id, side, absorbed.changed, absorbed.gone)
        odd = [
            history.odd(item, side)
            for item in absorbed.changed
            if isinstance(item, Odd) and _why(found.known.get(item.id)) != item.why
        ]
        runs.add_lines(session, job.run_id, user_id, now, odd)
        is_dirty = is_dirty or bool(absorbed.changed or absorbed.gone)
    kept = ReadingState(
        cursor=None if found.unlooked else reading.cursor,
        window=job.window,
        read_at=found.begun_at,
        scope=job.user.scope,
        settings_version=job.user.settings_version,
        is_dirty=is_dirty,
        unlooked=found.unlooked,
    )
    calendars.save_reading_state(session, user_id, side, kept)
    return is_dirty
