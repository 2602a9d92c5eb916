"""Series of the made-up office: rules that one of the two calendars alone can say, and what became of single dates since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_TOKYO, _NEW_YORK = "Asia/Tokyo", "America/New_York"
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_FRIDAY = 4
_LEAP_YEARS = 4


@dataclass(frozen=True, slots=True)
class NeoEdit:
    """What somebody did to a schedule in NEO since: on that original date, to it (`modkind` 1), from it on (2), or to all (3).

    `fields` of `None` deletes.
    """

    sid: str
    day: date
    fields: dict[str, str] | None
    modkind: int = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """Seeds of one kind: NEO's form fields, where `otherto` and `creator` may be left out, and resources of the Calendar API."""

    name: str
    neo: tuple[dict[str, Any], ...] = ()
    google: tuple[dict[str, Any], ...] = ()
    neo_edits: tuple[NeoEdit, ...] = ()


def kinds_of_series(today: date) -> Iterator[Kind]:
    """Yield one of each kind, in or around the weeks after today."""
    monday = today + timedelta(days=7 - today.weekday())
    yield from _google_alone(monday)
    yield from _days_of_months(monday)
    yield from _weekdays_of_months(monday)
    yield from _single_dates(monday)
    yield from _this_and_following(monday)


def an_event(event_id: str, title: str, day: date, hour: int, *lines: str, zone: str = _TOKYO) -> dict[str, Any]:
    """Return a resource of the Calendar API of one hour; `lines` are its recurrence."""
    start = datetime.combine(day, time(hour), ZoneInfo(zone))
    event = {"id": event_id, "summary": title, "start": moment(start, zone), "end": moment(start + timedelta(hours=1), zone)}
    return event | {"recurrence": list(lines)} if lines else event


def a_schedule(title: str, day: date, hour: int, **fields: Any) -> dict[str, Any]:
    """Return the form fields of a schedule of one hour in NEO; of a series, say when it ends."""
    times = {"startdate": f"{day:%Y%m%d}", "starttime": f"{hour:02}00", "endtime": f"{hour + 1:02}00"}
    return {**times, "detail": title, **fields}


def moment(start: datetime, zone: str = _TOKYO) -> dict[str, str]:
    """Return a start or end of a resource."""
    return {"dateTime": start.isoformat(), "timeZone": zone}


def _google_alone(monday: date) -> Iterator[Kind]:
    first = (monday.replace(day=1) + timedelta(days=32)).replace(day=1)
    wednesday, extra = monday + timedelta(days=2), monday + timedelta(days=9)
    dates = [f"{monday + timedelta(days=number):%Y%m%d}" for number in (0, 3, 8, 22)]
    by_position = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    more = (f"RDATE:{extra:%Y%m%d}T040000Z",)
    irregular = {"repeat": "r", "dates": dates, "starttime": "0830", "endtime": "0900", "detail": "掃除当番"}
    from_sunday = "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;COUNT=8"
    yield Kind("a series without an end", google=(an_event("series1", "週次定例", monday, 10, "RRULE:FREQ=WEEKLY"),))
    yield Kind(
        "the last weekday of a month on Google",
        google=(an_event("series2", "プレミアムフライデー", _last_friday(first), 15, "RRULE:FREQ=MONTHLY;BYDAY=-1FR"),),
    )
    yield Kind("a weekday by its position", google=(an_event("series3", "月末締め", monday, 17, by_position),))
    yield Kind("extra dates", google=(an_event("series4", "講習会", monday, 13, "RRULE:FREQ=WEEKLY;COUNT=4", *more),))
    yield Kind("irregular dates", neo=(irregular,))
    yield Kind(
        "the clock of another zone", google=(an_event("series6", "NY call", wednesday, 19, "RRULE:FREQ=WEEKLY", zone=_NEW_YORK),)
    )
    yield Kind("weeks from Sunday", google=(an_event("series7", "隔週の棚卸し", monday, 9, from_sunday),))


def _days_of_months(monday: date) -> Iterator[Kind]:
    the_31st = _next(monday, day=31)
    leap = next(year for year in range(monday.year - 1, monday.year - 2 * _LEAP_YEARS - 1, -1) if year % _LEAP_YEARS == 0)
    yearly = {"repeat": "y", "interval": "1", "rependtimes": "3"}
    monthly = {"repeat": "m", "interval": "1", "rependtimes": "5"}
    yield Kind(
        "day 31 of a month",
        neo=(a_schedule("月末の在庫確認", the_31st, 16, **monthly),),
        google=(an_event("series8", "経費の締切", the_31st, 12, "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5"),),
    )
    yield Kind(
        "29 February",
        neo=(a_schedule("創立記念日 (うるう年)", date(leap, 2, 29), 9, **yearly),),
        google=(
            an_event("series9", "うるう日の会", date(leap, 2, 29), 18, "RRULE:FREQ=YEARLY"),
            an_event("series10", "肉の日", _next(monday, day=29), 12, "RRULE:FREQ=MONTHLY;BYMONTHDAY=29"),
        ),
    )


def _weekdays_of_months(monday: date) -> Iterator[Kind]:
    second_tuesday = _nth(monday, weekday=1, nth=2)
    fifth_monday = _nth(monday, weekday=0, nth=5)
    monthly = {"repeat": "m", "interval": "1", "rependtimes": "5"}
    yield Kind(
        "the nth weekday of a month in NEO",
        neo=(a_schedule("部門会議 (第2火曜)", second_tuesday, 14, everyweek="2", everyweekday="0100000", **monthly),),
    )
    yield Kind(
        "the last weekday of a month in NEO",
        neo=(a_schedule("月例報告 (最終金曜)", _last_friday(monday), 16, everyweek="6", everyweekday="0000100", **monthly),),
    )
    yield Kind(
        "the fifth weekday of a month",
        neo=(a_schedule("安全点検 (第5月曜)", fifth_monday, 8, everyweek="5", everyweekday="1000000", **monthly),),
        google=(an_event("series11", "第5月曜の会", fifth_monday, 17, "RRULE:FREQ=MONTHLY;BYDAY=5MO;COUNT=4"),),
    )


def _single_dates(monday: date) -> Iterator[Kind]:
    weekly = {"repeat": "w", "interval": "1", "rependtimes": "6"}
    tuesday, thursday = monday + _DAY, monday + timedelta(days=3)
    moved_to = tuesday + _WEEK + timedelta(days=2)
    taken_out = f"EXDATE;TZID={_TOKYO}:{tuesday + _WEEK:%Y%m%d}T100000"
    yield Kind(
        "a date that was taken out",
        google=(an_event("series12", "朝会", tuesday, 10, "RRULE:FREQ=WEEKLY;COUNT=6", taken_out),),
        neo=(a_schedule("品質会議", tuesday, 11, sid="900001", everyweekday="0100000", **weekly),),
        neo_edits=(NeoEdit("900001", tuesday + _WEEK, None),),
    )
    yield Kind(
        "a date that was moved to another day",
        google=(
            an_event("series13", "面談", tuesday, 13, "RRULE:FREQ=WEEKLY;COUNT=6"),
            _moved("series13", an_event("", "面談 (移動)", moved_to, 15), tuesday + _WEEK, 13),
        ),
        neo=(a_schedule("輪読会", thursday, 13, sid="900002", everyweekday="0001000", **weekly),),
        neo_edits=(NeoEdit("900002", thursday + _WEEK, _on(thursday + _WEEK + _DAY) | {"starttime": "1500", "endtime": "1600"}),),
    )


def _this_and_following(monday: date) -> Iterator[Kind]:
    wednesday = monday + timedelta(days=2)
    split = wednesday + 4 * _WEEK
    until = datetime.combine(split, time.min, ZoneInfo(_TOKYO)).astimezone(UTC) - timedelta(seconds=1)
    weekly = {"repeat": "w", "interval": "1", "rependtimes": "8", "everyweekday": "0010000"}
    yield Kind(
        "this and following on Google",
        google=(
            an_event("series5", "進捗会議", wednesday, 11, f"RRULE:FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%SZ}"),
            an_event(f"series5_R{split:%Y%m%d}T020000", "進捗会議 (新体制)", split, 11, "RRULE:FREQ=WEEKLY"),
        ),
    )
    yield Kind(
        "this and following in NEO",
        neo=(
            a_schedule("改善会議", wednesday, 15, sid="900003", **weekly),
            a_schedule("見学会", wednesday, 9, sid="900004", **weekly),
        ),
        neo_edits=(
            NeoEdit("900003", split, {"detail": "改善会議 (後半)", "place": "食堂"}, 2),
            NeoEdit("900004", split, None, 2),
        ),
    )
    yield Kind(
        "all dates in NEO, one of them changed before",
        neo=(a_schedule("情報共有", wednesday, 17, sid="900005", **weekly),),
        neo_edits=(
            NeoEdit("900005", wednesday + _WEEK, {"place": "応接室 A"}),
            NeoEdit("900005", wednesday, {"detail": "情報共有 (全社)"}, 3),
        ),
    )


def _moved(series: str, changed: dict[str, Any], original: date, hour: int) -> dict[str, Any]:
    start = datetime.combine(original, time(hour), ZoneInfo(_TOKYO))
    event_id = f"{series}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return changed | {"id": event_id, "recurringEventId": series, "originalStartTime": moment(start)}


def _on(day: date) -> dict[str, str]:
    return {"startdate": f"{day:%Y%m%d}", "enddate": f"{day:%Y%m%d}"}


def _next(begin: date, *, day: int) -> date:
    """Return the first date from `begin` on with that day of the month."""
    return next(one for number in range(70) if (one := begin + number * _DAY).day == day)


def _nth(begin: date, *, weekday: int, nth: int) -> date:
    """Return the first date from `begin` on that is so many of its weekday in a month."""
    found = (begin + number * _DAY for number in range(190))
    return next(one for one in found if one.weekday() == weekday and (one.day - 1) // 7 + 1 == nth)


def _last_friday(begin: date) -> date:
    """Return the first date from `begin` on that is the last Friday of a month."""
    found = (begin + number * _DAY for number in range(70))
    return next(one for one in found if one.weekday() == _FRIDAY and (one + _WEEK).month != one.month)
