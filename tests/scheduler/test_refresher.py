"""The list of users follows NEO's: new ones are added disabled, and nobody is ever deleted."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from desksync.store.directory import DirectoryChange
from desksync.store.directory_refresh import Refreshed, last_refresh
from desksync.store.engine import Begin
from desksync.store.states import Permission, SyncState
from desksync.store.users import User, find_user, list_users
from desksync.worker.errors import Reason, UserMustAct
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.refresh import Refresher, refresh_users
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.switches import NeoSwitches
from tests.store.builders import NOW, a_user
from tests.waiting import eventually
from tests.worlds import Clock

KEY = "key-of-the-site"
HANAKO = {"id": "84", "login_id": "hanako", "name": "山田 花子"}
JIRO = {"id": "85", "login_id": "jiro", "name": "佐藤 次郎"}


def seeded(*people: dict[str, Any]) -> dict[str, Any]:
    return {"site_key": KEY, "users": list(people)}


@pytest.fixture
def neo() -> Iterator[NeoServer]:
    with NeoServer(seeded(HANAKO, JIRO)) as server:
        yield server


@pytest.fixture
def client(neo: NeoServer) -> Iterator[NeoClient]:
    with NeoClient(neo.base_url, timeout=timedelta(seconds=10)) as client:
        yield client


def people(begin: Begin) -> list[User]:
    with begin() as session:
        return list_users(session, NOW)


def a_refresher(begin: Begin, client: NeoClient, clock: Clock, holder: str = "one") -> Refresher:
    return Refresher(begin, client, KEY, clock, "Asia/Tokyo", holder)


def test_new_people_are_added_disabled(sqlite_begin: Begin, client: NeoClient) -> None:
    change = refresh_users(sqlite_begin, client, KEY, Clock(NOW), time_zone="Asia/Tokyo")

    assert (change.added, change.returned, change.vanished) == (2, 0, 0)
    assert [(user.neo_user_id, user.login_id, user.name, user.permission, user.sync_state) for user in people(sqlite_begin)] == [
        ("84", "hanako", "山田 花子", Permission.DISABLED, SyncState.STOPPED),
        ("85", "jiro", "佐藤 次郎", Permission.DISABLED, SyncState.STOPPED),
    ]


def test_somebody_who_is_gone_from_neo_is_marked_and_comes_back_as_they_were(
    sqlite_begin: Begin, neo: NeoServer, client: NeoClient
) -> None:
    known = a_user(sqlite_begin)
    gone = refresh_users(sqlite_begin, client, KEY, Clock(NOW), time_zone="Asia/Tokyo")
    with sqlite_begin() as session:
        marked = find_user(session, "101", NOW)

    neo.load_seed(seeded(HANAKO, {"id": "101", "login_id": "user1", "name": "User 1"}))
    back = refresh_users(sqlite_begin, client, KEY, Clock(NOW), time_zone="Asia/Tokyo")

    with sqlite_begin() as session:
        returned = find_user(session, "101", NOW)
    assert (gone.vanished, back.returned, back.vanished) == (1, 1, 1)
    assert marked is not None
    assert returned is not None
    assert (marked.id, marked.vanished_at) == (known, NOW)
    assert (returned.id, returned.vanished_at, returned.permission) == (known, None, Permission.ENABLED)


def test_a_directory_that_is_switched_off_changes_nothing_and_is_told_with_the_remedy(
    sqlite_begin: Begin, neo: NeoServer, client: NeoClient, caplog: pytest.LogCaptureFixture
) -> None:
    a_user(sqlite_begin)
    neo.switches = NeoSwitches(is_directory_on=False)

    with pytest.raises(UserMustAct, match="利用者名簿") as told:
        refresh_users(sqlite_begin, client, KEY, Clock(NOW), time_zone="Asia/Tokyo")
    is_well = a_refresher(sqlite_begin, client, Clock(NOW)).turn()

    assert told.value.reason is Reason.DIRECTORY_OFF
    assert not is_well
    assert [user.vanished_at for user in people(sqlite_begin)] == [None]
    [told_in_log] = [vars(record) for record in caplog.records if record.message == "users not refreshed"]
    assert "利用者名簿" in told_in_log["reason"]
    assert KEY not in told_in_log["reason"]


def test_what_a_refresh_brought_and_why_the_next_one_failed_is_kept(
    sqlite_begin: Begin, neo: NeoServer, client: NeoClient
) -> None:
    refresh_users(sqlite_begin, client, KEY, Clock(NOW), time_zone="Asia/Tokyo")
    neo.switches = NeoSwitches(is_directory_on=False)
    with pytest.raises(UserMustAct):
        refresh_users(sqlite_begin, client, KEY, Clock(NOW + timedelta(hours=1)), time_zone="Asia/Tokyo")

    with sqlite_begin() as session:
        done, failed = last_refresh(session)

    assert done == Refreshed(NOW, 2, DirectoryChange(added=2))
    assert failed is not None
    assert (failed.at, failed.reason) == (NOW + timedelta(hours=1), Reason.DIRECTORY_OFF)
    assert "利用者名簿" in failed.why


def test_of_several_refreshers_one_works_and_the_others_wait_an_hour(
    sqlite_begin: Begin, neo: NeoServer, client: NeoClient
) -> None:
    clock = Clock(NOW)
    one, two = (a_refresher(sqlite_begin, client, clock, holder) for holder in ("one", "two"))

    assert [one.turn(), two.turn()] == [True, True]
    asked = len(neo.calls.all("list_users"))
    clock.move(timedelta(hours=1))
    two.turn()

    assert (asked, len(neo.calls.all("list_users"))) == (1, 2)


def test_a_refresh_that_failed_can_be_tried_again_by_anybody_at_once(
    sqlite_begin: Begin, neo: NeoServer, client: NeoClient
) -> None:
    clock = Clock(NOW)
    neo.faults.add(on="*", kind="html")

    failed = a_refresher(sqlite_begin, client, clock, "one").turn()
    worked = a_refresher(sqlite_begin, client, clock, "two").turn()

    assert (failed, worked) == (False, True)
    assert len(people(sqlite_begin)) == 2


def test_a_database_that_is_away_does_not_end_the_refresher(sqlite_begin: Begin, client: NeoClient) -> None:
    away = [True]

    def begin() -> object:
        if away:
            away.pop()
            raise OperationalError("SELECT 1", None, ConnectionError("the server is restarting"))
        return sqlite_begin()

    refresher = a_refresher(begin, client, Clock(NOW))  # type: ignore[arg-type] # raises where a real one would

    assert not refresher.turn()
    assert refresher.turn()
    assert len(people(sqlite_begin)) == 2


def test_the_refresher_begins_at_once_and_ends_when_it_is_told_to(sqlite_begin: Begin, client: NeoClient) -> None:
    stop = Event()
    thread = Thread(target=a_refresher(sqlite_begin, client, Clock(NOW)).run, args=(stop,))
    thread.start()

    eventually(lambda: len(people(sqlite_begin)) == 2)
    stop.set()
    thread.join(10)

    assert not thread.is_alive()
