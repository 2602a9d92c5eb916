"""Google's recurrence lines (RFC 5545) and the neutral rule, both ways. Pure; must not know any field but `recurrence`.

What the plain rule cannot hold raises `NotSayable`; `lines` then keeps the lines as they are.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import get_args
from zoneinfo import ZoneInfo

from desksync.sync.event import AllDay, Timed, When, first_day, local, shifted
from desksync.sync.plain_rule import LAST_DAY
from desksync.sync.recurrence import Frequency, Recurrence, Weekday, days, gives
from desksync_google_worker.rule_parts import WEEKDAYS, Limit, NotSayable, RuleParts, parse_rule

_WEEKDAY_NUMBERS: tuple[Weekday, ...] = get_args(Weekday)
_ANY_ZONE = timedelta(days=1)
_COMPARED_OCCURRENCES = 1000
"""How many occurrences are looked at to see whether two zones show the same time for a series."""


@dataclass(frozen=True, slots=True)
class Series:
    """What the lines say: the rule, and the local dates that EXDATE lines take out of it."""

    repeat: Recurrence
    excluded: frozenset[date]


def read_series(lines: object, when: When, zone: ZoneInfo, series_zone: ZoneInfo) -> Series:
    """Return the rule of a series in canonical form.

    `when` is the first occurrence in `zone`, the user's. `series_zone` is the one in which Google expands the rule (Google
    EventDateTime.timeZone); where both show different times during the series, no neutral rule says the same.
    """
    rules, exclusions = _sorted_lines(lines)
    if len(rules) != 1:
        raise NotSayable("it repeats by more than one rule" if rules else "it repeats without a rule")
    repeat = _repeat(parse_rule(rules[0]), when, series_zone)
    first = first_day(when)
    if not gives(repeat, first, first):
        raise NotSayable("its first date does not fit its rule")
    if isinstance(when, Timed):
        _refuse_other_clock(repeat, when, zone, series_zone)
    found = {day for line in exclusions for day in excluded_days(line, when, series_zone)}
    return Series(repeat, frozenset(day for day in found if gives(repeat, first, day)))


def write_series(repeat: Recurrence, when: When, excluded: Collection[date] = ()) -> list[str]:
    """Return the lines for Google. `UNTIL` is the end of the last local day in UTC, or a date for whole days."""
    rule = canonical(repeat, when)
    parts = [f"FREQ={rule.frequency.name}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    if rule.weekdays:
        parts.append("BYDAY=" + ",".join(f"{rule.nth or ''}{WEEKDAYS[day]}" for day in rule.weekdays))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={until_of(min(rule.until, LAST_DAY), when)}")  # In some zones the year 9999 ends in the year 10000.
    return ["RRULE:" + ";".join(parts), *(exclusion(day, when) for day in sorted(excluded))]


def canonical(repeat: Recurrence, when: When) -> Recurrence:
    """Return the rule with everything said that is implied, and nothing that has no effect.

    A weekly rule names its days; the first day of the week counts only for several days in every other week or rarer.
    """
    weekdays = repeat.weekdays
    if repeat.frequency is Frequency.WEEKLY:
        weekdays = tuple(sorted(set(weekdays))) or (_WEEKDAY_NUMBERS[first_day(when).weekday()],)
    has_weeks = repeat.frequency is Frequency.WEEKLY and repeat.interval > 1 and len(weekdays) > 1
    return replace(repeat, weekdays=weekdays, week_start=repeat.week_start if has_weeks else 0)


def instance_stamp(when: When, day: date) -> str:
    """Return how Google names the occurrence of that original date: a UTC time, or a date for whole days."""
    if isinstance(when, AllDay):
        return f"{day:%Y%m%d}"
    return f"{_start_on(when, day).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _sorted_lines(lines: object) -> tuple[list[str], list[str]]:
    if not isinstance(lines, list):
        raise NotSayable("its rule is not a list")
    rules, exclusions = [], []
    for line in lines:
        if not isinstance(line, str):
            raise NotSayable("its rule is not text")
        head, _, value = line.strip().partition(":")
        match head.upper().partition(";")[0]:
            case "RRULE":
                rules.append(value)
            case "EXDATE":
                exclusions.append(line.strip())
            case "RDATE":
                raise NotSayable("it has extra dates (RDATE)")
            case "EXRULE":
                raise NotSayable("it has a rule of exceptions (EXRULE)")
            case _:
                raise NotSayable("it has a line that is neither a rule nor a date")
    return rules, exclusions


def _repeat(parts: RuleParts, when: When, series_zone: ZoneInfo) -> Recurrence:
    first = first_day(when)
    try:
        until = None if parts.until is None else last_day_until(parts.until, when, series_zone)
    except ValueError as error:
        raise NotSayable("its rule has no readable end") from error
    plain = Recurrence(parts.frequency, parts.interval, count=parts.count, until=until, week_start=parts.week_start)
    limits, shaped = _SHAPES[parts.frequency]
    parts.allow_only(*limits)
    return canonical(shaped(plain, parts, first), when)


def _daily(plain: Recurrence, parts: RuleParts, _first: date) -> Recurrence:
    weekdays = parts.plain_weekdays()
    if not weekdays:
        return plain
    if plain.interval != 1:
        raise NotSayable("it repeats every few days on certain weekdays only")
    return replace(plain, frequency=Frequency.WEEKLY, weekdays=weekdays)


def _weekly(plain: Recurrence, parts: RuleParts, _first: date) -> Recurrence:
    return replace(plain, weekdays=parts.plain_weekdays())


def _monthly(plain: Recurrence, parts: RuleParts, first: date) -> Recurrence:
    if parts.weekdays:
        weekday, nth = parts.nth_weekday()
        parts.refuse_month_days()
        return replace(plain, weekdays=(weekday,), nth=nth)
    parts.require_month_day(first.day)
    return plain


def _yearly(plain: Recurrence, parts: RuleParts, first: date) -> Recurrence:
    parts.require_month(first.month)
    if not parts.weekdays:
        parts.require_month_day(first.day)
        return plain
    if not parts.months:
        raise NotSayable("it repeats on a weekday counted through the year")
    # The nth weekday of one month a year is the nth weekday of every twelfth month.
    monthly = replace(plain, frequency=Frequency.MONTHLY, interval=plain.interval * 12)
    return _monthly(monthly, parts, first)


_SHAPES: Mapping[Frequency, tuple[tuple[Limit, ...], Callable[[Recurrence, RuleParts, date], Recurrence]]] = {
    Frequency.DAILY: (("BYDAY",), _daily),
    Frequency.WEEKLY: (("BYDAY",), _weekly),
    Frequency.MONTHLY: (("BYDAY", "BYSETPOS", "BYMONTHDAY"), _monthly),
    Frequency.YEARLY: (("BYDAY", "BYSETPOS", "BYMONTHDAY", "BYMONTH"), _yearly),
}


def last_day_until(until: str, when: When, series_zone: ZoneInfo) -> date | None:
    """Return the last local date on which an occurrence still starts at or before UNTIL; `None` for the end of time."""
    day = datetime.strptime(until[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    if day - LAST_DAY > _ANY_ZONE:
        return None
    if isinstance(when, AllDay) or len(until) == len("YYYYMMDD"):
        return day
    moment = moment_of_stamp(until, series_zone)
    day = local(moment, _zone_of(when)).date()
    return day if _start_on(when, day) <= moment else day - timedelta(days=1)


def excluded_days(line: str, when: When, series_zone: ZoneInfo) -> Iterable[date]:
    """Yield the local dates that an EXDATE line takes out of the series. Raises `NotSayable`."""
    head, _, values = line.partition(":")
    zone = series_zone
    for parameter in head.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.upper() == "TZID":
            zone = zone_named(value)
    for value in values.split(","):
        try:
            day = datetime.strptime(value[:8], "%Y%m%d").replace(tzinfo=UTC).date()
            if isinstance(when, AllDay) or len(value) == len("YYYYMMDD"):
                yield day
                continue
            moment = moment_of_stamp(value, zone)
        except ValueError as error:
            raise NotSayable("one of its EXDATE lines is unreadable") from error
        day = local(moment, _zone_of(when)).date()
        if _start_on(when, day) == moment:
            yield day


def _refuse_other_clock(repeat: Recurrence, when: Timed, zone: ZoneInfo, series_zone: ZoneInfo) -> None:
    if zone.key == series_zone.key:
        return
    for day in islice(days(repeat, first_day(when)), _COMPARED_OCCURRENCES):
        start = _start_on(when, day)
        if start.utcoffset() != start.astimezone(series_zone).utcoffset():
            raise NotSayable(f"it repeats by the clock of another time zone ({series_zone.key})")


def zone_named(name: object) -> ZoneInfo:
    """Return the zone of an IANA name as Google gives it."""
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise NotSayable("its time zone is unknown") from error


def moment_of_stamp(stamp: str, zone: ZoneInfo) -> datetime:
    """Return the moment of a date and time of RFC 5545, in the zone where it names none. Raises `ValueError`."""
    pattern = "%Y%m%dT%H%M%SZ" if stamp.endswith("Z") else "%Y%m%dT%H%M%S"
    return datetime.strptime(stamp, pattern).replace(tzinfo=UTC if stamp.endswith("Z") else zone)


def until_of(day: date, when: When) -> str:
    """Return the value of UNTIL for a last local date: its end in UTC, or a date for whole days."""
    if isinstance(when, AllDay):
        return f"{day:%Y%m%d}"
    return f"{datetime.combine(day, time(23, 59, 59), tzinfo=_zone_of(when)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def exclusion(day: date, when: When) -> str:
    """Return the EXDATE line that takes this date out of a series."""
    kind = ";VALUE=DATE" if isinstance(when, AllDay) else ""
    return f"EXDATE{kind}:{instance_stamp(when, day)}"


def _start_on(when: Timed, day: date) -> datetime:
    moved = shifted(when, day)
    assert isinstance(moved, Timed)  # noqa: S101 - a shift keeps the kind
    return moved.start


def _zone_of(when: Timed) -> ZoneInfo:
    zone = when.start.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("A series is expanded in a named zone.")
    return zone
