"""How one write of a run is put back, as far as nobody has changed it since. Pure: compares, and says what to call."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side, first_day
from desksync.sync.expand import comes_in_parts
from desksync.sync.flow import GROUPS, Flow, flow_between, keeping
from desksync.sync.link import Link, with_base
from desksync.sync.parts import found, place_of
from desksync.sync.policy import Policy
from desksync.sync.reading import Odd, Stored
from desksync.sync.reconcile import reconcile
from desksync.sync.recurrence import gives
from desksync.sync.series import with_exceptions
from desksync.sync.views import comparable

OTHER_FORM: Final = "the series is copied in another form now"
"""Why a copy was replaced (rule R26), and why such a replacement stays: half of it undone would leave nothing, or both."""

COMES_BACK: Final = "the next run would write it again"


class Written(StrEnum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a run, as the history keeps it: what the event was before it, and what it was after it.

    `changes_form`: it belongs to the replacement of a series' copy by one of another form.
    """

    what: Written
    side: Side
    event_id: str
    before: Event | None
    after: Event | None
    changes_form: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """What a side holds now under an id. For a part, one date of a series, `series` is the series if it can be read."""

    id: str
    current: Stored | Odd | None
    series: Stored | None = None

    @property
    def has_room(self) -> bool:
        """Say whether something can be created there: anywhere, or on a date that the series gives."""
        place = place_of(self.id)
        if place is None:
            return True
        rule = None if self.series is None else self.series.event.repeat
        return self.series is not None and rule is not None and gives(rule, first_day(self.series.event.when), place.day)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete what was created."""

    current: Stored


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Give a changed event the old value.

    `left` names the fields that somebody has changed since, `returning` those that the next run would write again; they stay.
    """

    current: Stored
    event: Event
    left: tuple[str, ...] = ()
    returning: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PutBack:
    """Create again what was deleted."""

    event: Event


@dataclass(frozen=True, slots=True)
class NotUndone:
    """The write stays, and why, in a sentence without the title."""

    why: str


Step = TakeBack | WriteBack | PutBack | NotUndone


def spot(event_id: str, held: Stored | Odd | None, zone: ZoneInfo | None) -> Spot:
    """Return what there is under an id, given what the side holds of the event or, for a part, of its series."""
    if place_of(event_id) is None:
        return Spot(event_id, held)
    known = {} if held is None else {held.id: held}
    return Spot(event_id, found(event_id, known, zone), held if isinstance(held, Stored) else None)


def step(write: Write, at: Spot, policy: Policy) -> Step:
    """Return how to put the write back."""
    if write.changes_form or (at.series is not None and at.has_room and not is_copied_as(at.id, at.series, write.side, policy)):
        return NotUndone(OTHER_FORM)
    if write.what is Written.DELETED:
        return _put_back(write, at)
    if write.after is None:
        return NotUndone("it was written before DeskSync kept what it writes")
    current = at.current
    if not isinstance(current, Stored):
        return NotUndone("it is not there any more" if current is None else "it cannot be read any more")
    if not current.is_editable:
        return NotUndone("the account may not change it")
    return (_take_back if write.what is Written.CREATED else _write_back)(write, current, write.after)


def is_copied_as(event_id: str, held: Stored, side: Side, policy: Policy) -> bool:
    """Say whether the event is copied under that id: a part only while its series, `held`, is copied date by date (rule R26)."""
    is_divided = comes_in_parts(side, held, policy)
    return not is_divided if event_id == held.id else is_divided or not policy.direction.may_write(side.other)


def resting(todo: WriteBack, link: Link, side: Side, policy: Policy) -> WriteBack | NotUndone:
    """Return as much of the step as the next run leaves alone, once both events count as agreed.

    The end of a series that NEO holds in place of an endless one follows the window, whatever it was before.
    """
    if _rests(with_base(link, side, todo.event), policy):
        return todo
    current = todo.current.event
    same_times = replace(todo.event, when=current.when, repeat=current.repeat)
    less = with_exceptions(same_times, todo.event.exceptions)
    if less == current or not _rests(with_base(link, side, less), policy):
        return NotUndone(COMES_BACK)
    return replace(todo, event=less, returning=("when", "repeat"))


def _rests(link: Link, policy: Policy) -> bool:
    """Say whether a run writes neither of the two when both hold just their bases."""
    neo, google = ({link.id_on(side): Stored(link.id_on(side), link.base_on(side))} for side in Side)
    return not reconcile([link], neo, google, policy).actions


def _put_back(write: Write, at: Spot) -> Step:
    if at.current is not None:
        return NotUndone("it cannot be read any more" if isinstance(at.current, Odd) else "it is there again already")
    if write.before is None:
        return NotUndone("the history does not hold what was deleted")
    if not at.has_room:
        return NotUndone("its series does not have this date any more")
    if at.series is not None and not at.series.is_editable:
        return NotUndone("the account may not change it")
    return PutBack(replace(write.before, attendance="") if write.side is Side.NEO else write.before)


def _take_back(_write: Write, current: Stored, after: Event) -> Step:
    if _plain(current.event) != _plain(after):
        return NotUndone("it was changed since")
    return TakeBack(current)


def _write_back(write: Write, current: Stored, after: Event) -> Step:
    if write.before is None:
        return NotUndone("the history does not hold what it was before")
    flow = flow_between(after, write.before)
    if write.side is Side.NEO:
        flow = replace(flow, groups=flow.groups - {("attendance",)})  # NEO's participants are never written.
    now, then = comparable(current.event), comparable(after)
    same = Flow(
        frozenset(group for group in flow.groups if all(getattr(now, name) == getattr(then, name) for name in group)),
        frozenset(day for day in flow.days if now.exceptions.get(day, _REGULAR) == then.exceptions.get(day, _REGULAR)),
    )
    left = [name for group in GROUPS if group in flow.groups - same.groups for name in group]
    left += [day.isoformat() for day in sorted(flow.days - same.days)]
    if not same:
        return NotUndone("it was changed since" if flow else "nothing of it was changed")
    return WriteBack(current, keeping(write.before, current.event, unless=same), tuple(left))


_REGULAR = object()
"""Stands for a date on which the rule holds."""


def _plain(event: Event) -> Event:
    return replace(comparable(event), attendance="")
