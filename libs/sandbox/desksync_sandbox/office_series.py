"""Series of the made-up office that one of the two calendars alone can say, one of each kind."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_TOKYO, _NEW_YORK = "Asia/Tokyo", "America/New_York"


@dataclass(frozen=True, slots=True)
class Special:
    """Seeds of one kind: NEO's form fields without the person, and resources of the Calendar API."""

    neo: tuple[dict[str, Any], ...] = ()
    google: tuple[dict[str, Any], ...] = ()


def special_series(today: date) -> tuple[Special, ...]:
    """Return one of each kind, in or around the weeks after today."""
    monday = today + timedelta(days=7 - today.weekday())
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    wednesday, friday = monday + timedelta(days=2), _last_friday(first)
    extra = monday + timedelta(days=9)
    split = wednesday + timedelta(days=28)
    until = datetime.combine(split, time.min, ZoneInfo(_TOKYO)).astimezone(UTC) - timedelta(seconds=1)
    again = f"series5_R{split:%Y%m%d}T020000"
    return (
        Special(google=(_event("series1", "週次定例", monday, 10, "RRULE:FREQ=WEEKLY"),)),
        Special(google=(_event("series2", "プレミアムフライデー", friday, 15, "RRULE:FREQ=MONTHLY;BYDAY=-1FR"),)),
        Special(google=(_event("series3", "月末締め", monday, 17, "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),)),
        Special(google=(_event("series4", "講習会", monday, 13, "RRULE:FREQ=WEEKLY;COUNT=4", f"RDATE:{extra:%Y%m%d}T040000Z"),)),
        Special(neo=(_irregular(monday),)),
        Special(google=(_event("series6", "NY call", wednesday, 19, "RRULE:FREQ=WEEKLY", zone=_NEW_YORK),)),
        Special(
            google=(
                _event("series5", "進捗会議", wednesday, 11, f"RRULE:FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%SZ}"),
                _event(again, "進捗会議 (新体制)", split, 11, "RRULE:FREQ=WEEKLY"),
            )
        ),
    )


def _event(event_id: str, title: str, day: date, hour: int, *lines: str, zone: str = _TOKYO) -> dict[str, Any]:
    start = datetime.combine(day, time(hour), ZoneInfo(zone))
    ends = start + timedelta(hours=1)
    return {
        "id": event_id,
        "summary": title,
        "start": {"dateTime": start.isoformat(), "timeZone": zone},
        "end": {"dateTime": ends.isoformat(), "timeZone": zone},
        "recurrence": list(lines),
    }


def _irregular(day: date) -> dict[str, Any]:
    dates = [f"{day + timedelta(days=number):%Y%m%d}" for number in (0, 3, 8, 22)]
    return {"repeat": "r", "dates": dates, "starttime": "0830", "endtime": "0900", "detail": "掃除当番"}


def _last_friday(first: date) -> date:
    """Return the last Friday of the month that begins on that day."""
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 4) % 7)
