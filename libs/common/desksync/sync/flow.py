"""How two versions of an event differ: in groups of fields and single dates. What of it is to be written, and what was lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from desksync.sync.event import Event, Side
from desksync.sync.link import Link

Group = tuple[str, ...]

TIMING: Final[Group] = ("when", "repeat")
"""A series that moves to another weekday changes both; taking one without the other would break it."""

GROUPS: Final[tuple[Group, ...]] = (
    TIMING,
    ("title",),
    ("location",),
    ("description",),
    ("attendance",),
    ("access",),
    ("is_tentative",),
)


class Regular:
    """The state of a date on which the rule holds: neither changed nor cancelled."""


REGULAR: Final = Regular()
Exceptional = Event | None | Regular
"""What became of a date: it was changed to this, it was cancelled, or nothing."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What has to be written to one side: field groups of the event itself, and original dates of single occurrences."""

    groups: frozenset[Group] = frozenset()
    days: frozenset[date] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.groups or self.days)

    def __or__(self, other: "Flow") -> "Flow":
        return Flow(self.groups | other.groups, self.days | other.days)


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that gave way to the other side's, kept for the history."""

    side: Side
    event: Event
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What each side should hold, what has to be written for it, and what was lost in a conflict.

    `held` changed on a side that the other may not follow, because of the direction, or cannot, because it has no words for it.
    It waits for another direction, or for the next change.
    """

    neo: Event
    google: Event
    to_neo: Flow
    to_google: Flow
    lost: tuple[Lost, ...]
    held: Flow = Flow()

    def wanted_on(self, side: Side) -> Event:
        """Return what that side should hold."""
        return self.neo if side is Side.NEO else self.google

    def flow_to(self, side: Side) -> Flow:
        """Return what has to be written to that side."""
        return self.to_neo if side is Side.NEO else self.to_google


def rebased(link: Link, neo: Event, google: Event, pending: Flow) -> Link:
    """Return the link after a write: both bases move to what is held now, except for what is still to be written.

    Without that exception a crash between the writes to both sides would forget the second one.
    """
    new_neo, new_google = neo, google
    for group in pending.groups:
        new_neo = replace(new_neo, **{name: getattr(link.neo, name) for name in group})
        new_google = replace(new_google, **{name: getattr(link.google, name) for name in group})
    if pending.days:
        new_neo = replace(new_neo, exceptions=_with_days(new_neo, link.neo, pending.days))
        new_google = replace(new_google, exceptions=_with_days(new_google, link.google, pending.days))
    return replace(link, neo=new_neo, google=new_google)


def flow_between(now: Event, wanted: Event) -> Flow:
    """Return what has to be written to make one of the other."""
    return flow_of(now, wanted, list(GROUPS))


def keeping(event: Event, base: Event, unless: Flow) -> Event:
    """Return the event with everything as in the base, except for the given groups and occurrences."""
    kept = {name: getattr(base, name) for group in GROUPS if group not in unless.groups for name in group}
    others = frozenset({*event.exceptions, *base.exceptions}) - unless.days
    return replace(event, **kept, exceptions=_with_days(event, base, others))


def differ(group: Group, one: Event, other: Event) -> bool:
    """Say whether the two differ in any field of the group."""
    return any(getattr(one, name) != getattr(other, name) for name in group)


def date_of(event: Event, day: date) -> Exceptional:
    """Return what became of one date of a series."""
    return event.exceptions.get(day, REGULAR)


def flow_of(now: Event, wanted: Event, groups: list[Group]) -> Flow:
    """Return what has to be written to make one of the other, of these groups and of all single dates."""
    days = {day for day in {*now.exceptions, *wanted.exceptions} if date_of(now, day) != date_of(wanted, day)}
    return Flow(frozenset(group for group in groups if differ(group, now, wanted)), frozenset(days))


def _with_days(event: Event, base: Event, days: frozenset[date]) -> Mapping[date, Event | None]:
    kept = {day: one for day, one in event.exceptions.items() if day not in days}
    return kept | {day: one for day, one in base.exceptions.items() if day in days}
