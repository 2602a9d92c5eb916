"""What has to be done, as values: the actions of a plan, and what the history should say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from desksync.sync.event import Event, Side
from desksync.sync.flow import Flow, Lost
from desksync.sync.link import Link
from desksync.sync.reading import Stored


@dataclass(frozen=True, slots=True)
class Create:
    """Copy an event to the side that lacks it. `replaces` is the old link of an event that was deleted there (rule R12)."""

    side: Side
    source: Stored
    event: Event
    key: str
    replaces: Link | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Bring one event to the wanted value.

    `current` is what this side held when the plan was made, `other` what the other side held. `pending` is what the other side is
    still to be given afterwards.
    """

    side: Side
    link: Link
    current: Stored
    other: Event
    event: Event
    pending: Flow
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the copy of an event that was deleted on the other side.

    `is_superseded`: nothing was deleted there; a series is copied in another form now (rule R26), so that the copy of the old
    form has to go. `lost` is what a person had changed in it meanwhile.
    """

    side: Side
    link: Link
    current: Stored
    is_superseded: bool = False
    lost: tuple[Lost, ...] = ()


Action = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class Skipped:
    """An event that is not copied as it is, and what is done instead and why, in a sentence without the title."""

    side: Side
    event_id: str
    why: str


STAYS_APART = "Its times and its rule are not copied"
"""How the sentence begins that tells of two events that keep their own times: all others tell how an event is copied."""

Refusal = tuple[Side, str, str]
"""What a side refused: the side, the id of the event that was to be copied, and the fingerprint of the wanted value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that makes two calendars equal.

    `forgotten` are links to drop: their events are gone on both sides, or belong to an adopted link from now on. `adopted` are
    new links between events that are the same already (rule R7), `settled` links whose bases move without a write. All three
    are only written down, in this order; an adopted link may be settled at once. `shunned` are the refusals because of which an
    action was left out. `whole` are the series of which only parts are named in the actions: writing a part writes its series.
    """

    forgotten: tuple[Link, ...] = ()
    adopted: tuple[Link, ...] = ()
    settled: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    shunned: frozenset[Refusal] = frozenset()
    whole: Mapping[Side, Mapping[str, Stored]] = field(default_factory=dict)

    def actions_on(self, side: Side) -> tuple[Action, ...]:
        """Return the actions that write to that side, in their order."""
        return tuple(action for action in self.actions if action.side is side)

    def sides(self) -> frozenset[Side]:
        """Return the sides that have to be written."""
        return frozenset(action.side for action in self.actions)
