"""Which series a side can hold as a series. What it cannot comes to it as single events, and the history says why (rule R26)."""

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import assert_never
from zoneinfo import ZoneInfo

from desksync.sync.event import AllDay, Event, Side, Timed, first_day, last_day
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates, Recurrence, days

_COMPARED_DAYS = 60
"""How many dates tell whether weeks that begin on another day give other dates: several rounds of all seven weekdays."""


def obstacle(event: Event, side: Side, zone: ZoneInfo | None = None) -> str | None:
    """Return why that side cannot hold the event as one series, as a clause, or `None` if it can. Single events always can.

    `zone` is the user's. An endless series is none: NEO gets it with an end beyond the window. NEO's form has no field for what
    `Lines` say; its weeks begin on Monday; the first and last date of its series are the range of the series, so that an
    occurrence cannot last several days; and its times are by the user's own clock (as seen in NEO's browser client, V3.5).
    """
    rule = event.repeat
    match rule:
        case None:
            return None
        case Dates():
            return "it is on irregular dates (不定期), which Google Calendar has not" if side is Side.GOOGLE else None
        case Lines():
            return rule.why or "NEO has no field for its rule" if side is Side.NEO else None
        case Recurrence():
            return None if side is Side.GOOGLE else _obstacle_in_neo(event, rule, zone)
        case _:
            assert_never(rule)


def _obstacle_in_neo(event: Event, rule: Recurrence, zone: ZoneInfo | None) -> str | None:
    if isinstance(event.when, Timed) and zone is not None and str(event.when.start.tzinfo) != zone.key:
        return f"it repeats by the clock of another time zone ({event.when.start.tzinfo})"
    if _lasts_days(event):
        return "its occurrences last several days"
    if _has_other_weeks(rule, first_day(event.when)):
        return "its weeks begin on another day than Monday"
    return None


def _has_other_weeks(rule: Recurrence, first: date) -> bool:
    if rule.week_start == 0:
        return False
    from_monday = replace(rule, week_start=0)
    return list(islice(days(rule, first), _COMPARED_DAYS)) != list(islice(days(from_monday, first), _COMPARED_DAYS))


def _lasts_days(event: Event) -> bool:
    if isinstance(event.when, AllDay):
        return event.when.first != event.when.last
    start, end = event.when.start, event.when.end
    # An end earlier than the start on one date means the next day (rule R22): one night is sayable, more is not.
    return (
        last_day(event.when) != first_day(event.when)
        and end is not None
        and ((end.date() - start.date()).days > 1 or end.time() >= start.time())
    )
