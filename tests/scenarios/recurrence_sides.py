"""What a person does to a series in either calendar, by hand, and what then stands there. For the page about series."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from desksync_sandbox.neo.world import FROM_THIS_DAY, THIS_DAY
from desksync_sandbox.office import ZONE
from tests.scenarios.company import Company

_LETTERS = {"d": "every N days", "w": "every N weeks", "m": "every N months", "y": "every N years", "r": "irregular"}

Date = Mapping[str, Any]
"""One date as its calendar lists it."""


class Hand(Protocol):
    """A person at one calendar, who sees what stood there at the last look. A date counts by the day on which it stands then."""

    name: str

    def look(self) -> None: ...
    def dates(self, title: str) -> list[Date]: ...
    def day(self, one: Date) -> date: ...
    def place(self, one: Date) -> str: ...
    def ids(self, title: str) -> set[str]: ...
    def form(self, title: str) -> str: ...
    def put(self, one: Date, place: str) -> None: ...
    def move(self, one: Date) -> None: ...
    def cancel(self, one: Date) -> None: ...
    def retitle_following(self, one: Date, title: str) -> None: ...
    def cancel_following(self, one: Date) -> None: ...
    def retitle_all(self, one: Date, title: str) -> None: ...
    def cancel_all(self, one: Date) -> None: ...


@dataclass
class InNeo:
    """A person at NEO's page."""

    company: Company
    name: str = "NEO"
    _dates: dict[str, list[Date]] = field(default_factory=dict)
    _items: dict[str, list[Date]] = field(default_factory=dict)

    def look(self) -> None:
        """See what is there now."""
        held, _ = self.company.trial.held(self.company.person)
        self._dates = _by(held, "detail")
        self._items = _by(self.company.neo_items(), "detail")

    def dates(self, title: str) -> list[Date]:
        """Return the dates within the days that sync."""
        return sorted(self._dates.get(title, ()), key=self.day)

    def day(self, one: Date) -> date:
        """Return the day on which it is."""
        return datetime.strptime(one["startdate"], "%Y%m%d").replace(tzinfo=ZoneInfo(ZONE)).date()

    def place(self, one: Date) -> str:
        """Return where it takes place."""
        return next((one[name] for name in ("place", "other") if one[name] not in {"", "--"}), "")

    def ids(self, title: str) -> set[str]:
        """Return the ids under which the history knows it."""
        return {one["sid"] for one in self._items.get(title, ())}

    def form(self, title: str) -> str:
        """Return as what it is there."""
        items = self._items.get(title, [])
        if not items:
            return "not there"
        if not any(one["repeat"] for one in items):
            return "single events"
        return f"a series: {_LETTERS[items[0]['repeat']]}" if len({one["sid"] for one in items}) == 1 else "several series"

    def put(self, one: Date, place: str) -> None:
        """Change where one date takes place."""
        self._change(one, THIS_DAY, place=place, other="")

    def move(self, one: Date) -> None:
        """Move one date to the next day."""
        days = (datetime.strptime(one[name], "%Y%m%d").replace(tzinfo=ZoneInfo(ZONE)) for name in ("startdate", "enddate"))
        first, last = (f"{day + timedelta(days=1):%Y%m%d}" for day in days)
        self._change(one, THIS_DAY, startdate=first, enddate=last)

    def cancel(self, one: Date) -> None:
        """Delete one date."""
        self._delete(one, THIS_DAY)

    def retitle_following(self, one: Date, title: str) -> None:
        """Give this date and the following another title."""
        self._change(one, FROM_THIS_DAY, detail=title)

    def cancel_following(self, one: Date) -> None:
        """Delete this date and the following."""
        self._delete(one, FROM_THIS_DAY)

    def retitle_all(self, one: Date, title: str) -> None:
        """Give the whole series another title."""
        self.company.trial.neo.world.change(one["sid"], detail=title)

    def cancel_all(self, one: Date) -> None:
        """Delete the whole series."""
        self.company.trial.neo.world.delete(one["sid"])

    def _change(self, one: Date, modkind: int, **fields: Any) -> None:
        only = {"modkind": modkind, "seldate": one["seldate"]} if one["repeat"] else {}
        self.company.trial.neo.world.change(one["sid"], **only, **fields)

    def _delete(self, one: Date, modkind: int) -> None:
        only = {"modkind": modkind, "seldate": one["seldate"]} if one["repeat"] else {}
        self.company.trial.neo.world.delete(one["sid"], **only)


@dataclass
class OnGoogle:
    """A person at Google's page."""

    company: Company
    name: str = "Google"
    _dates: dict[str, list[Date]] = field(default_factory=dict)
    _events: dict[str, list[Date]] = field(default_factory=dict)

    def look(self) -> None:
        """See what is there now."""
        _, held = self.company.trial.held(self.company.person)
        self._dates = _by(held, "summary")
        self._events = _by(self.company.google_events(), "summary")

    def dates(self, title: str) -> list[Date]:
        """Return the dates within the days that sync."""
        return sorted(self._dates.get(title, ()), key=self.day)

    def day(self, one: Date) -> date:
        """Return the day on which it is, in Tokyo."""
        return self._moment(one["start"]).date()

    def place(self, one: Date) -> str:
        """Return where it takes place."""
        return str(one.get("location", ""))

    def ids(self, title: str) -> set[str]:
        """Return the ids under which the history knows it."""
        return {one["id"] for one in self._events.get(title, ())}

    def form(self, title: str) -> str:
        """Return as what it is there."""
        found = self._events.get(title, [])
        lines = [line for one in found for line in one.get("recurrence", ())]
        if not found:
            return "not there"
        return f"a series: `{' '.join(lines)}`" if lines else "single events"

    def put(self, one: Date, place: str) -> None:
        """Change where one date takes place."""
        self._patch(one["id"], location=place)

    def move(self, one: Date) -> None:
        """Move one date to the next day."""
        self._patch(one["id"], **{name: self._next_day(one[name]) for name in ("start", "end")})

    def cancel(self, one: Date) -> None:
        """Delete one date."""
        self.company.trial.google.world.delete(self.company.person.email, one["id"])

    def retitle_following(self, one: Date, title: str) -> None:
        """Give this date and the following another title."""
        self.company.trial.google.world.split(self.company.person.email, one["id"], {"summary": title})

    def cancel_following(self, one: Date) -> None:
        """Delete this date and the following."""
        self.company.trial.google.world.end(self.company.person.email, one["id"])

    def retitle_all(self, one: Date, title: str) -> None:
        """Give the whole series another title."""
        self._patch(one.get("recurringEventId", one["id"]), summary=title)

    def cancel_all(self, one: Date) -> None:
        """Delete the whole series."""
        self.company.trial.google.world.delete(self.company.person.email, one.get("recurringEventId", one["id"]))

    def _patch(self, event_id: str, **changes: Any) -> None:
        self.company.trial.google.world.patch(self.company.person.email, event_id, changes)

    def _moment(self, when: Mapping[str, str]) -> datetime:
        if "date" in when:
            return datetime.fromisoformat(when["date"]).replace(tzinfo=ZoneInfo(ZONE))
        return datetime.fromisoformat(when["dateTime"]).astimezone(ZoneInfo(ZONE))

    def _next_day(self, when: Mapping[str, str]) -> dict[str, str]:
        name = "date" if "date" in when else "dateTime"
        later = datetime.fromisoformat(when[name]) + timedelta(days=1)
        return dict(when) | {name: f"{later.date()}" if name == "date" else later.isoformat()}


def _by(found: Iterable[Date], name: str) -> dict[str, list[Date]]:
    titled: dict[str, list[Date]] = {}
    for one in found:
        titled.setdefault(one.get(name, ""), []).append(one)
    return titled
