"""Google events.list and events.instances: which events, in which order, on which page. Knows no HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.query import ListQuery
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.series import EARLIEST, LATEST, Family, original_of, reaches
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.times import moment_of
from desksync_sandbox.google.tokens import Key

Row = tuple[Key, Resource]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a list has to weigh. An incremental list tells what changed after `since`; `None` is a full list."""

    calendar: Calendar
    query: ListQuery
    switches: GoogleSwitches
    now: datetime
    since: int | None = None

    def rows(self) -> list[Row]:
        """Return all rows in their order. A quiet incremental list looks at nothing."""
        families = self.calendar.families.values() if self.since is None else self.calendar.changed_since(self.since)
        found = [row for family in families for row in self._rows_of(family)]
        if self.query.order_by is not None or self.query.single_events:
            found.sort(key=lambda row: row[0])
        return found

    def rows_of_series(self, family: Family) -> list[Row]:
        """Return the instances of one series, by their original start (Google events.instances)."""
        wanted = self.query.original_start
        zone = self.calendar.zone
        found = [
            (self._key(family, event, 0), event)
            for event in self._single(family)
            if wanted is None or moment_of(event["originalStartTime"], zone) == wanted
        ]
        return sorted(found, key=lambda row: row[0])

    def _rows_of(self, family: Family) -> Iterator[Row]:
        for number, event in enumerate(self._events_of(family)):
            if self._matches(family, event):
                yield self._key(family, event, number), event

    def _events_of(self, family: Family) -> Iterator[Resource]:
        """Yield what the family contributes, before the filters that look at one event alone."""
        if family.is_deleted:
            yield from self._deleted(family)
        elif not family.is_series:
            if self._is_in_window(family.root):
                yield family.root
        elif self.query.single_events:
            yield from self._single(family)
        else:
            yield from self._series(family)

    def _deleted(self, family: Family) -> Iterator[Resource]:
        if not self._tells_deleted(family):
            return
        if self.query.single_events and family.is_series:
            instances = family.plain_instances(self._after(), self._before(family), self.calendar.zone)
            yield from (family.cancelled(one["id"], one["originalStartTime"]) for one in instances)
        elif self.since is not None or self._is_in_window(family.root):
            yield family.root

    def _single(self, family: Family) -> Iterator[Resource]:
        for instance in family.instances(self._after(), self._before(family), self.calendar.zone):
            if instance["status"] != "cancelled" or self._tells_deleted(family):
                yield instance

    def _series(self, family: Family) -> Iterator[Resource]:
        """Yield a series and its exceptions; cancelled instances always come with it, deleted or not (Google events.list)."""
        if not self._is_windowed():
            yield family.root
            yield from self._told_exceptions(family)
            return
        zone = self.calendar.zone
        exceptions = [
            exception
            for exception in self._told_exceptions(family)
            if self._is_in_window(exception) or self._is_in_window(family.plain(original_of(exception), zone))
        ]
        is_inside = next(family.plain_instances(self._after(), self.query.time_max or LATEST, zone), None) is not None
        if is_inside or exceptions:
            yield family.root
            yield from exceptions

    def _told_exceptions(self, family: Family) -> Iterator[Resource]:
        for event_id, exception in family.exceptions.items():
            if self.since is None or family.changes[event_id] > self.since:
                yield exception

    def _tells_deleted(self, family: Family) -> bool:
        if self.since is not None or self.query.show_deleted:
            return True
        return self.query.updated_min is not None and self.query.updated_min <= updated_of(family.root)

    def _is_windowed(self) -> bool:
        return self.query.time_min is not None or self.query.time_max is not None

    def _is_in_window(self, event: Resource) -> bool:
        return not self._is_windowed() or reaches(event, self._after(), self.query.time_max or LATEST, self.calendar.zone)

    def _after(self) -> datetime:
        return self.query.time_min or EARLIEST

    def _before(self, family: Family) -> datetime:
        """Return up to where a series is expanded."""
        if self.query.time_max is not None:
            return self.query.time_max
        if not family.schedule(self.calendar.zone).is_endless:
            return LATEST
        return max(self.now, self._after()) + self.switches.expansion_horizon

    def _matches(self, family: Family, event: Resource) -> bool:
        if (
            self.query.updated_min is not None
            and updated_of(event if "updated" in event else family.root) < self.query.updated_min
        ):
            return False
        return self.query.matches(event, any_property=self.switches.property_filters_match_any)

    def _key(self, family: Family, event: Resource, number: int) -> Key:
        zone = self.calendar.zone
        match self.query.order_by:
            case "startTime":
                return (moment_of(event.get("start") or event["originalStartTime"], zone).timestamp(), event["id"])
            case "updated":
                return (str(event.get("updated", family.root["updated"])), float(family.change), event["id"])
        place = float(family.ordinal if self.since is None else family.change)
        if self.query.single_events and family.is_series:
            return (place, moment_of(event["originalStartTime"], zone).timestamp(), event["id"])
        return (place, float(number), event["id"])


def updated_of(event: Resource) -> datetime:
    """Return when an event was last changed."""
    return datetime.fromisoformat(event["updated"])
