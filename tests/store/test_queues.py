"""How full the queues are, and which interrupted pushes go on."""

from datetime import timedelta

from desksync.store.engine import Begin
from desksync.store.queues import MESSAGE_IS_LATE, count_closed, count_queued, let_on
from desksync.store.tickets import (
    Ticket,
    advance,
    claim,
    close,
    heed_clock,
    interrupt,
    leave_to_sweep,
    mark_published,
    open_tickets,
    postpone,
    stranded,
)
from desksync.sync.ticket import Stage
from tests.store.builders import GRACE, LEASE, NOW, a_claimed_ticket, a_user, all_at_once, an_open_ticket, later

FEW = 4


def a_push(begin: Begin, number: int, stage: Stage = Stage.PUSH_GOOGLE) -> Ticket:
    """Open a ticket, the lower the number the earlier, and claim it in that stage."""
    user_id, opened_at = a_user(begin, number), later(minutes=number - 100)
    with begin() as session:
        (opened,) = open_tickets(session, [user_id], opened_at)
        held = claim(session, opened.id, Stage.PULL_NEO, NOW, LEASE)
        assert held is not None
        advance(session, held, stage, NOW)
        pushed = claim(session, opened.id, stage, NOW, LEASE)
    assert pushed is not None
    return pushed


def interrupted(begin: Begin, *pushes: Ticket) -> None:
    with begin() as session:
        for push in pushes:
            assert interrupt(session, push, NOW)


def on(begin: Begin, stage: Stage = Stage.PUSH_GOOGLE, at: timedelta = timedelta(0)) -> list[str]:
    with begin() as session:
        return [one.id for one in let_on(session, stage, NOW + at)]


def test_a_ticket_is_queued_while_its_message_is_young_and_nobody_has_it(begin: Begin) -> None:
    opened = [an_open_ticket(begin, a_user(begin, number)) for number in range(1, 5)]
    with begin() as session:
        claim(session, opened[0].id, Stage.PULL_NEO, NOW, LEASE)
        held = claim(session, opened[1].id, Stage.PULL_NEO, NOW, LEASE)
        assert held is not None
        postpone(session, held, Stage.PULL_NEO, later(minutes=3))
        leave_to_sweep(session, [opened[2].id])

        queued = [count_queued(session, NOW + at) for at in (timedelta(0), MESSAGE_IS_LATE, MESSAGE_IS_LATE * 1.1)]

    assert queued == [1, 1, 0]


def test_tickets_that_write_do_not_count_among_those_that_have_to_be_read(begin: Begin) -> None:
    push = a_push(begin, 1)
    interrupted(begin, push)
    on(begin)

    with begin() as session:
        assert count_queued(session, NOW) == 0


def test_tickets_that_were_finished_lately_are_counted(begin: Begin) -> None:
    held = [a_claimed_ticket(begin, a_user(begin, number)) for number in range(1, 4)]
    with begin() as session:
        close(session, held[0], NOW)
        close(session, held[1], later(seconds=5))

        counted = [count_closed(session, later(seconds=seconds)) for seconds in (0, 1, 6)]

    assert counted == [2, 1, 0]


def test_an_interrupted_push_goes_on_at_once_when_nobody_else_pushes(begin: Begin) -> None:
    push = a_push(begin, 1)

    before = on(begin)
    interrupted(begin, push)

    assert before == []
    assert on(begin) == [push.id]
    assert on(begin) == []


def test_of_many_that_were_interrupted_those_go_on_that_are_there_for_longest(begin: Begin) -> None:
    pushes = [a_push(begin, number) for number in (7, 3, 5, 1, 6, 2, 4)]
    interrupted(begin, *pushes)

    first = set(on(begin))

    assert first == {push.id for push in pushes if push.opened_at < later(minutes=5 - 100)}
    assert on(begin) == []


def test_as_many_go_on_as_are_under_way(begin: Begin) -> None:
    pushes = [a_push(begin, number) for number in range(1, 15)]
    interrupted(begin, *pushes[6:])

    assert len(on(begin)) == 6


def test_each_side_has_turns_of_its_own(begin: Begin) -> None:
    pushes = [a_push(begin, number) for number in range(1, 7)] + [a_push(begin, number, Stage.PUSH_NEO) for number in (7, 8)]
    interrupted(begin, *pushes)

    assert (len(on(begin)), len(on(begin, Stage.PUSH_NEO))) == (FEW, 2)


def test_a_turn_whose_message_was_lost_does_not_hold_up_others_for_ever(begin: Begin) -> None:
    pushes = [a_push(begin, number) for number in range(1, 9)]
    interrupted(begin, *pushes)
    on(begin)

    late = on(begin, at=MESSAGE_IS_LATE * 1.1)

    assert set(late) == {push.id for push in pushes[FEW:]}


def test_the_sweep_leaves_those_alone_that_wait_for_their_turn_and_finds_those_whose_message_was_lost(begin: Begin) -> None:
    push = a_push(begin, 1)
    interrupted(begin, push)

    with begin() as session:
        waiting = stranded(session, NOW, GRACE, 10)
        mark_published(session, [push.id], NOW)
        lost = stranded(session, NOW + GRACE * 2, GRACE, 10)

    assert (waiting, [one.id for one in lost]) == ([], [push.id])


def test_an_interruption_that_a_clock_wrote_before_it_was_set_back_is_over_at_once(begin: Begin) -> None:
    push = a_push(begin, 1)
    interrupted(begin, push)
    back = timedelta(hours=-1)

    with begin() as session:
        heed_clock(session, NOW + back, LEASE)

    assert on(begin, at=back) == [push.id]


def test_no_push_gets_two_turns_where_many_let_on_at_once(begin: Begin) -> None:
    pushes = [a_push(begin, number) for number in range(1, 7)]
    interrupted(begin, *pushes)

    found = [one for answer in all_at_once(6, lambda _index: on(begin)) for one in answer]

    assert len(found) == len(set(found)) >= FEW
