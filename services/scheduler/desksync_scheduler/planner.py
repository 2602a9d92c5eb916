"""When a user is due, and how many may set out at once. Pure: the clock comes in as an argument, and no table is known here."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_GOLDEN = 0.6180339887498949
"""The fractions of its multiples lie evenly, however many of them there are."""

LATELY: Final = timedelta(seconds=10)
"""How far back the runs that have ended tell how fast the workers are."""

_AHEAD: Final = 2
_FEW: Final = 50


def phase(user_id: int, interval: timedelta) -> timedelta:
    """Return this user's place within the interval. Consecutive users lie far apart, so that the load is flat."""
    return interval * ((user_id * _GOLDEN) % 1.0)


def next_due(user_id: int, now: datetime, interval: timedelta) -> datetime:
    """Return the user's first slot after `now`.

    Slots are fixed points in time, an interval apart. After an outage a user is thus due once, not once for every slot that
    went by, and falls back into the old place.
    """
    offset = _EPOCH + phase(user_id, interval)
    return offset + interval * ((now - offset) // interval + 1)


def room(queued: int, closed_lately: int, most: int) -> int:
    """Return how many tickets may be sent out now, so that the queues hold what the workers finish in 20 seconds.

    After an outage everybody is due. Whoever is sent out at once only waits in a queue instead, where messages grow old and are
    sent again, and where nobody can be preferred. `closed_lately` are the runs that have ended within `LATELY`; the few that are
    sent out while there are none find out how fast the workers are. `most` is what the limits of both sides let through.
    """
    return max(0, min(most, max(_FEW, _AHEAD * closed_lately) - queued))
