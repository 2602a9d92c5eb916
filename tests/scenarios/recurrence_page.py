"""Writes docs/recurrence.md from what the program does: every kind of series goes through both adapters and both stand-ins."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.scenarios.company import Company, a_company, moment

_SURE_DAYS = 28
_LETTERS = {"d": "every N days", "w": "every N weeks", "m": "every N months", "y": "every N years", "r": "irregular"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_END = re.compile(r"(?<=UNTIL=)[0-9TZ]+")

HEAD = """# Series, kind by kind

This page is written by `make docs` from what the program does: each kind is put into one calendar, synced through both adapters,
and looked at in the other one. Then one date is changed in the calendar that got the copy, and looked for in the first one.
A test fails when the page and the program differ.

A series stays a series where both calendars can say it (rule R25). What NEO cannot say is there as single events for every day
that syncs, and new ones come as the days move on; an endless series is there as a series that is made longer in time. NEO's
irregular dates are single events on Google (rule R26). Changed, moved and cancelled dates travel both ways (rule R27). What was
done instead of copying a series as it is stands in the history once.
"""


@dataclass(frozen=True)
class Kind:
    """One kind of series: Google's lines or NEO's fields, and where it begins."""

    name: str
    lines: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    days: int = 1
    zone: str = "Asia/Tokyo"


FROM_GOOGLE = (
    Kind("every 2 days, 5 times", ("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5",)),
    Kind("working days, until a date", ("RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL={until}",)),
    Kind("every week, on several weekdays", ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6",)),
    Kind("every other week, weeks from Sunday, dates as in weeks from Monday", ("RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=4",)),
    Kind("every other week, weeks from Sunday, other dates", ("RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;COUNT=6",)),
    Kind("every month, by date", ("RRULE:FREQ=MONTHLY;COUNT=4",)),
    Kind("every month, by the number of a weekday", ("RRULE:FREQ=MONTHLY;BYDAY={nth};COUNT=4",)),
    Kind("every year", ("RRULE:FREQ=YEARLY;COUNT=3",)),
    Kind("every year, by the number of a weekday", ("RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={nth};COUNT=3",)),
    Kind("without an end", ("RRULE:FREQ=WEEKLY",)),
    Kind("with dates taken out (EXDATE)", ("RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;VALUE=DATE:{last}")),
    Kind("whole days", ("RRULE:FREQ=WEEKLY;COUNT=3",), days=0),
    Kind("occurrences of several days", ("RRULE:FREQ=WEEKLY;COUNT=3",), days=3),
    Kind("several weekdays of a month", ("RRULE:FREQ=MONTHLY;BYDAY=1MO,3WE;COUNT=6",)),
    Kind("several days of a month", ("RRULE:FREQ=MONTHLY;BYMONTHDAY=5,20;COUNT=6",)),
    Kind("the last working day of a month (BYSETPOS)", ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4",)),
    Kind("a weekday counted from the end of a month", ("RRULE:FREQ=MONTHLY;BYDAY=-2FR;COUNT=4",)),
    Kind("in some months only", ("RRULE:FREQ=WEEKLY;BYMONTH={month};COUNT=3",)),
    Kind("with extra dates (RDATE)", ("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:{extra}T050000Z")),
    Kind("with an extra date at another time", ("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:{extra}T083000Z")),
    Kind("with a rule of exceptions (EXRULE)", ("RRULE:FREQ=DAILY;COUNT=8", "EXRULE:FREQ=DAILY;INTERVAL=2")),
    Kind("two rules at once", ("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=MONTHLY;BYMONTHDAY=28;COUNT=2")),
    Kind("by the clock of another zone (New York)", ("RRULE:FREQ=WEEKLY;COUNT=4",), zone="America/New_York"),
    Kind("several times a day", ("RRULE:FREQ=HOURLY;COUNT=3",)),
)
FROM_NEO = (
    Kind("every N days", fields={"repeat": "d", "interval": "2", "rependtimes": "5"}),
    Kind(
        "every N weeks, on several weekdays",
        fields={"repeat": "w", "interval": "1", "everyweekday": "1001000", "rependtimes": "6"},
    ),
    Kind("every N months, by date", fields={"repeat": "m", "interval": "1", "rependtimes": "4"}),
    Kind("every N months, nth weekday", fields={"repeat": "m", "everyweek": "2", "everyweekday": "1000000", "rependtimes": "4"}),
    Kind("every N months, last weekday", fields={"repeat": "m", "everyweek": "6", "everyweekday": "0000100", "rependtimes": "4"}),
    Kind("every N years", fields={"repeat": "y", "interval": "1", "rependtimes": "2"}),
    Kind("irregular dates (不定期)", fields={"repeat": "r", "dates": ("{first}", "{extra}", "{last}"), "startdate": ""}),
)


def page(company: Company) -> str:
    """Return the page. The company is new, and its calendars are empty."""
    start = company.today + timedelta(days=7 - company.today.weekday())
    if start.day > _SURE_DAYS:
        start += timedelta(weeks=1)  # Every month has this day, and this weekday by its number.
    words = _words(start)
    for number, kind in enumerate(FROM_GOOGLE):
        lines = [line.format(**words) for line in kind.lines]
        company.add_on_google(summary=f"g{number}", recurrence=lines, **_span(start, kind))
    for number, kind in enumerate(FROM_NEO):
        company.add_in_neo(detail=f"n{number}", **_fields(start, kind, words))
    company.sync()
    first = [_in_neo(company, f"g{number}") for number in range(len(FROM_GOOGLE))]
    second = [_on_google(company, f"n{number}") for number in range(len(FROM_NEO))]
    _change(company)
    company.sync()
    rows = [
        f"| {kind.name} | `{' '.join(kind.lines)}` | {first[number]} | {_came_to_google(company, f'g{number}')} "
        f"| {_said(company, f'g{number}')} |"
        for number, kind in enumerate(FROM_GOOGLE)
    ]
    other_rows = [
        f"| {kind.name} | `repeat={kind.fields['repeat']}` | {second[number]} | {_came_to_neo(company, f'n{number}')} "
        f"| {_said(company, f'n{number}')} |"
        for number, kind in enumerate(FROM_NEO)
    ]
    head = "| kind | rule | {} | one date changed there | what the history says |\n| --- | --- | --- | --- | --- |\n"
    return (
        f"{HEAD}\n## From Google to NEO\n\n{head.format('in NEO')}" + "\n".join(rows)
        + f"\n\n## From NEO to Google\n\n{head.format('on Google')}" + "\n".join(other_rows) + "\n"
    )  # fmt: skip


@contextmanager
def an_empty_company() -> Iterator[Company]:
    """Start a company of one person whose data go with it."""
    with (
        TemporaryDirectory(prefix="desksync-") as folder,
        a_company(f"sqlite:///{Path(folder) / 'page.sqlite'}", "memory://") as company,
    ):
        yield company


def _words(start: date) -> dict[str, str]:
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[start.weekday()]
    return {
        "until": f"{start + timedelta(days=12):%Y%m%d}T145959Z",
        "nth": f"{(start.day - 1) // 7 + 1}{weekday}",
        "month": str(start.month),
        "first": f"{start:%Y%m%d}",
        "extra": f"{start + timedelta(days=9):%Y%m%d}",
        "last": f"{start + timedelta(days=28):%Y%m%d}",
    }


def _span(start: date, kind: Kind) -> dict[str, Any]:
    if kind.days != 1:
        return {"start": {"date": f"{start}"}, "end": {"date": f"{start + timedelta(days=max(kind.days, 1))}"}}
    if kind.zone != "Asia/Tokyo":
        clocks = (f"{start}T19:00:00", f"{start}T20:00:00")
        return dict(zip(("start", "end"), ({"dateTime": clock, "timeZone": kind.zone} for clock in clocks), strict=True))
    return {"start": moment(start, 14), "end": moment(start, 15)}


def _fields(start: date, kind: Kind, words: Mapping[str, str]) -> dict[str, Any]:
    given = {
        name: value.format(**words) if isinstance(value, str) else [one.format(**words) for one in value]
        for name, value in kind.fields.items()
    }
    return {"startdate": f"{start:%Y%m%d}", "enddate": ""} | given


def _in_neo(company: Company, title: str) -> str:
    items = [item for item in company.neo_items() if item["detail"] == title]
    letters = {item["repeat"] for item in items}
    if not items:
        return "not there"
    if letters == {""}:
        return "single events"
    return f"a series: {_LETTERS[letters.pop()]}" if len({item["sid"] for item in items}) == 1 else "several series"


def _on_google(company: Company, title: str) -> str:
    found = [event for event in company.google_events() if event.get("summary") == title]
    if not found:
        return "not there"
    lines = [line for event in found for line in event.get("recurrence", ())]
    return f"a series: `{_END.sub('…', lines[0])}`" if lines else "single events"


def _change(company: Company) -> None:
    """Let a person change the place of one date of everything, in the calendar that got the copy."""
    last_of = {item["detail"]: item for item in company.neo_items() if item["detail"].startswith("g") and _is_near(company, item)}
    for item in last_of.values():
        only = {"modkind": 1, "seldate": item["seldate"]} if item["repeat"] else {}
        company.trial.neo.world.change(item["sid"], **only, place="changed")
    world, address = company.trial.google.world, company.person.email
    begin = moment(company.today, 0)["dateTime"]
    shown = {event["summary"]: event for event in _occurrences(company) if event["summary"].startswith("n")}
    for event in shown.values():
        assert str(event["start"]) > begin[:4]
        world.patch(address, event["id"], {"location": "changed"})


def _is_near(company: Company, item: Mapping[str, Any]) -> bool:
    return bool(item["startdate"] < f"{company.today + timedelta(days=300):%Y%m%d}")


def _occurrences(company: Company) -> list[Mapping[str, Any]]:
    _, found = company.trial.held(company.person)
    return sorted(found, key=lambda event: str(event["start"]))


def _came_to_google(company: Company, title: str) -> str:
    changed = [one for one in _occurrences(company) if one.get("summary") == title and one.get("location") == "changed"]
    if not changed:
        return "–"
    return "changes that date of the series on Google" if "recurringEventId" in changed[0] else "changes another event"


def _came_to_neo(company: Company, title: str) -> str:
    changed = [item for item in company.neo_items() if item["detail"] == title and "changed" in (item["place"], item["other"])]
    return "changes that date of the series in NEO" if len(changed) == 1 and changed[0]["repeat"] else "–"


def _said(company: Company, title: str) -> str:
    ids = {event["id"] for event in company.google_events() if event.get("summary") == title}
    ids |= {item["sid"] for item in company.neo_items() if item["detail"] == title}
    texts = dict.fromkeys(line.text for line in company.lines("skipped") if line.event_id in ids)
    return " ".join(_DATE.sub("…", text) for text in texts) or "–"


if __name__ == "__main__":
    with an_empty_company() as running_company:
        sys.stdout.write(page(running_company))
