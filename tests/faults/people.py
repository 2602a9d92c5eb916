"""What people do in both calendars while things fail, and what has to stand in both of them afterwards.

Nobody touches an event twice between two judgements, nor one that has not come in step yet: what must be there is then known
exactly, whatever failed. Every title is used once, so that a doubled event cannot hide.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from desksync.sync.event import Side
from desksync_embedded.trial import Trial
from desksync_sandbox.office import ZONE, Person

MARK = "under faults"
"""Stands in every title that is made here."""

_SERIES_LENGTH = 4


@dataclass
class Kept:
    """An event that somebody made: where, for whom, and how many occurrences are called how by now."""

    person: Person
    born: Side
    titles: Counter[str]
    is_series: bool
    is_touched: bool = True
    is_plain: bool = True
    """All its occurrences are called as the series is, so that one title finds and changes them all."""


@dataclass
class People:
    """Edits both stand-ins as people do on their pages."""

    company: Trial
    chance: Random
    today: date
    kept: list[Kept] = field(default_factory=list)
    number: int = 0
    done: list[str] = field(default_factory=list)

    def edit(self) -> None:
        """Do one thing of many."""
        ready = [one for one in self.kept if not one.is_touched and one.is_plain]
        if len(ready) < 5 or self.chance.random() < 0.4:
            self._add()
            return
        one = self.chance.choice(ready)
        one.is_touched = True
        side = self.chance.choice(tuple(Side))
        match self.chance.randrange(4):
            case 0:
                self._delete(one, side)
            case 1 if one.is_series and one.titles.total() > 1:
                self._cancel_one(one, side)
            case 2 if one.is_series:
                self._rename_one(one, side)
            case _:
                self._rename(one, side)

    def settle(self) -> None:
        """Let everything be touched again, because it has come in step."""
        for one in self.kept:
            one.is_touched = False

    def expected(self, person: Person) -> Counter[str]:
        """Return how many occurrences of each title both sides must hold."""
        total: Counter[str] = Counter()
        for one in self.kept:
            if one.person is person:
                total.update(one.titles)
        return total

    def born_on(self, side: Side) -> set[str]:
        """Return the titles that people themselves gave to new events of that side."""
        return {title for one in self.kept if one.born is side for title in one.titles}

    def _add(self) -> None:
        person = self.chance.choice(tuple(self.company.people.values()))
        side = self.chance.choice(tuple(Side))
        is_series = self.chance.random() < 0.2
        title = self._title()
        day = self.today + timedelta(days=self.chance.randrange(2, 60))
        hour = self.chance.randrange(8, 18)
        if side is Side.NEO:
            self._add_in_neo(person, title, day, hour, is_series=is_series)
        else:
            self._add_on_google(person, title, day, hour, is_series=is_series)
        one = Kept(person, side, Counter({title: _SERIES_LENGTH if is_series else 1}), is_series)
        self.kept.append(one)
        self._note("added", one, side)

    def _add_in_neo(self, person: Person, title: str, day: date, hour: int, *, is_series: bool) -> None:
        weekday = "".join("1" if number == day.weekday() else "0" for number in range(7))
        rule = {"repeat": "w", "interval": "1", "everyweekday": weekday, "rependtimes": str(_SERIES_LENGTH)}
        fields: dict[str, Any] = {
            "detail": title,
            "startdate": f"{day:%Y%m%d}",
            "starttime": f"{hour:02}00",
            "endtime": f"{hour:02}30",
            **(rule if is_series else {"enddate": f"{day:%Y%m%d}"}),
        }
        self.company.neo.world.add(person.neo_user_id, **fields)

    def _add_on_google(self, person: Person, title: str, day: date, hour: int, *, is_series: bool) -> None:
        event = {
            "summary": title,
            "start": {"dateTime": f"{day}T{hour:02}:00:00+09:00", "timeZone": ZONE},
            "end": {"dateTime": f"{day}T{hour:02}:30:00+09:00", "timeZone": ZONE},
        }
        rule = {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={_SERIES_LENGTH}"]} if is_series else {}
        self.company.google.world.add(person.email, event | rule)

    def _delete(self, one: Kept, side: Side) -> None:
        if side is Side.NEO:
            self.company.neo.world.delete(self._in_neo(one)[0]["sid"])
        else:
            self.company.google.world.delete(one.person.email, _whole(self._on_google(one)[0]))
        self._note("deleted", one, side)
        one.titles.clear()
        self.kept.remove(one)

    def _cancel_one(self, one: Kept, side: Side) -> None:
        if side is Side.NEO:
            item = self.chance.choice(self._in_neo(one))
            self.company.neo.world.delete(item["sid"], modkind=1, seldate=item["seldate"])
        else:
            self.company.google.world.delete(one.person.email, self.chance.choice(self._on_google(one))["id"])
        one.titles[_only(one)] -= 1
        self._note("cancelled one", one, side)

    def _rename_one(self, one: Kept, side: Side) -> None:
        old, new = _only(one), self._title()
        if side is Side.NEO:
            item = self.chance.choice(self._in_neo(one))
            self.company.neo.world.change(item["sid"], modkind=1, seldate=item["seldate"], keeps_sid=True, detail=new)
        else:
            event = self.chance.choice(self._on_google(one))
            self.company.google.world.patch(one.person.email, event["id"], {"summary": new})
        one.titles = +Counter({old: one.titles[old] - 1, new: 1})
        one.is_plain = False
        self._note("renamed one", one, side)

    def _rename(self, one: Kept, side: Side) -> None:
        old, new = _only(one), self._title()
        if side is Side.NEO:
            self.company.neo.world.change(self._in_neo(one)[0]["sid"], detail=new)
        else:
            self.company.google.world.patch(one.person.email, _whole(self._on_google(one)[0]), {"summary": new})
        one.titles = Counter({new: one.titles[old]})
        self._note(f"renamed {old}", one, side)

    def _note(self, what: str, one: Kept, side: Side) -> None:
        at = self.company.resources.now().isoformat()
        self.done.append(f"{at} {what} on {side}, for {one.person.neo_user_id}: now {dict(one.titles)}")

    def _title(self) -> str:
        self.number += 1
        return f"{MARK} {self.number}"

    def _in_neo(self, one: Kept) -> Sequence[dict[str, Any]]:
        return [item for item in self.company.neo.world.records(one.person.neo_user_id) if item["detail"] == _only(one)]

    def _on_google(self, one: Kept) -> Sequence[Any]:
        _, google = self.company.held(one.person)
        return [event for event in google if event.get("summary") == _only(one)]


def _only(one: Kept) -> str:
    [title] = one.titles
    return title


def _whole(event: Any) -> str:
    return str(event.get("recurringEventId", event["id"]))
