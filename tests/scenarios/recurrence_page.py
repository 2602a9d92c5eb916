"""Writes docs/recurrence.md from what the program does: every kind of series goes through both adapters and both stand-ins."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from desksync.store.runs import NewLine
from desksync_sandbox.office import ZONE
from tests.scenarios.company import Company, a_company, moment
from tests.scenarios.recurrence_kinds import BEGINNING, FROM_GOOGLE, FROM_NEO, LAST_DAY, Kind
from tests.scenarios.recurrence_sides import Date, Hand, InNeo, OnGoogle

_TODAY = re.compile(r"\d{4}-\d{2}-\d{2}")

HEAD = """# Series, kind by kind

This page is written by `make docs` from what the program does: each kind is put into one calendar, synced through both adapters,
and looked at in the other one. Then, in each of the two calendars, one date is changed, after that moved to the next day, after
that deleted, each time with a sync in between, and it is looked for in the other calendar. A test fails when the page and the
program differ.

A series stays a series where both calendars can say it (rule R25). What NEO cannot say is there as single events for every day
that syncs, and new ones come as the days move on; an endless series is there as a series that is made longer in time. NEO's
irregular dates are single events on Google (rule R26). Changed, moved and cancelled dates travel both ways (rule R27). What was
done instead of copying a series as it is stands in the history once.

"All arrive" means that the change, the move and the deletion of one date are in the other calendar after the next sync. "–"
stands where there is nothing of it that could be changed: a series that is not there, or whose only date within the days that
sync was used by the column before.
"""
KINDS = (
    "| kind | rule | {0} | one date changed, moved, deleted {0} | the same {1} | what the history says |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)
PARTS_HEAD = """
## This and following, and the whole series

A weekly series of six dates is made in one calendar and synced. Then a person does this in one of the two, beginning with its
third date, and the next sync brings it to the other one.

| made | done | what is done | what is in the other calendar then |
| --- | --- | --- | --- |
"""


ACTS: Mapping[str, Callable[[Hand, Date, str], None]] = {
    "another title for this and the following": lambda hand, one, title: hand.retitle_following(one, title),
    "this and the following deleted": lambda hand, one, _title: hand.cancel_following(one),
    "another title for all": lambda hand, one, title: hand.retitle_all(one, title),
    "all deleted": lambda hand, one, _title: hand.cancel_all(one),
}
FROM_GOOGLE_WEEKLY = Kind("weekly", ("RRULE:FREQ=WEEKLY;COUNT=6",))
FROM_NEO_WEEKLY = Kind("weekly", fields={"repeat": "w", "interval": "1", "everyweekday": "1000000", "rependtimes": "6"})
AT = {"NEO": "in NEO", "Google": "on Google"}
LATER = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """A series of one title: where it was made, and where its copy is."""

    title: str
    kind: Kind
    home: Hand
    away: Hand


@dataclass
class Chosen:
    """One date of a series that a person changes in `hand`'s calendar, and what of that came to the other one so far."""

    series: Watched
    hand: Hand
    other: Hand
    day: date
    came: dict[str, bool]

    @property
    def mark(self) -> str:
        """Return the place by which the date is known."""
        return f"changed in {self.hand.name}"

    def find(self, hand: Hand) -> list[Date]:
        """Return the dates that bear the mark in that calendar."""
        return [one for one in hand.dates(self.series.title) if hand.place(one) == self.mark]

    def look(self, act: str, *, is_there: bool) -> None:
        """Note whether both calendars show the same dates of the series, and this one where it should be."""
        title = self.series.title
        found = [[(hand.day(one), hand.place(one)) for one in hand.dates(title)] for hand in (self.hand, self.other)]
        expected = [self.day] if is_there else []
        self.came[act] = found[0] == found[1] and [self.other.day(one) for one in self.find(self.other)] == expected

    def told(self) -> str:
        """Return the cell of the table."""
        if all(self.came.values()):
            return "all arrive"
        return "; ".join(f"{act}: {'arrives' if has_come else 'does not arrive'}" for act, has_come in self.came.items())


def page(company: Company) -> str:
    """Return the page. The company is new, and its calendars are empty."""
    neo, google = InNeo(company), OnGoogle(company)
    kinds = [Watched(f"g{number}", kind, google, neo) for number, kind in enumerate(FROM_GOOGLE)]
    kinds += [Watched(f"n{number}", kind, neo, google) for number, kind in enumerate(FROM_NEO)]
    weekly = (Watched("", FROM_GOOGLE_WEEKLY, google, neo), Watched("", FROM_NEO_WEEKLY, neo, google))
    parts = [
        (replace(one, title=f"{one.home.name}, {hand.name}, {act}"), hand, act)
        for one in weekly for hand in (google, neo) for act in ACTS
    ]  # fmt: skip
    for one in (*kinds, *(part for part, _, _ in parts)):
        _make(company, one)
    _sync(company, neo, google)
    forms = {one.title: one.away.form(one.title) for one in kinds}
    for part, hand, act in parts:
        ACTS[act](hand, hand.dates(part.title)[2], _new(part))
    there = {one.title: chosen for one in kinds if (chosen := _chosen(one, one.away, one.home, -1))}
    here = {one.title: chosen for one in kinds if (chosen := _chosen(one, one.home, one.away, 0)) and one.title in there}
    here = {title: chosen for title, chosen in here.items() if chosen.day != there[title].day}
    _change_each(lambda: _sync(company, neo, google), [*there.values(), *here.values()])
    said = company.lines("skipped")
    tables = {
        home.name: "".join(
            f"| {one.kind.name} | `{one.kind.rule}` | {forms[one.title]} | {_told(there, one)} | {_told(here, one)} "
            f"| {_said(said, one)} |\n"
            for one in kinds if one.home is home
        )
        for home in (google, neo)
    }  # fmt: skip
    rows = "".join(
        f"| {AT[part.home.name]} | {AT[hand.name]} | {act} | {_left(part, neo if hand is google else google, hand)} |\n"
        for part, hand, act in parts
    )
    return (
        f"{HEAD}\n## From Google to NEO\n\n{KINDS.format(AT['NEO'], AT['Google'])}{tables['Google']}"
        f"\n## From NEO to Google\n\n{KINDS.format(AT['Google'], AT['NEO'])}{tables['NEO']}{PARTS_HEAD}{rows}"
    )


@contextmanager
def an_empty_company() -> Iterator[Company]:
    """Start a company of one person whose data go with it, on the day for which the kinds are written."""
    lead = BEGINNING - datetime.now(UTC)
    with (
        TemporaryDirectory(prefix="desksync-") as folder,
        a_company(f"sqlite:///{Path(folder) / 'page.sqlite'}", "memory://", lead=lead) as company,
    ):
        yield company


def _make(company: Company, one: Watched) -> None:
    kind = one.kind
    if not kind.fields:
        company.add_on_google(summary=one.title, recurrence=list(kind.lines), **_span(kind))
        return
    whole = {"starttime": "", "endtime": ""} if kind.days != 1 else {}
    company.add_in_neo(detail=one.title, **({"startdate": f"{kind.start:%Y%m%d}", "enddate": ""} | whole | dict(kind.fields)))


def _span(kind: Kind) -> dict[str, Any]:
    start = kind.start
    if kind.days != 1:
        return {"start": {"date": f"{start}"}, "end": {"date": f"{start + timedelta(days=max(kind.days, 1))}"}}
    if kind.zone != ZONE:
        clocks = (f"{start}T19:00:00", f"{start}T20:00:00")
        return dict(zip(("start", "end"), ({"dateTime": clock, "timeZone": kind.zone} for clock in clocks), strict=True))
    return {"start": moment(start, 14), "end": moment(start, 15)}


def _chosen(one: Watched, hand: Hand, other: Hand, number: int) -> Chosen | None:
    """Return one date of the series in that calendar that can still be moved without leaving the days that sync."""
    days = [hand.day(found) for found in hand.dates(one.title) if hand.day(found) < LAST_DAY]
    return Chosen(one, hand, other, days[number], {}) if days and other.dates(one.title) else None


def _sync(company: Company, *hands: Hand) -> None:
    company.sync()
    for hand in hands:
        hand.look()


def _change_each(sync: Callable[[], None], chosen: Sequence[Chosen]) -> None:
    for one in chosen:
        [found] = [found for found in one.hand.dates(one.series.title) if one.hand.day(found) == one.day]
        one.hand.put(found, one.mark)
    sync()
    for one in chosen:
        one.look("changed", is_there=True)
        [found] = one.find(one.hand)
        one.hand.move(found)
        one.day += LATER
    sync()
    for one in chosen:
        one.look("moved", is_there=True)
        [found] = one.find(one.hand)
        one.hand.cancel(found)
    sync()
    for one in chosen:
        one.look("deleted", is_there=False)


def _told(chosen: Mapping[str, Chosen], one: Watched) -> str:
    return chosen[one.title].told() if one.title in chosen else "–"


def _left(part: Watched, hand: Hand, other: Hand) -> str:
    texts = []
    for title in (part.title, _new(part)):
        days = [hand.day(one) for one in hand.dates(title)]
        assert days == [other.day(one) for one in other.dates(title)]
        if days:
            texts.append(f"{len(days)} dates with the {'old' if title == part.title else 'new'} title, {hand.form(title)}")
    return "; ".join(texts) or "nothing"


def _new(part: Watched) -> str:
    return f"{part.title}: new"


def _said(lines: Iterable[NewLine], one: Watched) -> str:
    ids = one.home.ids(one.title) | one.away.ids(one.title)
    texts = dict.fromkeys(line.text for line in lines if line.event_id in ids)
    return " ".join(_TODAY.sub("…", text) for text in texts) or "–"


if __name__ == "__main__":
    with an_empty_company() as running_company:
        sys.stdout.write(page(running_company))
