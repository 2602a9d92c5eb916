"""Who gets a ticket and when, which lost messages are sent again, and which of several schedulers works."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event, Thread

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from desksync.contracts.messages import Message, StateChanged, SyncError, SyncTicket
from desksync.store import runs
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error, list_errors
from desksync.store.runs import NewLine
from desksync.store.states import Permission, SyncState
from desksync.store.tables import ticket, users
from desksync.store.tickets import advance, claim, close, interrupt, postpone, renew
from desksync.store.users import set_permission, set_sync_state
from desksync.sync.ticket import Stage
from desksync_scheduler.scheduler import Scheduler
from desksync_scheduler.sweep import POISONOUS
from tests.store.builders import LEASE, NOW, a_claimed_ticket, a_person, a_user, an_open_ticket
from tests.waiting import eventually
from tests.worlds import Clock

INTERVAL = timedelta(minutes=10)


@dataclass
class Desk:
    """A scheduler with its clock, and what it sent."""

    begin: Begin
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    sent: list[Message] = field(default_factory=list)

    def scheduler(
        self, holder: str = "one", *, portion: int = 1000, per_second: int = 1000, publish: Callable[..., None] | None = None
    ) -> Scheduler:
        return Scheduler(
            begin=self.begin,
            publish=publish or self.sent.extend,
            now=self.clock,
            seconds=lambda: self.clock().timestamp(),
            holder=holder,
            interval=INTERVAL,
            history=timedelta(days=90),
            lease=LEASE,
            longest_wait=INTERVAL / 2,
            portion=portion,
            per_second=per_second,
        )

    def tickets(self) -> list[SyncTicket]:
        return [message for message in self.sent if isinstance(message, SyncTicket)]

    def die_of_the_newest(self, scheduler: Scheduler) -> None:
        """Let a worker take the newest ticket and die, and its lease run out before the eyes of the scheduler."""
        with self.begin() as session:
            assert claim(session, self.tickets()[-1].ticket_id, Stage.PULL_NEO, self.clock(), LEASE) is not None
        scheduler.tick()
        self.clock.move(LEASE + timedelta(seconds=1))
        scheduler.tick()

    def finish(self, number: int | None = None) -> None:
        """Run so many open tickets to their end, or all of them, in the order in which they were sent."""
        done = 0
        for message in self.tickets():
            if done == number:
                return
            with self.begin() as session:
                held = claim(session, message.ticket_id, Stage(message.stage), self.clock(), LEASE)
                if held is not None:
                    close(session, held, self.clock())
                    done += 1


@pytest.fixture
def desk(sqlite_begin: Begin) -> Desk:
    return Desk(sqlite_begin)


def many_users(begin: Begin, number: int) -> None:
    """Add that many who are due, one second after the other, until now."""
    with begin() as session:
        sync_directory(
            session, [ListedUser(str(100 + one), f"user{one}", "") for one in range(1, number + 1)], NOW, time_zone="Asia/Tokyo"
        )
        session.execute(
            update(users).values(
                permission=Permission.ENABLED,
                sync_state=SyncState.SYNC,
                calendar_id=users.c.login_id,
                google_token=b"sealed",
            )
        )
        for one in range(1, number + 1):
            session.execute(update(users).where(users.c.id == one).values(next_due_at=NOW - timedelta(seconds=number - one)))


def test_whoever_is_due_gets_a_ticket_and_a_message(desk: Desk) -> None:
    user_id = a_user(desk.begin)

    ticked = desk.scheduler().tick()

    assert (ticked.is_active, ticked.opened, ticked.woken) == (True, 1, 0)
    assert [(message.user_id, message.stage) for message in desk.tickets()] == [(user_id, "pull_neo")]


def test_nobody_gets_a_second_ticket_while_the_first_is_open(desk: Desk) -> None:
    a_user(desk.begin)
    scheduler = desk.scheduler()
    scheduler.tick()
    desk.clock.move(INTERVAL + timedelta(seconds=30))
    desk.sent.clear()

    ticked = scheduler.tick()

    assert ticked.opened == 0
    assert [message.user_id for message in desk.tickets()] == [1]  # It was never claimed, so it is sent again.


def test_a_user_is_due_again_after_the_interval_and_not_before(desk: Desk) -> None:
    a_user(desk.begin)
    scheduler = desk.scheduler()
    scheduler.tick()
    desk.finish()

    opened = []
    for _ in range(30):
        desk.clock.move(timedelta(minutes=1))
        opened.append(scheduler.tick().opened)
        desk.finish()

    assert sum(opened) == 3
    turns = [minute for minute, number in enumerate(opened) if number]
    assert {later - earlier for earlier, later in pairwise(turns)} == {10}


def test_users_are_spread_over_the_interval(desk: Desk) -> None:
    for number in range(1, 61):
        a_user(desk.begin, number)
    scheduler = desk.scheduler()
    for _ in range(2):
        scheduler.tick()
        desk.finish()

    opened = Counter[int]()
    for minute in range(10):
        desk.clock.move(timedelta(minutes=1))
        opened[minute] = scheduler.tick().opened
        desk.finish()

    assert sum(opened.values()) == 60
    assert max(opened.values()) <= 9
    assert min(opened.values()) >= 3


def test_those_who_may_not_sync_get_no_ticket(desk: Desk) -> None:
    a_person(desk.begin, 1)
    disabled, stopped = a_user(desk.begin, 2), a_user(desk.begin, 3)
    with desk.begin() as session:
        set_permission(session, disabled, Permission.DISABLED)
        set_sync_state(session, stopped, SyncState.STOPPED, NOW)

    ticked = desk.scheduler().tick()

    assert (ticked.opened, desk.sent) == (0, [])


def test_after_an_outage_everybody_is_due_once(desk: Desk) -> None:
    for number in range(1, 4):
        a_user(desk.begin, number)
    scheduler = desk.scheduler()
    scheduler.tick()
    desk.finish()

    desk.clock.move(timedelta(hours=5))
    first = scheduler.tick().opened
    desk.finish()
    second = scheduler.tick().opened

    assert (first, second) == (3, 0)


def test_no_more_users_are_sent_out_in_a_second_than_the_limits_let_through_and_the_longest_waiting_first(desk: Desk) -> None:
    for number in range(1, 6):
        a_user(desk.begin, number)
    scheduler = desk.scheduler(per_second=2)

    opened = [scheduler.tick().opened for _ in range(4)]

    assert opened == [2, 2, 1, 0]
    assert [message.user_id for message in desk.tickets()] == [1, 2, 3, 4, 5]


def test_a_user_of_whom_workers_die_again_and_again_is_told_of(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    scheduler = desk.scheduler()
    scheduler.tick()

    for _ in range(POISONOUS):
        desk.die_of_the_newest(scheduler)

    [told] = [message for message in desk.sent if isinstance(message, SyncError)]
    assert (told.user_id, told.kind) == (user_id, "abandoned")
    with desk.begin() as session:
        assert len(list_errors(session, user_id, limit=10)) == 1
    assert len(desk.tickets()) == POISONOUS


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_that_is_set_on_takes_nobodys_lease_away(desk: Desk, by: timedelta) -> None:
    elapsed = [0.0]
    scheduler = replace(desk.scheduler(), seconds=lambda: elapsed[0])
    held = a_claimed_ticket(desk.begin, a_user(desk.begin))
    scheduler.tick()

    desk.clock.move(by)
    elapsed[0] += LEASE.total_seconds() - 1
    scheduler.tick()
    with desk.begin() as session:
        is_ours = renew(session, held, desk.clock(), LEASE)
    scheduler.tick()
    elapsed[0] += LEASE.total_seconds()
    desk.clock.move(LEASE + timedelta(seconds=1))
    scheduler.tick()

    assert is_ours
    with desk.begin() as session:
        assert not renew(session, held, desk.clock(), LEASE)


def test_a_user_of_whom_workers_die_for_hours_is_stopped_once_and_everybody_hears_of_it(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    told: list[StateChanged] = []
    scheduler = replace(desk.scheduler(), most_lapses=POISONOUS, stopped=told.append)
    scheduler.tick()

    for _ in range(POISONOUS):
        desk.die_of_the_newest(scheduler)
    scheduler.tick()

    assert [(one.user_id, one.state, one.reason) for one in told] == [(user_id, "stopped", "errors")]
    assert [message for message in desk.sent if isinstance(message, StateChanged)] == told


def test_after_an_outage_no_more_are_sent_out_than_the_workers_finish(desk: Desk) -> None:
    many_users(desk.begin, 400)
    scheduler = desk.scheduler()

    opened = [scheduler.tick().opened for _ in range(3)]
    desk.finish(20)
    desk.clock.move(timedelta(seconds=1))
    opened.append(scheduler.tick().opened)
    desk.finish(50)
    desk.clock.move(timedelta(seconds=1))
    opened.append(scheduler.tick().opened)

    assert opened == [50, 0, 0, 20, 140]
    assert [message.user_id for message in desk.tickets()] == list(range(1, 211))


def test_those_whose_wait_is_over_go_before_those_who_are_due_since_then(desk: Desk) -> None:
    earlier, later_due = a_user(desk.begin, 1), a_user(desk.begin, 2)
    opened = an_open_ticket(desk.begin, earlier)
    with desk.begin() as session:
        held = claim(session, opened.id, opened.stage, NOW, LEASE)
        assert held is not None
        postpone(session, held, Stage.PULL_NEO, NOW + timedelta(seconds=20))
        session.execute(update(users).where(users.c.id == later_due).values(next_due_at=NOW + timedelta(seconds=5)))
    desk.clock.move(timedelta(seconds=20))
    scheduler = desk.scheduler(per_second=1)

    ticked = [(tick.opened, tick.woken) for tick in (scheduler.tick(), scheduler.tick())]

    assert ticked == [(0, 1), (1, 0)]


def test_an_interrupted_push_goes_on_where_its_worker_died_before_it_could_see_to_that(desk: Desk) -> None:
    opened = an_open_ticket(desk.begin, a_user(desk.begin))
    with desk.begin() as session:
        held = claim(session, opened.id, opened.stage, NOW, LEASE)
        assert held is not None
        advance(session, held, Stage.PUSH_GOOGLE, NOW)
        pushed = claim(session, opened.id, Stage.PUSH_GOOGLE, NOW, LEASE)
        assert pushed is not None
        interrupt(session, pushed, NOW)

    ticked = [desk.scheduler().tick().woken for _ in range(2)]

    assert ticked == [1, 0]
    assert [(message.ticket_id, message.stage) for message in desk.tickets()] == [(opened.id, "push_google")]


def test_messages_that_were_lost_do_not_fill_the_queue_for_ever(desk: Desk) -> None:
    many_users(desk.begin, 120)

    def lose(_messages: Sequence[Message]) -> None:
        """Publish nothing, as when the broker is away."""

    desk.scheduler(publish=lose).tick()
    desk.clock.move(timedelta(seconds=59))
    full = desk.scheduler().tick()
    desk.clock.move(timedelta(seconds=2))
    again = desk.scheduler().tick()

    assert (full.opened, full.woken) == (0, 0)
    assert again.opened + again.woken == 50


def test_of_two_schedulers_one_is_active(desk: Desk) -> None:
    a_user(desk.begin)
    one, two = desk.scheduler("one"), desk.scheduler("two")

    ticked = [one.tick(), two.tick(), one.tick(), two.tick()]

    assert [tick.is_active for tick in ticked] == [True, False, True, False]
    assert len(desk.tickets()) == 1


def test_a_scheduler_that_died_is_replaced_when_its_lease_has_run_out(desk: Desk) -> None:
    one, two = desk.scheduler("one"), desk.scheduler("two")
    one.tick()

    waited = 0
    while not two.tick().is_active:
        desk.clock.move(timedelta(seconds=1))
        waited += 1
        assert waited < 60

    assert waited <= 16
    assert not one.tick().is_active


def test_a_scheduler_that_is_stopped_lets_another_take_over_at_once(desk: Desk) -> None:
    one, two = desk.scheduler("one"), desk.scheduler("two")
    one.tick()

    one.step_down()

    assert two.tick().is_active


def test_a_message_that_was_lost_is_sent_again(desk: Desk) -> None:
    a_user(desk.begin)

    def lose(_messages: Sequence[Message]) -> None:
        """Publish nothing, as when the broker is away."""

    desk.scheduler(publish=lose).tick()
    desk.clock.move(timedelta(seconds=59))
    early = desk.scheduler().tick()
    desk.clock.move(timedelta(seconds=2))
    late = desk.scheduler().tick()

    assert (early.woken, late.woken) == (0, 1)
    assert [message.user_id for message in desk.tickets()] == [1]


def test_a_message_that_is_late_is_not_sent_with_every_tick(desk: Desk) -> None:
    a_user(desk.begin)
    scheduler = desk.scheduler()
    scheduler.tick()
    desk.sent.clear()

    woken = []
    for _ in range(180):
        desk.clock.move(timedelta(seconds=1))
        woken.append(scheduler.tick().woken)

    assert sum(woken) == 2


def test_a_ticket_whose_worker_died_is_woken_from_the_first_stage(desk: Desk) -> None:
    opened = an_open_ticket(desk.begin, a_user(desk.begin))
    with desk.begin() as session:
        held = claim(session, opened.id, opened.stage, NOW, LEASE)
        assert held is not None
        postpone(session, held, Stage.PUSH_GOOGLE, NOW)
        assert claim(session, opened.id, Stage.PUSH_GOOGLE, NOW, LEASE) is not None
    scheduler = desk.scheduler()

    held_still = scheduler.tick().woken
    desk.clock.move(LEASE + timedelta(seconds=1))
    woken = scheduler.tick().woken

    assert (held_still, woken) == (0, 1)
    assert [message.stage for message in desk.tickets()] == ["pull_neo"]


def test_a_ticket_that_waits_is_woken_when_its_time_has_come(desk: Desk) -> None:
    held = a_claimed_ticket(desk.begin, a_user(desk.begin))
    with desk.begin() as session:
        postpone(session, held, Stage.PULL_NEO, NOW + timedelta(minutes=4))
    scheduler = desk.scheduler()

    early = scheduler.tick().woken
    desk.clock.move(timedelta(minutes=4))
    late = scheduler.tick().woken

    assert (early, late) == (0, 1)


def _a_run(begin: Begin, user_id: int, at: datetime, *, is_quiet: bool) -> None:
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        run_id = runs.open_run(session, held, at)
        if not is_quiet:
            runs.add_lines(session, run_id, user_id, at, [NewLine("created", None, "", "n", "Title")])
            add_error(session, NewError(user_id, at, "retry_later", "Google Server Error 503", run_id))
        runs.close_run(session, run_id, "ok", at)
        close(session, held, at)


def test_old_rows_are_deleted_and_young_ones_stay(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    ages = {"old": timedelta(days=91), "middle": timedelta(days=10), "young": timedelta(hours=1)}
    for age in ages.values():
        _a_run(desk.begin, user_id, NOW - age, is_quiet=True)
        _a_run(desk.begin, user_id, NOW - age, is_quiet=False)

    desk.scheduler().tick()

    with desk.begin() as session:
        left = [(NOW - run.started_at, run.counts["errors"]) for run in runs.list_runs(session, None, limit=10)]
        kept_errors = len(list_errors(session, user_id, limit=10))
        kept_tickets = session.scalar(select(func.count()).select_from(ticket).where(ticket.c.closed_at.is_not(None)))
    assert sorted(left) == [(ages["young"], 0), (ages["young"], 1), (ages["middle"], 1)]
    assert kept_errors == 2
    assert kept_tickets == 2


def test_old_rows_are_deleted_a_portion_with_each_tick_and_then_not_for_an_hour(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    for _ in range(5):
        _a_run(desk.begin, user_id, NOW - timedelta(days=91), is_quiet=False)
    scheduler = desk.scheduler(portion=2)

    left = []
    for _ in range(4):
        scheduler.tick()
        with desk.begin() as session:
            left.append(len(runs.list_runs(session, None, limit=10)))
    desk.finish()
    _a_run(desk.begin, user_id, NOW - timedelta(days=91), is_quiet=False)
    scheduler.tick()
    with desk.begin() as session:
        after = len(runs.list_runs(session, None, limit=10))
    desk.clock.move(timedelta(hours=1))
    scheduler.tick()
    with desk.begin() as session:
        an_hour_later = len(runs.list_runs(session, None, limit=10))

    assert left == [3, 1, 0, 0]
    assert (after, an_hour_later) == (1, 0)


def test_a_database_that_is_away_does_not_end_the_scheduler(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    a_user(desk.begin)
    away = [True, True]

    def begin() -> object:
        if away:
            away.pop()
            raise OperationalError("SELECT 1", None, ConnectionError("the server is restarting"))
        return desk.begin()

    scheduler = desk.scheduler()
    scheduler.begin = begin  # type: ignore[assignment] # raises where a real one would
    stop = Event()
    thread = Thread(target=scheduler.run, args=(stop,))
    thread.start()
    eventually(lambda: bool(desk.tickets()))
    stop.set()
    thread.join(10)

    assert not thread.is_alive()
    assert caplog.text.count("the database does not answer") == 1
    assert desk.scheduler("two").tick().is_active


def test_a_clock_that_is_set_back_holds_nobody_up(desk: Desk) -> None:
    waiting, closed = a_user(desk.begin, 1), a_user(desk.begin, 2)
    desk.scheduler("before").tick()
    with desk.begin() as session:
        [done] = [message for message in desk.tickets() if message.user_id == closed]
        held = claim(session, done.ticket_id, Stage(done.stage), desk.clock(), LEASE)
        assert held is not None
        close(session, held, desk.clock())
    desk.sent.clear()

    desk.clock.move(timedelta(days=-1))
    ticked = desk.scheduler("after").tick()

    assert (ticked.is_active, ticked.opened, ticked.woken) == (True, 1, 1)
    assert {message.user_id for message in desk.tickets()} == {waiting, closed}
