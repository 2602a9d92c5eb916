"""Keeps one user from being synced while a person's order is carried out. Uses the ticket itself: who holds it is alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desksync.store import tickets
from desksync.store.engine import Begin
from desksync.store.tickets import Ticket

_UNDER_WAY = (
    "A run of this user is under way. Wait until it has ended, and try again. "
    "If the program that ran it was killed, a scheduler that runs lets the user go some minutes later."
)


class RunUnderWay(Exception):
    """The user is being synced just now; `str()` is a sentence that says what to do."""


@contextmanager
def standstill(begin: Begin, user_id: int, now: Callable[[], datetime], lease: timedelta) -> Iterator[Ticket]:
    """Hold the user's ticket until the block ends. Raises `RunUnderWay`.

    A run that has not begun begins afterwards, and one that waits for another try goes on then, at its time: it begins at its
    first stage again anyway, and so sees what was done meanwhile. If we die, a scheduler ends the lease, and the user is synced
    again.
    """
    with begin() as session:
        held, is_ours = _take(session, user_id, now(), lease)
    try:
        yield held
    finally:
        with begin() as session:
            if is_ours:
                tickets.close(session, held, now())
            else:
                tickets.hand_back(session, held)


def _take(session: Session, user_id: int, now: datetime, lease: timedelta) -> tuple[Ticket, bool]:
    opened = tickets.open_tickets(session, [user_id], now)
    held = tickets.take_over(session, user_id, now, lease)
    if held is None:
        raise RunUnderWay(_UNDER_WAY)
    return held, bool(opened)
