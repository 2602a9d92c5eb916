"""Two versions of one event, made one: field by field against what each side held last (rules R11, R13, R15, R22, R27)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from desksync.sync.event import Access, Event, Side, Timed, first_day, occurrence_on, open_end
from desksync.sync.link import Link
from desksync.sync.policy import Direction
from desksync.sync.recurrence import gives
from desksync.sync.series import with_exceptions
from desksync.sync.views import comparable, kept_by

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


class _Regular:
    """The state of a date on which the rule holds: neither changed nor cancelled."""


_REGULAR: Final = _Regular()
_Exception = Event | None | _Regular


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


Says = Callable[[Side, Event], bool]
"""Whether a side can hold the dates and the rule of an event, as part of the pair that is merged."""


def merge(
    link: Link, neo: Event, google: Event, direction: Direction, winner: Side, says: Says = lambda _side, _event: True
) -> Merged:
    """Merge what both sides hold now, given what they held when they last agreed.

    In a one-way sync, and where `direction` says that one side cannot be written, a change there is put back. What the other side
    cannot say is not written there (rule R26).
    """
    plain_neo, plain_google = comparable(neo), comparable(google)
    pairs = ((Side.NEO, plain_neo, comparable(link.neo)), (Side.GOOGLE, plain_google, comparable(link.google)))
    sources: dict[Group, Side] = {}
    held = set[Group]()
    lost: dict[Side, list[str]] = {Side.NEO: [], Side.GOOGLE: []}
    for group in GROUPS:
        changed = frozenset(side for side, now, base in pairs if _differ(group, now, base))
        if not changed or not _differ(group, plain_neo, plain_google):
            continue
        source = _source(group, changed, neo, direction, winner)
        given = neo if source is Side.NEO else google
        if not direction.may_write(source.other) or (group == TIMING and not says(source.other, given)):
            held.add(group)
            continue
        sources[group] = source
        if source.other in changed and group != ("attendance",):
            lost[source.other] += group
    new_neo = _take(neo, google, Side.NEO, [group for group, source in sources.items() if source is Side.GOOGLE])
    new_google = _take(google, neo, Side.GOOGLE, [group for group, source in sources.items() if source is Side.NEO])
    days = _merge_exceptions(link, _Versions(neo, new_neo), _Versions(google, new_google), direction, winner)
    wanted_neo = with_exceptions(new_neo, days.neo)
    wanted_google = with_exceptions(new_google, days.google)
    return Merged(
        neo=wanted_neo,
        google=wanted_google,
        to_neo=_flow(neo, wanted_neo, [group for group, source in sources.items() if source is Side.GOOGLE]),
        to_google=_flow(google, wanted_google, [group for group, source in sources.items() if source is Side.NEO]),
        lost=tuple(
            [Lost(side, neo if side is Side.NEO else google, tuple(fields)) for side, fields in lost.items() if fields]
            + days.lost
        ),
        held=Flow(frozenset(held), frozenset(days.held)),
    )


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
    return _flow(now, wanted, list(GROUPS))


def keeping(event: Event, base: Event, unless: Flow) -> Event:
    """Return the event with everything as in the base, except for the given groups and occurrences."""
    kept = {name: getattr(base, name) for group in GROUPS if group not in unless.groups for name in group}
    others = frozenset({*event.exceptions, *base.exceptions}) - unless.days
    return replace(event, **kept, exceptions=_with_days(event, base, others))


def _source(group: Group, changed: frozenset[Side], neo: Event, direction: Direction, winner: Side) -> Side:
    if group == ("attendance",):
        return Side.NEO
    if group == ("access",) and neo.access is Access.RESTRICTED:
        return Side.NEO  # A restricted event is never loosened from Google (rule R15).
    if direction is not Direction.BOTH:
        return Side.NEO if direction is Direction.NEO_TO_GOOGLE else Side.GOOGLE
    return winner if len(changed) > 1 else next(iter(changed))


def _take(mine: Event, theirs: Event, side: Side, groups: list[Group]) -> Event:
    """Return my event with these groups of the other side, in the words of my side."""
    offered = kept_by(side, theirs)
    taken = {name: getattr(offered, name) for group in groups for name in group}
    if side is Side.NEO:
        taken.pop("attendance", None)
        if "when" in taken:
            taken["when"] = _open_end_kept(mine, offered)
    return replace(mine, **taken)


def _open_end_kept(mine: Event, offered: Event) -> object:
    """Leave an event without an end in NEO without one when it was merely moved on Google (rule R22)."""
    old, new = mine.when, offered.when
    if isinstance(old, Timed) and isinstance(new, Timed) and old.end is None and new.end == open_end(new.start):
        return Timed(new.start, None)
    return new


def _differ(group: Group, one: Event, other: Event) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in group)


def _flow(now: Event, wanted: Event, groups: list[Group]) -> Flow:
    days = {day for day in {*now.exceptions, *wanted.exceptions} if _on(now, day) != _on(wanted, day)}
    return Flow(frozenset(group for group in groups if _differ(group, now, wanted)), frozenset(days))


def _on(event: Event, day: date) -> _Exception:
    return event.exceptions.get(day, _REGULAR)


def _with_days(event: Event, base: Event, days: frozenset[date]) -> Mapping[date, Event | None]:
    kept = {day: one for day, one in event.exceptions.items() if day not in days}
    return kept | {day: one for day, one in base.exceptions.items() if day in days}


@dataclass(frozen=True, slots=True)
class _Versions:
    """A series as it is, and as it will be once its own fields are merged."""

    now: Event
    wanted: Event

    def regular(self, day: date) -> Event:
        """Return what the rule gives on that day: as it is now, or as it will be if it is not on a date of the rule yet."""
        fits = self.now.repeat is not None and gives(self.now.repeat, first_day(self.now.when), day)
        return occurrence_on(self.now if fits else self.wanted, day)

    def fits(self, day: date) -> bool:
        """Say whether the merged rule gives that day."""
        return self.wanted.repeat is not None and gives(self.wanted.repeat, first_day(self.wanted.when), day)

    def unfit(self, day: date, side: Side, base: Event) -> list[Lost]:
        """Return the change of an occurrence that is lost because the other side's rule does not give that day any more."""
        one = self.now.exceptions.get(day)
        if one is None or one == base.exceptions.get(day) or self.fits(day):
            return []
        return [Lost(side, one, ("occurrence",))]

    def waits(self, day: date, base: Event) -> bool:
        """Say whether the occurrence changed on a date that only this side's rule gives, because the rules are held apart."""
        return self.fits(day) and not _same_day(_on(self.now, day), _on(base, day))


@dataclass(slots=True)
class _Days:
    neo: dict[date, Event | None]
    google: dict[date, Event | None]
    lost: list[Lost] = field(default_factory=list)
    held: set[date] = field(default_factory=set)


def _merge_exceptions(link: Link, neo: _Versions, google: _Versions, direction: Direction, winner: Side) -> _Days:
    merged = _Days(dict(neo.now.exceptions), dict(google.now.exceptions))
    for day in sorted({*merged.neo, *merged.google, *link.neo.exceptions, *link.google.exceptions}):
        if not (neo.fits(day) and google.fits(day)):
            merged.lost += neo.unfit(day, Side.NEO, link.neo) + google.unfit(day, Side.GOOGLE, link.google)
            if neo.waits(day, link.neo) or google.waits(day, link.google):
                merged.held.add(day)
            continue
        outcome = _merge_day(link, neo, google, day, direction, winner)
        for target, value in ((merged.neo, outcome.neo), (merged.google, outcome.google)):
            if isinstance(value, _Regular):
                target.pop(day, None)
            else:
                target[day] = value
        merged.lost += outcome.lost
        merged.held |= {day} if outcome.is_held else set()
    return merged


@dataclass(frozen=True, slots=True)
class _Day:
    neo: _Exception
    google: _Exception
    lost: tuple[Lost, ...] = ()
    is_held: bool = False


def _merge_day(link: Link, neo: _Versions, google: _Versions, day: date, direction: Direction, winner: Side) -> _Day:
    now_neo, now_google = _on(neo.now, day), _on(google.now, day)
    neo_changed = not _same_day(now_neo, _on(link.neo, day))
    google_changed = not _same_day(now_google, _on(link.google, day))
    if (not neo_changed and not google_changed) or _same_day(now_neo, now_google):
        return _Day(now_neo, now_google)
    if now_neo is not None and now_google is not None:
        merged = merge(
            Link(link.neo_id, link.google_id, _base(link.neo, day), _base(link.google, day)),
            neo.regular(day) if isinstance(now_neo, _Regular) else now_neo,
            google.regular(day) if isinstance(now_google, _Regular) else now_google,
            direction,
            winner,
        )
        return _Day(merged.neo, merged.google, merged.lost, is_held=bool(merged.held))
    neo_changed, google_changed = _is_edited(now_neo, link.neo, day), _is_edited(now_google, link.google, day)
    source = _day_source(now_neo, now_google, direction, winner, neo_changed=neo_changed, google_changed=google_changed)
    given, beaten = (now_neo, now_google) if source is Side.NEO else (now_google, now_neo)
    both = neo_changed and google_changed
    lost = (Lost(source.other, beaten, ("occurrence",)),) if both and isinstance(beaten, Event) else ()
    taken = kept_by(source.other, given) if isinstance(given, Event) else given
    if source is Side.NEO:
        return _Day(now_neo, taken, lost)
    if isinstance(now_google, Event) and isinstance(taken, Event) and direction.may_write(Side.GOOGLE):
        now_google = replace(now_google, attendance=taken.attendance)  # Whom it names does not come to NEO (rule R17).
    return _Day(taken, now_google, lost)


def _day_source(
    neo: _Exception, google: _Exception, direction: Direction, winner: Side, *, neo_changed: bool, google_changed: bool
) -> Side:
    if direction is not Direction.BOTH:
        return Side.NEO if direction is Direction.NEO_TO_GOOGLE else Side.GOOGLE
    if not (neo_changed and google_changed):
        return Side.NEO if neo_changed else Side.GOOGLE
    if neo is None and isinstance(google, Event):
        return Side.GOOGLE  # Cancelled on one side, changed on the other: the change wins (rule R12).
    if google is None and isinstance(neo, Event):
        return Side.NEO
    return winner


def _is_edited(now: _Exception, base: Event, day: date) -> bool:
    """Say whether a person changed the date; a change of the participants alone brings no cancelled one back (rule R17)."""
    before = _on(base, day)
    if isinstance(now, Event) and before is not None:
        return not _same_day(kept_by(Side.NEO, now), kept_by(Side.NEO, _base(base, day)))
    return not _same_day(now, before)


def _base(series: Event, day: date) -> Event:
    one = series.exceptions.get(day)
    return occurrence_on(series, day) if one is None else one


def _same_day(one: _Exception, other: _Exception) -> bool:
    if isinstance(one, Event) and isinstance(other, Event):
        return comparable(one) == comparable(other)
    return one is other
