"""Rules that no form of a calendar has, as the lines of RFC 5545 in which Google keeps them. python-dateutil expands them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache

from dateutil import rrule

_UNTIL_OR_COUNT = re.compile(r"(UNTIL|COUNT)=", re.IGNORECASE)
_STAMP = re.compile(r"(\d{8})T(\d{6})")


@dataclass(frozen=True, slots=True)
class Lines:
    """RRULE, RDATE and EXRULE lines, to be read together with the date of the series' start, which need not fit them.

    Everything in them is by the series' own clock, without a zone: `UNTIL` is the last possible date, an RDATE is a date, or a
    date and time where it differs from the time of the others. No date comes twice. `why` completes "it is not a plain rule
    because ..." for the history.
    """

    lines: tuple[str, ...]
    why: str = field(default="", compare=False)


def line_days(rule: Lines, first: date, begin: date | None = None) -> Iterator[date]:
    """Yield the dates that the lines give, from `begin` on. May be endless; nothing after what is asked for is computed."""
    found = _expanded(rule.lines, first)
    return (moment.date() for moment in (found if begin is None else found.xafter(_midnight(begin), inc=True)))


def is_endless(rule: Lines) -> bool:
    """Say whether one of the rules has no end."""
    return any(line.upper().startswith("RRULE") and not _UNTIL_OR_COUNT.search(line) for line in rule.lines)


def clock_on(rule: Lines, day: date) -> time | None:
    """Return the time of an extra date that differs from the others, `None` for every other date."""
    stamp = f"{day:%Y%m%d}"
    for line in rule.lines:
        if line.startswith("RDATE"):
            for found in _STAMP.finditer(line):
                if found[1] == stamp:
                    return datetime.strptime(found[2], "%H%M%S").time()  # noqa: DTZ007 - a time of day, without a date
    return None


@lru_cache(maxsize=512)
def _expanded(lines: tuple[str, ...], first: date) -> rrule.rruleset:
    """Return the set of dates, which remembers what it has computed: a series is asked for many dates one by one."""
    found = rrule.rrulestr("\n".join(lines), dtstart=_midnight(first), forceset=True, cache=True)
    assert isinstance(found, rrule.rruleset)  # noqa: S101 - forced
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
