"""Single NEO events that stand for one date of a series. Pure.

Where a NEO makes a new event out of a changed occurrence, the series loses that date; to people the two are still one series.
The same form puts a cancelled occurrence back, for which NEO has no call. `Stored.extra` of the series remembers them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from desksync.sync.event import AllDay, Event, When, first_day, occurrence_on
from desksync.sync.recurrence import gives

OFFSHOOTS: Final = "offshoots"
"""Key of `Stored.extra`."""

Offshoots = Mapping[date, str]
"""ID of the single event, by the original date that it stands for."""


def remembered(extra: Mapping[str, str]) -> dict[date, str]:
    """Return the offshoots of a series."""
    pairs = (pair.partition("=") for pair in extra.get(OFFSHOOTS, "").split())
    return {date.fromisoformat(original): sid for original, _, sid in pairs}


def fitting(base: Event, offshoots: Offshoots) -> dict[date, str]:
    """Return the offshoots whose dates the rule still gives; the others have become events of their own."""
    rule, first = base.repeat, first_day(base.when)
    return {original: sid for original, sid in offshoots.items() if rule is not None and gives(rule, first, original)}


def noted(extra: Mapping[str, str], offshoots: Offshoots) -> dict[str, str]:
    """Return the extra with these offshoots, and without any older ones."""
    rest = {name: value for name, value in extra.items() if name != OFFSHOOTS}
    if not offshoots:
        return rest
    return rest | {OFFSHOOTS: " ".join(f"{original.isoformat()}={sid}" for original, sid in sorted(offshoots.items()))}


def adopted(
    base: Event,
    lost: Iterable[date],
    cancelled: Iterable[date],
    strangers: Mapping[str, Event],
    *,
    former: str | None = None,
) -> dict[date, str]:
    """Return which events that nobody knew before are occurrences of the series, although no memory says so.

    A write whose answer was lost leaves such a pair: a date that the series just lost, and an event of the same title on that
    date, or at the same time of another one. On a date that was cancelled long ago the event must be on that very date. `former`
    is the title of the series when it was read before: what became an event of its own does not follow when that is changed.
    """
    found: dict[date, str] = {}
    titles = {base.title, base.title if former is None else former}
    for original in sorted({*lost, *cancelled}):
        candidates = [
            (abs(first_day(event.when) - original), sid)
            for sid, event in strangers.items()
            if sid not in found.values() and event.title in titles and _fits(base, original, event, may_move=original in lost)
        ]
        if candidates:
            found[original] = min(candidates)[1]
    return found


def _fits(base: Event, original: date, event: Event, *, may_move: bool) -> bool:
    if first_day(event.when) == original:
        return True
    return may_move and _clocks(event.when) == _clocks(occurrence_on(base, original).when)


def _clocks(when: When) -> tuple[object, ...]:
    if isinstance(when, AllDay):
        return (when.last - when.first,)
    length = timedelta(0) if when.end is None else when.end - when.start
    return when.start.time(), length
