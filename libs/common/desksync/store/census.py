"""How many there are of everything that somebody has to look at: users by state, deletions held, tickets late. For the numbers.

Each question is answered by an index, or by one pass over the users.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desksync.store import tickets
from desksync.store.held import count_waiting
from desksync.store.parked import count_parked
from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.tables import users
from desksync.store.users import count_states


@dataclass(frozen=True, slots=True)
class Census:
    """What the database held at one moment.

    `late` is for how long the longest waiting ticket could have been claimed, nothing when none waits; `waiting` is how many do.
    `stopped` counts users who may sync and are stopped, by whom or what stopped them.
    """

    states: Mapping[State, int]
    stopped: Mapping[StopReason, int]
    held: int
    parked: int
    waiting: int
    late: timedelta


def take_census(session: Session, now: datetime) -> Census:
    """Count."""
    oldest = tickets.oldest_due(session, now)
    return Census(
        states=dict.fromkeys(State, 0) | count_states(session, now),
        stopped=dict.fromkeys(StopReason, 0) | _stopped(session),
        held=count_waiting(session),
        parked=count_parked(session),
        waiting=tickets.count_due(session, now),
        late=timedelta(0) if oldest is None else now - oldest,
    )


def _stopped(session: Session) -> dict[StopReason, int]:
    asking = (
        select(users.c.stop_reason, func.count().label("number"))
        .where(users.c.permission == Permission.ENABLED, users.c.sync_state == SyncState.STOPPED, users.c.vanished_at.is_(None))
        .group_by(users.c.stop_reason)
    )
    # One who has never synced is stopped by nobody: that is for the user to change.
    counts = dict.fromkeys(StopReason, 0)
    for row in session.execute(asking):
        counts[row.stop_reason or StopReason.USER] += row.number
    return counts
