"""What several workers and schedulers do at the same moment, on threads with connections of their own."""

from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error, stop_for_errors
from desksync.store.leases import take
from desksync.store.states import StopReason
from desksync.store.tickets import advance, claim, close, open_tickets
from desksync.store.users import stop
from desksync.sync.ticket import Stage
from tests.store.builders import LEASE, NOW, a_claimed_ticket, a_user, all_at_once, an_open_ticket

CROWD = 8


def test_of_many_that_claim_a_ticket_exactly_one_gets_it(begin: Begin) -> None:
    opened = an_open_ticket(begin, a_user(begin))

    def work(_index: int) -> bool:
        with begin() as session:
            return claim(session, opened.id, Stage.PULL_NEO, NOW, LEASE) is not None

    assert sum(all_at_once(CROWD, work)) == 1


def test_of_many_that_settle_with_one_attempt_exactly_one_does(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    def work(_index: int) -> bool:
        with begin() as session:
            return close(session, held, NOW)

    assert sum(all_at_once(CROWD, work)) == 1


def test_a_stale_holder_and_its_successor_never_both_settle(begin: Begin) -> None:
    stale = a_claimed_ticket(begin, a_user(begin))
    afterwards = NOW + LEASE * 2

    def work(index: int) -> str | None:
        with begin() as session:
            if index % 2:
                return "stale" if advance(session, stale, Stage.PUSH_NEO, NOW) else None
            taken = claim(session, stale.id, Stage.PULL_NEO, afterwards, LEASE)
            return "taken" if taken is not None else None

    winners = [winner for winner in all_at_once(CROWD, work) if winner]

    assert len(winners) == 1


def test_several_schedulers_open_one_ticket_for_each_user(begin: Begin) -> None:
    users = [a_user(begin, number) for number in range(1, 6)]

    def work(index: int) -> list[int]:
        with begin() as session:
            return [one.user_id for one in open_tickets(session, users if index % 2 else users[::-1], NOW)]

    opened = [user_id for answer in all_at_once(CROWD, work) for user_id in answer]

    assert sorted(opened) == users


def test_a_user_is_stopped_once(begin: Begin) -> None:
    user_id = a_user(begin)

    def work(_index: int) -> bool:
        with begin() as session:
            return stop(session, user_id, StopReason.ERRORS, "too many", NOW)

    assert sum(all_at_once(CROWD, work)) == 1


def test_of_many_that_count_a_users_errors_exactly_one_stops_them(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        for _ in range(3):
            add_error(session, NewError(user_id, NOW, "retry_later", "Google Server Error 503"))

    def work(_index: int) -> bool:
        with begin() as session:
            return stop_for_errors(session, user_id, NOW, 3, "too many")

    assert sum(all_at_once(CROWD, work)) == 1


def test_a_lease_has_one_holder(begin: Begin) -> None:
    def work(index: int) -> bool:
        with begin() as session:
            return take(session, "scheduler", f"process-{index}", NOW, LEASE) is not None

    assert sum(all_at_once(CROWD, work)) == 1
