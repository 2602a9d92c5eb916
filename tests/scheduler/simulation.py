"""A company of many users over hours, in seconds: the real decisions of scheduler and gates around a simple model of the rest.

What is real: when users are due, how many are sent out, who has seats, what is granted, how long a ticket waits. What is a model:
queues, threads, both remotes and the clock, which jumps from one event to the next.
"""

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from desksync.sync.pacing import PORTION_LIFE, granted, shared_pace, user_pace
from desksync.sync.seats import SEAT_LIFE, Member, arranged
from desksync.sync.ticket import free_turns, paced_until, retry_at
from desksync_scheduler.planner import LATELY, next_due, room

BEGIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
INTERVAL = timedelta(minutes=10)
PATIENCE = timedelta(seconds=10)
THREADS = 4
TURN = timedelta(seconds=5)
USERS_PACE = user_pace(600)


@dataclass
class Ticket:
    """One open ticket. `due_at` is since when its user waits."""

    user: int
    due_at: datetime
    sent_at: datetime = BEGIN
    retries: int = 0
    is_interrupted: bool = False


@dataclass
class Conditions:
    """What the company is like. Times are counted from the beginning; NEO works on one call at a time.

    The first `newcomers` users have so many events to be written to Google when they are synced for the first time.
    """

    users: int = 10_000
    neo_processes: int = 3
    google_processes: int = 3
    seats: int = 2
    per_minute: int = 10_000
    neo_takes: timedelta = timedelta(milliseconds=40)
    google_takes: timedelta = timedelta(milliseconds=150)
    newcomers: int = 0
    writes_of_each: int = 0
    we_are_away: tuple[timedelta, timedelta] | None = None
    neo_is_away: tuple[timedelta, timedelta] | None = None
    neo_is_busy: tuple[timedelta, timedelta] | None = None


@dataclass
class NeoProcess:
    """The threads of a NEO worker, and its part in the seats."""

    name: str
    free: int = THREADS
    line: deque[tuple[datetime, Ticket]] = field(default_factory=deque)
    busy: int = 0
    usable: int = 0
    until: datetime = BEGIN
    rests_until: datetime = BEGIN


@dataclass
class GoogleProcess:
    """The threads of a Google worker, and the calls that it may still make."""

    free: int = THREADS
    line: deque[Ticket] = field(default_factory=deque)
    portion: int = 0
    until: datetime = BEGIN


class Company:
    """Use `run`, then look at what happened."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.now = BEGIN
        self.google_calls: list[tuple[datetime, int]] = []
        self.neo_calls: list[datetime] = []
        self.finished: list[tuple[datetime, Ticket]] = []
        self.sent_out: list[tuple[datetime, Ticket]] = []
        self.most_in_neo = 0
        self.oldest_message = timedelta(0)
        self.refusals = Counter[str]()
        self._chance = random.Random(1).random
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._due = [(next_due(user, BEGIN, INTERVAL), user) for user in range(1, conditions.users + 1)]
        heapq.heapify(self._due)
        self._open: dict[int, Ticket] = {}
        self._waiting: list[tuple[datetime, int, Ticket]] = []
        self._neo_queue: deque[Ticket] = deque()
        self._google_queue: deque[Ticket] = deque()
        self._closed: deque[datetime] = deque()
        self._members: dict[str, Member] = {}
        self._paused_until = BEGIN
        self._spent_until: datetime | None = None
        self._in_neo = 0
        self._neo_free_at = BEGIN
        self._left = dict.fromkeys(range(1, conditions.newcomers + 1), conditions.writes_of_each)
        self._interrupted: list[tuple[datetime, int, Ticket]] = []
        self._pushing = 0
        self._neo = [NeoProcess(f"neo {number}") for number in range(conditions.neo_processes)]
        self._google = [GoogleProcess() for _ in range(conditions.google_processes)]
        self._pace = shared_pace(conditions.per_minute)
        self._at(timedelta(0), self._tick)
        for neo in self._neo:
            self._at(timedelta(milliseconds=100), lambda neo=neo: self._turn_seats(neo))  # type: ignore[misc]
        for google in self._google:
            self._at(timedelta(milliseconds=100), lambda google=google: self._turn_quota(google))  # type: ignore[misc]

    def run(self, length: timedelta) -> None:
        """Let that much time pass."""
        end = BEGIN + length
        while self._events and self._events[0][0] <= end:
            self.now, _, do = heapq.heappop(self._events)
            do()
        self.now = end

    def longest_waits(self, since: datetime) -> timedelta:
        """Return how long after that time the last of those was synced who were due before it."""
        served: dict[int, datetime] = {}
        for at, ticket in self.finished:
            if at >= since:
                served.setdefault(ticket.user, at)
        assert len(served) == self.conditions.users, "somebody was never synced again"
        return max(served.values()) - since

    def _at(self, after: timedelta, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + after, next(self._order), do))

    def _is_within(self, span: tuple[timedelta, timedelta] | None) -> bool:
        return span is not None and span[0] <= self.now - BEGIN < span[1]

    # The scheduler, once a second.

    def _tick(self) -> None:
        self._at(timedelta(seconds=1), self._tick)
        if self._is_within(self.conditions.we_are_away):
            return
        while self._closed and self._closed[0] < self.now - LATELY:
            self._closed.popleft()
        queued = len(self._neo_queue) + sum(not ticket.is_interrupted for ticket in self._google_queue)
        left = room(queued, len(self._closed), int(self._pace.per_second))
        ready: list[Ticket] = []
        while self._waiting and self._waiting[0][0] <= self.now and len(ready) < left:
            ready.append(heapq.heappop(self._waiting)[2])
        for _ in range(left):
            due_at, user = self._due[0] if self._due and self._due[0][0] <= self.now else (None, 0)
            oldest = min(ready, key=lambda ticket: ticket.due_at, default=None)
            if oldest is not None and (due_at is None or oldest.due_at <= due_at):
                ready.remove(oldest)
                self._send_out(oldest)
            elif due_at is not None:
                heapq.heappop(self._due)
                assert user not in self._open, "a second ticket"
                self._open[user] = Ticket(user, due_at)
                self._send_out(self._open[user])
        for ticket in ready:
            heapq.heappush(self._waiting, (self.now, next(self._order), ticket))

    def _send_out(self, ticket: Ticket) -> None:
        self.sent_out.append((self.now, ticket))
        ticket.sent_at = self.now
        self._neo_queue.append(ticket)
        self._serve_neo()

    # NEO workers.

    def _serve_neo(self) -> None:
        for neo in self._neo:
            while neo.free and self._neo_queue:
                neo.free -= 1
                ticket = self._neo_queue.popleft()
                self.oldest_message = max(self.oldest_message, self.now - ticket.sent_at)
                neo.line.append((self.now, ticket))
            self._begin_neo_calls(neo)

    def _begin_neo_calls(self, neo: NeoProcess) -> None:
        while neo.line:
            since, ticket = neo.line[0]
            left = neo.rests_until - self.now
            if left > timedelta(seconds=2):
                self._put_off(neo, ticket, left)
            elif neo.busy < neo.usable and self.now < neo.until and left <= timedelta(0):
                neo.line.popleft()
                self._call_neo(neo, ticket)
            elif self.now - since > PATIENCE:
                self._put_off(neo, ticket, None)
            else:
                return

    def _put_off(self, neo: NeoProcess, ticket: Ticket, after: timedelta | None) -> None:
        neo.line.popleft()
        neo.free += 1
        self._wait(ticket, paced_until(self.now, after, self._chance()))

    def _wait(self, ticket: Ticket, until: datetime) -> None:
        heapq.heappush(self._waiting, (until, next(self._order), ticket))

    def _call_neo(self, neo: NeoProcess, ticket: Ticket) -> None:
        neo.busy += 1
        self._in_neo += 1
        self.neo_calls.append(self.now)
        self.most_in_neo = max(self.most_in_neo, self._in_neo)
        takes = self.conditions.neo_takes
        if self._is_within(self.conditions.neo_is_away):
            self._at(timedelta(seconds=1), lambda: self._end_neo_call(neo, ticket, "away"))
        elif self._is_within(self.conditions.neo_is_busy):
            self._at(timedelta(milliseconds=20), lambda: self._end_neo_call(neo, ticket, "busy"))
        else:
            self._neo_free_at = max(self._neo_free_at, self.now) + takes
            self._at(self._neo_free_at - self.now, lambda: self._end_neo_call(neo, ticket, "ok"))

    def _end_neo_call(self, neo: NeoProcess, ticket: Ticket, answer: str) -> None:
        neo.busy -= 1
        neo.free += 1
        self._in_neo -= 1
        self.refusals[answer] += 1
        match answer:
            case "ok":
                self._google_queue.append(ticket)
                self._serve_google()
            case "busy":
                self._paused_until = max(self._paused_until, self.now + timedelta(seconds=10))
                neo.rests_until = self._paused_until
                self._wait(ticket, paced_until(self.now, timedelta(seconds=10), self._chance()))
            case _:
                self._wait(ticket, retry_at(ticket.retries, self.now, INTERVAL, None, self._chance()))
                ticket.retries += 1
        self._serve_neo()

    def _turn_seats(self, neo: NeoProcess) -> None:
        wanted = min(self.conditions.seats, neo.busy + len(neo.line))
        decided = arranged(list(self._members.values()), neo.name, wanted, neo.busy, self.conditions.seats, self.now)
        self._members.pop(neo.name, None)
        if not decided.mine.is_idle:
            self._members[neo.name] = decided.mine
        neo.usable, neo.until = decided.usable, self.now + SEAT_LIFE
        neo.rests_until = max(neo.rests_until, self._paused_until)
        pause = 0.2 if decided.mine.is_waiting else 0.5
        # A process with nothing to do is woken by its first call; the model looks a little later instead.
        self._at(timedelta(seconds=pause if wanted else 0.05), lambda: self._turn_seats(neo))
        self._serve_neo()

    # Google workers.

    def _serve_google(self) -> None:
        for google in self._google:
            while google.free and self._google_queue:
                google.free -= 1
                google.line.append(self._google_queue.popleft())
            while google.line and google.portion and self.now < google.until:
                google.portion -= 1
                ticket = google.line.popleft()
                self.google_calls.append((self.now, ticket.user))
                self._begin_google(google, ticket)

    def _begin_google(self, google: GoogleProcess, ticket: Ticket) -> None:
        writes = min(self._left.get(ticket.user, 0), int(TURN / USERS_PACE.spacing))
        if not writes:
            self._at(self.conditions.google_takes, lambda: self._close(google, ticket))
            return
        self._left[ticket.user] -= writes
        self._pushing += 1
        self._at(USERS_PACE.spacing * writes, lambda: self._end_turn(google, ticket))

    def _end_turn(self, google: GoogleProcess, ticket: Ticket) -> None:
        self._pushing -= 1
        if self._left[ticket.user]:
            google.free += 1
            ticket.is_interrupted = True
            heapq.heappush(self._interrupted, (ticket.due_at, next(self._order), ticket))
        else:
            self._close(google, ticket)
        for _ in range(free_turns(self._pushing, sum(one.is_interrupted for one in self._google_queue))):
            if self._interrupted:
                self._google_queue.append(heapq.heappop(self._interrupted)[2])
        self._serve_google()

    def _close(self, google: GoogleProcess, ticket: Ticket) -> None:
        google.free += 1
        self.finished.append((self.now, ticket))
        self._closed.append(self.now)
        del self._open[ticket.user]
        heapq.heappush(self._due, (next_due(ticket.user, self.now, INTERVAL), ticket.user))
        self._serve_google()

    def _turn_quota(self, google: GoogleProcess) -> None:
        if self.now >= google.until:
            google.portion = 0
        if google.portion < len(google.line) + 2:
            grant = granted(self._pace, self._spent_until, len(google.line) + 30, self.now)
            if grant.number:
                self._spent_until = grant.spent_until
                google.portion += grant.number
                google.until = self.now + PORTION_LIFE
        self._at(timedelta(milliseconds=100), lambda: self._turn_quota(google))
        self._serve_google()
