"""One user's whole path: both real calendars, the real store and the real runners, driven by hand against both stand-ins.

No broker: what the runners publish is handed back to them. The clock moves when it is told to.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, SyncTicket
from desksync.store import links, runs, tickets, users
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin, make_begin
from desksync.store.runs import Run
from desksync.store.states import Permission, SyncState
from desksync.store.tables import IS_OPEN, ticket
from desksync.sync.event import Side, Window
from desksync.sync.ticket import Stage
from desksync.worker.accounts import GOOGLE_TOKEN, google_accounts, neo_accounts
from desksync.worker.calendar import Calendar
from desksync.worker.desk import Desk, Limits
from desksync.worker.runner import TicketRunner
from desksync.worker.window import WindowSize, window_of
from desksync_google_worker.calendar import GoogleCalendar
from desksync_neo_worker.calendar import NeoCalendar
from desksync_sandbox.compare import Appointment, differences, in_google, in_neo
from desksync_sandbox.google import GoogleSwitches
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_scheduler.sweep import sweep
from tests.whole_path.machinery import BEGINNING, EMAIL, NEO_USER, REFRESH_TOKEN, SITE_KEY, Machinery
from tests.whole_path.watched import Crash, Watched

SIZE = WindowSize(past=3, future=20)
LEASE = timedelta(minutes=5)
MOST_TURNS = 100
SINCE, UNTIL = BEGINNING - timedelta(days=90), BEGINNING + timedelta(days=330)
"""How far a person looks: less than to where a series without an end is cut."""

_READING = {"list_schedules", "get_schedule", "events.list", "events.get", "events.instances", "oauth.token"}

Part = TypeVar("Part")


def _same(part: Part) -> Part:
    return part


@dataclass(frozen=True)
class Making:
    """How the program is put together. A test of the tests replaces a part by one that is broken."""

    neo: Callable[[Calendar], Calendar] = _same
    google: Callable[[Calendar], Calendar] = _same
    begin: Callable[[Begin], Begin] = _same


class WholePath:
    """One user with two calendars. `before_call` hears of every call of a calendar before it is made.

    The process dies after so many calls, or after so many writes, when it is told to.
    """

    def __init__(
        self,
        machinery: Machinery,
        zone: ZoneInfo,
        neo: NeoSwitches,
        google: GoogleSwitches,
        making: Making | None = None,
        *,
        resets: bool = False,
    ) -> None:
        machinery.start_over(neo, google, resets=resets)
        making = making or Making()
        self.machinery = machinery
        self.zone = zone
        self.before_call: Callable[[], None] = lambda: None
        self.calls_until_death: int | None = None
        self.writes_until_death: int | None = None
        self.log: list[str] = []
        self._begin = make_begin(machinery.engine)
        self._queue: deque[SyncTicket] = deque()
        self._is_dead = False
        self.user_id = self._take_in()
        calendars = [making.neo(NeoCalendar(machinery.client)), making.google(GoogleCalendar(machinery.service))]
        self._runners = {calendar.side: self._runner(calendar, making.begin(self._begin_alive)) for calendar in calendars}

    # The two worlds.

    @property
    def neo(self) -> Any:
        """Return what NEO holds."""
        return self.machinery.neo.world

    @property
    def google(self) -> Any:
        """Return what Google holds."""
        return self.machinery.google.world

    @property
    def window(self) -> Window:
        """Return the days that sync now."""
        return window_of(self.zone, SIZE, self.machinery.clock())

    def differences(self) -> list[tuple[str, Appointment]]:
        """Return what only one side holds within the days that sync."""
        begin = datetime.combine(self.window.first, datetime.min.time(), tzinfo=self.zone)
        end = datetime.combine(self.window.last + timedelta(days=1), datetime.min.time(), tzinfo=self.zone)
        neo = self.neo.records(NEO_USER, self.window.first, self.window.last)
        google = [one for one in self.google.occurrences(EMAIL, begin, end) if self._is_on_days_that_sync(one)]
        return differences(neo, google, self.zone)

    def everything(self, side: Side) -> list[Appointment]:
        """Return all that a side holds within the time that people look at, occurrence by occurrence."""
        if side is Side.NEO:
            found = [in_neo(item, self.zone) for item in self.neo.records(NEO_USER, SINCE.date(), UNTIL.date())]
        else:
            found = [in_google(event) for event in self.google.occurrences(EMAIL, SINCE, UNTIL)]
        first, last = (f"{moment + timedelta(days=days):%Y-%m-%d}" for moment, days in ((SINCE, 2), (UNTIL, -2)))
        return [one for one in found if first < one.start[:10] < last]

    def writes(self) -> list[str]:
        """Return the calls since `forget_calls` that are not mere reading."""
        calls = [*self.machinery.neo.calls.all(), *self.machinery.google.calls.all()]
        return [f"{call.operation} {dict(call.parameters)}" for call in calls if call.operation not in _READING]

    def forget_calls(self) -> None:
        """Clear both request logs."""
        self.machinery.neo.calls.clear()
        self.machinery.google.calls.clear()

    def clear_faults(self) -> None:
        """Let everything succeed again."""
        self.machinery.neo.faults.clear()
        self.machinery.google.faults.clear()
        self.calls_until_death = self.writes_until_death = None
        self.before_call = lambda: None

    # Running.

    def run_until_waiting(self) -> None:
        """Begin a run, or go on with the one that waits, and carry it as far as it goes without time passing."""
        if self.is_open():
            self._wake()
        else:
            self._drain(self._order())

    def finish(self) -> None:
        """Carry an open run to its end, however long it has to wait in between."""
        turns = 0
        while self.is_open():
            turns += 1
            assert turns < MOST_TURNS, "the run does not end"
            self._wake()

    def cycle(self) -> Run:
        """Make one whole run, after any that is open, and return it."""
        self.finish()
        self._drain(self._order())
        self.finish()
        self.machinery.clock.moment += timedelta(minutes=10)
        with self._begin() as session:
            return runs.list_runs(session, self.user_id, limit=1)[0]

    def is_open(self) -> bool:
        """Say whether a run is ahead or under way."""
        with self._begin() as session:
            return tickets.count_open(session) > 0

    def unrecorded(self, sids: Sequence[str]) -> set[str]:
        """Return which NEO events may be copies of ours without a record: changed by a person at once, they go unrecognised."""
        with self._begin() as session:
            if not links.intents(session, self.user_id):
                return set()
            return set(sids) - {link.neo_id for link in links.links(session, self.user_id)}

    def called(self, what: str, call: Callable[[], Part], *, writes: bool) -> Part:
        """Make a call of a calendar, after which the process may be dead."""
        self.before_call()
        try:
            answer = call()
        except Exception as problem:
            self.log.append(f"{what}: {type(problem).__name__} {problem}")
            raise
        self.log.append(what)
        if self.calls_until_death is not None:
            self.calls_until_death -= 1
            self._is_dead = self._is_dead or self.calls_until_death == 0
        if writes and self.writes_until_death is not None:
            self.writes_until_death -= 1
            self._is_dead = self._is_dead or self.writes_until_death == 0
        return answer

    def _is_on_days_that_sync(self, event: Mapping[str, Any]) -> bool:
        """Say whether it is, by its dates where it has no times: the zone of the calendar has nothing to do with those."""
        if "date" not in event["start"]:
            return True
        return bool(event["start"]["date"] <= f"{self.window.last}" and event["end"]["date"] > f"{self.window.first}")

    def _order(self) -> SyncTicket:
        with self._begin() as session:
            (opened,) = tickets.open_tickets(session, [self.user_id], self.machinery.clock())
        return SyncTicket(ticket_id=opened.id, stage=opened.stage.value, user_id=opened.user_id)

    def _wake(self) -> None:
        with self._begin() as session:
            row = session.execute(select(ticket.c.not_before, ticket.c.leased_until, ticket.c.published_at).where(IS_OPEN)).one()
        moments = [moment for moment in (row.not_before, row.leased_until, row.published_at) if moment is not None]
        clock = self.machinery.clock
        clock.moment = max(clock.moment, max(moments) + timedelta(seconds=61))
        with self._begin() as session:
            found = sweep(session, clock(), 10, timedelta(minutes=5)).woken
        self._drain(*(SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in found))

    def _drain(self, *messages: SyncTicket) -> None:
        self._queue.extend(messages)
        turns = 0
        while self._queue:
            turns += 1
            assert turns < MOST_TURNS, "the ticket goes round in circles"
            message = self._queue.popleft()
            try:
                self._runners[Stage(message.stage).side].handle(message)
            except Crash:
                self._is_dead = False

    def _publish(self, messages: Sequence[Message]) -> None:
        self._queue.extend(message for message in messages if isinstance(message, SyncTicket))

    def _runner(self, calendar: Calendar, begin: Begin) -> TicketRunner:
        cipher = self.machinery.cipher
        desk = Desk(
            calendar=Watched(calendar, self.called),
            begin=begin,
            account_of=neo_accounts(SITE_KEY, cipher) if calendar.side is Side.NEO else google_accounts(cipher),
            size=SIZE,
            limits=Limits(lease=LEASE),
            now=self.machinery.clock,
        )
        return TicketRunner(desk, self._publish, self.machinery.metrics)

    @contextmanager
    def _begin_alive(self) -> Iterator[Session]:
        if self._is_dead:
            raise Crash
        with self._begin() as session:
            yield session

    def _take_in(self) -> int:
        now, zone = self.machinery.clock(), self.zone.key
        with self._begin() as session:
            sync_directory(session, [ListedUser(NEO_USER, "10001", "山田 花子")], now, time_zone=zone)
            user = users.find_user(session, NEO_USER, now)
            assert user is not None
            sealed = self.machinery.cipher.seal(REFRESH_TOKEN, purpose=GOOGLE_TOKEN, user_id=user.id)
            users.save_google_consent(session, user.id, EMAIL, sealed)
            users.save_settings(session, user.id, users.Settings(calendar_id=EMAIL, time_zone=zone))
            users.set_permission(session, user.id, Permission.ENABLED)
            users.set_sync_state(session, user.id, SyncState.SYNC, now)
        return user.id
