"""Builders of test data: a test names the values it depends on, and no others."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync.sync.event import AllDay, Event, Timed, Window
from desksync.sync.recurrence import Frequency, Recurrence

TOKYO = ZoneInfo("Asia/Tokyo")
A_MONDAY = date(2026, 11, 23)
WINDOW = Window(A_MONDAY - timedelta(days=30), A_MONDAY + timedelta(days=365))


def at(hour: int, minute: int = 0, *, day: date = A_MONDAY, zone: ZoneInfo = TOKYO) -> datetime:
    """Return a wall-clock time on a day, a Monday in November 2026 unless told otherwise."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def timed(hour: int = 10, minutes: int = 60, *, day: date = A_MONDAY, zone: ZoneInfo = TOKYO) -> Timed:
    """Return a span of that many minutes."""
    start = at(hour, day=day, zone=zone)
    return Timed(start, start + timedelta(minutes=minutes))


def all_day(first: date = A_MONDAY, days: int = 1) -> AllDay:
    """Return that many whole days."""
    return AllDay(first, first + timedelta(days=days - 1))


def weekly(count: int = 5, *, weekdays: tuple[Any, ...] = (0,)) -> Recurrence:
    """Return a weekly rule, on Mondays unless told otherwise."""
    return Recurrence(Frequency.WEEKLY, weekdays=weekdays, count=count)


def an_event(title: str = "Stand-up", **fields: Any) -> Event:
    """Return an event on a Monday from 10 to 11 in Tokyo."""
    values: dict[str, Any] = {"when": timed(), "title": title} | fields
    return Event(**values)
