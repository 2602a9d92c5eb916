"""Every kind of rule that a person can give a series that begins on a given day, as NEO's form or Google's lines say it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.whole_path.words import Slot

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NeoRule:
    """A rule by its name, and NEO's fields for it."""

    name: str
    fields: Callable[[date], Mapping[str, Any]]

    def said(self, first: date) -> dict[str, Any]:
        """Return all fields of the rule; those that it does not need are empty."""
        empty = {"interval": "1", "everyweek": "", "everyweekday": "", "rependtimes": "", "enddate": ""}
        return {**empty, **self.fields(first)}

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class GoogleRule:
    """A rule by its name, and Google's lines for it, for a series that begins in that slot.

    `minutes` and `zone` are those of the slot where the kind is in them: occurrences of several days, another clock.
    """

    name: str
    lines: Callable[[Slot], list[str]]
    minutes: int | None = None
    is_elsewhere: bool = False

    def __repr__(self) -> str:
        return self.name


def _mask(first: date, *offsets: int) -> str:
    chosen = {(first.weekday() + offset) % 7 for offset in offsets}
    return "".join("1" if day in chosen else "0" for day in range(7))


def _nth(first: date) -> str:
    return str((first.day - 1) // 7 + 1)


NEO_RULES = [
    NeoRule("every day", lambda _: {"repeat": "d", "rependtimes": "3"}),
    NeoRule("every other day", lambda _: {"repeat": "d", "interval": "2", "rependtimes": "4"}),
    NeoRule("every week", lambda _: {"repeat": "w", "rependtimes": "3"}),
    NeoRule("every other week", lambda _: {"repeat": "w", "interval": "2", "rependtimes": "2"}),
    NeoRule("on two weekdays", lambda day: {"repeat": "w", "everyweekday": _mask(day, 0, 2), "rependtimes": "5"}),
    NeoRule("every week until", lambda day: {"repeat": "w", "enddate": f"{day + 16 * DAY:%Y%m%d}"}),
    NeoRule("every month", lambda _: {"repeat": "m", "rependtimes": "2"}),
    NeoRule(
        "by the number of a weekday",
        lambda day: {"repeat": "m", "everyweek": _nth(day), "everyweekday": _mask(day, 0), "rependtimes": "2"},
    ),
    NeoRule("every year", lambda _: {"repeat": "y", "rependtimes": "2"}),
    NeoRule(
        "irregular",
        lambda day: {"repeat": "r", "dates": [f"{day + offset * DAY:%Y%m%d}" for offset in (0, 3, 8)]},
    ),
    NeoRule("irregular, other", lambda day: {"repeat": "r", "dates": [f"{day + offset * DAY:%Y%m%d}" for offset in (0, 1, 8)]}),
]


def _rule(text: str) -> Callable[[Slot], list[str]]:
    return lambda _: [f"RRULE:{text}"]


def _moment(slot: Slot, offset: int, minutes: int = 0) -> str:
    """Return the moment on a later day as a line of Google says it; a date, where the slot is of whole days."""
    day = slot.day + offset * DAY
    if slot.start is None:
        return f"{day:%Y%m%d}"
    moment = datetime.combine(day, slot.start, tzinfo=slot.zone) + timedelta(minutes=minutes)
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _listed(name: str, slot: Slot, offset: int, minutes: int = 0) -> str:
    value = ";VALUE=DATE" if slot.start is None else ""
    return f"{name}{value}:{_moment(slot, offset, minutes)}"


def _by_day(slot: Slot, *offsets: int) -> str:
    return ",".join(NAMES[(slot.day.weekday() + offset) % 7] for offset in offsets)


GOOGLE_RULES = [
    GoogleRule("every day", _rule("FREQ=DAILY;COUNT=3")),
    GoogleRule("every other day", _rule("FREQ=DAILY;INTERVAL=2;COUNT=4")),
    GoogleRule("every week", _rule("FREQ=WEEKLY;COUNT=3")),
    GoogleRule("on two weekdays", lambda slot: [f"RRULE:FREQ=WEEKLY;BYDAY={_by_day(slot, 0, 2)};COUNT=5"]),
    GoogleRule("every week until", lambda slot: [f"RRULE:FREQ=WEEKLY;UNTIL={_moment(slot, 16)}"]),
    GoogleRule("every month", _rule("FREQ=MONTHLY;COUNT=2")),
    GoogleRule(
        "by the number of a weekday", lambda slot: [f"RRULE:FREQ=MONTHLY;BYDAY={_nth(slot.day)}{_by_day(slot, 0)};COUNT=2"]
    ),
    GoogleRule("every year", _rule("FREQ=YEARLY;COUNT=2")),
    GoogleRule("endless by weeks", _rule("FREQ=WEEKLY")),
    GoogleRule("endless by days", _rule("FREQ=DAILY;INTERVAL=5")),
    GoogleRule("endless by months", _rule("FREQ=MONTHLY")),
    GoogleRule("several days of a month", lambda slot: [f"RRULE:FREQ=MONTHLY;BYMONTHDAY={slot.day.day},-1;COUNT=4"]),
    GoogleRule("several days of a month, endless", lambda slot: [f"RRULE:FREQ=MONTHLY;BYMONTHDAY={slot.day.day},-1"]),
    GoogleRule("BYSETPOS", lambda slot: [f"RRULE:FREQ=MONTHLY;BYDAY={','.join(NAMES)};BYSETPOS={slot.day.day},-2;COUNT=4"]),
    GoogleRule("RDATE", lambda slot: ["RRULE:FREQ=WEEKLY;COUNT=2", _listed("RDATE", slot, 3)]),
    GoogleRule("RDATE at another time", lambda slot: ["RRULE:FREQ=WEEKLY;COUNT=2", _listed("RDATE", slot, 3, 90)]),
    GoogleRule("RDATE alone", lambda slot: [_listed("RDATE", slot, 3)]),
    GoogleRule("EXDATE", lambda slot: ["RRULE:FREQ=WEEKLY;COUNT=3", _listed("EXDATE", slot, 7)]),
    GoogleRule(
        "EXDATE of what is expanded",
        lambda slot: [f"RRULE:FREQ=MONTHLY;BYMONTHDAY={slot.day.day},-1;COUNT=4", _listed("EXDATE", slot, 0)],
    ),
    GoogleRule("EXRULE", lambda _: ["RRULE:FREQ=DAILY;COUNT=6", "EXRULE:FREQ=DAILY;INTERVAL=3"]),
    GoogleRule("two rules", lambda slot: ["RRULE:FREQ=WEEKLY;COUNT=2", f"RRULE:FREQ=MONTHLY;BYMONTHDAY={slot.day.day};COUNT=2"]),
    GoogleRule("weeks from Sunday", lambda slot: [f"RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,{_by_day(slot, 0)};COUNT=4"]),
    GoogleRule("days that last", _rule("FREQ=WEEKLY;COUNT=3"), minutes=2880),
    GoogleRule("days that last, endless", _rule("FREQ=WEEKLY"), minutes=2880),
    GoogleRule("by another clock", _rule("FREQ=WEEKLY;COUNT=3"), is_elsewhere=True),
    GoogleRule("by another clock, endless", _rule("FREQ=DAILY;INTERVAL=4"), is_elsewhere=True),
]
