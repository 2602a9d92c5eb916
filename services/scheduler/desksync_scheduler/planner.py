"""When a user is due. Pure: the clock comes in as an argument, and no table is known here."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_GOLDEN = 0.6180339887498949
"""The fractions of its multiples lie evenly, however many of them there are."""


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
