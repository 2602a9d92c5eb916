"""How the last refresh of the users went is kept: the last success, and the failure after it."""

from desksync.store.directory import DirectoryChange
from desksync.store.directory_refresh import Refreshed, RefreshFailed, last_refresh, record_refresh_failed, record_refreshed
from desksync.store.engine import Begin
from tests.store.builders import NOW, later

CHANGE = DirectoryChange(added=3, returned=2, vanished=1)


def test_where_there_was_none_there_is_none(begin: Begin) -> None:
    with begin() as session:
        assert last_refresh(session) == (None, None)


def test_the_last_success_stands_beside_the_failure_after_it(begin: Begin) -> None:
    with begin() as session:
        record_refreshed(session, 40, CHANGE, NOW)
    with begin() as session:
        record_refresh_failed(session, "NEO does not answer.", None, later(hours=1))

    with begin() as session:
        found = last_refresh(session)

    assert found == (Refreshed(NOW, 40, CHANGE), RefreshFailed(later(hours=1), "NEO does not answer.", None))


def test_a_failure_before_any_success_is_kept_with_its_reason(begin: Begin) -> None:
    with begin() as session:
        record_refresh_failed(session, "Refused.", "directory_off", NOW)

    with begin() as session:
        assert last_refresh(session) == (None, RefreshFailed(NOW, "Refused.", "directory_off"))


def test_a_success_ends_a_failure(begin: Begin) -> None:
    with begin() as session:
        record_refresh_failed(session, "Refused.", "directory_off", NOW)
    with begin() as session:
        record_refreshed(session, 1, DirectoryChange(), later(minutes=1))

    with begin() as session:
        assert last_refresh(session) == (Refreshed(later(minutes=1), 1, DirectoryChange()), None)
