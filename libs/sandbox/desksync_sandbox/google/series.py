"""One series with its exceptions: which instances it has, how each looks, which exceptions still fit. Stores nothing itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync_sandbox.google.ids import Original, instance_id, split_instance_id
from desksync_sandbox.google.recurrence import Schedule, schedule_of
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.times import When, length, moment_of, written

EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 29, tzinfo=UTC)
"""The moments between which times can be moved by a day and into any zone."""
_OF_THE_SERIES = frozenset({"recurrence", "id", "status", "start", "end", "etag"})


@dataclass
class Family:
    """A single event, or a series with its exceptions: what Google gives one revision, and sends again as a whole.

    `change` is the number of the last change in it; `changes` says the same of each exception. An exception with the status
    cancelled is a cancelled instance, kept for the life of the series.
    """

    ordinal: int
    root: Resource
    change: int = 0
    exceptions: dict[str, Resource] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)

    @property
    def is_deleted(self) -> bool:
        """Say whether the whole is deleted."""
        return bool(self.root["status"] == "cancelled")

    @property
    def is_series(self) -> bool:
        """Say whether it repeats."""
        return "recurrence" in self.root

    def schedule(self, zone: ZoneInfo) -> Schedule:
        """Return when the series takes place. `zone` is the one of the calendar."""
        return schedule_of(self.root["start"], self.root["recurrence"], zone)

    def has(self, original: Original, zone: ZoneInfo) -> bool:
        """Say whether the rule gives an instance then."""
        return self.is_series and self.schedule(zone).has(original)

    def instance(self, event_id: str, zone: ZoneInfo) -> Resource | None:
        """Return the instance of that id, changed, cancelled or as the rule gives it; `None` if there is none."""
        if event_id in self.exceptions:
            return self.exceptions[event_id]
        named = split_instance_id(event_id)
        if named is None or not self.has(named[1], zone):
            return None
        return self.plain(named[1], zone)

    def plain(self, original: Original, zone: ZoneInfo) -> Resource:
        """Return an instance as the rule gives it."""
        length_of_one = length(self.root["start"], self.root["end"], zone)
        start = written_like(self.root["start"], original, zone)
        named_zone = self.root["end"].get("timeZone")
        end = written_like(self.root["end"], original + length_of_one, zone_or(named_zone, zone))
        kept: dict[str, Any] = {name: value for name, value in self.root.items() if name not in _OF_THE_SERIES}
        return {
            "id": instance_id(self.root["id"], original),
            "etag": self.root["etag"],
            "status": self.root["status"],
            **kept,
            "start": start,
            "end": end,
            "recurringEventId": self.root["id"],
            "originalStartTime": start,
        }

    def cancelled(self, event_id: str, original: When) -> Resource:
        """Return the little that is guaranteed of a cancelled instance (Google Event.status)."""
        return {
            "id": event_id,
            "etag": self.root["etag"],
            "status": "cancelled",
            "recurringEventId": self.root["id"],
            "originalStartTime": original,
        }

    def originals(self, after: datetime, before: datetime, zone: ZoneInfo) -> Iterator[Original]:
        """Yield the original starts of the instances that the rule lets reach into the span, changed or not."""
        # Whole days may be an hour longer than 24 hours a day.
        reach = length(self.root["start"], self.root["end"], zone) + timedelta(hours=2)
        begin = after - reach if after - EARLIEST > reach else EARLIEST
        return self.schedule(zone).between(begin.astimezone(zone), before)

    def instances(self, after: datetime, before: datetime, zone: ZoneInfo) -> Iterator[Resource]:
        """Yield the instances that end after `after` and start before `before`; cancelled ones by their original start."""
        for plain in self.plain_instances(after, before, zone):
            if plain["id"] not in self.exceptions:
                yield plain
        for exception in self.exceptions.values():
            if reaches(exception, after, before, zone):
                yield exception

    def plain_instances(self, after: datetime, before: datetime, zone: ZoneInfo) -> Iterator[Resource]:
        """Yield the instances in the span as the rule gives them, whatever has become of them. May be endless."""
        for original in self.originals(after, before, zone):
            plain = self.plain(original, zone)
            if reaches(plain, after, before, zone):
                yield plain

    def misfits(self, zone: ZoneInfo) -> list[str]:
        """Return the ids of the exceptions whose original start the rule does not give any more."""
        return [event_id for event_id in self.exceptions if not self._fits(event_id, zone)]

    def _fits(self, event_id: str, zone: ZoneInfo) -> bool:
        named = split_instance_id(event_id)
        return named is not None and self.has(named[1], zone)


def reaches(resource: Resource, after: datetime, before: datetime, zone: ZoneInfo) -> bool:
    """Say whether it ends after `after` and starts before `before`; what lasts no time counts where it starts."""
    if "start" not in resource:
        begins = ends = moment_of(resource["originalStartTime"], zone)
    else:
        begins, ends = moment_of(resource["start"], zone), moment_of(resource["end"], zone)
    return begins < before and (ends > after or (begins == ends and begins >= after))


def written_like(pattern: When, moment: Original, zone: ZoneInfo) -> When:
    """Return the moment in the form, and with the zone, of another start or end."""
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat()}
    named = pattern.get("timeZone")
    shown: When = {"dateTime": written(moment.astimezone(zone_or(named, zone)))}
    return shown | {"timeZone": named} if named else shown


def zone_or(name: str | None, zone: ZoneInfo) -> ZoneInfo:
    """Return the named zone, or the other where none is named."""
    return zone if name is None else ZoneInfo(name)


def original_of(resource: Mapping[str, Any]) -> Original:
    """Return the original start of an instance."""
    when = resource["originalStartTime"]
    return date.fromisoformat(when["date"]) if "date" in when else moment_of(when, UTC)
