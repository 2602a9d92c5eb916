"""What somebody did to single dates of a series while it was being changed. Pure.

NEO checks no versions. What a date is right after its series was changed must be what it was known to be, what is wanted, or
what NEO may have made of it with the series; everything else is a person's edit, and is not written over.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from desksync.sync.event import Event, first_day, occurrence_on
from desksync.sync.recurrence import gives

_WRITTEN: Final = ("title", "location", "description", "access", "is_tentative")
"""What may be written to a date, but for its time. Participants and facilities never are (rule R17)."""


def edited(before: Event, wanted: Event, now: Event) -> frozenset[date]:
    """Return the original dates that somebody edited or cancelled after the series was read as it was `before`.

    `now` is what NEO holds after the series itself was made as wanted. Where that moved it, when a date is tells nothing: whether
    a changed one moves along is NEO's affair.
    """
    is_moved = (before.when, before.repeat) != (wanted.when, wanted.repeat)
    names = _WRITTEN if is_moved else (*_WRITTEN, "when")
    return frozenset(day for day in now.exceptions if _is_edited(before, wanted, now, day, names))


def _is_edited(before: Event, wanted: Event, now: Event, day: date, names: Iterable[str]) -> bool:
    known, found = _on(before, day), _on(now, day)
    if found is None:
        return known is not None
    expected = [one for one in (known, _on(wanted, day), _regular(before, day), _regular(now, day)) if one is not None]
    return any(all(getattr(found, name) != getattr(one, name) for one in expected) for name in names)


def _on(series: Event, day: date) -> Event | None:
    return series.exceptions.get(day, _regular(series, day))


def _regular(series: Event, day: date) -> Event | None:
    if series.repeat is None or not gives(series.repeat, first_day(series.when), day):
        return None
    return occurrence_on(series, day)
