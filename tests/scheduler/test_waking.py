"""Tickets whose message or worker was lost are woken, and those of whom workers die are told of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from desksync.contracts.messages import Message, StateChanged, SyncError
from desksync.store.errors import list_errors
from desksync.store.tickets import advance, claim, close, interrupt, postpone, renew
from desksync.sync.ticket import Stage
from desksync_scheduler.lease_watch import LOOKS
from desksync_scheduler.sweep import POISONOUS
from tests.scheduler.desk import Desk, many_users
from tests.store.builders import LEASE, NOW, a_claimed_ticket, a_user, an_open_ticket


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

    def watch(length: timedelta) -> None:
        for _ in range(LOOKS):
            elapsed[0] += length.total_seconds() / LOOKS
            scheduler.tick()

    desk.clock.move(by)
    watch(LEASE - timedelta(seconds=1))
    with desk.begin() as session:
        is_ours = renew(session, held, desk.clock(), LEASE)
    scheduler.tick()
    desk.clock.move(LEASE + timedelta(seconds=1))
    watch(LEASE)

    assert is_ours
    with desk.begin() as session:
        assert not renew(session, held, desk.clock(), LEASE)


def test_a_scheduler_that_was_frozen_takes_nobodys_lease_away(desk: Desk) -> None:
    held = a_claimed_ticket(desk.begin, a_user(desk.begin))
    scheduler = desk.scheduler()
    scheduler.tick()

    desk.clock.move(10 * LEASE)
    scheduler.tick()

    with desk.begin() as session:
        assert renew(session, held, desk.clock(), LEASE)


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
    woken = desk.watch_a_lease(scheduler).woken

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
