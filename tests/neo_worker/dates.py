"""A series of five Mondays, and its dates."""

from dataclasses import replace
from datetime import date
from typing import Any

from desksync.sync.event import Event, occurrence_on
from tests.builders import an_event, weekly

SERIES = an_event("定例", repeat=weekly(5))
SECOND, THIRD, FOURTH = date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)


def on(day: date, **changes: Any) -> Event:
    """Return the occurrence of that date, with some things changed."""
    return replace(occurrence_on(SERIES, day), **changes)
