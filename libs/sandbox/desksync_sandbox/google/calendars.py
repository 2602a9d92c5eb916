"""One calendar with its events and the order in which they changed. Decides nothing about what may be written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from desksync_sandbox.google.ids import split_instance_id
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.series import Family, reaches
from desksync_sandbox.google.times import moment_of, written_stamp


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment of change. Numbers rise strictly over all calendars; so do etags."""

    number: int
    moment: datetime

    @property
    def etag(self) -> str:
        """Return the etag, quoted as in recorded answers."""
        return f'"{int(self.moment.timestamp() * 1_000_000) * 2}"'

    @property
    def updated(self) -> str:
        """Return it as `updated`."""
        return written_stamp(self.moment)


class Stamps:
    """Makes stamps from a clock that may stand still."""

    def __init__(self) -> None:
        self._number = 0
        self._last: datetime | None = None

    def next(self, now: datetime) -> Stamp:
        """Return a stamp later than all before it."""
        self._number += 1
        if self._last is not None and now <= self._last:
            now = self._last + timedelta(microseconds=1)
        self._last = now
        return Stamp(self._number, now)


@dataclass
class Calendar:
    """The events of one calendar. A sync token is honoured as long as `epoch` is the one in which it was given."""

    id: str
    owner: str
    summary: str
    time_zone: str
    description: str = ""
    location: str = ""
    families: dict[str, Family] = field(default_factory=dict)
    change: int = 0
    epoch: int = 0
    etag: str = '"0"'
    updated: str = "1970-01-01T00:00:00.000Z"
    _recent: dict[str, None] = field(default_factory=dict)
    _made: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the calendar."""
        return ZoneInfo(self.time_zone)

    def family_of(self, event_id: str) -> Family | None:
        """Return the event, or the series that the instance id belongs to."""
        if event_id in self.families:
            return self.families[event_id]
        named = split_instance_id(event_id)
        return None if named is None else self.families.get(named[0])

    def find(self, event_id: str) -> Resource | None:
        """Return the event, series or instance of that id, deleted ones too."""
        family = self.family_of(event_id)
        if family is None:
            return None
        if event_id == family.root["id"]:
            return family.root
        return None if family.is_deleted else family.instance(event_id, self.zone)

    def put(self, root: Resource, stamp: Stamp) -> Family:
        """Keep a new event, or revive a deleted one under its old place."""
        family = self.families.get(root["id"])
        if family is None:
            self._made += 1
            family = self.families[root["id"]] = Family(self._made, root)
        else:
            family.root = root
        self.note(family, stamp)
        return family

    def note(self, family: Family, stamp: Stamp) -> None:
        """Record that something in the family changed now."""
        family.change = self.change = stamp.number
        self._recent.pop(family.root["id"], None)
        self._recent[family.root["id"]] = None
        self.etag = f'"p{stamp.number:x}"'
        self.updated = stamp.updated

    def changed_since(self, number: int) -> list[Family]:
        """Return what changed after that number, oldest change first. Costs only what it returns."""
        newest_first = (self.families[event_id] for event_id in reversed(self._recent))
        return list(takewhile(lambda family: family.change > number, newest_first))[::-1]

    def live(self) -> Iterator[Family]:
        """Yield what is not deleted, in the order in which it was made."""
        return (family for family in self.families.values() if not family.is_deleted)

    def occurrences(self, after: datetime, before: datetime) -> list[Resource]:
        """Return the single events and instances that are not cancelled and reach into the span, by their start."""
        zone = self.zone
        found: list[Resource] = []
        for family in self.live():
            if family.is_series:
                found += [one for one in family.instances(after, before, zone) if one["status"] != "cancelled"]
            elif reaches(family.root, after, before, zone):
                found.append(family.root)
        return sorted(found, key=lambda one: (moment_of(one["start"], zone), one["id"]))

    def take_out(self, event_id: str) -> Family:
        """Forget an event altogether and return it."""
        self._recent.pop(event_id, None)
        return self.families.pop(event_id)

    def forget_deleted(self) -> None:
        """Let deleted events vanish, as they eventually do; older sync tokens are no use after that."""
        for event_id in [event_id for event_id, family in self.families.items() if family.is_deleted]:
            self.take_out(event_id)
        self.epoch += 1
