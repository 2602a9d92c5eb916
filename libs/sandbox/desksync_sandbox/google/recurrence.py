"""Reads and expands the `recurrence` lines of a series with python-dateutil. Knows neither events nor exceptions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil import rrule

from desksync_sandbox.google.errors import GoogleError, invalid
from desksync_sandbox.google.ids import Original
from desksync_sandbox.google.times import When, moment_of, zone_named, zone_of

_LINE = re.compile(r"(?P<name>RRULE|EXRULE|RDATE|EXDATE)(?P<parameters>;[^:]*)?:(?P<value>.+)")
_UNTIL = re.compile(r"(^|;)UNTIL=(?P<value>[^;]+)")
_STAMP = re.compile(r"(\d{8})(T\d{6}(Z)?)?")
_ENDLESS_WORK = re.compile(r"(?:INTERVAL|COUNT)=(?!0*[1-9][0-9]{0,8}(?:;|$))|FREQ=(?:SECONDLY|MINUTELY)", re.IGNORECASE)
"""A step of nothing or backwards comes to no end, and one by seconds to none that anybody waits for."""
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a series takes place: the local time of its start, its zone, and its lines.

    `zone` is `None` for whole days; the days are then midnights without a zone.
    """

    first: datetime
    zone: ZoneInfo | None
    lines: tuple[str, ...]

    def between(self, after: datetime, before: datetime) -> Iterator[Original]:
        """Yield the original starts from `after` up to, but not at, `before`; lazily, since a series may be endless.

        Both are aware; the days of a series of whole days are compared as midnights in the zone of `after`.
        """
        # A day of margin on both sides: a fold or a gap of the clock moves a local time by less than that.
        low, high = self._local(after, -_MARGIN), self._local(before, _MARGIN)
        for moment in _expanded(self).xafter(low, inc=True):
            if moment > high:
                return
            original = self._original(moment)
            begins = original if isinstance(original, datetime) else datetime.combine(original, time.min, after.tzinfo)
            if after <= begins < before:
                yield original

    @property
    def is_endless(self) -> bool:
        """Say whether a rule has neither COUNT nor UNTIL."""
        return any(line.startswith("RRULE") and "COUNT=" not in line and "UNTIL=" not in line for line in self.lines)

    def has(self, original: Original) -> bool:
        """Say whether an instance begins then."""
        if isinstance(original, datetime) == (self.zone is None):
            return False
        begins = _aware(original)
        return next(self.between(begins, begins + timedelta(seconds=1)), None) is not None

    def count_before(self, original: Original) -> int:
        """Return how many instances begin before it."""
        first = self.first.replace(tzinfo=self.zone or UTC)
        return sum(1 for _ in self.between(first, _aware(original)))

    def _local(self, moment: datetime, margin: timedelta) -> datetime:
        try:
            return (moment if self.zone is None else moment.astimezone(self.zone)).replace(tzinfo=None) + margin
        except OverflowError:
            return moment.replace(tzinfo=None)

    def _original(self, moment: datetime) -> Original:
        if self.zone is None:
            return moment.date()
        return moment.replace(tzinfo=self.zone).astimezone(UTC)


def schedule_of(start: When, lines: list[str], calendar_zone: ZoneInfo) -> Schedule:
    """Return the schedule of a series that was checked when it was stored."""
    if "date" in start:
        return Schedule(datetime.combine(date.fromisoformat(start["date"]), time.min), None, tuple(lines))
    zone = zone_named(start["timeZone"]) if "timeZone" in start else calendar_zone
    return Schedule(moment_of(start, zone).astimezone(zone).replace(tzinfo=None), zone, tuple(lines))


def check_recurrence(start: When, lines: list[str]) -> None:
    """Refuse lines that cannot be read (400), DTSTART and DTEND among them (Google Event.recurrence)."""
    if any(_LINE.fullmatch(line) is None for line in lines):
        raise invalid("Invalid recurrence rule.", parameter="recurrence")
    try:
        _expanded(schedule_of(start, lines, ZoneInfo("UTC")))
    except GoogleError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise invalid("Invalid recurrence rule.", parameter="recurrence") from error


def rule_without_end(line: str) -> str:
    """Return an RRULE line without COUNT and UNTIL."""
    name, _, value = line.partition(":")
    kept = [part for part in value.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    return f"{name}:{';'.join(kept)}"


def count_in(line: str) -> int | None:
    """Return the COUNT of an RRULE line."""
    match = re.search(r"[:;]COUNT=(\d+)", line)
    return None if match is None else int(match[1])


@lru_cache(maxsize=4096)
def _expanded(schedule: Schedule) -> rrule.rruleset:
    found = rrule.rruleset(cache=True)
    has_rule = False
    for line in schedule.lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        name, parameters, value = match["name"], match["parameters"] or "", match["value"]
        match name:
            case "RRULE":
                has_rule = True
                found.rrule(_rule(value, schedule))
            case "EXRULE":
                found.exrule(_rule(value, schedule))
            case "RDATE":
                for moment in _moments(value, parameters, schedule):
                    found.rdate(moment)
            case _:
                for moment in _moments(value, parameters, schedule):
                    found.exdate(moment)
    if not has_rule:
        found.rdate(schedule.first)
    return found


def _rule(value: str, schedule: Schedule) -> rrule.rrule:
    if ("COUNT=" in value and "UNTIL=" in value) or _ENDLESS_WORK.search(value):
        raise ValueError(value)

    def local_until(match: re.Match[str]) -> str:
        return f"{match[1]}UNTIL={_last_moment(match['value'], schedule):%Y%m%dT%H%M%S}"

    rule = rrule.rrulestr(f"RRULE:{_UNTIL.sub(local_until, value)}", dtstart=schedule.first)
    if not isinstance(rule, rrule.rrule):
        raise TypeError(value)
    return rule


def _last_moment(text: str, schedule: Schedule) -> datetime:
    """Return UNTIL as local time; a bare date includes that whole day."""
    moment = _moment(text, schedule.zone, schedule)
    return moment.replace(hour=23, minute=59, second=59) if "T" not in text else moment


def _moments(value: str, parameters: str, schedule: Schedule) -> list[datetime]:
    named = re.search(r"TZID=([^;:]+)", parameters)
    zone = schedule.zone if named is None else zone_of(named[1].strip('"'))
    if named is not None and zone is None:
        raise ValueError(parameters)
    return [_moment(text, zone, schedule) for text in value.split(",")]


def _moment(text: str, zone: ZoneInfo | None, schedule: Schedule) -> datetime:
    match = _STAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    if match[2] is None:
        day = datetime.strptime(match[1], "%Y%m%d")  # noqa: DTZ007 - local time of the series, compared with such only
        return day if schedule.zone is None else datetime.combine(day, schedule.first.time())
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the same
    if schedule.zone is None:
        return datetime.combine(moment, time.min)
    source = UTC if match[3] else (zone or schedule.zone)
    return moment.replace(tzinfo=source).astimezone(schedule.zone).replace(tzinfo=None)


def _aware(original: Original) -> datetime:
    return original if isinstance(original, datetime) else datetime.combine(original, time.min, UTC)
