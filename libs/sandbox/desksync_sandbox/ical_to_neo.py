"""Words imported events as schedules of NEO, so that real calendars can be tried from that side too.

NEO cannot say most rules of other calendars. What repeats becomes irregular dates (不定期), one schedule for the dates that are
alike; a date that differs, or lasts over midnight, is a schedule of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync_sandbox.google.seed import EMPTY
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from desksync_sandbox.neo.errors import Refused
from desksync_sandbox.neo.posted import posted
from desksync_sandbox.neo.seed import Seed as NeoSeed
from desksync_sandbox.neo.seed import SeedUser
from desksync_sandbox.neo.world import World as NeoWorld

Fields = dict[str, Any]

_PAST, _FUTURE = timedelta(days=366), timedelta(days=731)
_DAY = timedelta(days=1)
_NO_TITLE = "(無題)"


def schedules_of(events: Iterable[Mapping[str, Any]], today: date, zone: ZoneInfo) -> tuple[list[Fields], list[str]]:
    """Return NEO's form fields, without the person, and a line for each schedule that NEO would refuse.

    They are what takes place from a year before today to two years after it. `events` are resources as `read_ical` gives them,
    `zone` is the one of NEO.
    """
    scratch = World(EMPTY, GoogleSwitches(), lambda: datetime(2000, 1, 1, tzinfo=UTC))
    (address,) = scratch.accounts
    for event in events:
        scratch.add(address, event)
    midnight = datetime.combine(today, time.min, zone)
    found: list[Fields] = []
    alike: dict[tuple[Any, ...], list[str]] = {}
    for one in scratch.occurrences(address, midnight - _PAST, midnight + _FUTURE):
        if one["status"] == "cancelled":
            continue
        fields = dict(_fields(one, zone))
        if "recurringEventId" in one and fields["startdate"] == fields["enddate"]:
            day = fields.pop("startdate")
            del fields["enddate"]
            alike.setdefault((one["recurringEventId"], *fields.items()), []).append(day)
        else:
            found.append(fields)
    series = [dict(fields) | {"repeat": "r", "dates": sorted(days)} for (_, *fields), days in alike.items()]
    return _accepted(found + series)


def _accepted(found: Iterable[Fields]) -> tuple[list[Fields], list[str]]:
    """Try each in a scratch office: what that refuses would be refused later as well, and all others with it."""
    scratch = NeoWorld(NeoSeed(users=[SeedUser(id="1", login_id="1", name="1")]), lambda: "")
    schedules, refused = [], []
    for fields in found:
        try:
            scratch.insert(posted({"otherto": ["1"], **fields}), "1")
        except Refused as problem:
            day = fields.get("startdate") or fields["dates"][0]
            refused.append(f"what takes place on {day} is left out: NEO would not take it: {problem}")
        else:
            schedules.append(fields)
    return schedules, refused


def with_schedules(seed: Mapping[str, Any], schedules: Iterable[Fields]) -> dict[str, Any]:
    """Return the seed of the stand-in for NEO with these schedules for its first user. Raises `LookupError` without a user."""
    if not seed.get("users"):
        raise LookupError("it has no user who could get the imported events.")
    person = seed["users"][0]["id"]
    return {**seed, "schedules": [*seed.get("schedules", ()), *({"otherto": [person], **fields} for fields in schedules)]}


def _fields(one: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    start, end = one["start"], one["end"]
    if "date" in start:
        first, last = date.fromisoformat(start["date"]), date.fromisoformat(end["date"]) - _DAY
        yield from (("startdate", f"{first:%Y%m%d}"), ("enddate", f"{last:%Y%m%d}"))
    else:
        begins, ends = (datetime.fromisoformat(when["dateTime"]).astimezone(zone) for when in (start, end))
        yield from (("startdate", f"{begins:%Y%m%d}"), ("enddate", f"{ends:%Y%m%d}"))
        yield from (("starttime", f"{begins:%H%M}"), ("endtime", f"{ends:%H%M}"))
    yield "detail", one.get("summary") or _NO_TITLE
    yield from (("place", one.get("location", "")), ("memo", one.get("description", "")))
    yield "public_level", "secret" if one.get("visibility") == "private" else "open"
    yield "reserve", "1" if one["status"] == "tentative" else ""
