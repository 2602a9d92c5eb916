from datetime import timedelta
from threading import Event, Thread

from desksync.contracts.messages import SyncError
from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error
from desksync.store.states import StopReason, SyncState
from desksync.store.users import User, get_user, set_sync_state
from desksync_scheduler.error_counter import ErrorCounter
from tests.store.builders import NOW, a_user
from tests.waiting import eventually

DAY = timedelta(hours=24)


def a_counter(begin: Begin, *, minutes: int = 0) -> ErrorCounter:
    return ErrorCounter(begin, lambda: NOW + timedelta(minutes=minutes), limit=120, period=DAY)


def fail(begin: Begin, user_id: int, times: int, *, minutes: int = 0) -> SyncError:
    """Write errors down, and return the message of the last one."""
    at = NOW + timedelta(minutes=minutes)
    with begin() as session:
        last = [add_error(session, NewError(user_id, at, "retry_later", "Google Server Error 503")) for _ in range(times)][-1]
    return SyncError(error_id=last, user_id=user_id, kind="retry_later", at=at)


def user(begin: Begin, user_id: int) -> User:
    with begin() as session:
        found = get_user(session, user_id, NOW)
    assert found is not None
    return found


def test_119_errors_within_a_day_stop_nobody(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    message = fail(sqlite_begin, user_id, 119)

    a_counter(sqlite_begin).handle(message)

    assert user(sqlite_begin, user_id).sync_state is SyncState.SYNC


def test_the_120th_error_stops_the_user_once_with_the_reason(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 120)
    counter = a_counter(sqlite_begin)

    first, second = counter.look(user_id), counter.look(user_id)

    stopped = user(sqlite_begin, user_id)
    assert (first, second) == (True, False)
    assert (stopped.sync_state, stopped.stop_reason) == (SyncState.STOPPED, StopReason.ERRORS)
    assert stopped.stop_note == "120 errors within 24 hours"


def test_setting_back_to_sync_starts_a_new_count(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 120)
    a_counter(sqlite_begin).look(user_id)
    with sqlite_begin() as session:
        set_sync_state(session, user_id, SyncState.SYNC, NOW + timedelta(minutes=5))

    message = fail(sqlite_begin, user_id, 1, minutes=6)
    a_counter(sqlite_begin, minutes=6).handle(message)

    assert user(sqlite_begin, user_id).sync_state is SyncState.SYNC


def test_errors_older_than_the_period_do_not_count(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 119)
    message = fail(sqlite_begin, user_id, 1, minutes=25 * 60)

    a_counter(sqlite_begin, minutes=25 * 60).handle(message)

    assert user(sqlite_begin, user_id).sync_state is SyncState.SYNC


def test_errors_of_one_user_do_not_stop_another(sqlite_begin: Begin) -> None:
    failing, other = a_user(sqlite_begin, 1), a_user(sqlite_begin, 2)
    fail(sqlite_begin, failing, 120)

    stopped = a_counter(sqlite_begin).sweep()

    assert stopped == 1
    assert user(sqlite_begin, other).sync_state is SyncState.SYNC


def test_the_sweep_stops_whom_no_message_told_of(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 120)
    stop = Event()
    sweeping = Thread(target=a_counter(sqlite_begin).run, args=(stop,))

    sweeping.start()
    eventually(lambda: user(sqlite_begin, user_id).sync_state is SyncState.STOPPED)
    stop.set()
    sweeping.join()

    assert user(sqlite_begin, user_id).stop_reason is StopReason.ERRORS
