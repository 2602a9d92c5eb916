from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from desksync.store.engine import Begin
from desksync.store.tickets import (
    CLOCK_SKEW,
    Ticket,
    advance,
    close,
    count_open,
    hasten,
    interrupt,
    oldest_due,
    open_tickets,
    postpone,
    purge_closed,
    renew,
    stranded,
)
from desksync.store.users import get_user
from desksync.sync.ticket import Stage
from tests.store.builders import GRACE, LEASE, NOW, a_claimed_ticket, a_user, an_open_ticket, claimed, lapsed, later


def test_opening_gives_every_user_a_ticket_at_the_first_stage(begin: Begin) -> None:
    users = [a_user(begin, 1), a_user(begin, 2)]

    with begin() as session:
        opened = open_tickets(session, users, NOW)

    assert sorted((one.user_id, one.stage) for one in opened) == [(users[0], Stage.PULL_NEO), (users[1], Stage.PULL_NEO)]
    assert opened[0].id != opened[1].id


def test_a_user_with_an_open_ticket_gets_no_second_one(begin: Begin) -> None:
    busy, idle = a_user(begin, 1), a_user(begin, 2)
    an_open_ticket(begin, busy)

    with begin() as session:
        opened = open_tickets(session, [busy, idle, idle], NOW)

    assert [one.user_id for one in opened] == [idle]


def test_opening_for_nobody_does_nothing(begin: Begin) -> None:
    with begin() as session:
        assert open_tickets(session, [], NOW) == []
        assert count_open(session) == 0


def test_opening_sets_when_the_users_are_due_next_even_if_they_have_a_ticket(begin: Begin) -> None:
    busy, idle = a_user(begin, 1), a_user(begin, 2)
    an_open_ticket(begin, busy)

    with begin() as session:
        open_tickets(session, [busy, idle], NOW, next_due={busy: later(minutes=10), idle: later(minutes=11)})

    with begin() as session:
        found = [get_user(session, user_id, NOW) for user_id in (busy, idle)]
    assert [user.next_due_at for user in found if user] == [later(minutes=10), later(minutes=11)]


def test_ticket_ids_can_be_chosen(begin: Begin) -> None:
    user = a_user(begin)

    with begin() as session:
        (opened,) = open_tickets(session, [user], NOW, make_id=lambda: "chosen")

    assert opened.id == "chosen"


def test_claiming_raises_the_attempt_and_tells_all_about_the_ticket(begin: Begin) -> None:
    user = a_user(begin)
    opened = an_open_ticket(begin, user)

    held = claimed(begin, opened.id, Stage.PULL_NEO)

    assert held == Ticket(opened.id, user, Stage.PULL_NEO, attempt=1, retries=0, run_id=None, opened_at=NOW, due_at=NOW)


def test_a_claimed_ticket_cannot_be_claimed_again(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    assert claimed(begin, held.id, Stage.PULL_NEO) is None
    assert claimed(begin, held.id, Stage.PULL_NEO, LEASE) is None


def test_a_message_for_another_stage_claims_nothing(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    assert claimed(begin, opened.id, Stage.PUSH_NEO) is None


def test_a_message_for_an_unknown_ticket_claims_nothing(begin: Begin) -> None:
    assert claimed(begin, "no-such-ticket", Stage.PULL_NEO) is None


def test_a_ticket_is_claimed_although_the_clock_here_is_a_little_slow(begin: Begin) -> None:
    first, second = an_open_ticket(begin, a_user(begin, 1)), an_open_ticket(begin, a_user(begin, 2))

    assert claimed(begin, first.id, Stage.PULL_NEO, -CLOCK_SKEW) is not None
    assert claimed(begin, second.id, Stage.PULL_NEO, -CLOCK_SKEW - timedelta(seconds=1)) is None


def test_renewing_makes_the_lease_last_longer(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    with begin() as session:
        assert renew(session, held, later(minutes=4), LEASE)

    assert lapsed(begin, timedelta(minutes=8)) == []
    assert [one.id for one in lapsed(begin, timedelta(minutes=10))] == [held.id]


def test_advancing_frees_the_ticket_for_the_next_stage(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    with begin() as session:
        assert advance(session, held, Stage.PULL_GOOGLE, later(seconds=5))

    assert claimed(begin, held.id, Stage.PULL_NEO, timedelta(seconds=5)) is None
    following = claimed(begin, held.id, Stage.PULL_GOOGLE, timedelta(seconds=5))
    assert following == replace(held, stage=Stage.PULL_GOOGLE, attempt=2, due_at=later(seconds=5))


def test_a_postponed_ticket_waits_and_counts_the_failure(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    with begin() as session:
        assert postpone(session, held, Stage.PULL_NEO, later(minutes=1))

    assert claimed(begin, held.id, Stage.PULL_NEO, timedelta(seconds=50)) is None
    again = claimed(begin, held.id, Stage.PULL_NEO, timedelta(minutes=1))
    assert again == replace(held, attempt=2, retries=1, due_at=later(minutes=1))


def test_waiting_that_is_nobodys_fault_makes_the_next_wait_no_longer(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    with begin() as session:
        postpone(session, held, Stage.PULL_NEO, later(minutes=1), is_failure=False)

    again = claimed(begin, held.id, Stage.PULL_NEO, timedelta(minutes=1))
    assert again is not None
    assert again.retries == 0


def test_going_on_to_another_stage_leaves_the_failures_and_an_interruption_forgets_them(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        postpone(session, held, Stage.PULL_GOOGLE, NOW)
    again = claimed(begin, held.id, Stage.PULL_GOOGLE)
    assert again is not None
    with begin() as session:
        advance(session, again, Stage.PUSH_GOOGLE, NOW)
    pushed = claimed(begin, held.id, Stage.PUSH_GOOGLE)
    assert pushed is not None

    with begin() as session:
        assert interrupt(session, pushed, NOW)

    resumed = claimed(begin, held.id, Stage.PUSH_GOOGLE)
    assert resumed is not None
    assert (pushed.retries, resumed.retries) == (1, 0)


def test_a_closed_ticket_makes_room_for_the_next(begin: Begin) -> None:
    user = a_user(begin)
    held = a_claimed_ticket(begin, user)

    with begin() as session:
        assert close(session, held, later(minutes=1))

    assert claimed(begin, held.id, Stage.PULL_NEO, timedelta(minutes=1)) is None
    with begin() as session:
        assert count_open(session) == 0
        assert len(open_tickets(session, [user], later(minutes=10))) == 1


@pytest.mark.parametrize(
    "settle",
    [
        lambda session, held: advance(session, held, Stage.PULL_GOOGLE, NOW),
        lambda session, held: postpone(session, held, Stage.PULL_NEO, NOW),
        lambda session, held: interrupt(session, held, NOW),
        lambda session, held: close(session, held, NOW),
    ],
)
def test_one_claim_settles_once(begin: Begin, settle: Callable[[Session, Ticket], bool]) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        settle(session, held)

    with begin() as session:
        answers = [
            renew(session, held, NOW, LEASE),
            advance(session, held, Stage.PUSH_NEO, NOW),
            postpone(session, held, Stage.PULL_NEO, NOW),
            close(session, held, NOW),
        ]

    assert answers == [False, False, False, False]


def test_a_holder_whose_ticket_was_taken_over_settles_nothing(begin: Begin) -> None:
    stale = a_claimed_ticket(begin, a_user(begin))
    lapsed(begin, LEASE * 2)
    present = claimed(begin, stale.id, Stage.PULL_NEO, LEASE * 2)
    assert present is not None

    with begin() as session:
        answers = [
            renew(session, stale, NOW, LEASE),
            advance(session, stale, Stage.PUSH_NEO, NOW),
            postpone(session, stale, Stage.PULL_NEO, NOW),
            close(session, stale, NOW),
        ]

    assert answers == [False, False, False, False]
    with begin() as session:
        assert advance(session, present, Stage.PULL_GOOGLE, NOW + LEASE * 2)


def test_hastening_lets_a_waiting_ticket_be_claimed_at_once(begin: Begin) -> None:
    waiting, other = a_user(begin, 1), a_user(begin, 2)
    for user_id in (waiting, other):
        held = a_claimed_ticket(begin, user_id)
        with begin() as session:
            postpone(session, held, Stage.PULL_NEO, later(hours=1))

    with begin() as session:
        hastened = hasten(session, [waiting], later(minutes=1))

    assert [one.user_id for one in hastened] == [waiting]
    assert claimed(begin, hastened[0].id, Stage.PULL_NEO, timedelta(minutes=1)) is not None


def test_the_oldest_due_ticket_tells_how_long_the_queue_is(begin: Begin) -> None:
    with begin() as session:
        assert oldest_due(session, NOW) is None
    a_claimed_ticket(begin, a_user(begin, 1))
    user = a_user(begin, 2)
    with begin() as session:
        open_tickets(session, [user], later(minutes=-3))

    with begin() as session:
        assert oldest_due(session, NOW) == later(minutes=-3)
        assert count_open(session) == 2


def test_old_closed_tickets_are_purged_in_portions(begin: Begin) -> None:
    user = a_user(begin)
    for minute in range(3):
        held = a_claimed_ticket(begin, user)
        with begin() as session:
            close(session, held, later(minutes=minute))
    an_open_ticket(begin, user)

    with begin() as session:
        purged = [purge_closed(session, later(minutes=2), 1) for _ in range(3)]

    assert purged == [1, 1, 0]


def test_a_ticket_that_is_found_tells_since_when_there_is_one(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        postpone(session, held, Stage.PULL_NEO, later(minutes=3))

    with begin() as session:
        (found,) = stranded(session, later(minutes=3), GRACE, 10)

    assert found.opened_at == NOW
