"""Which days sync today (rule R4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desksync.sync.event import Window


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How many days before and after today sync."""

    past: int
    future: int


def window_of(zone: ZoneInfo, size: WindowSize, now: datetime) -> Window:
    """Return the days that sync, around the user's own today. It moves on every midnight of the user."""
    today = now.astimezone(zone).date()
    return Window(today - timedelta(days=size.past), today + timedelta(days=size.future))
