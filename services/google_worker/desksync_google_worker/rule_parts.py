"""An RRULE taken apart, and what of it a neutral rule cannot hold. Pure; must not know when the series begins."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from desksync.sync.recurrence import Frequency, Weekday

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LAST = -1
_FIFTH = 5
_MOST_DIGITS = 9
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYSETPOS", "BYMONTHDAY", "BYMONTH"})
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")
_BYDAY = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")

Limit = Literal["BYDAY", "BYSETPOS", "BYMONTHDAY", "BYMONTH"]


class NotSayable(Exception):
    """The series repeats in a way that the neutral rule cannot hold. The text completes "is left alone because ..."."""


@dataclass(frozen=True, slots=True)
class RuleParts:
    """The parts of one RRULE, checked one by one. `weekdays` are pairs of weekday and number, 0 where there is no number."""

    frequency: Frequency
    interval: int
    count: int | None
    until: str | None
    week_start: Weekday
    weekdays: tuple[tuple[Weekday, int], ...]
    positions: tuple[int, ...]
    month_days: tuple[int, ...]
    months: tuple[int, ...]

    def allow_only(self, *limits: Limit) -> None:
        """Refuse a rule that is limited in any other way."""
        given: dict[Limit, object] = {
            "BYDAY": self.weekdays,
            "BYSETPOS": self.positions,
            "BYMONTHDAY": self.month_days,
            "BYMONTH": self.months,
        }
        for limit in get_args(Limit):
            if given[limit] and limit not in limits:
                raise NotSayable(f"it repeats {self.frequency} with {limit}")

    def plain_weekdays(self) -> tuple[Weekday, ...]:
        """Return the weekdays of a rule that may not number them."""
        if any(number for _, number in self.weekdays):
            raise NotSayable(f"it repeats {self.frequency} on a numbered weekday")
        return tuple(weekday for weekday, _ in self.weekdays)

    def nth_weekday(self) -> tuple[Weekday, int]:
        """Return the one weekday of a month and its number, said as `2TU` or as `TU` with BYSETPOS 2."""
        if len(self.weekdays) != 1 or len(self.positions) > 1:
            raise NotSayable("it repeats on several weekdays of a month")
        weekday, number = self.weekdays[0]
        if self.positions:
            if number:
                raise NotSayable("it repeats on a weekday that is numbered twice")
            number = self.positions[0]
        if number == 0:
            raise NotSayable("it repeats on every such weekday of a month")
        if number < _LAST or number > _FIFTH:
            raise NotSayable("it repeats on a weekday counted from the end of a month")
        return weekday, number

    def refuse_month_days(self) -> None:
        """Refuse a weekday that also has to be a certain day of the month."""
        if self.month_days:
            raise NotSayable("it repeats on a weekday that is also a day of the month")

    def require_month_day(self, day: int) -> None:
        """Refuse any day of the month but the one on which the series begins."""
        if self.positions or self.month_days not in ((), (day,)):
            raise NotSayable("it repeats on other days of the month than the one on which it begins")

    def require_month(self, month: int) -> None:
        """Refuse any month but the one in which the series begins."""
        if self.months not in ((), (month,)):
            raise NotSayable("it repeats in other months than the one in which it begins")


def parse_rule(text: str) -> RuleParts:
    """Take the value of an RRULE line apart (RFC 5545, 3.3.10)."""
    given: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals or name not in _KNOWN or name in given:
            raise NotSayable(f"its rule has a part that is not understood ({name})")
        given[name] = value
    until = given.get("UNTIL")
    if until is not None and ("COUNT" in given or not _UNTIL.fullmatch(until)):
        raise NotSayable("its rule has no readable end")
    return RuleParts(
        frequency=_frequency(given.get("FREQ", "")),
        interval=_positive(given.get("INTERVAL", "1")),
        count=_positive(given["COUNT"]) if "COUNT" in given else None,
        until=until,
        week_start=_weekday(given.get("WKST", "MO")),
        weekdays=_numbered_weekdays(given.get("BYDAY", "")),
        positions=_numbers(given.get("BYSETPOS", "")),
        month_days=_numbers(given.get("BYMONTHDAY", "")),
        months=_numbers(given.get("BYMONTH", "")),
    )


def _frequency(text: str) -> Frequency:
    try:
        return Frequency(text.lower())
    except ValueError as error:
        raise NotSayable("it repeats more often than daily, or in an unknown way") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS or int(text) < 1:
        raise NotSayable("its rule counts in a number that is not understood")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(int(number) for number in text.split(","))) if text else ()
    except ValueError as error:
        raise NotSayable("its rule has a number that is not understood") from error


def _weekday(text: str) -> Weekday:
    if text not in WEEKDAYS:
        raise NotSayable("its rule has a weekday that is not understood")
    return get_args(Weekday)[WEEKDAYS.index(text)]  # type: ignore[no-any-return]


def _numbered_weekdays(text: str) -> tuple[tuple[Weekday, int], ...]:
    found = []
    for part in text.split(",") if text else ():
        weekday = _BYDAY.fullmatch(part.strip())
        if weekday is None:
            raise NotSayable("its rule has a weekday that is not understood")
        found.append((_weekday(weekday[2]), int(weekday[1] or 0)))
    return tuple(dict.fromkeys(found))
