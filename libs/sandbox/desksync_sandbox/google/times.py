"""Reads and writes the times of event resources: RFC 3339, dates, named zones. Knows no events."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from desksync_sandbox.google.errors import bad_request, invalid, required

When = dict[str, Any]
"""An `EventDateTime`: `date`, or `dateTime` with an optional `timeZone`."""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database, or `None` if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone_named(name: str) -> ZoneInfo:
    """Return a zone that was checked before."""
    zone = zone_of(name)
    if zone is None:
        raise invalid(f"Invalid time zone: {name}", parameter="timeZone")
    return zone


def parsed_moment(text: str, parameter: str) -> datetime:
    """Return the moment that a query parameter names; it must carry an offset (Google events.list)."""
    moment = _read_moment(text)
    if moment is None or moment.tzinfo is None:
        raise bad_request(parameter=parameter)
    return moment


def checked_when(value: Any, name: str) -> When:
    """Return the start or end of an event with nothing but its known keys.

    Refuses with 400: both or none of `date` and `dateTime`, unreadable values, unknown zones, and a `dateTime` with neither
    offset nor `timeZone`.
    """
    if not isinstance(value, dict):
        raise required(f"Missing {name} time.")
    given = {key: value[key] for key in ("date", "dateTime", "timeZone") if value.get(key) is not None}
    if ("date" in given) == ("dateTime" in given):
        raise (invalid(f"Invalid {name} time.") if "date" in given else required(f"Missing {name} time."))
    zone = given.get("timeZone")
    if zone is not None and (not isinstance(zone, str) or zone_of(zone) is None):
        raise invalid(f"Invalid time zone definition for {name} time.")
    if "date" in given:
        if not isinstance(given["date"], str) or not _DATE.fullmatch(given["date"]) or _read_date(given["date"]) is None:
            raise invalid(f"Invalid value for: {name}.date")
        return given
    moment = _read_moment(given["dateTime"]) if isinstance(given["dateTime"], str) else None
    if moment is None:
        raise invalid(f"Invalid value for: {name}.dateTime")
    if moment.tzinfo is None and zone is None:
        raise required(f"Missing time zone definition for {name} time.")
    return given


def is_all_day(when: When) -> bool:
    """Say whether it is a date."""
    return "date" in when


def moment_of(when: When, calendar_zone: tzinfo) -> datetime:
    """Return the instant in UTC; a date is midnight in the zone of the calendar."""
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time.min, calendar_zone).astimezone(UTC)
    moment = datetime.fromisoformat(when["dateTime"].upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_named(when["timeZone"]))
    return moment.astimezone(UTC)


def shown_when(when: When, zone: tzinfo) -> When:
    """Return it as an answer gives it: with the offset of the zone that the answer is in; dates stay as they are."""
    if "date" in when:
        return {"date": when["date"]}
    shown: When = {"dateTime": written(moment_of(when, zone).astimezone(zone))}
    if "timeZone" in when:
        shown["timeZone"] = when["timeZone"]
    return shown


def written(moment: datetime) -> str:
    """Return RFC 3339 with seconds; UTC as `Z`."""
    text = moment.replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def written_stamp(moment: datetime) -> str:
    """Return `created` and `updated` as Google writes them: UTC with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def length(start: When, end: When, calendar_zone: tzinfo) -> timedelta:
    """Return how long it lasts; all-day events in whole days, whatever the clock does."""
    if "date" in start and "date" in end:
        return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
    return moment_of(end, calendar_zone) - moment_of(start, calendar_zone)


def _read_moment(text: str) -> datetime | None:
    if not _RFC3339.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return moment if _has_neighbours(moment) else None


def _read_date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _has_neighbours(day) else None


def _has_neighbours(day: date) -> bool:
    """Say whether it can be shown in every zone: the first and the last year that Python knows cannot."""
    return date.min.year < day.year < date.max.year
