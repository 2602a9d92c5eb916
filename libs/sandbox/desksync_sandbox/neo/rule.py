"""How a series repeats, in NEO's own terms, and which dates that gives. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal

from dateutil import rrule

from desksync_sandbox.neo.errors import Invented, Refused
from desksync_sandbox.neo.posted import Posted

RULE_NAMES = ("repeat", "interval", "everyweek", "everyweekday", "rependtimes", "dates")
_MOST_TIMES = 5000
_MASK = re.compile(r"[01]{7}")
_UNITS: dict[str, Literal[0, 1, 2, 3]] = {"d": rrule.DAILY, "w": rrule.WEEKLY, "m": rrule.MONTHLY, "y": rrule.YEARLY}


@dataclass(frozen=True, slots=True)
class Rule:
    """`letter` is `d`, `w`, `m`, `y` or `r` (irregular: `dates` alone count).

    `everyweekday` is a mask of seven characters, Monday first; `everyweek` is 1 to 5, any other filled value means the last one.
    A regular rule has `times` or `until` (inclusive), never both and never neither: NEO has no endless series.
    """

    letter: str
    interval: int = 1
    everyweek: str = ""
    everyweekday: str = ""
    times: int | None = None
    until: date | None = None
    dates: tuple[date, ...] = ()


@lru_cache(maxsize=8192)
def days_of(rule: Rule, first: date) -> tuple[date, ...]:
    """Return every date that the rule gives, counting from `first`; months and years without that day are skipped."""
    if rule.letter == "r":
        return rule.dates
    found = rrule.rrule(
        _UNITS[rule.letter],
        dtstart=datetime.combine(first, time.min),
        interval=rule.interval,
        byweekday=_weekdays(rule),
        wkst=rrule.MO,
        count=rule.times,
        until=None if rule.until is None else datetime.combine(rule.until, time.min),
    )
    return tuple(moment.date() for moment in islice(found, _MOST_TIMES))


def _weekdays(rule: Rule) -> list[rrule.weekday] | None:
    chosen = [number for number, mark in enumerate(rule.everyweekday) if mark == "1"]
    if rule.letter == "w":
        return [rrule.weekday(number) for number in chosen] or None
    if rule.letter == "m" and rule.everyweek:
        nth = int(rule.everyweek) if rule.everyweek in {"1", "2", "3", "4", "5"} else -1
        return [rrule.weekday(number, nth) for number in chosen]
    return None


def rule_from(sent: Posted, old: Rule | None) -> Rule:
    """Read the rule from a call that says `repeat`; what was not sent stays as in the old rule.

    An end that was sent replaces the old end of either kind; `rependtimes` wins where both were sent.
    """
    base = old or Rule("")
    letter = sent.choice("repeat", (*_UNITS, "r"), base.letter)
    if letter == "r":
        dates = sent.days("dates") if sent.has("dates") else base.dates
        if not dates:
            raise Refused(Invented.MISSING, "不定期の日付を指定してください。", "dates")
        return Rule("r", dates=dates)
    times, until = _end_from(sent, base)
    rule = Rule(
        letter,
        interval=sent.number("interval", 1 if sent.has("interval") else base.interval, least=1, most=999),
        everyweek=sent.text("everyweek") if sent.has("everyweek") else base.everyweek,
        everyweekday=sent.text("everyweekday") if sent.has("everyweekday") else base.everyweekday,
        times=times,
        until=until,
    )
    _check_mask(rule)
    return rule


def _end_from(sent: Posted, base: Rule) -> tuple[int | None, date | None]:
    times = sent.number("rependtimes", 0, least=1, most=_MOST_TIMES) or None
    until = sent.day("enddate")
    if times is not None:
        return times, None
    if until is not None:
        return None, until
    times = None if sent.has("rependtimes") else base.times
    until = None if sent.has("enddate") else base.until
    if times or until:
        return times, until
    raise Refused(Invented.SERIES_WITHOUT_END, "繰り返しの回数または終了日を指定してください。", "rependtimes")


def _check_mask(rule: Rule) -> None:
    if rule.everyweekday and not _MASK.fullmatch(rule.everyweekday):
        raise Refused(Invented.BAD_CHOICE, "曜日は月曜日から始まる7桁の0と1で指定してください。", "everyweekday")
    if rule.letter == "m" and rule.everyweek and rule.everyweekday.count("1") != 1:
        raise Refused(Invented.BAD_CHOICE, "毎月の曜日指定では曜日を1つだけ指定してください。", "everyweekday")


def before(rule: Rule, first: date, day: date) -> Rule:
    """Return the rule that ends before that day."""
    if rule.letter == "r":
        return replace(rule, dates=tuple(one for one in rule.dates if one < day))
    if rule.times is not None:
        return replace(rule, times=sum(one < day for one in days_of(rule, first)))
    return replace(rule, until=day - timedelta(days=1))


def onward(rule: Rule, first: date, day: date) -> Rule:
    """Return the rule for what is left from that day on."""
    if rule.letter == "r":
        return replace(rule, dates=tuple(one for one in rule.dates if one >= day))
    if rule.times is not None:
        return replace(rule, times=sum(one >= day for one in days_of(rule, first)))
    return rule


def last_possible(rule: Rule, days: tuple[date, ...]) -> date:
    """Return the end of the series' range: the end date where one was given, else the last occurrence."""
    return rule.until or days[-1]


def rule_fields(rule: Rule | None) -> Iterator[tuple[str, str]]:
    """Yield the rule as NEO writes it; all empty for a plain event. The dates of an irregular one are not in it."""
    yield "repeat", rule.letter if rule else ""
    yield "interval", str(rule.interval) if rule and rule.letter != "r" else ""
    yield "everyweek", rule.everyweek if rule else ""
    yield "everyweekday", rule.everyweekday if rule else ""
    yield "rependtimes", str(rule.times) if rule and rule.times else ""
