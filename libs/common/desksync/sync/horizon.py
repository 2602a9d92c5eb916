"""Where a series without an end is cut for NEO, which has none, and what of that flows back: nothing (rule R26). Pure."""

from calendar import monthrange
from dataclasses import replace
from datetime import date

from desksync.sync.event import Event, Window, first_day
from desksync.sync.link import Link
from desksync.sync.recurrence import Recurrence, has_end, last_day_of


def horizon(window: Window) -> date:
    """Return where a series is cut: the end of the month a year after the window, so that it is made longer once a year only."""
    year = window.last.year + 1
    return date(year, window.last.month, monthrange(year, window.last.month)[1])


def is_endless(event: Event) -> bool:
    """Say whether it is a series that has to be cut for NEO."""
    return isinstance(event.repeat, Recurrence) and not has_end(event.repeat)


def cut(event: Event, end: date) -> Event:
    """Return an endless series with this last date, and without the exceptions after it. Its first date always stays."""
    if not isinstance(event.repeat, Recurrence):
        return event
    end = max(end, first_day(event.when))
    exceptions = {day: one for day, one in event.exceptions.items() if day <= end}
    return replace(event, repeat=replace(event.repeat, until=end), exceptions=exceptions)


def cut_for_neo(event: Event, window: Window) -> Event:
    """Return the event as it is copied to NEO: an endless series is cut at the horizon."""
    return cut(event, horizon(window)) if is_endless(event) else event


def cut_like(neo: Event, google: Event, window: Window) -> Event:
    """Return Google's event cut where NEO's ends, if that may be how it came to NEO: both go on throughout the window."""
    end = _end_of(neo)
    return cut(google, end) if end is not None and end > window.last and is_endless(google) else google


class Cut:
    """One pair of which Google's event has no end, as NEO can say it."""

    def __init__(self, link: Link, neo: Event, google: Event, window: Window) -> None:
        """Find the present end: where the series was cut before, or the horizon when the window has reached that."""
        self._google = google
        self._before = _end_of(link.neo) if is_endless(link.google) else None
        has_moved = (neo.when, neo.repeat) != (link.neo.when, link.neo.repeat)
        is_enough = self._before is not None and (has_moved or self._before >= window.last)
        end = self._before if self._before is not None and is_enough else horizon(window)
        self.end = max(end, first_day(google.when))  # A series that was moved to behind the horizon has one date there.
        self.google = cut(google, self.end) if is_endless(google) else google
        self.link = replace(link, google=cut(link.google, self._before)) if self._before is not None else link

    @property
    def is_longer(self) -> bool:
        """Say whether the end has to be moved in NEO because the window has reached it."""
        return is_endless(self._google) and self._before is not None and self.end != self._before

    def mended(self, wanted: Event) -> Event:
        """Return what Google should hold: without the end that was only NEO's, and with the exceptions beyond it."""
        rule = wanted.repeat
        if not is_endless(self._google) or not isinstance(rule, Recurrence) or _end_of(wanted) not in (self.end, self._before):
            return wanted
        beyond = {day: one for day, one in self._google.exceptions.items() if day > self.end}
        return replace(wanted, repeat=replace(rule, until=None, count=None), exceptions={**wanted.exceptions, **beyond})


def _end_of(event: Event) -> date | None:
    rule = event.repeat
    if not isinstance(rule, Recurrence):
        return None
    return rule.until or last_day_of(rule, first_day(event.when))
