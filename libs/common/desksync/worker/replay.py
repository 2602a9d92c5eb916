"""Messages that nobody could read, heeded after all because this version can. For commands and pages alike.

Rows are the truth, so nothing is sent from here: a message only says which row to look at, and the sweeps look at rows. That is
why it works on `memory://` too, where a message of this process would reach nobody.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from sqlalchemy.orm import Session

from desksync.contracts.messages import SyncError, SyncTicket, Unreadable, read_error, read_ticket
from desksync.contracts.topology import ERROR_COUNTER_QUEUE, GOOGLE_QUEUE, NEO_QUEUE
from desksync.store import parked, tickets
from desksync.store.parked import ParkedMessage

Readable = SyncTicket | SyncError

_READERS: Mapping[str, Callable[[bytes], Readable]] = {
    NEO_QUEUE: read_ticket,
    GOOGLE_QUEUE: read_ticket,
    ERROR_COUNTER_QUEUE: read_error,
}


class Replayed(StrEnum):
    """What came of heeding a message."""

    WOKEN = "woken"
    """Its ticket is left to the scheduler, which sends it within seconds."""
    COUNTED = "counted"
    """It told of an error, whose row the error counter looks at every minute anyway."""
    DONE = "done"
    """Its ticket is closed or gone by now: there is nothing to do."""


class StillUnreadable(Exception):
    """This version cannot read the message either. `str()` says why, without its content."""


def read_parked(message: ParkedMessage) -> Readable:
    """Read the message as the program would for which it was meant. Raises `StillUnreadable`."""
    reader = _READERS.get(message.queue)
    if reader is None:
        raise StillUnreadable(f"no program of this version reads the queue {message.queue!r}")
    try:
        return reader(message.body)
    except Unreadable as problem:
        raise StillUnreadable(str(problem)) from None


def replay(session: Session, message: ParkedMessage) -> Replayed:
    """Have the row looked at that the message names, and drop the message. Raises `StillUnreadable`, and then it is kept.

    Harmless when done twice: a ticket that is woken twice is claimed once.
    """
    found = read_parked(message)
    parked.discard(session, message.id)
    if isinstance(found, SyncError):
        return Replayed.COUNTED
    if not tickets.is_open(session, found.ticket_id):
        return Replayed.DONE
    tickets.leave_to_sweep(session, [found.ticket_id])
    return Replayed.WOKEN
