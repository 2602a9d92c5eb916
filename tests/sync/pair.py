"""Two calendars in memory and one user's runs between them, as the worker makes them: read, decide, carry out, record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from desksync.sync.absorb import absorb, missing
from desksync.sync.event import Side, Window
from desksync.sync.link import Link
from desksync.sync.parts import owner_of, part_of, place_of, write_of
from desksync.sync.plan import Action, Create, Delete, Plan, Update
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Odd, Stored
from desksync.sync.reconcile import reconcile, refusal_of
from desksync.sync.record import recorded
from desksync.sync.replacing import announced, is_due, is_replacement, withdrawn
from desksync.worker.calendar import Account
from desksync.worker.errors import CalendarError, EventRefused, RetryLater
from tests.builders import WINDOW
from tests.fakes import FakeCalendar

Fault = Literal["fails", "answer lost", "crash"]

ACCOUNT = Account(user_id=1, address="a", secret="s", zone=ZoneInfo("Asia/Tokyo"))


class Crash(Exception):
    """The process died between the call and its record."""


@dataclass
class Pair:
    """One user's two calendars, with the rows that the store would hold."""

    neo: FakeCalendar = field(default_factory=lambda: FakeCalendar(Side.NEO))
    google: FakeCalendar = field(default_factory=lambda: FakeCalendar(Side.GOOGLE))
    policy: Policy = field(default_factory=lambda: Policy(WINDOW, "scope"))
    known: dict[Side, dict[str, Stored | Odd]] = field(default_factory=lambda: {side: {} for side in Side})
    cursors: dict[Side, str | None] = field(default_factory=lambda: dict.fromkeys(Side))
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    refused: set[tuple[Side, str, str]] = field(default_factory=set)
    begun: dict[tuple[Side, str], Create] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    done: list[Action] = field(default_factory=list)
    before_action: Callable[[Action], None] = lambda _: None

    def calendar(self, side: Side) -> FakeCalendar:
        """Return one of the two."""
        return self.neo if side is Side.NEO else self.google

    def set_direction(self, direction: Direction) -> None:
        """Change the direction from the next run on."""
        self.policy = replace(self.policy, direction=direction)

    def set_zone(self, zone: ZoneInfo) -> None:
        """Change the user's zone from the next run on. As with every change of settings, both sides are read in full."""
        self.policy = replace(self.policy, zone=zone)
        self.cursors = dict.fromkeys(Side)
        for side in Side:
            self.calendar(side).look_from(zone)

    @property
    def account(self) -> Account:
        """Return as whom both are called."""
        return ACCOUNT if self.policy.zone is None else replace(ACCOUNT, zone=self.policy.zone)

    def set_window(self, window: Window) -> None:
        """Change the days that sync from the next run on."""
        self.policy = replace(self.policy, window=window)

    def writes(self) -> int:
        """Return how many writing calls both calendars had so far."""
        return sum(self.calendar(side).calls(kind) for side in Side for kind in ("create", "update", "delete"))

    def partner(self, side: Side, event_id: str) -> str | None:
        """Return the id of the linked event on the other side."""
        return next((link.id_on(side.other) for link in self.links.values() if link.id_on(side) == event_id), None)

    def run(self, faults: Iterable[Fault | None] = ()) -> bool:
        """Make one run, in which the writing calls go wrong as said, one after the other. Return whether it came to its end."""
        remaining = list(faults)
        try:
            self._pull(Side.NEO)
            self._pull(Side.GOOGLE)
            self.decide()
            self.begun.clear()  # What was begun before these readings is in them, or was never done.
            try:
                self._push(Side.GOOGLE, remaining)
            except Crash:
                self._push(Side.GOOGLE, remaining)  # The ticket is claimed again where it stood, without a new reading.
            self._push(Side.NEO, remaining)
        except (Crash, CalendarError):
            return False
        return True

    def decide(self) -> Plan:
        """Decide, and record what needs no call."""
        plan = reconcile(
            self.links.values(),
            self.known[Side.NEO],
            self.known[Side.GOOGLE],
            self.policy,
            self.refused,
            self.begun.values(),
        )
        for link in plan.forgotten:
            del self.links[link.neo_id, link.google_id]
        for link in (*plan.adopted, *plan.settled):
            self._keep(link)
        self.plans.append(plan)
        return plan

    def _pull(self, side: Side) -> None:
        calendar, known = self.calendar(side), self.known[side]
        reading = calendar.read(self.account, self.cursors[side], self.policy.window, lambda: known)
        linked = {owner_of(link.id_on(side)) for link in self.links.values()}
        looked = {event_id: calendar.look(self.account, event_id) for event_id in missing(known, reading, linked)}
        absorbed = absorb(known, reading, looked, linked)
        self.known[side] = dict(absorbed.known)
        self.cursors[side] = reading.cursor

    def _push(self, side: Side, faults: list[Fault | None]) -> None:
        plan = self.decide()
        actions = plan.actions_on(side)
        whole = dict(plan.whole.get(side, {}))
        for action in actions:
            if isinstance(action, Create):
                self.begun[side, action.source.id] = action
        unmade: list[Create] = []
        is_announced = False
        for number, action in enumerate(actions):
            if not is_due(action, unmade):
                continue
            if is_replacement(action) and not is_announced:
                self._keep_bases(announced(one for one in actions[number:] if is_due(one, unmade)))
                is_announced = True
            self.before_action(action)
            self._carry_out(action, whole, faults.pop(0) if faults else None, unmade)

    def _carry_out(self, action: Action, whole: dict[str, Stored], fault: Fault | None, unmade: list[Create]) -> None:
        self.cursors[Side.NEO] = None if action.side is Side.NEO else self.cursors[Side.NEO]
        if fault == "fails":
            raise RetryLater("not now")
        try:
            answered = self._call(action, whole)
        except EventRefused as problem:
            if isinstance(action, Create):
                self.begun.pop((action.side, action.source.id), None)
                unmade.append(action)
            self._keep_bases(withdrawn([action]))
            if problem.is_stale:
                self._look_again(action)
            else:
                self.refused.add(refusal_of(action))
            return
        if fault == "answer lost":
            raise RetryLater("no answer")
        if fault == "crash":
            raise Crash
        self._record(action, answered, whole)

    def _call(self, action: Action, whole: dict[str, Stored]) -> Stored | None:
        calendar = self.calendar(action.side)
        if (part := write_of(action, whole)) is not None:
            whole[part.series.id] = calendar.update(self.account, part.series, part.event)
            if isinstance(action, Delete):
                return None
            answered = part_of(whole[part.series.id], part.day, self.policy.zone)
            assert answered is not None
            return answered
        match action:
            case Create():
                return calendar.create(self.account, action.event, action.key)
            case Update():
                return calendar.update(self.account, action.current, action.event)
            case Delete():
                calendar.delete(self.account, action.current)
                return None

    def _look_again(self, action: Action) -> None:
        if isinstance(action, Create):
            return
        event_id = owner_of(action.current.id)
        found = self.calendar(action.side).look(self.account, event_id)
        if found is None:
            self.known[action.side].pop(event_id, None)
        else:
            self.known[action.side][event_id] = found

    def _record(self, action: Action, answered: Stored | None, whole: dict[str, Stored]) -> None:
        self.done.append(action)
        outcome = recorded(action, answered)
        if outcome.dropped is not None:
            self.links.pop((outcome.dropped.neo_id, outcome.dropped.google_id), None)
        if outcome.link is not None:
            self._keep(outcome.link)
        if not isinstance(action, Create) and (place := place_of(action.current.id)) is not None:
            self.known[action.side][place.series_id] = whole[place.series_id]
            return
        if not isinstance(action, Create):
            self.known[action.side].pop(action.current.id, None)
        if answered is not None:
            self.known[action.side][answered.id] = answered

    def _keep_bases(self, links: Iterable[Link]) -> None:
        for link in links:
            assert (link.neo_id, link.google_id) in self.links
            self.links[link.neo_id, link.google_id] = link

    def _keep(self, link: Link) -> None:
        self.links[link.neo_id, link.google_id] = link
        self.begun.pop((Side.GOOGLE, link.neo_id), None)
        self.begun.pop((Side.NEO, link.google_id), None)
        for side in Side:
            ids = [one.id_on(side) for one in self.links.values()]
            assert len(ids) == len(set(ids)), "an event is in one pair only"
