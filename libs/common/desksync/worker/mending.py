"""What undoing and cleaning share: one run of their own, and each call announced before it is made and settled after it.

The announcement changes the links already, in such a way that a run after a crash neither carries the call over to the other side
nor takes it for a deletion by a person.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from desksync.store import calendars, runs
from desksync.store.runs import NewLine
from desksync.store.tickets import Ticket
from desksync.store.users import User
from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.worker.calendar import Account, Calendar
from desksync.worker.desk import Beat, Case, Desk, Rest
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.patience import Patience
from desksync.worker.standstill import standstill

STOPPED: Final = "interrupted"
"""The outcome of a repair that did not come to its end, and can be gone on with."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a call brought about on its side: events as they are now, and ids of those that are gone."""

    seen: tuple[Stored, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mending:
    """An undoing or cleaning under way. The user's ticket is held: no run begins meanwhile.

    `beat` keeps that up between requests. `looked` says when which event was looked at last.
    """

    desks: Mapping[Side, Desk]
    user: User
    held: Ticket
    run_id: int
    beat: Beat
    looked: dict[tuple[Side, str], datetime] = field(default_factory=dict)

    def calendar(self, side: Side) -> tuple[Calendar, Account]:
        """Return a side's calendar, and as whom to call it."""
        case = Case(self.desks[side], self.user)
        return case.desk.calendar, replace(case.account, beat=self.beat)

    def look(self, side: Side, event_id: str) -> Stored | Odd | None:
        """Return the event as the side holds it now."""
        calendar, account = self.calendar(side)
        desk = self.desks[side]
        with desk.begin() as session:
            known = calendars.last_known_of(session, self.user.id, side, event_id)
        self.looked[side, event_id] = desk.now()
        return calendar.look(account, event_id, known)

    def read(self, side: Side, window: Window) -> Reading:
        """Return what the side holds in the window, whatever it answered before. A side without room is waited for."""
        desk = self.desks[side]
        calendar, account = self.calendar(side)

        def known() -> Known:
            with desk.begin() as session:
                return calendars.known(session, self.user.id, side)

        return calendar.read(replace(account, patience=Patience(Rest(desk, self.beat))), None, window, known)

    def update(self, side: Side, current: Stored, event: Event) -> Stored:
        """Update what was looked at. Raises `EventRefused` when it was changed meanwhile."""
        self._require_unchanged(side, current)
        calendar, account = self.calendar(side)
        return calendar.update(account, current, event)

    def delete(self, side: Side, current: Stored) -> None:
        """Delete what was looked at. Raises `EventRefused` when it was changed meanwhile."""
        self._require_unchanged(side, current)
        calendar, account = self.calendar(side)
        calendar.delete(account, current)

    def _require_unchanged(self, side: Side, current: Stored) -> None:
        """Look once more where the side does not check it and the last look was too long ago."""
        desk = self.desks[side]
        looked_at = self.looked.get((side, current.id))
        is_fresh = looked_at is not None and desk.now() <= looked_at + desk.limits.freshness
        if not desk.calendar.checks_versions and not is_fresh and self.look(side, current.id) not in (current, None):
            raise EventRefused("The event was changed meanwhile.", is_stale=True)

    @contextmanager
    def transaction(self, side: Side) -> Iterator[Session]:
        """Begin a transaction in which the lease is renewed. Raises `LeaseLost`."""
        desk = self.desks[side]
        with desk.begin() as session:
            desk.hold(session, self.held)
            yield session

    def announce(self, session: Session, line: NewLine) -> int:
        """Record what is about to be called, and return the number of the line."""
        if line.side is Side.NEO:
            # A list from before this write proves nothing after it.
            calendars.forget_cursor(session, self.user.id, Side.NEO)
        for side in Side:
            calendars.set_dirty(session, self.user.id, side, is_dirty=True)
        announced = replace(line, kind=LineKind.BEGUN)
        return runs.add_line(session, self.run_id, self.user.id, self._now(), announced)

    def settle(self, session: Session, line_id: int, line: NewLine, done: Done) -> None:
        """Record what the call brought about."""
        if line.side is not None:
            calendars.save_seen(session, self.user.id, line.side, done.seen, done.gone)
        runs.replace_line(session, line_id, line)

    def drop_announcement(self, session: Session, line_id: int) -> None:
        """Take an announcement back: the call was refused."""
        runs.delete_line(session, line_id)

    def note(self, session: Session, line: NewLine) -> None:
        """Record something for which nothing was called."""
        runs.add_lines(session, self.run_id, self.user.id, self._now(), [line])

    def _now(self) -> datetime:
        return self.desks[Side.NEO].now()


@contextmanager
def mending(desks: Mapping[Side, Desk], user: User, outcome: str, *, undoes: int | None = None) -> Iterator[Mending]:
    """Keep runs away, and record what is done as a run of its own. Raises `RunUnderWay`."""
    desk = desks[Side.NEO]
    with standstill(desk.begin, user.id, desk.now, desk.limits.lease) as held:
        beat = Beat(desk, held, desk.now())
        with desk.begin() as session:
            run_id = runs.open_repair(session, user.id, held, desk.now(), undoes=undoes, scope=user.scope)
        ended = STOPPED
        try:
            yield Mending(desks, user, held, run_id, beat)
            ended = outcome
        finally:
            with desk.begin() as session:
                runs.close_run(session, run_id, ended, desk.now())
