from dataclasses import replace

import pytest

from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.people import Order, Sought, change_permission, count_people, find_people, people_by_login
from desksync.store.runs import open_run
from desksync.store.states import Permission, State, StopReason
from desksync.store.tickets import open_tickets
from desksync.store.users import set_permission, stop
from tests.store.builders import NOW, a_claimed_ticket, a_person, a_user


def found(begin: Begin, sought: Sought, **window: int) -> list[str]:
    with begin() as session:
        return [user.login_id for user in find_people(session, sought, NOW, **window)]


def four_people(begin: Begin) -> list[int]:
    """Add one who syncs, one who was stopped by errors, one who is disabled and syncs otherwise, and one as NEO lists them."""
    numbers = [a_user(begin, 1), a_user(begin, 2), a_user(begin, 3), a_person(begin, 4)]
    with begin() as session:
        stop(session, numbers[1], StopReason.ERRORS, None, NOW)
        set_permission(session, numbers[2], Permission.DISABLED)
    return numbers


@pytest.mark.parametrize(
    ("sought", "logins"),
    [
        (Sought(), ["user1", "user2", "user3", "user4"]),
        (Sought(state=State.WAITING), ["user1"]),
        (Sought(state=State.STOPPED), ["user2"]),
        (Sought(state=State.DISABLED), ["user3", "user4"]),
        (Sought(state=State.RUNNING), []),
        (Sought(reason=StopReason.ERRORS), ["user2"]),
        (Sought(reason=StopReason.CONSENT), []),
        (Sought(text="USER 3"), ["user3"]),
        (Sought(text="102"), ["user2"]),
        (Sought(text="%"), []),
        (Sought(text="_"), []),
        (Sought(text="99999999999999999999"), []),
        (Sought(text="user", state=State.STOPPED), ["user2"]),
        (Sought(order=Order.NAME, is_descending=True), ["user4", "user3", "user2", "user1"]),
        (Sought(order=Order.LOGIN), ["user1", "user2", "user3", "user4"]),
        (Sought(order=Order.STATE), ["user3", "user4", "user2", "user1"]),
    ],
)
def test_people_are_found_as_they_are_sought(begin: Begin, sought: Sought, logins: list[str]) -> None:
    four_people(begin)

    with begin() as session:
        number = count_people(session, sought, NOW)

    if sought.order is Order.STATE:
        assert sorted(found(begin, sought)) == sorted(logins)
        assert found(begin, sought) == list(reversed(found(begin, replace(sought, is_descending=True))))
    else:
        assert found(begin, sought) == logins
    assert number == len(logins)


def test_a_page_begins_where_the_one_before_it_ended(begin: Begin) -> None:
    four_people(begin)

    pages = [found(begin, Sought(), offset=start, limit=2) for start in (0, 2, 4)]

    assert pages == [["user1", "user2"], ["user3", "user4"], []]


def test_who_has_a_run_under_way_is_found_as_such_and_among_all_who_sync(begin: Begin) -> None:
    one, two = a_user(begin, 1), a_user(begin, 2)
    with begin() as session:
        open_tickets(session, [two], NOW)
    held = a_claimed_ticket(begin, one)
    with begin() as session:
        open_run(session, held, NOW)

    assert found(begin, Sought(state=State.RUNNING)) == ["user1"]
    assert found(begin, Sought(state=State.WAITING)) == ["user1", "user2"]


def test_who_has_left_neo_is_shown_only_when_asked_for(begin: Begin) -> None:
    a_user(begin, 1)
    a_user(begin, 2)
    with begin() as session:
        sync_directory(session, [ListedUser("101", "user1", "User 1")], NOW, time_zone="Asia/Tokyo")

    assert found(begin, Sought()) == ["user1"]
    assert found(begin, Sought(has_vanished=True)) == ["user1", "user2"]


def test_of_two_who_change_a_permission_at_once_one_does(begin: Begin) -> None:
    number = a_user(begin)

    with begin() as session:
        first = change_permission(session, number, was=Permission.ENABLED, to=Permission.DISABLED)
        second = change_permission(session, number, was=Permission.ENABLED, to=Permission.DISABLED)

    assert (first, second) == (True, False)
    assert found(begin, Sought(state=State.DISABLED)) == ["user1"]


def test_people_are_found_by_their_login_ids_however_many(begin: Begin) -> None:
    four_people(begin)

    with begin() as session:
        known = people_by_login(session, ["user2", "user4", *(f"nobody{number}" for number in range(1200))], NOW)

    assert {login: [user.login_id for user in several] for login, several in known.items()} == {
        "user2": ["user2"],
        "user4": ["user4"],
    }


def test_those_behind_a_number_are_found_whoever_was_added_before(begin: Begin) -> None:
    numbers = four_people(begin)

    assert found(begin, Sought(), after=numbers[1], limit=1) == ["user3"]
    assert found(begin, Sought(text="user2"), after=numbers[1]) == []
