"""What a person says about held deletions: look, release, refuse (rule R5). For commands and pages alike."""

from datetime import datetime

from sqlalchemy.orm import Session

from desksync.store import calendars, held, tickets
from desksync.store.held import Held
from desksync.store.states import HoldState
from desksync.store.tickets import OpenedTicket
from desksync.sync.event import Side


def release(session: Session, user_id: int, by: str, now: datetime) -> tuple[Held, list[OpenedTicket]] | None:
    """Let the next run carry out just the deletions that wait; `None` when none do.

    Returns them with the tickets to publish after the transaction. What is deleted later is held anew when it is too much again.
    """
    return _answered(session, user_id, HoldState.RELEASED, by, now)


def refuse(session: Session, user_id: int, by: str, now: datetime) -> tuple[Held, list[OpenedTicket]] | None:
    """Let the next run create the events again where they were deleted; `None` when none wait. Returns the same."""
    return _answered(session, user_id, HoldState.REFUSED, by, now)


def _answered(session: Session, user_id: int, state: HoldState, by: str, now: datetime) -> tuple[Held, list[OpenedTicket]] | None:
    answered = held.answer(session, user_id, state, by, now)
    if answered is None:
        return None
    # Nothing has changed on either side since, so the next run would not look at it otherwise.
    calendars.set_dirty(session, user_id, Side.NEO, is_dirty=True)
    return answered, [*tickets.open_tickets(session, [user_id], now), *tickets.hasten(session, [user_id], now)]
