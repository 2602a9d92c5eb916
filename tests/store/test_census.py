from datetime import timedelta

from sqlalchemy import insert

from desksync.store.census import take_census
from desksync.store.engine import Begin
from desksync.store.parked import park
from desksync.store.states import HoldState, Permission, State, StopReason, SyncState
from desksync.store.tables import held_plan
from desksync.store.users import set_permission, set_sync_state, stop
from tests.store.builders import NOW, a_claimed_ticket, a_person, a_user, an_open_ticket, later


def test_an_empty_database_holds_nothing_of_everything(begin: Begin) -> None:
    with begin() as session:
        found = take_census(session, NOW)

    assert found.states == dict.fromkeys(State, 0)
    assert found.stopped == dict.fromkeys(StopReason, 0)
    assert (found.held, found.parked, found.waiting, found.late) == (0, 0, 0, timedelta(0))


def test_users_are_counted_by_state_and_the_stopped_ones_by_reason(begin: Begin) -> None:
    people = [a_user(begin, number) for number in range(1, 6)]
    a_person(begin, 6)
    with begin() as session:
        stop(session, people[0], StopReason.CONSENT, None, NOW)
        stop(session, people[1], StopReason.CONSENT, None, NOW)
        set_sync_state(session, people[2], SyncState.STOPPED, NOW, by=StopReason.ADMINISTRATOR)
        stop(session, people[3], StopReason.ERRORS, None, NOW)
        set_permission(session, people[3], Permission.DISABLED)

    with begin() as session:
        found = take_census(session, NOW)

    assert found.states == {State.DISABLED: 2, State.STOPPED: 3, State.WAITING: 1, State.RUNNING: 0}
    assert found.stopped == {StopReason.CONSENT: 2, StopReason.ADMINISTRATOR: 1, StopReason.ERRORS: 0, StopReason.USER: 0}


def test_who_has_never_synced_counts_as_stopped_by_the_user(begin: Begin) -> None:
    newcomer = a_person(begin)
    with begin() as session:
        set_permission(session, newcomer, Permission.ENABLED)

    with begin() as session:
        assert take_census(session, NOW).stopped[StopReason.USER] == 1


def test_the_longest_waiting_ticket_tells_how_late_it_is_and_a_held_one_does_not(begin: Begin) -> None:
    an_open_ticket(begin, a_user(begin, 1))
    a_claimed_ticket(begin, a_user(begin, 2))

    with begin() as session:
        found = take_census(session, later(seconds=90))

    assert (found.waiting, found.late) == (1, timedelta(seconds=90))


def test_deletions_that_nobody_has_decided_about_and_parked_messages_are_counted(begin: Begin) -> None:
    rows = [
        {"user_id": a_user(begin, number), "at": NOW, "state": state, "neo_deletes": 1, "google_deletes": 0}
        | {"sample": "[]", "pairs": "[]"}
        for number, state in enumerate((HoldState.WAITING, HoldState.REFUSED), start=1)
    ]
    with begin() as session:
        session.execute(insert(held_plan), rows)
        park(session, "desksync.neo", b"", "no JSON", NOW)

    with begin() as session:
        found = take_census(session, NOW)

    assert (found.held, found.parked) == (1, 1)
