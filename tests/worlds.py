"""One user with two calendars in memory, the real store and the real runners, driven by hand and by a clock of its own.

No broker and no thread: what the runners publish is handed back to them. Every call of a calendar checks that no transaction is
open meanwhile.
"""

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, SyncError, SyncResult, SyncTicket
from desksync.ops.health import Health
from desksync.ops.metrics import Metrics
from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store import errors, runs, tickets, users
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import make_begin, make_engine
from desksync.store.errors import NewError
from desksync.store.runs import NewLine, Run
from desksync.store.states import Permission, SyncState
from desksync.store.tables import IS_OPEN, metadata, ticket
from desksync.store.users import User
from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.ticket import Stage
from desksync.worker.accounts import GOOGLE_TOKEN, KeyTrouble, google_accounts, neo_accounts
from desksync.worker.calendar import Account
from desksync.worker.desk import Desk, Limits
from desksync.worker.runner import TicketRunner
from desksync.worker.window import WindowSize
from desksync_scheduler.sweep import sweep
from tests.fakes import FakeCalendar, Kind

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
INTERVAL = timedelta(minutes=10)
LEASE = timedelta(minutes=5)
SITE_KEY = "site-key-of-the-world"
REFRESH_TOKEN = "1//refresh-token-of-the-world"
MOST_TURNS = 200

Answer = TypeVar("Answer")


class Crash(BaseException):
    """The process dies here: no handler of ours may see it, and nothing is settled."""


@dataclass
class Clock:
    """A clock that moves when it is told to. It reads Monday, 10 in the morning in Tokyo, to begin with."""

    moment: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.moment += by


class World:
    """Use `a_world`. `published` holds every message that was sent, in order."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.engine = engine
        self.clock = Clock()
        self.metrics = Metrics(version="test")
        self.published: list[Message] = []
        self.is_stopping = False
        self.chance = 0.0
        self.size = WindowSize(past=30, future=365)
        self._begin = make_begin(engine)
        self._limits = limits
        self.key_trouble = KeyTrouble()
        self.cipher = Cipher([SecretKey.parse(make_key())])
        self._queue: deque[Message] = deque()
        self._calendars = {Side.NEO: {"101": FakeCalendar(Side.NEO)}, Side.GOOGLE: {"one@example.com": FakeCalendar(Side.GOOGLE)}}
        self._after: dict[tuple[Side, Kind], list[Callable[[], None]]] = {}
        self._is_dead = False
        self._database_is_away = False
        self.health = Health(lambda: self.clock().timestamp())
        self.user_id = self._take_in()

    # The calendars.

    @property
    def neo(self) -> FakeCalendar:
        """Return the user's NEO."""
        return self._calendars[Side.NEO][self.user().neo_user_id]

    @property
    def google(self) -> FakeCalendar:
        """Return the Google calendar that the user has chosen."""
        return self._calendars[Side.GOOGLE][self.user().settings.calendar_id or ""]

    def calendar(self, side: Side) -> FakeCalendar:
        """Return one of the two."""
        return self.neo if side is Side.NEO else self.google

    def after(self, side: Side, kind: Kind, do: Callable[[], None]) -> None:
        """Let something happen once, right after the next such call was answered and before anything of it is recorded."""
        self._after.setdefault((side, kind), []).append(do)

    def crash_after(self, side: Side, kind: Kind) -> None:
        """Let the process die between the next such call and its record."""
        self.after(side, kind, self._die)

    def writes(self) -> int:
        """Return how many writing calls all calendars had so far."""
        calendars = [calendar for several in self._calendars.values() for calendar in several.values()]
        return sum(calendar.calls(kind) for calendar in calendars for kind in ("create", "update", "delete"))

    # Running.

    def order(self) -> SyncTicket:
        """Open a ticket for the user, and return the message that wakes its worker."""
        with self._begin() as session:
            (opened,) = tickets.open_tickets(session, [self.user_id], self.clock())
        return SyncTicket(ticket_id=opened.id, stage=opened.stage.value, user_id=opened.user_id)

    def drain(self, *messages: SyncTicket) -> None:
        """Hand messages to their workers, and everything that these publish, until nobody has anything to do."""
        self._queue.extend(messages)
        turns = 0
        while self._queue:
            turns += 1
            assert turns < MOST_TURNS, "the ticket goes round in circles"
            message = self._queue.popleft()
            if isinstance(message, SyncTicket):
                self.handle(message)

    def handle(self, message: SyncTicket) -> None:
        """Hand one message to its worker, which may die of it."""
        try:
            self.runner(Stage(message.stage).side).handle(message)
        except Crash:
            self._is_dead = False

    def run_until_waiting(self) -> None:
        """Order a run and carry it as far as it goes without time passing."""
        self.drain(self.order())

    def sync(self) -> Run:
        """Run until the run has ended, however long it has to wait in between, and return it. The next one is due then."""
        self.run_until_waiting()
        return self.sync_open()

    def sync_open(self) -> Run:
        """Do the same with the run that is open already."""
        turns = 0
        while self.is_open():
            turns += 1
            assert turns < MOST_TURNS, "the run does not end"
            self.wake()
        self.clock.move(INTERVAL)
        return self.runs()[-1]

    def wake(self) -> None:
        """Let time pass until the open ticket may be claimed, and sweep as the scheduler does."""
        with self._begin() as session:
            row = session.execute(select(ticket.c.not_before, ticket.c.leased_until, ticket.c.published_at).where(IS_OPEN)).one()
        moments = [row.not_before, row.leased_until, row.published_at]
        latest = max(moment for moment in moments if moment is not None) + timedelta(seconds=61 if row.published_at else 1)
        self.clock.moment = max(self.clock.moment, latest)
        self.sweep()

    def sweep(self) -> None:
        """Publish the tickets that nobody will wake, and carry them on."""
        self.drain(*self._swept())

    def message(self, stage: Stage) -> SyncTicket:
        """Return the message for that stage of the open ticket, as it may come a second time."""
        return SyncTicket(ticket_id=self.ticket().id, stage=stage.value, user_id=self.user_id)

    def take_over(self) -> None:
        """Let the lease of whoever holds the ticket run out, and the sweep give the ticket to another worker."""
        self.clock.move(self._limits.lease + timedelta(seconds=1))
        self._swept()

    def is_abandoned(self) -> bool:
        """Say whether a sweep would take the ticket away from its holder now."""
        leased_until = self.ticket().leased_until
        return leased_until is not None and leased_until < self.clock()

    def runner(self, side: Side) -> TicketRunner:
        """Return the worker of a side."""
        accounts = neo_accounts(SITE_KEY, self.cipher) if side is Side.NEO else google_accounts(self.cipher, self.key_trouble)
        desk = Desk(
            calendar=_Line(self, side),
            begin=self.begin,
            account_of=accounts,
            size=self.size,
            limits=self._limits,
            now=self.clock,
            is_stopping=lambda: self.is_stopping,
            chance=lambda: self.chance,
            sleep=lambda seconds: self.clock.move(timedelta(seconds=seconds)),
            progress=self.health.progress,
        )
        return TicketRunner(desk, self._publish, self.metrics)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Begin a transaction, if the process is alive."""
        if self._is_dead:
            raise Crash
        if self._database_is_away:
            self._database_is_away = False
            raise OperationalError("BEGIN", None, ConnectionError("server closed the connection unexpectedly"))
        with self._begin() as session:
            yield session

    # What the rows say.

    def user(self) -> User:
        """Return the user as of now."""
        with self._begin() as session:
            user = users.get_user(session, self.user_id, self.clock())
        assert user is not None
        return user

    def is_open(self) -> bool:
        """Say whether a run is ahead or under way."""
        with self._begin() as session:
            return tickets.count_open(session) > 0

    def ticket(self) -> Any:
        """Return the row of the open ticket."""
        with self._begin() as session:
            return session.execute(select(ticket).where(IS_OPEN)).one()

    def runs(self) -> list[Run]:
        """Return all runs, the oldest first."""
        with self._begin() as session:
            return runs.list_runs(session, None, limit=1000)[::-1]

    def lines(self, kind: str | None = None) -> list[NewLine]:
        """Return the lines of the history, or those of a kind, the oldest first."""
        with self._begin() as session:
            kept = runs.list_lines(session, self.user_id, limit=1000)[::-1]
        return [one.line for one in kept if kind in (None, one.line.kind)]

    def errors(self) -> list[NewError]:
        """Return all errors, the oldest first."""
        with self._begin() as session:
            return [kept.error for kept in errors.list_errors(session, self.user_id, limit=1000)[::-1]]

    def error_messages(self) -> list[SyncError]:
        """Return what was published about errors."""
        return [one for one in self.published if isinstance(one, SyncError)]

    def results(self) -> list[SyncResult]:
        """Return what was published about runs."""
        return [one for one in self.published if isinstance(one, SyncResult)]

    # What the user and the administrator do.

    def save(self, **changes: Any) -> None:
        """Save settings of the user."""
        settings = self.user().settings
        values = {name: getattr(settings, name) for name in ("calendar_id", "time_zone", "direction", "shows_attendance")}
        with self._begin() as session:
            users.save_settings(session, self.user_id, users.Settings(**(values | changes)))

    def choose_calendar(self, calendar_id: str, events: Iterable[Event] = ()) -> FakeCalendar:
        """Let the user choose another Google calendar, which holds these events if it is a new one."""
        calendar = self._calendars[Side.GOOGLE].get(calendar_id)
        if calendar is None:
            calendar = self._calendars[Side.GOOGLE][calendar_id] = FakeCalendar(Side.GOOGLE)
            _fill(calendar, events)
        self.save(calendar_id=calendar_id)
        return calendar

    def switch(self, calendar_id: str, *events: Event) -> None:
        """Do the same; for what happens in the middle of something else."""
        self.choose_calendar(calendar_id, events)

    def connect(self, account: str = "one@example.com") -> None:
        """Let the user give their consent to Google."""
        sealed = self.cipher.seal(REFRESH_TOKEN, purpose=GOOGLE_TOKEN, user_id=self.user_id)
        with self._begin() as session:
            users.save_google_consent(session, self.user_id, account, sealed)

    def set_permission(self, permission: Permission) -> None:
        """Let the administrator permit or disable the user."""
        with self._begin() as session:
            users.set_permission(session, self.user_id, permission)

    def set_sync_state(self, state: SyncState) -> None:
        """Let the user set the account to sync or to stopped."""
        with self._begin() as session:
            users.set_sync_state(session, self.user_id, state, self.clock())

    def stop(self) -> None:
        """Ask the workers to stop."""
        self.is_stopping = True

    def break_database(self) -> None:
        """Let the next transaction fail, as when the database restarts."""
        self._database_is_away = True

    def vanish(self) -> None:
        """Let NEO list everybody but the user."""
        with self._begin() as session:
            sync_directory(session, [ListedUser("102", "two", "Jiro")], self.clock(), time_zone="Asia/Tokyo")

    def _take_in(self) -> int:
        with self._begin() as session:
            sync_directory(session, [ListedUser("101", "one", "Hanako")], self.clock(), time_zone="Asia/Tokyo")
            found = users.find_user(session, "101", self.clock())
        assert found is not None
        self.user_id = found.id
        self.connect()
        self.save(calendar_id="one@example.com")
        self.set_permission(Permission.ENABLED)
        self.set_sync_state(SyncState.SYNC)
        return found.id

    def _swept(self) -> list[SyncTicket]:
        """Sweep as the scheduler does, and return what wakes the tickets."""
        with self._begin() as session:
            swept = sweep(session, self.clock(), 10, INTERVAL - self._limits.lease)
        self.published.extend([*swept.errors, *swept.stopped])
        return [SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in swept.woken]

    def _publish(self, messages: Sequence[Message]) -> None:
        self.published.extend(messages)
        self._queue.extend(messages)

    def _die(self) -> None:
        self._is_dead = True

    def _called(self, side: Side, kind: Kind, account: Account, call: Callable[[FakeCalendar], Answer]) -> Answer:
        assert self.engine.pool.checkedout() == 0, "a transaction is open during a remote call"  # type: ignore[attr-defined] # a QueuePool
        answer = call(self._calendars[side][account.address])
        waiting = self._after.get((side, kind))
        if waiting:
            waiting.pop(0)()
        return answer


class _Line:
    """A side as the workers reach it: to whichever calendar the account names."""

    def __init__(self, world: World, side: Side) -> None:
        self._world = world
        self._side = side

    @property
    def side(self) -> Side:
        return self._side

    @property
    def checks_versions(self) -> bool:
        return FakeCalendar(self._side).checks_versions

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        return self._world._called(self._side, "read", account, lambda calendar: calendar.read(account, since, window, known))

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        return self._world._called(self._side, "look", account, lambda calendar: calendar.look(account, event_id, known))

    def create(self, account: Account, event: Event, key: str) -> Stored:
        return self._world._called(self._side, "create", account, lambda calendar: calendar.create(account, event, key))

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        return self._world._called(self._side, "update", account, lambda calendar: calendar.update(account, stored, event))

    def delete(self, account: Account, stored: Stored) -> None:
        return self._world._called(self._side, "delete", account, lambda calendar: calendar.delete(account, stored))


def a_world(*, neo: Iterable[Event] = (), google: Iterable[Event] = (), limits: Limits | None = None) -> World:
    """Return a user whose two calendars hold these events and have never met. The database goes with the world."""
    engine = make_engine("sqlite://")
    metadata.create_all(engine)
    world = World(engine, limits or Limits(lease=LEASE))
    weakref.finalize(world, engine.dispose)
    _fill(world.neo, neo)
    _fill(world.google, google)
    return world


def _fill(calendar: FakeCalendar, events: Iterable[Event]) -> None:
    for event in events:
        calendar.add(event)
