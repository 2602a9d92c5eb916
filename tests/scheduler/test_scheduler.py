"""Who gets a ticket and when, which lost messages are sent again, and which of several schedulers works."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from threading import Event, Thread

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from desksync.store.states import Permission, SyncState
from desksync.store.tables import users
from desksync.store.tickets import claim, postpone
from desksync.store.users import set_permission, set_sync_state
from desksync.sync.ticket import Stage
from tests.scheduler.desk import INTERVAL, Desk, many_users
from tests.store.builders import LEASE, NOW, a_person, a_user, an_open_ticket
from tests.waiting import eventually


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
