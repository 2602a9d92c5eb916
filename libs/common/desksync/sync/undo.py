"""How one write of a run is put back, as far as nobody has changed it since. Pure: compares, and says what to call."""

from dataclasses import dataclass, replace
from enum import StrEnum

from desksync.sync.event import Event, Side
from desksync.sync.link import Link
from desksync.sync.merge import GROUPS, Flow, flow_between, keeping
from desksync.sync.reading import Odd, Stored
from desksync.sync.views import comparable, kept_by


class Written(StrEnum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a run, as the history keeps it: what the event was before it, and what it was after it."""

    what: Written
    side: Side
    event_id: str
    before: Event | None
    after: Event | None


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete what was created."""

    current: Stored


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Give a changed event the old value. `left` names the fields that somebody has changed since; they stay."""

    current: Stored
    event: Event
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PutBack:
    """Create again what was deleted."""

    event: Event


@dataclass(frozen=True, slots=True)
class NotUndone:
    """The write stays, and why, in a sentence without the title."""

    why: str


Step = TakeBack | WriteBack | PutBack | NotUndone


def step(write: Write, current: Stored | Odd | None) -> Step:
    """Return how to put the write back. `current` is what the side holds now under the event's id."""
    if write.what is Written.DELETED:
        return _put_back(write, current)
    if write.after is None:
        return NotUndone("it was written before DeskSync kept what it writes")
    if not isinstance(current, Stored):
        return NotUndone("it is not there any more" if current is None else "it cannot be read any more")
    if not current.is_editable:
        return NotUndone("the account may not change it")
    return (_take_back if write.what is Written.CREATED else _write_back)(write, current, write.after)


def linked_again(side: Side, put_back: Stored, partner: Stored) -> Link:
    """Return the link between an event that was put back and the event of which it had been the copy.

    Where the other one has been changed meanwhile it counts as changed, so that the next run carries that over.
    """
    differing = flow_between(comparable(put_back.event), comparable(partner.event)).groups - {("attendance",)}
    offered = kept_by(side.other, put_back.event)
    base = replace(partner.event, **{name: getattr(offered, name) for group in differing for name in group})
    if side is Side.NEO:
        return Link(put_back.id, partner.id, neo=put_back.event, google=base, origin=Side.GOOGLE)
    return Link(partner.id, put_back.id, neo=base, google=put_back.event, origin=Side.NEO)


def with_base(link: Link, side: Side, event: Event) -> Link:
    """Return the link with another base on that side: what it holds from now on counts as agreed."""
    return replace(link, neo=event) if side is Side.NEO else replace(link, google=event)


def _put_back(write: Write, current: Stored | Odd | None) -> Step:
    if current is not None:
        return NotUndone("it is there again already")
    if write.before is None:
        return NotUndone("the history does not hold what was deleted")
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
