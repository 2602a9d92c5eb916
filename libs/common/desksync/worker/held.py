"""What a person says about held deletions: look, release, refuse (rule R5). For commands and pages alike."""

from datetime import datetime

from sqlalchemy.orm import Session

from desksync.store import calendars, held, tickets
from desksync.store.held import Held
from desksync.store.states import HoldState
from desksync.store.tickets import OpenedTicket
from desksync.sync.event import Side

Answered = tuple[Held, list[OpenedTicket]] | None
"""What was answered for, with the tickets to publish after the transaction; `None` when nothing of it waits."""


def release(session: Session, user_id: int, by: str, now: datetime, *, seen: str | None = None) -> Answered:
    """Let the next run carry out just the deletions that wait.

    What is deleted later is held anew when it is too much again. `seen` is the mark of what somebody was shown: the answer is for
    that and for nothing else.
    """
    return _answered(session, user_id, HoldState.RELEASED, by, now, seen)


def refuse(session: Session, user_id: int, by: str, now: datetime, *, seen: str | None = None) -> Answered:
    """Let the next run create the events again where they were deleted. `seen` as above."""
    return _answered(session, user_id, HoldState.REFUSED, by, now, seen)


def _answered(session: Session, user_id: int, state: HoldState, by: str, now: datetime, seen: str | None) -> Answered:
    answered = held.answer(session, user_id, state, by, now, seen=seen)
    if answered is None:
        return None
    # Nothing has changed on either side since, so the next run would not look at it otherwise.
    calendars.set_dirty(session, user_id, Side.NEO, is_dirty=True)
    return answered, [*tickets.open_tickets(session, [user_id], now), *tickets.hasten(session, [user_id], now)]
