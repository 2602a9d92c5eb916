"""A series and its exceptions: which of them still fit, and when it touches the window."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import takewhile

from desksync.sync.event import Event, Window, first_day, last_day, occurrence_on
from desksync.sync.recurrence import days_from, gives


def touches(event: Event, window: Window) -> bool:
    """Say whether any part of the event, or any occurrence of the series, lies in the window."""
    length = last_day(event.when) - first_day(event.when)
    if event.repeat is None:
        return first_day(event.when) <= window.last and last_day(event.when) >= window.first
    if any(one is not None and touches(one, window) for one in event.exceptions.values()):
        return True
    begin = date.min if window.first - date.min < length else window.first - length
    days = days_from(event.repeat, first_day(event.when), begin)
    return any(day not in event.exceptions for day in takewhile(lambda day: day <= window.last, days))


def with_exceptions(series: Event, exceptions: Mapping[date, Event | None]) -> Event:
    """Return the series with these exceptions, less those that the rule does not give or that say the same as the rule."""
    if series.repeat is None:
        return replace(series, exceptions={})
    first = first_day(series.when)
    return replace(
        series,
        exceptions={
            day: one
            for day, one in sorted(exceptions.items())
            if one != occurrence_on(series, day) and gives(series.repeat, first, day)
        },
    )
