"""The order in which a run goes through its stages, and when a ticket runs next. Pure: the clock comes in as an argument."""

from datetime import datetime, timedelta
from enum import StrEnum

from desksync.sync.event import Side


class Stage(StrEnum):
    """Where a ticket stands."""

    PULL_NEO = "pull_neo"
    PULL_GOOGLE = "pull_google"
    PUSH_GOOGLE = "push_google"
    PUSH_NEO = "push_neo"

    @property
    def side(self) -> Side:
        """Return the side whose worker runs this stage."""
        return Side.NEO if self in (Stage.PULL_NEO, Stage.PUSH_NEO) else Side.GOOGLE

    @property
    def is_push(self) -> bool:
        """Say whether something is written in this stage."""
        return self in PUSHES


PUSHES = frozenset({Stage.PUSH_GOOGLE, Stage.PUSH_NEO})
"""The stages in which a ticket may be interrupted and go on later: the plan is decided anew each time."""


FIRST_STAGE = Stage.PULL_NEO
"""Where every ticket begins, and where it begins again after a failure: a plan is never carried out on old readings."""

_FIRST_WAIT = timedelta(seconds=30)
_MOST_DOUBLINGS = 20

_SHORTEST_WAIT = timedelta(seconds=10)
"""How long a ticket waits when nobody is at fault and the server asked for nothing; NEO refuses for about as long."""

_MANY_WAITS = 5
"""After so many waits in a row that were nobody's fault, each is twice as long as the one before."""

_FEW_TURNS = 4

_LONGEST_SPREAD = timedelta(minutes=10)


def retry_at(retries: int, now: datetime, interval: timedelta, asked: timedelta | None = None, chance: float = 0.0) -> datetime:
    """Return when to try again: 30 s, 1 min, 2 min and so on, at most the interval of syncing, never before the server asked.

    `retries` counts the failures before this one. Longer waits would keep a user who only fails from ever being stopped for it
    (administrator's manual, 3.2: 120 errors within a day, as Google's server errors make them). `chance`, from 0 to 1, spreads
    those who failed together: it takes up to a quarter away, and adds up to as long again to what a server has asked.
    """
    backoff = min(_FIRST_WAIT * (1 << min(retries, _MOST_DOUBLINGS)), max(interval, _FIRST_WAIT)) * (1 - chance / 4)
    return now + max(backoff, _FIRST_WAIT, _spread(asked or timedelta(0), chance))


def paced_until(
    now: datetime, asked: timedelta | None, chance: float = 0.0, *, put_off: int = 0, interval: timedelta = timedelta(minutes=10)
) -> datetime:
    """Return when to go on after waiting that is nobody's fault: not before the server asked, and 10 s from now at least.

    Whoever waits for the end of one and the same rest is spread by `chance`, from 0 to 1, over as long again. `put_off` counts
    the waits before this one. After some in a row they grow, to the interval of syncing at most: beginning again and again is
    what keeps a side busy.
    """
    doublings = min(max(0, put_off + 1 - _MANY_WAITS), _MOST_DOUBLINGS)
    backoff = min(_SHORTEST_WAIT * (1 << doublings), max(interval, _SHORTEST_WAIT))
    return now + _spread(max(asked or _SHORTEST_WAIT, backoff), chance)


def is_put_off_long(put_off: int) -> bool:
    """Say whether people are to be told that a ticket had to wait again: at the sixth time in a row and each sixth after it."""
    return (put_off + 1) % (_MANY_WAITS + 1) == 0


def _spread(wait: timedelta, chance: float) -> timedelta:
    return wait + min(wait, _LONGEST_SPREAD) * chance


def free_turns(pushing: int, queued: int) -> int:
    """Return how many interrupted pushes of a side may go on now, when so many are under way and so many lie in its queue.

    As many as are under way lie ready, so that no thread is without work, and no more: whoever only has to be read is not to wait
    behind all the others to whom hundreds of events have to be written.
    """
    return max(0, max(_FEW_TURNS, pushing) - queued)


def first_push(sides: frozenset[Side]) -> Stage | None:
    """Return the push stage to begin with, given the sides that have to be written; `None` ends the run."""
    if Side.GOOGLE in sides:
        return Stage.PUSH_GOOGLE
    return Stage.PUSH_NEO if Side.NEO in sides else None
