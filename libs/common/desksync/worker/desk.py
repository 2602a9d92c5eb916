"""What a stage works with: one side's calendar, the store, the clock and the limits. Put together in composition roots."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from desksync.store import tickets
from desksync.store.engine import Begin
from desksync.store.tickets import Ticket
from desksync.store.users import User
from desksync.sync.event import Window
from desksync.sync.guard import HoldLimits
from desksync.sync.policy import Policy
from desksync.worker.calendar import Account, Calendar
from desksync.worker.patience import Patience
from desksync.worker.window import WindowSize, window_of

_PART_SECONDS: Final = 1.0


class LeaseLost(Exception):
    """Another worker has the ticket by now. Whatever was about to be written is not."""


class SettingsChanged(Exception):
    """The user's settings were saved after this run had begun. What it has read belongs to the old ones."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one stage does before it is interrupted, and for how long a ticket is held.

    `writes` and `seconds` bound a push, `looks` and `seconds` the single events that are looked up after a reading. A push is
    interrupted after a `turn` already, or after ten times as long as it took to decide what to write, if that is longer. The
    lease is renewed with every record and between requests, so it has to outlast only the slowest single request.
    `longest_wait` is how long a ticket waits at most after a failure: the interval of syncing. `freshness` is how old, counted
    from when it began, a reading may be when something is updated or deleted on the strength of it on a side that checks no
    versions.
    """

    lease: timedelta
    writes: int = 200
    seconds: timedelta = timedelta(seconds=60)
    turn: timedelta = timedelta(seconds=5)
    looks: int = 200
    longest_wait: timedelta = timedelta(minutes=10)
    freshness: timedelta = timedelta(seconds=10)


@dataclass(frozen=True)
class Desk:
    """One worker's place of work. `is_stopping` asks a stage to hand its ticket back soon.

    `sleep` waits so many seconds. `progress` is told between requests that somebody is at work.
    `chance` gives numbers from 0 to 1, by which tickets that have to wait are spread; always 0 spreads nobody.
    """

    calendar: Calendar
    begin: Begin
    account_of: Callable[[User], Account]
    size: WindowSize
    limits: Limits
    now: Callable[[], datetime]
    is_stopping: Callable[[], bool] = field(default=lambda: False)
    hold_limits: HoldLimits = field(default_factory=HoldLimits)
    chance: Callable[[], float] = field(default=lambda: 0.0)
    sleep: Callable[[float], None] = field(default=lambda _: None)
    progress: Callable[[], None] = field(default=lambda: None)

    def hold(self, session: Session, held: Ticket) -> None:
        """Renew the lease within the transaction. Raises `LeaseLost`, which rolls the transaction back."""
        if not tickets.renew(session, held, self.now(), self.limits.lease):
            raise LeaseLost(held.id)


@dataclass
class Beat:
    """Renews a lease between the requests of one call, when a third of it has gone by. Raises `LeaseLost`.

    A reading has as many pages as it has, and a series as many exceptions: no lease is long enough for all of them.
    """

    desk: Desk
    held: Ticket
    renewed_at: datetime

    def __call__(self) -> None:
        """Say that somebody is at work still. Never called inside a transaction."""
        self.desk.progress()
        now = self.desk.now()
        if self.renewed_at <= now < self.renewed_at + self.desk.limits.lease / 3:
            return  # By a clock that was set back it would seem so until the clock is there again.
        with self.desk.begin() as session:
            self.desk.hold(session, self.held)
        self.renewed_at = now


@dataclass(frozen=True, slots=True)
class Rest:
    """Waits in the middle of a reading, and says that somebody is at work still. Returns whether there is time to go on."""

    desk: Desk
    beat: Callable[[], None]

    def __call__(self, length: timedelta) -> bool:
        """Wait in small parts, so that neither a lease runs out nor the end of the program waits for it."""
        left = length.total_seconds()
        while left > 0 and not self.desk.is_stopping():
            self.desk.sleep(min(left, _PART_SECONDS))
            left -= _PART_SECONDS
            self.beat()
        return not self.desk.is_stopping()


@dataclass(frozen=True)
class Case:
    """A user at a desk, as set up when the work began: settings saved later take effect with the next run."""

    desk: Desk
    user: User

    @cached_property
    def account(self) -> Account:
        """Return where and as whom to call; opens the secret only when somebody calls."""
        return self.desk.account_of(self.user)

    def reading_account(self) -> Account:
        """Return the same, for one reading: it waits for room rather than lose what it has read."""
        return replace(self.account, patience=Patience(Rest(self.desk, self.account.beat)))

    @cached_property
    def window(self) -> Window:
        """Return the days that sync in this stage."""
        return window_of(ZoneInfo(self.user.settings.time_zone), self.desk.size, self.desk.now())

    @property
    def policy(self) -> Policy:
        """Return what the user's settings say about how to decide."""
        settings = self.user.settings
        return Policy(self.window, self.user.scope, settings.direction, zone=ZoneInfo(settings.time_zone))


@dataclass(frozen=True)
class Job(Case):
    """A claimed ticket with its run. `begun_at` is when it was claimed."""

    held: Ticket
    run_id: int
    begun_at: datetime

    @cached_property
    def account(self) -> Account:
        """Return where and as whom to call, with what keeps the lease meanwhile."""
        return replace(super().account, beat=Beat(self.desk, self.held, self.begun_at))
