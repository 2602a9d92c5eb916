"""How many calls may be made, so that no minute ever holds more than a limit. Pure: the clock comes in as an argument.

A pace is kept by one instant, `spent_until`: each call moves it on by the spacing of calls, and it may not lie further ahead of
the clock than a burst of calls. One instant fits into a row, so that any number of processes share it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

PORTION_LIFE: Final = timedelta(seconds=5)
"""How long calls that a process has been granted may be made. What is left of them after that is lost."""

_CLOCK_SKEW: Final = timedelta(seconds=2)
"""By how much the clocks of two machines may differ."""

_MINUTE: Final = timedelta(minutes=1)
_BURST_SHARE: Final = 20
_USER_BURST: Final = 5
_USER_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Pace:
    """After a rest `burst` calls may be made at once, and from then on one for each `spacing`."""

    spacing: timedelta
    burst: int

    @property
    def per_second(self) -> float:
        """Return the calls of a second in the long run."""
        return 1 / self.spacing.total_seconds()


@dataclass(frozen=True, slots=True)
class Grant:
    """How many calls may be made, what has to be kept, and how long to wait before asking for more."""

    number: int
    spent_until: datetime
    wait: timedelta


def shared_pace(per_minute: int) -> Pace:
    """Return the pace of a limit that processes share in portions: no 60 seconds hold more calls than that.

    Calls are made up to `PORTION_LIFE` after they were granted, so the calls of a minute were granted within a longer time:
    (60 + 5) seconds at this pace and one burst are the limit. The limit is at least 60.
    """
    burst = per_minute // _BURST_SHARE
    return Pace(_spacing(_MINUTE + PORTION_LIFE, per_minute - burst), burst)


def user_pace(per_minute: int) -> Pace:
    """Return the pace of one user's calls in one process. The limit is at least 10.

    A tenth is left, because a user's ticket may go on in another process, which begins with a small burst of its own.
    """
    burst = min(_USER_BURST, max(1, per_minute // _BURST_SHARE))
    return Pace(_spacing(_MINUTE, per_minute * _USER_SHARE - burst), burst)


def granted(pace: Pace, spent_until: datetime | None, wanted: int, now: datetime) -> Grant:
    """Return how many of the wanted calls may be made now, given what was kept; `None` when no call was ever made."""
    begin = now if spent_until is None else max(now, spent_until)
    room = (now + pace.spacing * pace.burst - begin) // pace.spacing
    number = max(0, min(wanted, room))
    spent = begin + pace.spacing * number
    ahead = spent + pace.spacing - (now + pace.spacing * pace.burst)
    return Grant(number, spent, max(timedelta(0), ahead))


def heeded(pace: Pace, spent_until: datetime | None, now: datetime) -> datetime | None:
    """Return what was kept, or `None` where it lies further ahead than calls reach: such a clock was set back since.

    Not for what `held_back` gave.
    """
    is_possible = spent_until is not None and spent_until <= now + pace.spacing * pace.burst + _CLOCK_SKEW
    return spent_until if is_possible else None


def held_back(pace: Pace, until: datetime) -> datetime:
    """Return what has to be kept so that no call is granted before that time."""
    return until + pace.spacing * pace.burst


def _spacing(length: timedelta, calls: float) -> timedelta:
    return timedelta(microseconds=ceil(length / timedelta(microseconds=1) / calls))
