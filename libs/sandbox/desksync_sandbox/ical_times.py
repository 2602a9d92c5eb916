"""Times of an iCalendar file as Google words them: named zones of the tz database, dates, instants in UTC. Knows no events."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from desksync_sandbox.google.times import zone_of
from desksync_sandbox.ical_parts import Part, Unreadable

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of one file. `floating` is the one for times that name none."""

    floating: str
    described: Mapping[str, Component] = field(default_factory=dict)

    def name_of(self, tzid: str) -> str:
        """Return the name in the tz database. Raises `Unreadable` when there is no telling.

        Tried in turn: the name itself, Windows' names, what follows a vendor's prefix, and what the file says of the zone.
        """
        parts = tzid.strip("/").split("/")
        tails = ("/".join(parts[begin:]) for begin in range(len(parts)))
        described = self.described.get(tzid)
        told = [] if described is None else [str(described.get("X-LIC-LOCATION", "")), _fixed_offset(described)]
        for name in (WINDOWS_TO_OLSON.get(tzid, ""), *tails, *told):
            if name and zone_of(name) is not None:
                return name
        raise Unreadable(f"its time zone {tzid!r} is none of the tz database")

    def when(self, value: date | datetime, tzid: str | None) -> dict[str, str]:
        """Return a start or end of an event resource."""
        if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        zone = self._zone_of(value, tzid)
        return {"dateTime": value.replace(tzinfo=ZoneInfo(zone)).isoformat(timespec="seconds"), "timeZone": zone}

    def line(self, name: str, values: Iterable[tuple[date | datetime, str | None]]) -> list[str]:
        """Return the lines of `recurrence` for dates that are added to a series or taken out of it."""
        lines = []
        for value, tzid in values:
            if not isinstance(value, datetime):
                lines.append(f"{name};VALUE=DATE:{value:%Y%m%d}")
            elif (zone := self._zone_of(value, tzid)) == "UTC":
                lines.append(f"{name}:{value:%Y%m%dT%H%M%S}Z")
            else:
                lines.append(f"{name};TZID={zone}:{value:%Y%m%dT%H%M%S}")
        return lines

    def _zone_of(self, value: datetime, tzid: str | None) -> str:
        if tzid is not None:
            return self.name_of(tzid)
        return self.floating if value.tzinfo is None else "UTC"


def zones_of(part: Part, usual: str) -> Zones:
    """Return the zones of a calendar; times without a zone are in the one that it names for itself, or else in the usual one.

    A zone that cannot be read is as good as not described.
    """
    described: dict[str, Component] = {}
    for zone in part.zones:
        with suppress(Unreadable):
            component = zone.component()
            described[str(component.get("TZID", ""))] = component
    zones = Zones(usual, described)
    try:
        return Zones(zones.name_of(part.zone_name), described) if part.zone_name else zones
    except Unreadable:
        return zones


def _fixed_offset(described: Component) -> str:
    """Return the zone without summer time that has the described offset; empty where there is none."""
    told: Any = described.get("TZOFFSETTO")
    offsets = {getattr(one, "td", None) for one in (told if isinstance(told, list) else [told])}
    if len(offsets) != 1 or (offset := offsets.pop()) is None or offset % _HOUR:
        return ""
    hours = offset // _HOUR
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
