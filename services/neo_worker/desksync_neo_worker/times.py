"""NEO's dates and clock times as `When` and back (rules R22 and R23). NEO's values are wall-clock times without a zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desksync.sync.clocks import span
from desksync.sync.event import AllDay, Timed, When
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from desksync_neo_worker.values import Fields, Record, clock, day, text, written_clock, written_day
from desksync_neo_worker.wire import Field, Sign

_DAY = timedelta(days=1)


def read_when(record: Record, zone: ZoneInfo) -> When:
    """Return when a plain event or one occurrence is, in the user's zone.

    No times is an all-day event, a start alone has an open end, an end before the start on one date is on the next day.
    Raises `Strange` for dates that make no sense.
    """
    first = day(record, Field.FIRST)
    last = day(record, Field.LAST) if text(record, Field.LAST).strip() else first
    if last < first:
        raise Strange("In NEO it ends on a date before the one on which it begins.")
    starts, ends = clock(record, Field.START), clock(record, Field.END)
    if text(record, Field.WHOLE_DAY).strip() == Sign.ON:
        if starts:
            raise Strange("In NEO it is marked as all-day and has a start time.")
        return AllDay(first, last)
    if starts is None:
        if ends is not None:
            raise Strange("In NEO it has an end time and no start time.")
        return AllDay(first, last)
    start = _wall(first, starts)
    if ends is None:
        return span(start, None, zone)
    end = _wall(last, ends)
    return span(start, end + _DAY if end < start else end, zone)


def when_fields(when: When, zone: ZoneInfo) -> Fields:
    """Return the four fields of a plain event or one occurrence. Seconds are cut."""
    if isinstance(when, AllDay):
        first, last, start, end = when.first, when.last, Sign.NOTHING.value, Sign.NOTHING.value
    else:
        begins, ends = wall_clocks(when, zone)
        first, start = begins.date(), written_clock(begins)
        last, end = (first, Sign.NOTHING.value) if ends is None else (ends.date(), written_clock(ends))
    return {
        Field.FIRST.value: written_day(first),
        Field.LAST.value: written_day(last),
        Field.START.value: start,
        Field.END.value: end,
    }


def occurrence_fields(when: When, zone: ZoneInfo) -> Fields:
    """Return the two clock fields of each occurrence of a series.

    Its dates are the range of the series, so that an occurrence reaches into the next day at most, and only by an end earlier
    than its start (NEO's browser client, V3.5). Raises `Inexpressible` for a longer one.
    """
    fields = when_fields(when, zone)
    first, last = day(fields, Field.FIRST), day(fields, Field.LAST)
    if last != first and (last - first > _DAY or fields[Field.END] >= fields[Field.START]):
        raise Inexpressible("NEO cannot hold a series whose occurrences last longer than a day.")
    return {name: fields[name] for name in (Field.START.value, Field.END.value)}


def wall_clocks(when: Timed, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return start and end as the clock on the wall shows them, without a zone and in whole minutes.

    An end that the clock shows before the start although it comes after it (the hour that repeats when summer time ends) is
    moved by the real length: NEO would take it for the next day.
    """
    start = _shown(when.start, zone)
    if when.end is None:
        return start, None
    end = _shown(when.end, zone)
    if end < start:
        end = start + max(when.end.astimezone(UTC) - when.start.astimezone(UTC), timedelta(0))
    return start, end.replace(second=0, microsecond=0)


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def _wall(on: date, since_midnight: timedelta) -> datetime:
    return datetime.combine(on, time.min) + since_midnight
