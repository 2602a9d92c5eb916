"""Wakes tickets that nobody else will, and finds those that nobody brings to an end. Rows only; the caller publishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from desksync.contracts.messages import StateChanged, SyncError
from desksync.store import queues, runs, tickets, users
from desksync.store.errors import NewError
from desksync.store.states import StopReason, SyncState
from desksync.store.tickets import Lapsed, OpenedTicket
from desksync.sync.ticket import PUSHES, retry_at
from desksync.worker import history
from desksync.worker.noting import note

POISONOUS: Final = 3
"""How often in a row a lease has to run out until that is an error of the user's: once may be a machine that was switched off."""


MOST_LAPSES: Final = 12
"""How often in a row until the user is stopped, unless set otherwise: some two hours. Each time takes a worker down."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: the tickets to publish, the errors that were written down, and who was stopped."""

    woken: Sequence[OpenedTicket] = ()
    errors: Sequence[SyncError] = ()
    stopped: Sequence[StateChanged] = ()


Choose = Callable[[Sequence[OpenedTicket]], Sequence[OpenedTicket]]
"""Returns those of the tickets that are woken now; the others are found again."""


def sweep(
    session: Session,
    now: datetime,
    portion: int,
    longest_wait: timedelta,
    choose: Choose = list,
    *,
    most_lapses: int = MOST_LAPSES,
    given_up: Mapping[str, datetime] | None = None,
) -> Swept:
    """Take up to `portion` tickets from those who let the lease run out, and return as many that have to be woken.

    A ticket that was claimed and left again and again, with nothing written between, is a user of whose data every worker dies or
    hangs. Each time counts as an error from the third on, so that the automatic stop sees it, and the ticket waits before it is
    given to the next worker: longer each time, at most `longest_wait`. After `most_lapses` the user is stopped: counting errors
    would take most of a day, and a worker with everybody's work in it each time. `given_up` names the leases that may be taken
    away (`LeaseWatch`); without it, all that have run out by the clock. Harmless when two do it at once.
    """
    lapsed = tickets.reclaim(session, now, portion, given_up)
    errors = [_left_waiting(session, one, now, longest_wait) for one in lapsed if one.lapses >= POISONOUS]
    stopped = [told for one in lapsed if one.lapses >= most_lapses for told in _stopped(session, one, now)]
    woken = choose(tickets.stranded(session, now, queues.MESSAGE_IS_LATE, portion))
    if woken:
        tickets.mark_published(session, [ticket.id for ticket in woken], now)
    # Workers do this themselves with every turn that ends; here it is made up for those that died before they could.
    let_on = [one for stage in sorted(PUSHES) for one in queues.let_on(session, stage, now)]
    return Swept([*woken, *let_on], errors, stopped)


def _stopped(session: Session, one: Lapsed, now: datetime) -> list[StateChanged]:
    """Stop the user. The ticket is not put aside: a worker closes it at once, because its user may not sync."""
    note = f"{one.lapses} times in a row in which a worker died of the work, or hung; see the logs of the workers first"
    reason = StopReason.ERRORS
    if not users.stop(session, one.user_id, reason, note, now):
        return []
    tickets.forget_lapses(session, one.id)
    tickets.defer(session, one.id, now)
    if one.run_id is not None:
        runs.add_lines(session, one.run_id, one.user_id, now, [history.stopped(note)])
    return [StateChanged(user_id=one.user_id, state=SyncState.STOPPED.value, reason=reason.value, at=now)]


def _left_waiting(session: Session, one: Lapsed, now: datetime, longest_wait: timedelta) -> SyncError:
    tickets.defer(session, one.id, retry_at(one.lapses - POISONOUS, now, longest_wait))
    why = (
        f"The work was begun {one.lapses} times and left without a result: a worker died of it, or hung, each time. "
        "The logs of the workers and of their machine tell more."
    )
    if one.run_id is not None:
        runs.add_lines(session, one.run_id, one.user_id, now, [history.failed(None, why)])
    return note(session, NewError(one.user_id, now, "abandoned", why, one.run_id, None))
