"""What people do in both calendars, in each calendar's own words.

Every event has a token of its own at the beginning of its title, so that it is known again wherever it went.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync.sync.event import Side
from tests.whole_path.found import Found
from tests.whole_path.machinery import BEGINNING, EMAIL, NEO_USER
from tests.whole_path.path import WholePath
from tests.whole_path.repeats import GoogleRule, NeoRule
from tests.whole_path.words import Slot, Wish, changes_in_neo, changes_on_google, slot_in_neo, slot_on_google
from tests.whole_path.words import wish_in_neo as in_neo
from tests.whole_path.words import wish_on_google as on_google

TODAY = BEGINNING.date()
DAYS = [TODAY + timedelta(days=offset) for offset in (0, 1, 2, 5, 6, 7, 14, 19, 21, 28, -2, -3, -5)]
WORDS = ["plan", "計画 ✨", "a&b <c>", "long " * 40 + "end", "x"]
PLACES = ["", "Room 1", "会議室"]
MEMOS = ["", "line\nline", "資料 🗻 & more", "メモ" * 300]

_TOKYO, _NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


@dataclass
class People:
    """Edits both calendars as people do."""

    path: WholePath
    tokens: int = 0
    minute: int = 0
    names: int = 0

    def new_token(self) -> str:
        """Return a token that nobody has used."""
        self.tokens += 1
        return f"t{self.tokens}"

    def new_name(self, one: Found) -> str:
        """Return a title for a single occurrence that nothing else has."""
        self.names += 1
        return f"{one.token} alone {self.names}"

    def unlike_any(self, slot: Slot) -> Slot:
        """Return the slot begun at a minute that nothing else has, so that two occurrences are never equal by chance."""
        if slot.start is None:
            return slot
        self.minute += 1
        minutes = slot.start.hour * 60 + self.minute % 45 + 1
        return replace(slot, start=time(minutes // 60, minutes % 60))

    def fitted(self, slot: Slot, rule: NeoRule | GoogleRule) -> Slot:
        """Return the slot as a kind of series needs it."""
        if isinstance(rule, NeoRule):
            return slot
        minutes = slot.minutes if rule.minutes is None else rule.minutes
        start, zone = slot.start, None
        if rule.is_elsewhere:
            start, zone = start or time(9), _NEW_YORK if self.path.zone == _TOKYO else _TOKYO
        if self.is_uncertain(minutes or 0):
            start = None
        return Slot(slot.day, start, minutes, zone)

    def is_uncertain(self, minutes: int) -> bool:
        """Say whether nobody knows how long an occurrence of that length is where it spans a change of the clocks.

        NEO holds what the clock shows, and whether Google does the same or keeps the length is not published.
        """
        return minutes > 60 and self.path.zone != _TOKYO

    def add(self, side: Side, wish: Wish, slot: Slot, rule: NeoRule | GoogleRule | None = None) -> None:
        """Add an event or a series."""
        if side is Side.NEO:
            people = {"otherto": [NEO_USER, "85"], "plant": ["9"]} if wish.is_shared else {}
            said = rule.said(slot.day) if isinstance(rule, NeoRule) else {}
            self.path.neo.add(NEO_USER, **(in_neo(wish) | slot_in_neo(slot, is_series=bool(said)) | said | people))
        else:
            span = {name: _filled(part) for name, part in slot_on_google(slot, self.path.zone).items()}
            lines = {"recurrence": rule.lines(self._zoned(slot))} if isinstance(rule, GoogleRule) else {}
            self.path.google.add(EMAIL, {**on_google(wish), **span, **lines})

    def write(self, one: Found, **changes: Any) -> None:
        """Change texts of an event or of a whole series."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, **changes_in_neo(changes))
        else:
            self.path.google.patch(EMAIL, one.id, changes_on_google(changes, one.kind))

    def move(self, one: Found, slot: Slot) -> None:
        """Move a single event, or a series to another time of its days."""
        if one.side is Side.NEO:
            fields = slot_in_neo(slot, is_series=one.is_series)
            self.path.neo.change(one.id, **fields)
        else:
            self.path.google.patch(EMAIL, one.id, slot_on_google(slot, self.path.zone))

    def repeat(self, one: Found, rule: NeoRule | GoogleRule | None) -> None:
        """Give an event or a series another rule, or let it repeat no more."""
        if one.side is Side.NEO:
            said = rule.said(one.first) if isinstance(rule, NeoRule) else {"repeat": "", "enddate": ""}
            self.path.neo.change(one.id, **said)
        else:
            event = self.path.google.get(EMAIL, one.id)
            start = None if one.starts is None else one.starts.time()
            zone = ZoneInfo(event["start"].get("timeZone") or "Asia/Tokyo")
            lines = rule.lines(Slot(one.first, start, 0, zone)) if isinstance(rule, GoogleRule) else []
            self.path.google.patch(EMAIL, one.id, {"recurrence": lines})

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
            fields = {"detail": title} | ({} if slot is None else slot_in_neo(slot))
            self.path.neo.change(one.id, modkind=1, seldate=original, keeps_sid=keeps, **fields)
        else:
            span = {} if slot is None else slot_on_google(slot, self.path.zone)
            self.path.google.patch(EMAIL, original, {"summary": title, **span})

    def change_one_back(self, one: Found, original: str) -> None:
        """Give an occurrence the title that its series has."""
        if one.side is Side.NEO:
            keeps = self.path.machinery.neo.switches.changed_occurrence_keeps_sid
            title = self.path.neo.shelf.get(one.id).fields["detail"]
            self.path.neo.change(one.id, modkind=1, seldate=original, keeps_sid=keeps, detail=title)
        else:
            self.path.google.patch(EMAIL, original, {"summary": self.path.google.get(EMAIL, one.id)["summary"]})

    def cancel_one(self, one: Found, original: str) -> None:
        """Take one occurrence out of a series."""
        if one.side is Side.NEO:
            self.path.neo.delete(one.id, modkind=1, seldate=original)
        else:
            self.path.google.delete(EMAIL, original)

    def restore_one(self, original: str) -> None:
        """Bring a cancelled occurrence back, for which only Google has a way."""
        self.path.google.patch(EMAIL, original, {"status": "confirmed"})

    def split(self, one: Found, original: str, title: str) -> None:
        """Give an occurrence and all that follow another title."""
        if one.side is Side.NEO:
            self.path.neo.change(one.id, modkind=2, seldate=original, detail=title)
        else:
            self.path.google.split(EMAIL, original, {"summary": title})

    def end(self, one: Found, original: str) -> None:
        """Delete an occurrence and all that follow."""
        if one.side is Side.NEO:
            self.path.neo.delete(one.id, modkind=2, seldate=original)
        else:
            self.path.google.end(EMAIL, original)

    def _zoned(self, slot: Slot) -> Slot:
        return slot if slot.zone is not None else replace(slot, zone=self.path.zone)


def later(one: Found, slot: Slot) -> Slot:
    """Return the slot on the first day of a series: its time of day moves, and its dates stay."""
    return Slot(one.first, slot.start, slot.minutes)


def _filled(part: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in part.items() if value is not None}
