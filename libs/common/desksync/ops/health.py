"""Says whether a program is alive (its loops still turn) and whether it is ready (its checks pass).

The two are kept apart on purpose: a broker that is away must not have every worker restarted.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

log = logging.getLogger(__name__)

Check = Callable[[], str | None]
"""Answers `None` when all is well, otherwise a sentence that says what is wrong and what to do."""


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


@dataclass
class Health:
    """The loops and checks of one program. Safe to use from several threads.

    `seconds` is a clock that never goes back, such as `time.monotonic`.
    """

    seconds: Callable[[], float]
    _loops: dict[str, _Loop] = field(default_factory=dict)
    _checks: dict[str, Check] = field(default_factory=dict)
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

    def check(self, name: str, check: Check) -> None:
        """Register what has to be well before the program takes work."""
        with self._lock:
            self._checks[name] = check

    def liveness(self) -> Report:
        """Say which loops have stopped turning. Asks nothing outside the process."""
        now = self.seconds()
        with self._lock:
            ages = {name: (timedelta(seconds=now - loop.turned), loop.limit) for name, loop in self._loops.items()}
        wrong = {
            name: f"no progress for {age.total_seconds():.0f} s, allowed are {limit.total_seconds():.0f} s"
            for name, (age, limit) in ages.items()
            if age > limit
        }
        return Report(wrong, tuple(name for name in ages if name not in wrong))

    def readiness(self) -> Report:
        """Run every check now, one after the other, and say which fail."""
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
