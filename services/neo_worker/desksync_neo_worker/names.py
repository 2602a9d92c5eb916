"""Which occurrence of its series each entry of NEO's list is. Pure.

NEO names an occurrence by the date that the rule gave it. Whether every NEO does so for one that was moved is an open question:
one may tell the present date, or none, and two that were moved to one day then bear the same name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from desksync.sync.event import Event, first_day
from desksync.sync.recurrence import days_between

Told = tuple[date, Event]
"""The date that an entry gives as its name, and what the entry is."""


@dataclass(slots=True)
class Named:
    """The occurrences by their original dates, and those of which only a further question can tell."""

    shown: dict[date, Event]
    unnamed: list[Event] = field(default_factory=list)

    def name(self, original: date, one: Event) -> bool:
        """Give one of the unnamed its name; false if none of them is it."""
        if one not in self.unnamed:
            return False
        self.unnamed.remove(one)
        self.shown[original] = one
        return True


def named(base: Event, entries: Iterable[Told], before: Mapping[date, Event | None]) -> Named:
    """Return the occurrences of a series as far as their entries, or `before`, what was known of them, tell which they are.

    A name is good when the rule gives that date and no other entry has the same.
    """
    by_date: dict[date, list[Event]] = defaultdict(list)
    for told, one in entries:
        by_date[told].append(one)
    fitting = _given(base, by_date)
    found = Named({})
    for told, several in by_date.items():
        if told in fitting and len(several) == 1:
            found.shown[told] = several[0]
        else:
            found.unnamed += several
    for original, changed in before.items():
        if changed is not None and original not in found.shown:
            found.name(original, changed)
    for told in fitting - found.shown.keys():
        left = [one for one in by_date[told] if one in found.unnamed]
        if len(left) == 1:
            found.name(told, left[0])
    return found


def _given(base: Event, dates: Iterable[date]) -> set[date]:
    asked = sorted(dates)
    if base.repeat is None or not asked:
        return set()
    return set(days_between(base.repeat, first_day(base.when), asked[0], asked[-1])).intersection(asked)
