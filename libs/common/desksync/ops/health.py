"""Says whether a program is alive (its loops turn, its work ends) and whether it is ready (its checks pass).

The two are kept apart on purpose: a broker that is away must not have every worker restarted.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, get_ident

log = logging.getLogger(__name__)

Check = Callable[[], str | None]
"""Answers `None` when all is well, otherwise a sentence that says what is wrong and what to do."""

_LOOK_SECONDS = 2.0
_OLD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: a sentence for everything that is wrong, by name, and the names of what is well."""

    wrong: dict[str, str]
    well: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.wrong


@dataclass
class _Loop:
    limit: timedelta
    turned: float

    def age(self, now: float) -> float:
        return now - self.turned


@dataclass
class _Work:
    limit: timedelta
    heard: dict[tuple[int, int], float] = field(default_factory=dict)
    number: int = 0

    def age(self, now: float) -> float:
        return now - min(self.heard.values(), default=now)


@dataclass
class Health:
    """The loops, the work and the checks of one program. Safe to use from several threads.

    `seconds` is a clock that never goes back, such as `time.monotonic`.
    """

    seconds: Callable[[], float]
    _loops: dict[str, _Loop] = field(default_factory=dict)
    _work: dict[str, _Work] = field(default_factory=dict)
    _checks: dict[str, Check] = field(default_factory=dict)
    _found: Report | None = None
    _found_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def loop(self, name: str, limit: timedelta) -> Callable[[], None]:
        """Register a loop and return what it calls on every turn. It counts as stuck when it has not for longer than `limit`.

        `limit` must be longer than the longest honest turn, a remote call with its timeout included.
        """
        with self._lock:
            self._loops[name] = _Loop(limit, self.seconds())

        def turned() -> None:
            with self._lock:
                self._loops[name].turned = self.seconds()

        return turned

    def forgive(self) -> None:
        """Let every loop count anew: none of them has begun, because something that they need is not there yet."""
        with self._lock:
            for loop in self._loops.values():
                loop.turned = self.seconds()

    def work(self, name: str, limit: timedelta) -> Callable[[], AbstractContextManager[None]]:
        """Register work that comes and goes, and return what surrounds each piece of it.

        It counts as stuck while nothing was heard of a piece of it for longer than `limit`, neither that it has begun nor any
        `progress`. No work at all is fine.
        """
        work = _Work(limit)
        with self._lock:
            self._work[name] = work

        @contextmanager
        def under_way() -> Iterator[None]:
            with self._lock:
                work.number += 1
                mine = (get_ident(), work.number)
                work.heard[mine] = self.seconds()
            try:
                yield
            finally:
                with self._lock:
                    del work.heard[mine]

        return under_way

    def progress(self) -> None:
        """Say that the work of this thread goes on, however long it takes. Harmless where there is none."""
        me = get_ident()
        with self._lock:
            now = self.seconds()
            for work in self._work.values():
                work.heard.update({piece: now for piece in work.heard if piece[0] == me})

    def check(self, name: str, check: Check) -> None:
        """Register what has to be well before the program takes work."""
        with self._lock:
            self._checks[name] = check

    def liveness(self) -> Report:
        """Say which loops have stopped turning, and which work does not end. Asks nothing outside the process."""
        now = self.seconds()
        with self._lock:
            ages = {name: (one.age(now), one.limit.total_seconds()) for name, one in (self._loops | self._work).items()}
        wrong = {
            name: f"no progress for {age:.0f} s, allowed are {limit:.0f} s" for name, (age, limit) in ages.items() if age > limit
        }
        return Report(wrong, tuple(name for name in ages if name not in wrong))

    def readiness(self) -> Report:
        """Return what the last look found, and look now where no `run` does so."""
        with self._lock:
            found, age = self._found, self.seconds() - self._found_at
        if found is None:
            return self._look()
        if age > _OLD_SECONDS:
            return Report(found.wrong | {"checks": f"no look has come to its end for {age:.0f} s"}, found.well)
        return found

    def run(self, stop: Event) -> None:
        """Look again and again until told to stop: a probe gets its answer at once, whatever a check waits for."""
        with self._lock:
            self._found, self._found_at = Report({"checks": "the first look has not come to its end"}, ()), self.seconds()
        while True:
            found = self._look()
            with self._lock:
                self._found, self._found_at = found, self.seconds()
            if stop.wait(_LOOK_SECONDS):
                return

    def _look(self) -> Report:
        """Run every check, one after the other."""
        with self._lock:
            checks = dict(self._checks)
        found = {name: _answer(name, check) for name, check in checks.items()}
        return Report(
            {name: why for name, why in found.items() if why is not None},
            tuple(name for name, why in found.items() if why is None),
        )


def _answer(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        # A check that breaks is a check that fails, whatever broke it.
        log.warning("health check broke", extra={"check": name}, exc_info=True)
        return f"the check itself failed with {type(error).__name__}"
