"""What people do in both calendars, in each calendar's own words, and what must be true of it afterwards.

Every event has a token of its own at the beginning of its title, so that it is known again wherever it went.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from desksync.sync.event import Side
from tests.whole_path.path import BEGINNING, EMAIL, NEO_USER, WholePath

TODAY = BEGINNING.date()
DAYS = [TODAY + timedelta(days=offset) for offset in (0, 1, 2, 5, 6, 7, 14, 19, 21, 28, -2, -3, -5)]
WORDS = ["plan", "計画 ✨", "a&b <c>", "long " * 40 + "end", "x"]
PLACES = ["", "Room 1", "会議室"]
MEMOS = ["", "line\nline", "資料 🗻 & more", "メモ" * 300]
FIELDS = ("title", "place", "memo", "is_private", "is_tentative")

_TOKEN = re.compile(r"t\d+")


@dataclass(frozen=True)
class Slot:
    """When somebody puts something: whole days, or from a minute on for so long; NEO may leave the end open."""

    day: date
    start: time | None
    minutes: int | None

    @property
    def days(self) -> int:
        """Return how many whole days it takes."""
        return (self.minutes or 0) // 1440


@dataclass(frozen=True)
class Wish:
    """What somebody writes into an event. `kind` and `is_shared` (with a colleague and a room) are for NEO only."""

    title: str
    place: str = ""
    memo: str = ""
    is_private: bool = False
    is_tentative: bool = False
    kind: str = ""
    is_shared: bool = False


@dataclass(frozen=True)
class Repeat:
    """A rule that both sides can say."""

    letter: str
    interval: int
    mask: str
    times: int

    def in_neo(self) -> dict[str, str]:
        return {
            "repeat": self.letter,
            "interval": str(self.interval),
            "everyweekday": self.mask,
            "rependtimes": str(self.times),
            "enddate": "",
        }

    def on_google(self) -> list[str]:
        frequency = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY"}[self.letter]
        names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
        chosen = [name for name, mark in zip(names, self.mask, strict=False) if mark == "1"]
        by_day = f";BYDAY={','.join(chosen)}" if chosen else ""
        return [f"RRULE:FREQ={frequency};INTERVAL={self.interval}{by_day};COUNT={self.times}"]


@dataclass(frozen=True)
class Found:
    """An event, or a series with the original dates of its occurrences, as a person sees it."""

    side: Side
    id: str
    token: str
    kind: str
    occurrences: tuple[str, ...] = ()

    @property
    def is_series(self) -> bool:
        """Say whether it repeats."""
        return bool(self.occurrences)


def token_of(title: str) -> str:
    """Return the token of a title, empty where there is none."""
    found = _TOKEN.search(title)
    return found[0] if found else ""


@dataclass
class People:
    """Edits both calendars as people do."""

    path: WholePath
    tokens: int = 0
    minute: int = 0

    def new_token(self) -> str:
        """Return a token that nobody has used."""
        self.tokens += 1
        return f"t{self.tokens}"

    def unlike_any(self, slot: Slot) -> Slot:
        """Return the slot begun at a minute that nothing else has, so that two occurrences are never equal by chance."""
        if slot.start is None:
            return slot
        self.minute += 1
        minutes = slot.start.hour * 60 + self.minute % 45 + 1
        return Slot(slot.day, time(minutes // 60, minutes % 60), slot.minutes)

    def found(self) -> list[Found]:
        """Return all that a person could take hold of, in a fixed order."""
        return [*self._in_neo(), *self._on_google()]

    def count(self, side: Side) -> Counter[str]:
        """Return how many occurrences a side holds of each token."""
        return Counter(token_of(one.title) for one in self.path.everything(side))

    def add(self, side: Side, wish: Wish, slot: Slot, repeat: Repeat | None = None) -> None:
        """Add an event or a series."""
        if side is Side.NEO:
            rule = {} if repeat is None else repeat.in_neo()
            people = {"otherto": [NEO_USER, "85"], "plant": ["9"]} if wish.is_shared else {}
            slot_fields = self._slot_in_neo(slot, is_series=repeat is not None)
            self.path.neo.add(NEO_USER, **(_texts_in_neo(wish) | slot_fields | rule | people))
        else:
            rules = {} if repeat is None else {"recurrence": repeat.on_google()}
            self.path.google.add(EMAIL, {**_texts_on_google(wish), **self._slot_on_google(slot), **rules})

    def write(self, one: Found, **changes: Any) -> None:
        """Change texts of an event or of a whole series."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, **_changes_in_neo(changes))
        else:
            self.path.google.patch(EMAIL, one.id, _changes_on_google(changes, one.kind))

    def move(self, one: Found, slot: Slot) -> None:
        """Move a single event."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, **self._slot_in_neo(slot))
        else:
            cleared = {"date": None, "dateTime": None, "timeZone": None}
            span = self._slot_on_google(slot)
            self.path.google.patch(EMAIL, one.id, {name: cleared | part for name, part in span.items()})

    def repeat(self, one: Found, times: int) -> None:
        """Let a series have another number of occurrences."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, rependtimes=str(times))
        else:
            lines = self.path.google.get(EMAIL, one.id)["recurrence"]
            bare = [re.sub(r";(COUNT|UNTIL)=[^;]*", "", line) for line in lines if line.startswith("RRULE")]
            rest = [line for line in lines if not line.startswith("RRULE")]
            self.path.google.patch(EMAIL, one.id, {"recurrence": [f"{line};COUNT={times}" for line in bare] + rest})

    def delete(self, one: Found) -> None:
        """Delete an event or a whole series."""
        if one.side is Side.NEO:
            self.path.neo.delete(one.id)
        else:
            self.path.google.delete(EMAIL, one.id)

    def change_one(self, one: Found, original: str, title: str, slot: Slot | None) -> None:
        """Change one occurrence of a series."""
        if one.side is Side.NEO:
            keeps = self.path.machinery.neo.switches.changed_occurrence_keeps_sid
            fields = {"detail": title} | ({} if slot is None else self._slot_in_neo(slot))
            self.path.neo.change(one.id, modkind=1, seldate=original, keeps_sid=keeps, **fields)
        else:
            span = {} if slot is None else self._slot_on_google(slot)
            cleared = {"date": None, "dateTime": None, "timeZone": None}
            changes = {"summary": title, **{name: cleared | part for name, part in span.items()}}
            self.path.google.patch(EMAIL, original, changes)

    def cancel_one(self, one: Found, original: str) -> None:
        """Take one occurrence out of a series."""
        if one.side is Side.NEO:
            self.path.neo.delete(one.id, modkind=1, seldate=original)
        else:
            self.path.google.delete(EMAIL, original)

    def split(self, one: Found, original: str, title: str) -> None:
        """Give an occurrence and all that follow another title."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, modkind=2, seldate=original, detail=title)
        else:
            self.path.google.split(EMAIL, original, {"summary": title})

    def _in_neo(self) -> Iterable[Found]:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for item in self.path.neo.records(NEO_USER):
            groups.setdefault(item["sid"], []).append(item)
        for sid in sorted(groups, key=int):
            items = groups[sid]
            token = next((found for item in items if (found := token_of(item["detail"]))), "")
            dates = tuple(item["seldate"] for item in items) if items[0]["repeat"] else ()
            yield Found(Side.NEO, sid, token, items[0]["event"], dates)

    def _on_google(self) -> Iterable[Found]:
        events = [event for event in self.path.google.events(EMAIL) if "recurringEventId" not in event]
        for event in sorted(events, key=lambda event: (int(token_of(event["summary"])[1:]), str(event["id"]))):
            instances: tuple[str, ...] = ()
            if "recurrence" in event:
                instances = tuple(
                    str(one["id"])
                    for one in self.path.google.calendar(EMAIL)
                    .family_of(event["id"])
                    .instances(
                        BEGINNING - timedelta(days=90), BEGINNING + timedelta(days=400), self.path.google.calendar(EMAIL).zone
                    )
                    if one["status"] != "cancelled"
                )
            prefix, colon, _ = event["summary"].partition(": ")
            yield Found(Side.GOOGLE, event["id"], token_of(event["summary"]), prefix if colon else "", tuple(sorted(instances)))

    def _slot_in_neo(self, slot: Slot, *, is_series: bool = False) -> dict[str, str]:
        first, last = slot.day, slot.day + timedelta(days=max(slot.days - 1, 0))
        start = end = ""
        if slot.start is not None:
            start, last = f"{slot.start:%H%M}", first
            if slot.minutes is not None:
                ends = datetime.combine(first, slot.start) + timedelta(minutes=slot.minutes)
                end, last = f"{ends:%H%M}", ends.date()
        dates = {"startdate": f"{first:%Y%m%d}"} if is_series else {"startdate": f"{first:%Y%m%d}", "enddate": f"{last:%Y%m%d}"}
        return {**dates, "starttime": start, "endtime": end}

    def _slot_on_google(self, slot: Slot) -> dict[str, dict[str, str]]:
        if slot.start is None:
            return {"start": {"date": f"{slot.day}"}, "end": {"date": f"{slot.day + timedelta(days=max(slot.days, 1))}"}}
        begins = datetime.combine(slot.day, slot.start)
        ends = begins + timedelta(minutes=slot.minutes or 30)
        zone = self.path.zone
        return {
            name: {"dateTime": moment.replace(tzinfo=zone).isoformat(), "timeZone": zone.key}
            for name, moment in (("start", begins), ("end", ends))
        }


def _texts_in_neo(wish: Wish) -> dict[str, str]:
    return {
        "event": wish.kind,
        "detail": wish.title,
        "place": wish.place,
        "memo": wish.memo,
        "public_level": "secret" if wish.is_private else "open",
        "reserve": "1" if wish.is_tentative else "",
    }


def _texts_on_google(wish: Wish) -> dict[str, str]:
    return {
        "summary": wish.title,
        "location": wish.place,
        "description": wish.memo,
        "visibility": "private" if wish.is_private else "default",
        "status": "tentative" if wish.is_tentative else "confirmed",
    }


def _changes_in_neo(changes: Mapping[str, Any]) -> dict[str, str]:
    words = {"title": "detail", "place": "place", "memo": "memo"}
    found = {words[name]: value for name, value in changes.items() if name in words}
    if "place" in changes:
        found["other"] = ""
    if "is_private" in changes:
        found["public_level"] = "secret" if changes["is_private"] else "open"
    if "is_tentative" in changes:
        found["reserve"] = "1" if changes["is_tentative"] else ""
    return found


def _changes_on_google(changes: Mapping[str, Any], kind: str) -> dict[str, str]:
    words = {"title": "summary", "place": "location", "memo": "description"}
    found = {words[name]: value for name, value in changes.items() if name in words}
    if kind and "summary" in found:
        found["summary"] = f"{kind}: {found['summary']}"
    if "is_private" in changes:
        found["visibility"] = "private" if changes["is_private"] else "default"
    if "is_tentative" in changes:
        found["status"] = "tentative" if changes["is_tentative"] else "confirmed"
    return found
