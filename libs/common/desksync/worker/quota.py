"""The gate of a remote that allows so many calls in a minute, for each user and for all, whatever the number of processes.

Handlers ask memory alone. One loop takes portions of what all processes share, each as large as this one needs for some seconds.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from desksync.ops.metrics import Metrics
from desksync.store import remotes
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.sync.event import Side
from desksync.sync.pacing import PORTION_LIFE, Grant, granted, heeded, held_back, shared_pace, user_pace
from desksync.worker.errors import RetryLater
from desksync.worker.gate import Line, Waits

log = logging.getLogger(__name__)

_WORTH_WAITING: Final = timedelta(seconds=3)
"""A longer wait is not waited for: the ticket comes back after it, and the thread is free for others."""

_LEAST_PORTION: Final = 5
_USUAL_TURN: Final = 0.5
_SHORTEST_TURN: Final = 0.1
_TRIES: Final = 3
_USERS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Spent:
    """How far a user's calls reach, and when that was kept: a clock that shows less by now was set back, and it means nothing."""

    until: datetime
    kept_at: datetime


@dataclass(slots=True)
class _Portion:
    left: int
    until: datetime


class Quota:
    """One process's part in the calls that a side allows. Safe from several threads. While `run` does not run, nobody gets any.

    `per_minute` is for all users and processes together, `per_user_minute` for each user.
    """

    def __init__(
        self,
        begin: Begin,
        side: Side,
        *,
        per_minute: int,
        per_user_minute: int,
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._begin = begin
        self._side = side
        self._now = now
        self._pace = shared_pace(per_minute)
        self._user_pace = user_pace(per_user_minute)
        self._waits = Waits(metrics, side)
        self._line = Line(_WORTH_WAITING)
        self._wake = Event()
        self._portions: deque[_Portion] = deque()
        self._is_asked = False
        self._used = 0
        self._used_since = now()
        self._users: dict[int, _Spent] = {}
        self._is_away = False

    @contextmanager
    def __call__(self, user_id: int | None) -> Iterator[None]:
        """Let one call through. A user for whom the remote asked to wait gets none until then; others are not held up."""
        self._enter(user_id)
        try:
            yield
        except RetryLater as refusal:
            if not refusal.is_fault:
                self._refused(user_id, refusal.after)
            raise

    def run(self, stop: Event) -> None:
        """Take portions until told to stop."""
        pause = 0.0
        while not stop.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            pause = self.turn()
        with self._line.changed:
            self._line.close()

    def turn(self) -> float:
        """Take a portion if one is needed, and return the seconds until the next turn at the latest."""
        now = self._now()
        with self._line.changed:
            if not self._is_asked:
                return _USUAL_TURN
            wanted = self._next_portion(now)
        try:
            grant = self._taken(wanted, now)
        except DATABASE_ERRORS as problem:
            if not self._is_away:
                log.warning("no calls taken, trying again", extra={"why": str(problem).partition("\n")[0]})
            self._is_away = True
            return _USUAL_TURN
        self._is_away = False
        if grant is None:
            return _SHORTEST_TURN
        with self._line.changed:
            if grant.number:
                self._portions.append(_Portion(grant.number, now + PORTION_LIFE))
                self._used, self._used_since = 0, now
            self._is_asked = self._is_low()
            self._line.changed.notify_all()
            return max(_SHORTEST_TURN, grant.wait.total_seconds()) if self._is_asked else _USUAL_TURN

    # The side of the handlers.

    def _enter(self, user_id: int | None) -> None:
        with self._waits.counted() as counted, self._line.changed:
            has_rested = user_id is not None and self._rested(user_id)
            counted.has_waited = self._line.pass_when(self._has_some, self._call) or has_rested
            self._portions[0].left -= 1
            self._used += 1
            if self._is_low():
                self._call()

    def _rested(self, user_id: int) -> bool:
        """Wait until the user may make another call, count it, and say whether that took any waiting."""
        has_rested = False
        while True:
            now = self._now()
            spent = self._users.get(user_id)
            grant = granted(self._user_pace, None if spent is None or spent.kept_at > now else spent.until, 1, now)
            if grant.number:
                self._keep(user_id, grant.spent_until)
                return has_rested
            if grant.wait > _WORTH_WAITING:
                raise RetryLater("This user's requests rest, because there were too many.", after=grant.wait, is_fault=False)
            self._line.rest(grant.wait)
            has_rested = True

    def _refused(self, user_id: int | None, after: timedelta | None) -> None:
        self._waits.paused()
        if user_id is not None and after is not None:
            with self._line.changed:
                self._keep(user_id, held_back(self._user_pace, self._now() + after))

    def _keep(self, user_id: int, spent_until: datetime) -> None:
        now = self._now()
        self._users.pop(user_id, None)
        self._users[user_id] = _Spent(spent_until, now)
        if len(self._users) > _USERS_KEPT:
            # What lies in the past says no more than that there is nothing. The rest are the latest: a dict keeps its order.
            left = [(one, spent) for one, spent in self._users.items() if spent.until > now]
            self._users = dict(left[-_USERS_KEPT // 2 :])

    def _has_some(self) -> bool:
        now = self._now()
        while self._portions and (not self._portions[0].left or self._portions[0].until <= now):
            self._portions.popleft()
        return bool(self._portions)

    def _is_low(self) -> bool:
        left = sum(portion.left for portion in self._portions) if self._has_some() else 0
        return left < len(self._line) + _LEAST_PORTION // 2

    def _call(self) -> None:
        """Wake the loop, unless it knows already: then it takes what it can at its own turns."""
        if not self._is_asked:
            self._is_asked = True
            self._wake.set()

    # The side of the loop.

    def _next_portion(self, now: datetime) -> int:
        """Return what lasts for half the life of a portion at the present speed, so that little of it is lost."""
        seconds = max(_SHORTEST_TURN, (now - self._used_since).total_seconds())
        lasting = int(self._used / seconds * PORTION_LIFE.total_seconds() / 2)
        return len(self._line) + min(max(_LEAST_PORTION, lasting), max(_LEAST_PORTION, int(self._pace.per_second)))

    def _taken(self, wanted: int, now: datetime) -> Grant | None:
        """Return what this process has been granted, or `None` when others were quicker every time."""
        for _ in range(_TRIES):
            try:
                with self._begin() as session:
                    seen = remotes.look(session, self._side)
                    grant = granted(self._pace, heeded(self._pace, seen.spent_until, now), wanted, now)
                    if grant.number:
                        remotes.write_spent(session, self._side, seen, grant.spent_until)
                    return grant
            except remotes.Outrun:
                continue
        return None
