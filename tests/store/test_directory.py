from datetime import timedelta

from desksync.store.directory import DirectoryChange, ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.states import Permission, SyncState
from desksync.store.users import User, due, list_users
from tests.store.builders import NOW, a_user, later

ANN = ListedUser("101", "user1", "User 1")
BOB = ListedUser("102", "bob", "ボブ")


def listed(begin: Begin, *people: ListedUser) -> DirectoryChange:
    with begin() as session:
        return sync_directory(session, people, later(minutes=1), time_zone="Asia/Tokyo")


def all_users(begin: Begin) -> dict[str, User]:
    with begin() as session:
        return {user.neo_user_id: user for user in list_users(session, NOW)}


def test_new_people_are_added_disabled_with_the_zone_of_the_site(begin: Begin) -> None:
    change = listed(begin, ANN, BOB)

    bob = all_users(begin)["102"]
    assert change == DirectoryChange(added=2)
    assert (bob.login_id, bob.name, bob.settings.time_zone) == ("bob", "ボブ", "Asia/Tokyo")
    assert (bob.permission, bob.sync_state) == (Permission.DISABLED, SyncState.STOPPED)


def test_the_same_list_again_changes_nothing(begin: Begin) -> None:
    listed(begin, ANN, BOB)
    before = all_users(begin)

    change = listed(begin, BOB, ANN)

    assert change == DirectoryChange()
    assert all_users(begin) == before


def test_a_person_who_got_another_name_is_renamed(begin: Begin) -> None:
    a_user(begin)

    listed(begin, ListedUser("101", "new-login", "New Name"))

    ann = all_users(begin)["101"]
    assert (ann.login_id, ann.name, ann.permission) == ("new-login", "New Name", Permission.ENABLED)


def test_a_person_who_left_is_marked_and_not_deleted_and_syncs_no_more(begin: Begin) -> None:
    a_user(begin)

    change = listed(begin, BOB)

    ann = all_users(begin)["101"]
    assert change == DirectoryChange(added=1, vanished=1)
    assert (ann.vanished_at, ann.permission, ann.settings.calendar_id) == (
        later(minutes=1),
        Permission.ENABLED,
        "user1@example.com",
    )
    with begin() as session:
        assert due(session, NOW, 10, timedelta(minutes=10)) == []


def test_a_person_who_came_back_syncs_again(begin: Begin) -> None:
    user_id = a_user(begin)
    listed(begin, BOB)

    change = listed(begin, ANN, BOB)

    assert change == DirectoryChange(returned=1)
    assert all_users(begin)["101"].vanished_at is None
    with begin() as session:
        assert [user.id for user in due(session, NOW, 10, timedelta(minutes=10))] == [user_id]


def test_an_empty_list_proves_nothing(begin: Begin) -> None:
    a_user(begin)

    change = listed(begin)

    assert change == DirectoryChange()
    assert all_users(begin)["101"].vanished_at is None


def test_a_person_who_is_listed_twice_is_added_once(begin: Begin) -> None:
    change = listed(begin, ANN, ANN)

    assert change == DirectoryChange(added=1)
