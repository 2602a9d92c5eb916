"""What 10,000 users see of an outage of two hours, and of colleagues with very much to write: nobody waits for long."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.scheduler.simulation import BEGIN, INTERVAL, Company, Conditions

MINUTE = timedelta(minutes=1)
BACK = timedelta(hours=2, minutes=15)
OUTAGE = (timedelta(minutes=15), BACK)
AFTERWARDS = timedelta(minutes=25)

BOUND = INTERVAL + MINUTE
"""How long after the end of an outage the last user is synced, where both sides can serve everybody within an interval."""


def most_in_a_minute(moments: list[datetime]) -> int:
    """Return the most that any 60 seconds hold."""
    most = begin = 0
    for end, moment in enumerate(moments):
        while moments[begin] <= moment - MINUTE:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def a_company(**conditions: object) -> Company:
    company = Company(Conditions(**conditions))  # type: ignore[arg-type] # named as there
    company.run(BACK + AFTERWARDS)
    return company


@pytest.fixture(scope="module")
def ours() -> Company:
    """Return a company whose own programs were away."""
    return a_company(we_are_away=OUTAGE)


@pytest.fixture(scope="module")
def neos() -> Company:
    """Return a company whose NEO was away."""
    return a_company(neo_is_away=OUTAGE)


def test_after_an_outage_of_ours_everybody_is_synced_within_an_interval_and_a_minute(ours: Company) -> None:
    assert ours.longest_waits(BEGIN + BACK) <= BOUND


def test_after_an_outage_of_neo_everybody_is_synced_within_an_interval_and_a_minute(neos: Company) -> None:
    assert neos.longest_waits(BEGIN + BACK) <= BOUND


def test_whoever_is_due_for_longest_is_sent_out_first(ours: Company) -> None:
    late = [ticket.due_at for at, ticket in ours.sent_out if at >= BEGIN + BACK and ticket.due_at < BEGIN + BACK]

    assert len(late) == ours.conditions.users
    assert all(earlier <= later for earlier, later in pairwise(late))


def test_no_minute_is_above_the_limits_while_the_backlog_drains() -> None:
    company = a_company(we_are_away=OUTAGE, per_minute=1300)
    calls = [at for at, _ in company.google_calls if at >= BEGIN + BACK]
    steady = [at for at, _ in company.google_calls if at < BEGIN + OUTAGE[0]]

    assert 1.05 * most_in_a_minute(steady) < most_in_a_minute(calls) <= 1300
    assert company.longest_waits(BEGIN + BACK) <= BOUND


def test_no_message_lies_in_a_queue_until_it_counts_as_lost(ours: Company, neos: Company) -> None:
    assert ours.oldest_message < MINUTE
    assert neos.oldest_message < MINUTE


def test_neo_never_has_more_calls_at_once_than_there_are_seats(ours: Company, neos: Company) -> None:
    assert ours.most_in_neo <= ours.conditions.seats
    assert neos.most_in_neo <= neos.conditions.seats


def test_the_load_is_flat_when_nothing_happens(ours: Company) -> None:
    before = [at for at, _ in ours.google_calls if BEGIN + MINUTE <= at < BEGIN + OUTAGE[0]]
    of_each = [sum(BEGIN + MINUTE * minute <= at < BEGIN + MINUTE * (minute + 1) for at in before) for minute in range(2, 14)]

    assert max(of_each) - min(of_each) <= 0.05 * max(of_each)


def test_while_neo_refuses_it_is_left_alone_and_then_everybody_is_served() -> None:
    busy = (timedelta(minutes=15), timedelta(minutes=16))

    company = Company(Conditions(neo_is_busy=busy))
    company.run(timedelta(minutes=40))

    within = [at for at in company.neo_calls if BEGIN + busy[0] <= at < BEGIN + busy[1]]
    assert len(within) <= 6 * company.conditions.seats * 2
    assert company.most_in_neo <= company.conditions.seats
    assert company.longest_waits(BEGIN + busy[1]) <= BOUND


def test_those_with_very_much_to_write_do_not_hold_up_the_others() -> None:
    newcomers = 500

    company = Company(Conditions(users=5000, newcomers=newcomers, writes_of_each=1000))
    company.run(timedelta(hours=1))

    waits = sorted(at - ticket.due_at for at, ticket in company.finished if ticket.user > newcomers)
    written = {ticket.user for _, ticket in company.finished if ticket.user <= newcomers}
    assert waits[-1] <= MINUTE
    assert waits[len(waits) // 2] <= timedelta(seconds=20)
    assert len(waits) >= 5 * (5000 - newcomers)
    assert len(written) >= newcomers / 2
