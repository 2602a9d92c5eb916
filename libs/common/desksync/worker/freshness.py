"""How long a reading is good for. A side that checks no versions would write over what somebody has changed since.

Cannot close the gap, only keep it short: what is changed between that reading and the write is still overwritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from desksync.store.calendars import ReadingState
from desksync.sync.plan import Action, Create
from desksync.worker.desk import Desk


@dataclass(slots=True)
class Freshness:
    """What may be written on the strength of one reading.

    `until` is `None` where the side checks versions itself. `is_owed` is true right after a reading: the first write is allowed
    however long the reading took, so that a slow side is written to all the same.
    """

    until: datetime | None
    is_owed: bool = False

    def is_enough(self, actions: Iterable[Action], now: datetime) -> bool:
        """Say whether these can be begun with now."""
        return self._is_fresh(now) or all(isinstance(action, Create) for action in actions)

    def allows(self, action: Action, now: datetime) -> bool:
        """Say whether this write may be made now. A creation writes over nothing."""
        if isinstance(action, Create):
            return True
        is_allowed = self._is_fresh(now) or self.is_owed
        self.is_owed = False
        return is_allowed

    def _is_fresh(self, now: datetime) -> bool:
        return self.until is None or now <= self.until


def freshness_of(desk: Desk, state: ReadingState | None) -> Freshness:
    """Return how long the last reading of an earlier stage is good for."""
    if desk.calendar.checks_versions:
        return Freshness(None)
    if state is None:
        raise ValueError("nothing is written to a side that was never read")
    return Freshness(state.read_at + desk.limits.freshness)


def freshness_after(desk: Desk, begun_at: datetime) -> Freshness:
    """Return how long a reading is good for that has just been made and began then.

    At least as long as it took: else a side of which one reading takes longer than it is good for would be read before every
    single write, and most of the time would go into reading.
    """
    now = desk.now()
    if desk.calendar.checks_versions:
        return Freshness(None)
    return Freshness(max(begun_at + desk.limits.freshness, now + (now - begun_at)), is_owed=True)
