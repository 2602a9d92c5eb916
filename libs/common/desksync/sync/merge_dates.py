"""The single dates of two versions of one series, made one: date by date against what each side held last (rules R12, R17, R27).

Pure. A date that is there on both sides is merged as an event is; how, is given by whoever calls.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from desksync.sync.event import Event, Side, first_day, occurrence_on
from desksync.sync.flow import Exceptional, Lost, Merged, Regular, date_of
from desksync.sync.link import Link
from desksync.sync.policy import Direction
from desksync.sync.recurrence import gives
from desksync.sync.views import comparable, kept_by

Together = Callable[[Link, Event, Event], Merged]
"""Merges one date that is there on both sides, given as a pair, NEO's version and Google's."""


@dataclass(frozen=True, slots=True)
class Versions:
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
        return self.fits(day) and not _same_day(date_of(self.now, day), date_of(base, day))


@dataclass(slots=True)
class Dates:
    """The exceptions that each side should have, what was lost in a conflict, and the dates that have to wait."""

    neo: dict[date, Event | None]
    google: dict[date, Event | None]
    lost: list[Lost] = field(default_factory=list)
    held: set[date] = field(default_factory=set)


def merge_dates(link: Link, neo: Versions, google: Versions, direction: Direction, winner: Side, together: Together) -> Dates:
    """Return the single dates of a series as both sides should have them."""
    merged = Dates(dict(neo.now.exceptions), dict(google.now.exceptions))
    for day in sorted({*merged.neo, *merged.google, *link.neo.exceptions, *link.google.exceptions}):
        if not (neo.fits(day) and google.fits(day)):
            merged.lost += neo.unfit(day, Side.NEO, link.neo) + google.unfit(day, Side.GOOGLE, link.google)
            if neo.waits(day, link.neo) or google.waits(day, link.google):
                merged.held.add(day)
            continue
        outcome = _merge_day(link, neo, google, day, direction, winner, together)
        for target, value in ((merged.neo, outcome.neo), (merged.google, outcome.google)):
            if isinstance(value, Regular):
                target.pop(day, None)
            else:
                target[day] = value
        merged.lost += outcome.lost
        merged.held |= {day} if outcome.is_held else set()
    return merged


@dataclass(frozen=True, slots=True)
class _Day:
    neo: Exceptional
    google: Exceptional
    lost: tuple[Lost, ...] = ()
    is_held: bool = False


def _merge_day(
    link: Link, neo: Versions, google: Versions, day: date, direction: Direction, winner: Side, together: Together
) -> _Day:
    now_neo, now_google = date_of(neo.now, day), date_of(google.now, day)
    neo_changed = not _same_day(now_neo, date_of(link.neo, day))
    google_changed = not _same_day(now_google, date_of(link.google, day))
    if (not neo_changed and not google_changed) or _same_day(now_neo, now_google):
        return _Day(now_neo, now_google)
    if now_neo is not None and now_google is not None:
        merged = together(
            Link(link.neo_id, link.google_id, _base(link.neo, day), _base(link.google, day)),
            neo.regular(day) if isinstance(now_neo, Regular) else now_neo,
            google.regular(day) if isinstance(now_google, Regular) else now_google,
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
    neo: Exceptional, google: Exceptional, direction: Direction, winner: Side, *, neo_changed: bool, google_changed: bool
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


def _is_edited(now: Exceptional, base: Event, day: date) -> bool:
    """Say whether a person changed the date; a change of the participants alone brings no cancelled one back (rule R17)."""
    before = date_of(base, day)
    if isinstance(now, Event) and before is not None:
        return not _same_day(kept_by(Side.NEO, now), kept_by(Side.NEO, _base(base, day)))
    return not _same_day(now, before)


def _base(series: Event, day: date) -> Event:
    one = series.exceptions.get(day)
    return occurrence_on(series, day) if one is None else one


def _same_day(one: Exceptional, other: Exceptional) -> bool:
    if isinstance(one, Event) and isinstance(other, Event):
        return comparable(one) == comparable(other)
    return one is other
