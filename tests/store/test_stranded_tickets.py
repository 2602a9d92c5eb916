"""Tickets that nobody will wake, and leases that run out: what the sweep finds."""

from dataclasses import replace
from datetime import timedelta

from desksync.store.engine import Begin
from desksync.store.tickets import (
    CLOCK_SKEW,
    Lapsed,
    advance,
    close,
    defer,
    heed_clock,
    held_leases,
    interrupt,
    leave_to_sweep,
    mark_published,
    open_tickets,
    postpone,
    reclaim,
    renew,
    stranded,
)
from desksync.sync.ticket import Stage
from tests.store.builders import GRACE, LEASE, NOW, a_claimed_ticket, a_user, an_open_ticket, claimed, lapsed, later, stranded_ids


def test_a_ticket_whose_lease_has_run_out_is_claimed_after_it_was_taken_away_and_not_before(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    after = LEASE + timedelta(seconds=1)

    too_early = claimed(begin, held.id, Stage.PULL_NEO, after)
    lapsed(begin, after)
    again = claimed(begin, held.id, Stage.PULL_NEO, after)

    assert too_early is None
    assert again == replace(held, attempt=2)


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
