"""What a person can take hold of in either calendar: events, series with their dates, and what was cancelled of them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desksync.sync.event import Side
from desksync_sandbox.compare import Appointment
from tests.whole_path.machinery import EMAIL, NEO_USER
from tests.whole_path.path import SINCE, UNTIL, WholePath

_TOKEN = re.compile(r"t\d+")

Seen = Mapping[str, Counter[Appointment]]
"""All occurrences of one side, by the token in their titles."""


@dataclass(frozen=True)
class Found:
    """An event, or a series with the original dates of its occurrences, as a person sees it.

    `occurrences` and `cancelled` are NEO's original dates or Google's ids of instances; `starts` says the time of day, `None` for
    whole days.
    """

    side: Side
    id: str
    token: str
    kind: str
    first: date
    starts: datetime | None
    minutes: int
    occurrences: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()

    @property
    def is_series(self) -> bool:
        """Say whether it repeats."""
        return bool(self.occurrences)


def token_of(title: str) -> str:
    """Return the token of a title, empty where there is none."""
    found = _TOKEN.search(title)
    return found[0] if found else ""


def found_on(path: WholePath) -> list[Found]:
    """Return all that a person could take hold of, in a fixed order."""
    return [*_in_neo(path), *_on_google(path)]


def seen_on(path: WholePath, side: Side) -> Seen:
    """Return what a side holds within the time that people look at."""
    seen: defaultdict[str, Counter[Appointment]] = defaultdict(Counter)
    for one in path.everything(side):
        seen[token_of(one.title)][one] += 1
    return seen


def _in_neo(path: WholePath) -> Iterable[Found]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in path.neo.records(NEO_USER):
        groups.setdefault(item["sid"], []).append(item)
    for sid in sorted(groups, key=int):
        items = groups[sid]
        token = next((found for item in items if (found := token_of(item["detail"]))), "")
        dates = tuple(item["seldate"] for item in items) if items[0]["repeat"] else ()
        item = items[0]
        first = _clock(min(dates, default=item["startdate"]), "0000")
        starts, minutes = None, 60
        if item["starttime"]:
            starts = _clock(item["startdate"], item["starttime"])
            ends = _clock(item["enddate"], item["endtime"] or item["starttime"])
            minutes = int((ends - starts).total_seconds()) // 60 % (14 * 1440)
        yield Found(Side.NEO, sid, token, item["event"], first.date(), starts, minutes, dates)


def _clock(day: str, time: str) -> datetime:
    return datetime.strptime(f"{day} {time}", "%Y%m%d %H%M")  # noqa: DTZ007 - what a clock on the wall shows


def _on_google(path: WholePath) -> Iterable[Found]:
    calendar = path.google.calendar(EMAIL)
    events = [event for event in path.google.events(EMAIL) if "recurringEventId" not in event]
    for event in sorted(events, key=lambda event: (int(token_of(event["summary"])[1:]), str(event["id"]))):
        instances: tuple[str, ...] = ()
        cancelled: tuple[str, ...] = ()
        if "recurrence" in event:
            family = list(calendar.family_of(event["id"]).instances(SINCE, UNTIL, calendar.zone))
            instances = tuple(sorted(str(one["id"]) for one in family if one["status"] != "cancelled"))
            cancelled = tuple(sorted(str(one["id"]) for one in family if one["status"] == "cancelled"))
        prefix, colon, _ = event["summary"].partition(": ")
        starts, first = None, date.fromisoformat(str(event["start"].get("date") or event["start"]["dateTime"][:10]))
        minutes = 60
        if "dateTime" in event["start"]:
            starts, ends = (datetime.fromisoformat(event[name]["dateTime"]) for name in ("start", "end"))
            minutes = int((ends - starts).total_seconds()) // 60
        yield Found(
            Side.GOOGLE,
            event["id"],
            token_of(event["summary"]),
            prefix if colon else "",
            first,
            starts,
            minutes,
            instances,
            cancelled,
        )
