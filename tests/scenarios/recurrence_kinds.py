"""Every kind of series that docs/recurrence.md tells of, as each calendar says it. Dates fit the day on which the page begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

BEGINNING = datetime(2027, 11, 1, tzinfo=UTC)
"""When the page is written, by its own clock: a Monday, and a 29 February lies within the days that sync."""

LAST_DAY = date(2028, 10, 20)
"""No date is moved that is on this day or later: it would leave the days that sync."""

MONDAY = date(2027, 11, 8)
AGO = date(2027, 10, 10)
LEAP_DAY = date(2028, 2, 29)
LAST_OF_DECEMBER = date(2027, 12, 31)
FIFTH_MONDAY = date(2027, 11, 29)
LAST_FRIDAY = date(2027, 11, 26)


@dataclass(frozen=True)
class Kind:
    """One kind of series: Google's lines or NEO's fields, and where it begins. `days` is 1 for an hour, 0 for a whole day."""

    name: str
    lines: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    days: int = 1
    zone: str = "Asia/Tokyo"
    start: date = MONDAY

    @property
    def rule(self) -> str:
        """Return how the calendar in which it is made says it."""
        return " ".join(self.lines) or " ".join(f"{name}={_said(value)}" for name, value in self.fields.items() if value)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ",".join(value)


FROM_GOOGLE = (
    Kind("every 2 days, 5 times", ("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5",)),
    Kind("working days, until a moment", ("RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20271120T145959Z",)),
    Kind("every day, until a date", ("RRULE:FREQ=DAILY;UNTIL=20271115",)),
    Kind("every week, on several weekdays", ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6",)),
    Kind("every other week, weeks from Sunday, dates as in weeks from Monday", ("RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=4",)),
    Kind("every other week, weeks from Sunday, other dates", ("RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;COUNT=6",)),
    Kind("every month, by date", ("RRULE:FREQ=MONTHLY;COUNT=4",)),
    Kind("every month, on the 31st", ("RRULE:FREQ=MONTHLY;COUNT=4",), start=LAST_OF_DECEMBER),
    Kind("every month, on its last day", ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4",), start=LAST_OF_DECEMBER),
    Kind("every month, by the number of a weekday", ("RRULE:FREQ=MONTHLY;BYDAY=2MO;COUNT=4",)),
    Kind("every month, on the fifth weekday", ("RRULE:FREQ=MONTHLY;BYDAY=5MO;COUNT=4",), start=FIFTH_MONDAY),
    Kind("every month, on the last weekday", ("RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=4",), start=LAST_FRIDAY),
    Kind("every year", ("RRULE:FREQ=YEARLY;COUNT=3",), start=AGO),
    Kind("every year, on 29 February", ("RRULE:FREQ=YEARLY;COUNT=3",), start=LEAP_DAY),
    Kind("every year, by the number of a weekday", ("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=2MO;COUNT=3",)),
    Kind("without an end", ("RRULE:FREQ=WEEKLY",)),
    Kind("with dates taken out (EXDATE)", ("RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;VALUE=DATE:20271206")),
    Kind(
        "with a date taken out by the clock of another zone",
        ("RRULE:FREQ=DAILY;COUNT=6", "EXDATE;TZID=America/New_York:20271110T000000"),
    ),
    Kind("whole days", ("RRULE:FREQ=WEEKLY;COUNT=3",), days=0),
    Kind("occurrences of several days", ("RRULE:FREQ=WEEKLY;COUNT=3",), days=3),
    Kind("several weekdays of a month", ("RRULE:FREQ=MONTHLY;BYDAY=2MO,3WE;COUNT=6",)),
    Kind("several days of a month", ("RRULE:FREQ=MONTHLY;BYMONTHDAY=8,20;COUNT=6",)),
    Kind("the last working day of a month (BYSETPOS)", ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4",)),
    Kind("a weekday counted from the end of a month", ("RRULE:FREQ=MONTHLY;BYDAY=-2FR;COUNT=4",)),
    Kind("in some months only", ("RRULE:FREQ=WEEKLY;BYMONTH=11;COUNT=3",)),
    Kind("with extra dates (RDATE)", ("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20271117T050000Z")),
    Kind("with an extra date at another time", ("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20271117T083000Z")),
    Kind("with a rule of exceptions (EXRULE)", ("RRULE:FREQ=DAILY;COUNT=8", "EXRULE:FREQ=DAILY;INTERVAL=2")),
    Kind("two rules at once", ("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=MONTHLY;BYMONTHDAY=28;COUNT=2")),
    Kind("by the clock of another zone (New York)", ("RRULE:FREQ=WEEKLY;COUNT=4",), zone="America/New_York"),
    Kind("several times a day", ("RRULE:FREQ=HOURLY;COUNT=3",)),
)
FROM_NEO = (
    Kind("every N days", fields={"repeat": "d", "interval": "2", "rependtimes": "5"}),
    Kind("every N days, until a date", fields={"repeat": "d", "interval": "1", "enddate": "20271115"}),
    Kind(
        "every N weeks, on several weekdays",
        fields={"repeat": "w", "interval": "1", "everyweekday": "1001000", "rependtimes": "6"},
    ),
    Kind(
        "every N weeks, until a date", fields={"repeat": "w", "interval": "2", "everyweekday": "1000000", "enddate": "20280110"}
    ),
    Kind("every N months, by date", fields={"repeat": "m", "interval": "1", "rependtimes": "4"}),
    Kind("every N months, on the 31st", fields={"repeat": "m", "interval": "1", "rependtimes": "4"}, start=LAST_OF_DECEMBER),
    Kind("every N months, nth weekday", fields={"repeat": "m", "everyweek": "2", "everyweekday": "1000000", "rependtimes": "4"}),
    Kind(
        "every N months, fifth weekday",
        fields={"repeat": "m", "everyweek": "5", "everyweekday": "1000000", "rependtimes": "4"},
        start=FIFTH_MONDAY,
    ),
    Kind(
        "every N months, last weekday",
        fields={"repeat": "m", "everyweek": "6", "everyweekday": "0000100", "rependtimes": "4"},
        start=LAST_FRIDAY,
    ),
    Kind("every N months, until a date", fields={"repeat": "m", "interval": "1", "enddate": "20280310"}),
    Kind("every N years", fields={"repeat": "y", "interval": "1", "rependtimes": "3"}, start=AGO),
    Kind("every N years, on 29 February", fields={"repeat": "y", "interval": "1", "rependtimes": "3"}, start=LEAP_DAY),
    Kind("whole days", fields={"repeat": "w", "interval": "1", "everyweekday": "1000000", "rependtimes": "3"}, days=0),
    Kind("irregular dates (不定期)", fields={"repeat": "r", "dates": ("20271108", "20271117", "20271206"), "startdate": ""}),
)
