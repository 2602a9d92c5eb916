from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from desksync.store.engine import Begin
from desksync.store.tickets import (
    CLOCK_SKEW,
    Lapsed,
    Ticket,
    advance,
    claim,
    close,
    count_open,
    defer,
    hasten,
    heed_clock,
    held_leases,
    interrupt,
    leave_to_sweep,
    mark_published,
    oldest_due,
    open_tickets,
    postpone,
    purge_closed,
    reclaim,
    renew,
    stranded,
)
from desksync.store.users import get_user
from desksync.sync.ticket import Stage
from tests.store.builders import GRACE, LEASE, NOW, a_claimed_ticket, a_user, an_open_ticket, later


def claimed(begin: Begin, ticket_id: str, stage: Stage, at: timedelta = timedelta(0)) -> Ticket | None:
    with begin() as session:
        return claim(session, ticket_id, stage, NOW + at, LEASE)


def stranded_ids(begin: Begin, at: timedelta) -> list[tuple[str, Stage]]:
    with begin() as session:
        return [(found.id, found.stage) for found in stranded(session, NOW + at, GRACE, 10)]


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


def test_a_ticket_whose_lease_has_run_out_is_claimed_after_it_was_taken_away_and_not_before(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    after = LEASE + timedelta(seconds=1)

    too_early = claimed(begin, held.id, Stage.PULL_NEO, after)
    lapsed(begin, after)
    again = claimed(begin, held.id, Stage.PULL_NEO, after)

    assert too_early is None
    assert again == replace(held, attempt=2)


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


def test_a_fresh_ticket_is_not_stranded_until_its_message_is_late(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    assert stranded_ids(begin, GRACE) == []
    assert stranded_ids(begin, GRACE + timedelta(seconds=1)) == [(opened.id, Stage.PULL_NEO)]


def heeded(begin: Begin, back: timedelta) -> None:
    with begin() as session:
        heed_clock(session, NOW - back, LEASE)


def test_a_ticket_written_by_a_clock_that_was_set_back_since_is_woken_at_once(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    heeded(begin, timedelta(hours=1))

    assert stranded_ids(begin, timedelta(hours=-1)) == [(opened.id, Stage.PULL_NEO)]
    assert claimed(begin, opened.id, Stage.PULL_NEO, timedelta(hours=-1)) is not None


def test_a_lease_written_by_such_a_clock_lasts_no_longer_than_a_new_one(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    heeded(begin, timedelta(hours=1))

    at = timedelta(hours=-1) + LEASE
    assert lapsed(begin, at) == []
    assert [one.id for one in lapsed(begin, at + timedelta(seconds=1))] == [held.id]


def test_a_clock_that_is_a_little_behind_changes_nothing(begin: Begin) -> None:
    an_open_ticket(begin, a_user(begin, 1))
    a_claimed_ticket(begin, a_user(begin, 2))

    heeded(begin, CLOCK_SKEW)

    assert stranded_ids(begin, GRACE) == []
    assert lapsed(begin, LEASE) == []


def test_a_ticket_that_waits_for_its_time_goes_on_waiting_when_the_clock_is_set_back(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        postpone(session, held, Stage.PULL_NEO, NOW + timedelta(hours=2))

    heeded(begin, timedelta(hours=1))

    assert stranded_ids(begin, timedelta(hours=1)) == []


def test_a_ticket_that_somebody_holds_is_not_stranded(begin: Begin) -> None:
    a_claimed_ticket(begin, a_user(begin))

    assert stranded_ids(begin, LEASE) == []


def lapsed(begin: Begin, at: timedelta) -> list[Lapsed]:
    with begin() as session:
        return reclaim(session, NOW + at, 10)


def test_a_ticket_whose_holder_died_is_taken_away_and_starts_anew(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        advance(session, held, Stage.PUSH_GOOGLE, NOW)
    dead = claimed(begin, held.id, Stage.PUSH_GOOGLE)
    assert dead is not None
    afterwards = LEASE + timedelta(seconds=1)

    before = lapsed(begin, LEASE)
    found = lapsed(begin, afterwards)

    assert before == []
    assert found == [Lapsed(held.id, held.user_id, None, 1)]
    assert stranded_ids(begin, afterwards) == [(held.id, Stage.PULL_NEO)]
    with begin() as session:
        assert not advance(session, dead, Stage.PUSH_NEO, NOW + afterwards)
    assert claimed(begin, held.id, Stage.PULL_NEO, afterwards) is not None


def test_leases_that_run_out_are_counted_until_a_portion_is_written(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))
    after = LEASE + timedelta(seconds=1)
    numbers = []

    for turn in range(4):
        held = claimed(begin, opened.id, Stage.PULL_NEO, after * turn)
        assert held is not None
        if turn == 2:
            with begin() as session:
                interrupt(session, held, NOW + after * turn)
            assert claimed(begin, opened.id, Stage.PULL_NEO, after * turn) is not None
        numbers += [one.lapses for one in lapsed(begin, after * (turn + 1))]

    assert numbers == [1, 2, 1, 2]


def test_only_leases_that_were_given_up_are_taken_away_where_these_are_named(begin: Begin) -> None:
    left, renewed, other = (a_claimed_ticket(begin, a_user(begin, number)) for number in range(3))
    with begin() as session:
        seen = held_leases(session)
        assert renew(session, renewed, NOW + timedelta(seconds=1), LEASE)

    with begin() as session:
        given_up = {one.id: seen[one.id] for one in (left, renewed)}
        found = reclaim(session, later(days=1), 10, given_up)

    assert [one.id for one in found] == [left.id]
    with begin() as session:
        assert held_leases(session).keys() == {renewed.id, other.id}


def test_a_ticket_that_was_taken_away_can_be_made_to_wait(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    after = LEASE + timedelta(seconds=1)
    lapsed(begin, after)

    with begin() as session:
        defer(session, held.id, NOW + after * 2)

    assert stranded_ids(begin, after * 2 - timedelta(seconds=1)) == []
    assert stranded_ids(begin, after * 2) == [(held.id, Stage.PULL_NEO)]


def test_no_more_tickets_are_taken_away_than_was_asked_for_and_the_longest_left_first(begin: Begin) -> None:
    users = [a_user(begin, number) for number in range(1, 4)]
    for number, user_id in enumerate(users):
        opened = an_open_ticket(begin, user_id)
        assert claimed(begin, opened.id, Stage.PULL_NEO, timedelta(seconds=-number)) is not None

    with begin() as session:
        found = reclaim(session, later(days=1), 2)

    assert sorted(one.user_id for one in found) == users[1:]


def test_a_postponed_ticket_is_woken_as_soon_as_its_time_has_come(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        postpone(session, held, Stage.PULL_GOOGLE, later(minutes=1))

    assert stranded_ids(begin, timedelta(seconds=59)) == []
    assert stranded_ids(begin, timedelta(minutes=1)) == [(held.id, Stage.PULL_GOOGLE)]


def test_a_ticket_that_was_published_again_is_left_alone_for_a_while(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    with begin() as session:
        mark_published(session, [opened.id], NOW + GRACE * 2)

    assert stranded_ids(begin, GRACE * 3) == []
    assert stranded_ids(begin, GRACE * 4) == [(opened.id, Stage.PULL_NEO)]


def test_a_ticket_that_is_left_to_the_sweep_is_woken_at_once(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    with begin() as session:
        leave_to_sweep(session, [opened.id])

    with begin() as session:
        assert stranded(session, NOW, GRACE, 10) == [opened]


def test_a_closed_ticket_is_never_stranded(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        close(session, held, NOW)

    assert stranded_ids(begin, timedelta(days=1)) == []


def test_the_sweep_takes_no_more_than_it_was_asked_for_and_the_oldest_first(begin: Begin) -> None:
    users = [a_user(begin, number) for number in range(1, 4)]
    for user_id in reversed(users):
        with begin() as session:
            open_tickets(session, [user_id], later(seconds=-user_id))

    with begin() as session:
        found = stranded(session, later(days=1), GRACE, 2)

    assert [one.user_id for one in found] == [users[2], users[1]]


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
