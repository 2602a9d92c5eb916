"""The gate of a remote that takes only a few calls at once, whatever the number of processes, and may ask all of them to rest.

Handlers ask memory alone. One loop talks to the database: twice a second while there are calls, and soon after not at all.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from sqlalchemy.orm import Session

from desksync.ops.metrics import Metrics
from desksync.store import remotes
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.sync.event import Side
from desksync.sync.seats import CLOCK_SKEW, SEAT_LIFE, Arranged, Member, arranged
from desksync.worker.errors import RetryLater
from desksync.worker.gate import Line, Waits

log = logging.getLogger(__name__)

PAUSE: Final = timedelta(seconds=10)
"""How long everybody rests after a refusal that does not say for how long; NEO refuses for about as long (its common API)."""

LONGEST_REST: Final = timedelta(minutes=10)
"""How long everybody rests at most, unless set otherwise: who was told to come back in an hour does so, the others try before."""

_WORTH_WAITING: Final = timedelta(seconds=2)
"""A longer rest is not waited for: the ticket comes back after it, and the thread is free for others."""

_LINGER: Final = timedelta(seconds=2)
"""How long seats are kept that nobody uses, so that a call now and then does not cost a transaction each."""

_SPREAD: Final = timedelta(seconds=1)
_IDLE_TURN: Final = 1.0
_USUAL_TURN: Final = 0.5
_WAITING_TURN: Final = 0.2
_TRIES: Final = 3
_GRACE: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _Rest:
    """Until when this process makes no calls, and since when: a clock that shows less was set back, and the rest is over."""

    since: datetime
    until: datetime

    def left(self, now: datetime) -> timedelta:
        return max(timedelta(0), self.until - now) if now >= self.since else timedelta(0)


class Seats:
    """One process's part in the seats of a side. Safe from several threads. While `run` does not run, nobody gets a seat.

    `holder` is a name that no other process has. `most` is how many calls all processes together make at once. `chance` gives
    numbers from 0 to 1: after a rest the processes come back spread over a second. No word of the remote makes everybody
    rest for more than `longest_rest`. What the database holds beyond that was written by a clock that was ahead, and not heeded.
    """

    def __init__(  # noqa: PLR0913 - named ones, given by a composition root
        self,
        begin: Begin,
        side: Side,
        holder: str,
        most: int,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float],
        metrics: Metrics,
        patience: timedelta = timedelta(seconds=10),
        longest_rest: timedelta = LONGEST_REST,
    ) -> None:
        self._begin = begin
        self._side = side
        self._holder = holder
        self._cap = most
        self._now = now
        self._chance = chance
        self._longest_rest = longest_rest
        self._waits = Waits(metrics, side)
        self._line = Line(patience)
        self._wake = Event()
        self._mine: Member | None = None
        self._usable = 0
        self._busy = 0
        self._asked = 0
        self._was_used = False
        self._peak = 0
        self._peak_at = now()
        self._rest: _Rest | None = None
        self._pause_seen: datetime | None = None
        self._pause_to_tell: datetime | None = None
        self._is_away = False

    @contextmanager
    def __call__(self, _user_id: int | None) -> Iterator[None]:
        """Let one call through. Whoever came first goes first, for whichever user it is."""
        self._enter()
        try:
            yield
        except RetryLater as refusal:
            if not refusal.is_fault:
                self._refused(min(refusal.after or PAUSE, self._longest_rest))
            raise
        finally:
            self._leave()

    def run(self, stop: Event) -> None:
        """Keep the seats that are needed until told to stop, and a moment longer for the calls that are under way."""
        pause = 0.0
        while not stop.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            pause = self.turn()
        self._end()

    def turn(self) -> float:
        """Bring memory and database into agreement, and return the seconds until the next turn at the latest."""
        with self._line.changed:
            wanted = self._wanted()
            if not wanted and self._mine is None and self._pause_to_tell is None:
                return _IDLE_TURN
            is_quiet = not self._was_used and not self._busy
            self._was_used = False
        try:
            self._agree(wanted)
        except DATABASE_ERRORS as problem:
            if not self._is_away:
                log.warning("seats not renewed, trying again", extra={"why": str(problem).partition("\n")[0]})
            self._is_away = True
        else:
            self._is_away = False
        if self._mine is not None and self._mine.is_waiting:
            return _WAITING_TURN
        return _IDLE_TURN if is_quiet else _USUAL_TURN

    # The side of the handlers.

    def _enter(self) -> None:
        with self._waits.counted() as counted, self._line.changed:
            self._note(self._busy + len(self._line) + 1)
            counted.has_waited = self._line.pass_when(self._may_pass, self._call)
            self._busy += 1
            self._was_used = True

    def _leave(self) -> None:
        with self._line.changed:
            self._busy -= 1
            if self._mine is not None and self._usable < self._mine.seats:
                self._wake.set()  # Somebody waits for this seat.
            self._line.changed.notify_all()

    def _may_pass(self) -> bool:
        now = self._now()
        left = timedelta(0) if self._rest is None else self._rest.left(now)
        if left > _WORTH_WAITING:
            raise RetryLater("All requests rest, because there were too many.", after=left, is_fault=False)
        return left <= timedelta(0) and self._busy < self._usable and self._lasts(now)

    def _call(self) -> None:
        """Wake the loop where it can help. Where all seats are taken, its usual turns will do."""
        wanted = min(self._cap, self._busy + len(self._line))
        if wanted > self._asked or not self._lasts(self._now()):
            self._asked = wanted
            self._wake.set()

    def _lasts(self, now: datetime) -> bool:
        """Say whether the seats are ours still. By a clock that was set back they would seem to be for too long."""
        return self._mine is not None and timedelta(0) < self._mine.until - now <= SEAT_LIFE

    def _refused(self, after: timedelta) -> None:
        now = self._now()
        self._waits.paused()
        with self._line.changed:
            self._rest_until(now + after, now)
            self._pause_to_tell = now + after
            self._wake.set()
            self._line.changed.notify_all()

    def _rest_until(self, until: datetime, now: datetime) -> None:
        if self._rest is None or until - now > self._rest.left(now):
            self._rest = _Rest(now, until)

    def _note(self, wanted: int) -> None:
        """Keep the largest number of calls at once within the last moments."""
        now = self._now()
        if wanted >= self._peak or not timedelta(0) <= now - self._peak_at <= _LINGER:
            self._peak, self._peak_at = wanted, now

    def _wanted(self) -> int:
        self._note(self._busy + len(self._line))
        return min(self._cap, self._peak)

    # The side of the loop.

    def _agree(self, wanted: int) -> None:
        told = self._pause_to_tell
        for _ in range(_TRIES):
            try:
                with self._begin() as session:
                    if told is not None:
                        remotes.pause(session, self._side, told, self._now() + self._longest_rest + CLOCK_SKEW)
                    decided, written = self._decide(session, wanted)
            except remotes.Outrun:
                continue
            with self._line.changed:
                self._usable = decided.usable
                self._mine = None if decided.mine.is_idle else written
                self._asked = wanted
                if self._pause_to_tell == told:
                    self._pause_to_tell = None
                if len(self._line) > wanted:
                    self._wake.set()  # They came while we were deciding.
                self._line.changed.notify_all()
            return

    def _decide(self, session: Session, wanted: int) -> tuple[Arranged, Member | None]:
        """Return what was decided, and what the database holds of it then."""
        seen = remotes.look(session, self._side)
        now = self._now()
        with self._line.changed:
            if seen.paused_until not in (None, self._pause_seen):
                self._pause_seen = seen.paused_until
                if now < seen.paused_until <= now + self._longest_rest + CLOCK_SKEW:
                    until = min(seen.paused_until, now + self._longest_rest)
                    self._rest_until(until + _SPREAD * self._chance(), now)
            decided = arranged(seen.members, self._holder, wanted, self._busy, self._cap, now)
            # From here on no more calls begin than are written down, also if writing fails.
            self._usable = min(self._usable, decided.usable)
        if self._is_written(decided.mine, now):
            return decided, self._mine
        remotes.write_seats(session, self._side, seen, decided.mine, now)
        return decided, decided.mine

    def _is_written(self, mine: Member, now: datetime) -> bool:
        before = self._mine
        if before is None:
            return mine.is_idle
        is_same = (before.seats, before.is_waiting, before.since) == (mine.seats, mine.is_waiting, mine.since)
        return is_same and SEAT_LIFE * 2 / 3 < before.until - now <= SEAT_LIFE

    def _end(self) -> None:
        with self._line.changed:
            self._line.close()
        end = self._now() + _GRACE
        while self._busy and self._now() < end:
            self.turn()
            with self._line.changed:
                self._line.changed.wait_for(lambda: not self._busy, _WAITING_TURN)
        try:
            with self._begin() as session:
                remotes.leave(session, self._side, self._holder)
        except DATABASE_ERRORS as problem:
            log.warning("seats not given back; they run out", extra={"why": str(problem).partition("\n")[0]})
        with self._line.changed:
            self._mine = None
