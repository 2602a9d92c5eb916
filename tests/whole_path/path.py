"""One user's whole path: both stand-ins over HTTP, both real calendars, the real store and the real runners, driven by hand.

No broker and no thread but those of the stand-ins: what the runners publish is handed back to them. The clock moves when it is
told to. Servers, clients and the database file are kept from one example to the next, and begin anew with each.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, SyncTicket
from desksync.ops.metrics import Metrics
from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store import links, runs, tickets, users
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import make_begin, make_engine
from desksync.store.runs import Run
from desksync.store.states import Permission, SyncState
from desksync.store.tables import IS_OPEN, metadata, ticket
from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.ticket import Stage
from desksync.worker.accounts import GOOGLE_TOKEN, google_accounts, neo_accounts
from desksync.worker.calendar import Account, Calendar
from desksync.worker.desk import Desk, Limits
from desksync.worker.runner import TicketRunner
from desksync.worker.window import WindowSize, window_of
from desksync_google_worker.calendar import GoogleCalendar
from desksync_google_worker.service import GoogleService
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_sandbox.compare import Appointment, differences, in_google, in_neo
from desksync_sandbox.google import GoogleServer, GoogleSwitches
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_scheduler.sweep import sweep

BEGINNING = datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
"""A Monday; clocks go back in New York on the Sunday after it."""

SIZE = WindowSize(past=3, future=20)
LEASE = timedelta(minutes=5)
SITE_KEY = "key-of-the-site"
NEO_USER = "84"
EMAIL = "hanako@example.jp"
REFRESH_TOKEN = "1//hanako"
MOST_TURNS = 100

_NEO_SEED: dict[str, Any] = {
    "site_key": SITE_KEY,
    "users": [{"id": NEO_USER, "login_id": "10001", "name": "山田 花子"}, {"id": "85", "login_id": "10002", "name": "鈴木 美咲"}],
    "facilities": [{"id": "9", "name": "第1会議室"}],
}
_READING = {"list_schedules", "get_schedule", "events.list", "events.get", "events.instances", "oauth.token"}
_ANYTIME = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))

Answer = TypeVar("Answer")


class Crash(BaseException):
    """The process dies here: no handler of ours may see it, and nothing is settled."""


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    moment: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Machinery:
    """What is made once for all examples."""

    neo: NeoServer
    google: GoogleServer
    client: NeoClient
    service: GoogleService
    engine: Engine
    clock: Clock
    cipher: Cipher = field(default_factory=lambda: Cipher([SecretKey.parse(make_key())]))
    metrics: Metrics = field(default_factory=lambda: Metrics(version="test"))

    def start_over(self, neo: NeoSwitches, google: GoogleSwitches) -> None:
        """Make everything as new, with these switches."""
        self.clock.moment = BEGINNING
        self.neo.reset()
        self.neo.switches = neo
        self.google.world.switch(**{name: getattr(google, name) for name in GoogleSwitches.__slots__})
        self.google.reset()
        with self.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))


@contextmanager
def machinery(folder: Path) -> Iterator[Machinery]:
    """Start both stand-ins, and make the clients and the database in that folder."""
    clock = Clock()
    engine = make_engine(f"sqlite:///{folder / 'path.sqlite'}")
    metadata.create_all(engine)
    try:
        with (
            NeoServer(_NEO_SEED, now=lambda: clock().astimezone(ZoneInfo("Asia/Tokyo"))) as neo,
            GoogleServer(now=clock) as google,
            NeoClient(neo.base_url, timeout=timedelta(seconds=20)) as client,
            GoogleService(
                api_url=google.api_url,
                token_url=google.token_url,
                client_id="desksync-demo.apps.googleusercontent.com",
                client_secret="demo-secret",
                timeout=timedelta(seconds=20),
                now=clock,
            ) as service,
        ):
            yield Machinery(neo, google, client, service, engine, clock)
    finally:
        engine.dispose()


class WholePath:
    """One user with two calendars. `before_call` hears of every call of a calendar before it is made."""

    def __init__(self, machinery: Machinery, zone: ZoneInfo, neo: NeoSwitches, google: GoogleSwitches) -> None:
        machinery.start_over(neo, google)
        self.machinery = machinery
        self.zone = zone
        self.before_call: Callable[[], None] = lambda: None
        self.writes_until_death: int | None = None
        self.log: list[str] = []
        self._begin = make_begin(machinery.engine)
        self._queue: deque[SyncTicket] = deque()
        self._is_dead = False
        self.user_id = self._take_in()
        calendars: list[Calendar] = [NeoCalendar(machinery.client), GoogleCalendar(machinery.service)]
        self._runners = {calendar.side: self._runner(calendar) for calendar in calendars}

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
        return differences(neo, self.google.occurrences(EMAIL, begin, end), self.zone)

    def everything(self, side: Side) -> list[Appointment]:
        """Return all that a side holds, whenever it is, occurrence by occurrence."""
        if side is Side.NEO:
            return [in_neo(item, self.zone) for item in self.neo.records(NEO_USER)]
        return [in_google(event) for event in self.google.occurrences(EMAIL, *_ANYTIME) if "start" in event]

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
        self.writes_until_death = None
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

    def _runner(self, calendar: Calendar) -> TicketRunner:
        cipher = self.machinery.cipher
        desk = Desk(
            calendar=_Watched(calendar, self),
            begin=self._begin_alive,
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

    def _called(self, what: str, call: Callable[[], Answer], *, writes: bool = False) -> Answer:
        self.before_call()
        try:
            answer = call()
        except Exception as problem:
            self.log.append(f"{what}: {type(problem).__name__} {problem}")
            raise
        self.log.append(what)
        if writes and self.writes_until_death is not None:
            self.writes_until_death -= 1
            self._is_dead = self.writes_until_death == 0
        return answer


@dataclass(frozen=True)
class _Watched:
    """A calendar whose calls are watched, and after whose writes the process may die."""

    calendar: Calendar
    path: WholePath

    @property
    def side(self) -> Side:
        return self.calendar.side

    @property
    def checks_versions(self) -> bool:
        return self.calendar.checks_versions

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        return self.path._called(f"{self.side} read", lambda: self.calendar.read(account, since, window, known))

    def look(self, account: Account, event_id: str) -> Stored | Odd | None:
        return self.path._called(f"{self.side} look {event_id}", lambda: self.calendar.look(account, event_id))

    def create(self, account: Account, event: Event, key: str) -> Stored:
        return self.path._called(f"{self.side} create {event}", lambda: self.calendar.create(account, event, key), writes=True)

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        what = f"{self.side} update {stored} to {event}"
        return self.path._called(what, lambda: self.calendar.update(account, stored, event), writes=True)

    def delete(self, account: Account, stored: Stored) -> None:
        what = f"{self.side} delete {stored.id}"
        return self.path._called(what, lambda: self.calendar.delete(account, stored), writes=True)
