"""What a run would do, without doing any of it: both sides are read, the core decides, and nothing is written anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from desksync.store import calendars
from desksync.store.calendars import ReadingState
from desksync.store.users import User
from desksync.sync.absorb import absorb
from desksync.sync.event import Side
from desksync.sync.guard import Decided, Guarded
from desksync.sync.reading import Known
from desksync.worker.decide import Basis, basis, planned
from desksync.worker.desk import Case, Desk
from desksync.worker.pull import read_side


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan of a run that begins now, what is held of it, and the events that it rests on."""

    guarded: Guarded
    known: Mapping[Side, Known]


def preview(desks: Mapping[Side, Desk], user: User) -> Preview:
    """Read both sides and decide. Raises the kinds of `desksync.worker.errors`.

    The desks may begin read-only transactions: nothing is written, not even how far was read.
    """
    on = None
    known: dict[Side, Known] = {}
    unlooked: dict[Side, frozenset[str]] = {}
    for side, desk in desks.items():
        case = Case(desk, user)
        with desk.begin() as session:
            state = _state(session, user, side)
            on = on or _basis(session, user, state)
        found = read_side(case, state)
        unlooked[side] = found.unlooked
        if found.reading.is_unchanged:
            known[side] = on.known[side]
        else:
            known[side] = absorb(found.known, found.reading, found.looked, found.linked).known
    if on is None:
        raise ValueError("a preview needs both sides")
    case = Case(desks[Side.NEO], user)
    return Preview(planned(replace(on, known=known, unlooked=unlooked), case.policy, case.desk.hold_limits), known)


def _state(session: Session, user: User, side: Side) -> ReadingState | None:
    """Return how far the side was read, `None` also when that was another pair of calendars (rule R6)."""
    state = calendars.reading_state(session, user.id, side)
    return None if state is None or state.scope != user.scope else state


def _basis(session: Session, user: User, state: ReadingState | None) -> Basis:
    if state is None:
        return Basis({side: {} for side in Side}, [], {side: {} for side in Side}, [], [], Decided())
    return basis(session, user.id)
