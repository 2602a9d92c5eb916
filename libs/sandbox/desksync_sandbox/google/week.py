"""Puts the events of a calendar into the grid of a week: which texts, times and marks they show there. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import moment_of
from desksync_sandbox.week import Days, Look, Span, Week
from desksync_sandbox.week import week_of as laid_out

COLOURS = {
    "1": ("ラベンダー", "violet"),
    "2": ("セージ", "green"),
    "3": ("ブドウ", "violet"),
    "4": ("フラミンゴ", "pink"),
    "5": ("バナナ", "yellow"),
    "6": ("ミカン", "yellow"),
    "7": ("ピーコック", "teal"),
    "8": ("グラファイト", "grey"),
    "9": ("ブルーベリー", "blue"),
    "10": ("バジル", "green"),
    "11": ("トマト", "red"),
}
"""The names of Google's event colours, each with the style that is nearest to it."""
_KINDS = {
    "birthday": "誕生日",
    "focusTime": "サイレント モード",
    "fromGmail": "Gmail",
    "outOfOffice": "不在",
    "workingLocation": "勤務場所",
}


def week_of(monday: date, events: Iterable[Resource], zone: ZoneInfo, today: date) -> Week:
    """Lay out single events and instances."""
    return laid_out(monday, [_placed(event, zone) for event in events], today)


def look_of(event: Resource, zone: ZoneInfo) -> Look:
    """Return what a person sees of an event in a grid of the zone."""
    return Look(
        path=quote(event["id"], safe=""),
        title=event.get("summary") or "(タイトルなし)",
        place=event.get("location", ""),
        time=time_of(event, zone),
        start=time_of(event, zone).partition("–")[0],
        marks=tuple(_marks(event)),
        colour=COLOURS.get(event.get("colorId", ""), ("", "blue"))[1],
        is_tentative=event["status"] == "tentative",
    )


def time_of(event: Resource, zone: ZoneInfo) -> str:
    """Return the time as a person reads it."""
    if "date" in event["start"]:
        return "終日"
    begins, ends = (moment_of(event[name], zone).astimezone(zone) for name in ("start", "end"))
    return f"{begins:%H:%M}–{ends:%H:%M}"


def _placed(event: Resource, zone: ZoneInfo) -> Days | Span:
    look = look_of(event, zone)
    if "date" in event["start"]:
        last = date.fromisoformat(event["end"]["date"]) - timedelta(days=1)
        return Days(look, date.fromisoformat(event["start"]["date"]), last)
    begins, ends = (moment_of(event[name], zone).astimezone(zone).replace(tzinfo=None) for name in ("start", "end"))
    return Span(look, begins, ends)


def _marks(event: Resource) -> Iterator[tuple[str, str]]:
    if event.get("visibility") in ("private", "confidential"):
        yield "非公開", "private"
    if "recurringEventId" in event:
        yield "変更" if _is_changed(event) else "定期", "series"
    if event["status"] == "tentative":
        yield "仮", "tentative"
    if event["eventType"] in _KINDS:
        yield _KINDS[event["eventType"]], "kind"
    if event.get("attendees"):
        yield f"ゲスト {len(event['attendees'])}", "guests"


def _is_changed(event: Resource) -> bool:
    return bool(event["start"] != event["originalStartTime"])
