"""One series from what NEO's list shows of it. Pure: who asks NEO for the rest is somebody else.

NEO lists occurrences and tells neither rule nor cancelled dates there; a date that the rule gives and the list lacks is
cancelled, or was moved to where the list does not reach (rule R27).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from desksync.sync.event import Event, Window, first_day, occurrence_on
from desksync.sync.recurrence import days_between, gives
from desksync.sync.series import touches

Exceptions = Mapping[date, Event | None]


@dataclass(frozen=True, slots=True)
class Sight:
    """A series without exceptions, what a complete list of a window shows of it, and the exceptions known before.

    `shown` maps original dates to what the occurrences are now.
    """

    base: Event
    window: Window
    shown: Mapping[date, Event]
    before: Exceptions

    def puzzles(self) -> list[date]:
        """Return the dates that the list lacks without our knowing why: cancelled, or moved out of the window.

        A date before the window does not count even where its occurrence reaches into the window: lists may cut at midnight.
        """
        window = self.window
        due = [day for day in self._days(window.first, window.last) if day not in self.before]
        strays = [day for day, one in self.before.items() if one is not None and touches(one, window) and self._gives(day)]
        return sorted({*due, *strays} - self.shown.keys())

    def assembled(self, answers: Exceptions) -> Event:
        """Return the series with its exceptions. `answers` says what became of the puzzles.

        Exceptions that the list cannot speak of stay as they were known.
        """
        known = {**self.before, **answers}
        dates = sorted({*known, *self.shown})
        if not dates:
            return self.base
        fitting = frozenset(day for day in dates if self._gives(day))
        exceptions: dict[date, Event | None] = {}
        for day in dates:
            one = self.shown.get(day, known.get(day))
            if day in fitting and one != occurrence_on(self.base, day):
                exceptions[day] = one
        return replace(self.base, exceptions=exceptions)

    def _gives(self, day: date) -> bool:
        return self.base.repeat is not None and gives(self.base.repeat, first_day(self.base.when), day)

    def _days(self, begin: date, end: date) -> list[date]:
        return [] if self.base.repeat is None else days_between(self.base.repeat, first_day(self.base.when), begin, end)
