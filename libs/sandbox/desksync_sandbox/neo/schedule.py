"""One schedule of NEO as it is stored, and the occurrences it shows. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from desksync_sandbox.neo.rule import Rule, days_of

TEXTS = ("event", "detail", "place", "other", "memo")
OPTIONS = ("outflg", "reserve", "rankflg", "flag")
LOOKS = ("schcolor", "tagcolor", "iconno", "approvsts", "approvreq", "alarm", "alarmtime")
LEVELS = ("open", "secret", "permission")
MASKS = ("", "time", "time_event")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plain event, a series, or the changed occurrence of one.

    `first` and `last` are its dates; of a series, the first occurrence and the last possible date. Times are `HHMM`:
    both empty is the all-day row, no `endtime` an open end, and an end before the start on one date is on the next day.
    `exceptions` maps the original date of an occurrence to what it became, `None` when it was taken out.
    `mask` and `is_read_only` are for trials: how little every key sees, and that only the creator's own key may change it.
    """

    sid: str
    first: date
    last: date
    starttime: str
    endtime: str
    creator: str
    registered: tuple[str, ...]
    fields: Mapping[str, str]
    level: str = "open"
    permitted: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    rule: Rule | None = None
    exceptions: Mapping[date, "Schedule | None"] = field(default_factory=dict)
    mask: str = ""
    is_read_only: bool = False

    def people(self) -> frozenset[str]:
        """Return everybody who is registered for any of its occurrences."""
        changed = (one.registered for one in self.exceptions.values() if one is not None)
        return frozenset(self.registered).union(*changed)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a schedule. `original` is the date that the rule gave it, `value` holds its texts and times."""

    original: date
    first: date
    last: date
    value: Schedule
    series: Schedule

    @property
    def is_changed(self) -> bool:
        """Say whether it is a changed occurrence of a series."""
        return self.value is not self.series

    def touches(self, begin: date, end: date) -> bool:
        """Say whether any part of it lies between the two dates, both inclusive."""
        return self.first <= end and self.real_last() >= begin

    def real_last(self) -> date:
        """Return the date on which it really ends: the next day where the end is before the start on one date."""
        is_next_day = self.first == self.last and "0000" < self.value.endtime < self.value.starttime
        return self.last + _DAY if is_next_day else self.last


def occurrences(schedule: Schedule, begin: date, end: date) -> Iterator[Occurrence]:
    """Yield what of it touches the dates from `begin` to `end`, both inclusive; changed occurrences come last."""
    if schedule.rule is None:
        plain = Occurrence(schedule.first, schedule.first, schedule.last, schedule, schedule)
        if plain.touches(begin, end):
            yield plain
        return
    days = days_of(schedule.rule, schedule.first)
    # The evening before may reach into the first day.
    for day in days[bisect_left(days, begin - _DAY) :]:
        if day > end:
            break
        given = Occurrence(day, day, day, schedule, schedule)
        if day not in schedule.exceptions and given.touches(begin, end):
            yield given
    for original, value in schedule.exceptions.items():
        if value is not None:
            changed = Occurrence(original, value.first, value.last, value, schedule)
            if changed.touches(begin, end):
                yield changed


def occurrence_on(schedule: Schedule, original: date) -> Occurrence | None:
    """Return the occurrence with that original date, wherever it is now, or `None` if there is none any more."""
    if schedule.rule is None:
        return Occurrence(original, schedule.first, schedule.last, schedule, schedule) if original == schedule.first else None
    if original not in days_of(schedule.rule, schedule.first):
        return None
    if original not in schedule.exceptions:
        return Occurrence(original, original, original, schedule, schedule)
    value = schedule.exceptions[original]
    return None if value is None else Occurrence(original, value.first, value.last, value, schedule)
