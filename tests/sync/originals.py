"""Pairs of an original and its copy, or of two originals, and rules that one of the sides cannot say."""

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side
from desksync.sync.lines import Lines
from desksync.sync.plan import Delete
from desksync.sync.recurrence import Dates
from tests.builders import A_MONDAY, TOKYO, an_event
from tests.sync.pair import Pair

NEW_YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")
SECOND = A_MONDAY + timedelta(days=7)
THIRD = A_MONDAY + timedelta(days=14)
BY_LINES = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4",), "it repeats on several days of a month")
BY_DATES = Dates((A_MONDAY, A_MONDAY + timedelta(days=3)))
UNSAYABLE: dict[Side, Any] = {Side.NEO: BY_LINES, Side.GOOGLE: BY_DATES}
"""What that side cannot hold."""
SAME_DATES: dict[Side, Any] = {
    Side.NEO: Lines(("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20261214,20261221"), "it has extra dates"),
    Side.GOOGLE: Dates(tuple(A_MONDAY + timedelta(weeks=number) for number in range(5))),
}
"""What that side cannot hold, although it gives the dates of `weekly()`."""


def a_pair_of(*, made_on: Side | None, **fields: Any) -> tuple[Pair, dict[Side, str]]:
    """Return two calendars with one event that a person made on that side, or on both with `None`, and its two ids."""
    pair = Pair()
    pair.set_zone(TOKYO)
    for side in Side if made_on is None else [made_on]:
        pair.calendar(side).add(an_event(**fields))
    pair.run()
    return pair, {side: next(iter(pair.calendar(side).events)) for side in Side}


def on(pair: Pair, side: Side) -> Event:
    """Return the only event of that side."""
    (event,) = pair.calendar(side).events.values()
    return event


def deletions(pair: Pair) -> Counter[Side]:
    return Counter(action.side for action in pair.done if isinstance(action, Delete))


def why_skipped(pair: Pair) -> list[str]:
    return [one.why for one in pair.plans[-1].skipped]


def run_until_quiet(pair: Pair) -> None:
    """Make one run more than needed; it writes nothing."""
    assert pair.run()
    writes = pair.writes()
    assert pair.run()
    assert pair.writes() == writes
