"""What people write into calendars, for Hypothesis: small pools, so that conflicts and coincidences are frequent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from desksync.sync.event import Access, AllDay, Event, Side, Timed, When, Window, first_day, seen_from
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates, Frequency, Recurrence, Weekday

Draw = Callable[[st.SearchStrategy[Any]], Any]
Rule = Callable[[date], Recurrence | None]

ZONES = [ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]
TODAY = date(2026, 10, 26)
"""A Monday; clocks go back in New York on the Sunday after it."""

FIRST_WINDOW = Window(TODAY - timedelta(days=3), TODAY + timedelta(days=20))
FORBIDDEN = "forbidden"
"""What neither calendar takes in a title."""

_LONG = "long " * 30
_WORDS = ["plan", "planning", "Ｐｌａｎ", f"{_LONG}end", f"{_LONG}other end", FORBIDDEN]
_PLACES = ["", "Room 1", "会議室 "]
_TEXTS = ["", "line\nline", "line \r\nline\n", "other"]
_PEOPLE = ["", "佐藤\n鈴木"]
_DAYS = [TODAY + timedelta(days=offset) for offset in (0, 1, 2, 5, 6, 7, 14, 20, 21, 28, 40, -3, -4, -8)]
_SPANS = [
    ((10, 0), 60),
    ((10, 0), 30),
    ((0, 0), 60),
    ((1, 30), 30),
    ((2, 30), 60),
    ((23, 30), 60),
    ((9, 0), 14 * 60),
    ((9, 0), 2880),
]


def when(draw: Draw, side: Side, zone: ZoneInfo, days: list[date] = _DAYS) -> When:
    """Draw a time as that side can hold it."""
    day = draw(st.sampled_from(days))
    kinds = ["timed", "day", "days", *(["open end"] if side is Side.NEO else [])]
    match draw(st.sampled_from(kinds)):
        case "day":
            return AllDay(day, day)
        case "days":
            return AllDay(day, day + timedelta(days=2))
        case kind:
            (hour, minute), length = draw(st.sampled_from(_SPANS))
            start = _real(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))
            return Timed(start, None if kind == "open end" else _real(start + timedelta(minutes=length)))


def rule(draw: Draw, first: date, *, is_needed: bool = False) -> Recurrence | None:
    """Draw a rule that gives the first day, or none. Rarely one without an end, which NEO cannot hold."""
    weekday = _weekday(first)
    two: tuple[Weekday, ...] = tuple(sorted((weekday, _weekday(first + timedelta(days=2)))))
    rules = [
        Recurrence(Frequency.WEEKLY, weekdays=(weekday,), count=3),
        Recurrence(Frequency.DAILY, count=3),
        Recurrence(Frequency.WEEKLY, weekdays=(weekday,), until=first + timedelta(days=14)),
        Recurrence(Frequency.WEEKLY, weekdays=two, until=first + timedelta(days=24)),
        Recurrence(Frequency.WEEKLY, weekdays=two, interval=2, count=4),
        Recurrence(Frequency.DAILY, interval=2, until=first + timedelta(days=30)),
        Recurrence(Frequency.MONTHLY, count=2),
        Recurrence(Frequency.WEEKLY, weekdays=(weekday,)),
    ]
    return draw(st.sampled_from([*([] if is_needed else [None, None, None]), *rules]))  # type: ignore[no-any-return]


def event(draw: Draw, side: Side, zone: ZoneInfo, token: str) -> Event:
    """Draw an event or a series without exceptions; its title begins with the token."""
    begins = when(draw, side, zone)
    looks = product(_PLACES[:2], _TEXTS[:2], _accesses(side), [False, True], _PEOPLE if side is Side.NEO else [""])
    location, description, access, is_tentative, attendance = draw(st.sampled_from(list(looks)))
    return Event(
        when=begins,
        title=draw(titles(token)),
        location=location,
        description=description,
        attendance=attendance,
        access=access,
        is_tentative=is_tentative,
        repeat=rule(draw, first_day(begins)),
    )


def titles(token: str) -> st.SearchStrategy[str]:
    """Return titles that begin with the token; some are longer than NEO holds, some refused."""
    return st.sampled_from([f"{token} {word}" for word in _WORDS])


def edit(draw: Draw, side: Side, zone: ZoneInfo, now: Event, token: str, *, is_occurrence: bool = False) -> dict[str, Any]:
    """Draw a change of one or two fields, as a person makes it on that side."""
    changes: dict[str, Any] = {}
    for field in draw(st.sampled_from(_EDITABLE)):
        match field:
            case "when":
                changes |= _moved(draw, side, zone, now, is_occurrence=is_occurrence)
            case "repeat":
                if not is_occurrence:
                    changes["repeat"] = rule(draw, first_day(changes.get("when", now.when)))
            case _:
                changes[field] = draw(_values(field, side, token))
    return changes


def weekly_on(first: date) -> Recurrence:
    """Return a rule for three weeks that both sides can hold, unless its occurrences last too long."""
    return Recurrence(Frequency.WEEKLY, weekdays=(_weekday(first),), count=3)


def unsayable(draw: Draw, side: Side, zone: ZoneInfo, now: Event) -> dict[str, Any]:
    """Draw a change of times and rule to what the other side cannot hold as one series."""
    begins = now.when if isinstance(now.when, AllDay) else seen_from(now.when, zone)
    first = first_day(begins)
    if side is Side.NEO:
        return {
            "when": begins,
            "repeat": Dates(tuple(first + timedelta(days=days) for days in draw(st.sampled_from(_IRREGULAR)))),
        }
    weekday = _weekday(first)
    weekly = weekly_on(first)
    match draw(st.sampled_from(["lines", "extra date", "other weeks", "several days", "other clock"])):
        case "lines":
            lines = f"RRULE:FREQ=WEEKLY;BYDAY={_BYDAY[weekday]};COUNT=3"
            return {"when": begins, "repeat": Lines((lines,), "it is said in other words")}
        case "extra date":
            extra = f"RDATE:{first + timedelta(days=1):%Y%m%d}"
            return {"when": begins, "repeat": Lines(("RRULE:FREQ=DAILY;INTERVAL=3;COUNT=3", extra), "it has extra dates")}
        case "other weeks" if weekday != 6:
            return {"when": begins, "repeat": Recurrence(Frequency.WEEKLY, 2, (weekday, 6), count=4, week_start=6)}
        case "other clock" if isinstance(begins, Timed):
            (other,) = (one for one in ZONES if one != zone)
            elsewhere = seen_from(begins, other)
            return {"when": elsewhere, "repeat": weekly_on(first_day(elsewhere))}
        case _:
            return {"when": AllDay(first, first + timedelta(days=2)), "repeat": weekly}


_IRREGULAR = [(0, 2, 9), (0, 7, 14), (0, 1)]
_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_SINGLE = ["when", "repeat", "title", "location", "description", "attendance", "access", "is_tentative"]
_EDITABLE = [(name,) for name in _SINGLE] + [
    ("when", "title"),
    ("when", "repeat"),
    ("title", "location"),
    ("when", "description"),
]


def variation(draw: Draw, one: Event, side: Side) -> Event:
    """Draw what another person wrote into the other calendar for the same appointment."""
    return replace(
        one,
        title=draw(st.sampled_from([one.title, one.title.upper(), one.title.replace("t", "ｔ"), f"{one.title} "])),
        location=draw(st.sampled_from(_PLACES)),
        description=draw(st.sampled_from(_TEXTS)),
        access=draw(st.sampled_from(_accesses(side))),
        is_tentative=draw(st.booleans()),
        attendance=draw(st.sampled_from(_PEOPLE)) if side is Side.NEO else "",
        exceptions={},
    )


def _accesses(side: Side) -> list[Access]:
    return list(Access) if side is Side.NEO else [Access.OPEN, Access.SECRET]


def _values(field: str, side: Side, token: str) -> st.SearchStrategy[Any]:
    return {
        "title": titles(token),
        "location": st.sampled_from(_PLACES),
        "description": st.sampled_from(_TEXTS),
        "attendance": st.sampled_from(_PEOPLE),
        "access": st.sampled_from(_accesses(side)),
        "is_tentative": st.booleans(),
    }[field]


def _moved(draw: Draw, side: Side, zone: ZoneInfo, now: Event, *, is_occurrence: bool) -> dict[str, Any]:
    if now.repeat is None or is_occurrence:
        return {"when": when(draw, side, zone)}
    # The first date of a series always fits its rule: moving it takes a rule along that fits the new date.
    moved = when(draw, side, zone, [first_day(now.when), *_DAYS])
    if first_day(moved) == first_day(now.when):
        return {"when": moved}
    return {"when": moved, "repeat": rule(draw, first_day(moved), is_needed=True)}


def _weekday(day: date) -> Weekday:
    weekdays: tuple[Weekday, ...] = (0, 1, 2, 3, 4, 5, 6)
    return weekdays[day.weekday()]


def _real(moment: datetime) -> datetime:
    """Return the moment as a clock shows it: a time inside a DST gap is moved out of it."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)
