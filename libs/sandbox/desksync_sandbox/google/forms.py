"""Between the form for people and event resources: what a form shows of an event, and what it wants to be written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync_sandbox.google.errors import GoogleError, invalid
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import moment_of

_SIMPLE = re.compile(
    r"RRULE:FREQ=(?P<frequency>DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=(?P<interval>\d+))?"
    r"(;COUNT=(?P<count>\d+)|;UNTIL=(?P<until>\d{8}(T\d{6}Z)?))?"
)
_TEXTS = ("summary", "location", "description", "visibility", "transparency", "colorId")


@dataclass(frozen=True)
class Filled:
    """The values of the form's fields, as texts. An empty `start_time` means whole days; `end_date` is then inclusive."""

    start_date: str
    end_date: str
    start_time: str = ""
    end_time: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    is_tentative: bool = False
    repeat: str = ""
    interval: str = "1"
    count: str = ""
    until: str = ""
    lines: str = ""

    def text(self, name: str) -> str:
        """Return a text field."""
        return self.texts.get(name, "")


def blank(day: date, clock: str) -> Filled:
    """Return an empty form for a day; with a time, for an hour from then on."""
    if not re.fullmatch(r"[0-2]\d:[0-5]\d", clock) or clock > "23:59":
        return Filled(day.isoformat(), day.isoformat())
    begins = datetime.combine(day, time.fromisoformat(clock))
    ends = begins + timedelta(hours=1)
    return Filled(day.isoformat(), ends.date().isoformat(), clock, f"{ends:%H:%M}")


def filled(event: Resource, zone: ZoneInfo) -> Filled:
    """Return the form of an event, with times in the zone of the calendar."""
    texts = {name: str(event.get(name, "")) for name in _TEXTS}
    common: dict[str, Any] = {"texts": texts, "is_tentative": event["status"] == "tentative", **_repeat(event, zone)}
    if "date" in event["start"]:
        last = date.fromisoformat(event["end"]["date"]) - timedelta(days=1)
        return Filled(event["start"]["date"], last.isoformat(), **common)
    begins, ends = (moment_of(event[name], zone).astimezone(zone) for name in ("start", "end"))
    return Filled(f"{begins:%Y-%m-%d}", f"{ends:%Y-%m-%d}", f"{begins:%H:%M}", f"{ends:%H:%M}", **common)


def again(form: Mapping[str, str]) -> Filled:
    """Return a form that was refused, as it was sent."""
    texts = {name: form.get(name, "") for name in _TEXTS}
    names = ("start_date", "end_date", "start_time", "end_time", "repeat", "interval", "count", "until", "lines")
    return Filled(texts=texts, is_tentative="tentative" in form, **{name: form.get(name, "") for name in names})


def wanted(form: Mapping[str, str], zone: ZoneInfo, *, has_rule: bool) -> Resource:
    """Return the patch that a sent form asks for. Raises `GoogleError` (400) where dates or numbers cannot be read."""
    try:
        edges = _edges(form, zone)
        rule: Resource = {"recurrence": _lines(form, zone) or None} if has_rule else {}
    except ValueError as error:
        raise invalid("日付、時刻または数値の形式が正しくありません。 A date, a time or a number cannot be read.") from error
    texts = {name: form.get(name, "").replace("\r\n", "\n") or None for name in _TEXTS}
    return {**edges, **texts, **rule, "status": "tentative" if "tentative" in form else "confirmed"}


def shifted(event: Resource, days: int, zone: ZoneInfo) -> Resource:
    """Return the patch that moves an event by whole days, at the same local times."""
    return {name: _shifted(event[name], timedelta(days=days), zone) for name in ("start", "end")}


def message_of(error: GoogleError) -> str:
    """Return what a person reads of a refusal."""
    return f"{error.message} ({error.reason})"


def _edges(form: Mapping[str, str], zone: ZoneInfo) -> Resource:
    first = date.fromisoformat(form.get("start_date", ""))
    last = date.fromisoformat(form["end_date"]) if form.get("end_date") else first
    if not form.get("start_time"):
        return {"start": _day(first), "end": _day(last + timedelta(days=1))}
    begins = datetime.combine(first, time.fromisoformat(form["start_time"]))
    ends = datetime.combine(last, time.fromisoformat(form["end_time"])) if form.get("end_time") else begins + timedelta(hours=1)
    return {"start": _moment(begins, zone), "end": _moment(ends, zone)}


def _day(day: date) -> Resource:
    return {"date": day.isoformat(), "dateTime": None, "timeZone": None}


def _moment(moment: datetime, zone: ZoneInfo) -> Resource:
    return {"date": None, "dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": zone.key}


def _shifted(when: Resource, step: timedelta, zone: ZoneInfo) -> Resource:
    if "date" in when:
        return _day(date.fromisoformat(when["date"]) + step)
    return _moment(moment_of(when, zone).astimezone(zone).replace(tzinfo=None) + step, zone)


def _repeat(event: Resource, zone: ZoneInfo) -> dict[str, str]:
    lines = event.get("recurrence", [])
    if not lines:
        return {}
    match = _SIMPLE.fullmatch(lines[0]) if len(lines) == 1 else None
    if match is None:
        return {"repeat": "CUSTOM", "lines": "\n".join(lines)}
    return {
        "repeat": match["frequency"],
        "interval": match["interval"] or "1",
        "count": match["count"] or "",
        "until": "" if match["until"] is None else _until(match["until"], zone),
    }


def _until(text: str, zone: ZoneInfo) -> str:
    if "T" not in text:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return f"{datetime.strptime(text, '%Y%m%dT%H%M%SZ').replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d}"


def _lines(form: Mapping[str, str], zone: ZoneInfo) -> list[str]:
    repeat = form.get("repeat", "")
    if repeat == "CUSTOM":
        return [line.strip() for line in form.get("lines", "").splitlines() if line.strip()]
    if not repeat:
        return []
    interval = int(form.get("interval") or "1")
    rule = f"RRULE:FREQ={repeat}" + (f";INTERVAL={interval}" if interval > 1 else "")
    if form.get("count"):
        return [f"{rule};COUNT={int(form['count'])}"]
    if not form.get("until"):
        return [rule]
    last = date.fromisoformat(form["until"])
    if not form.get("start_time"):
        return [f"{rule};UNTIL={last:%Y%m%d}"]
    ends = datetime.combine(last, time(23, 59, 59), zone).astimezone(UTC)
    return [f"{rule};UNTIL={ends:%Y%m%dT%H%M%SZ}"]
