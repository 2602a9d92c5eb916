"""The automatic stop: what counts, what does not, and that a stop is told once: as a reason, a line and an event."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desksync.contracts.messages import Message, StateChanged, SyncError
from desksync.ops.metrics import Metrics
from desksync.store import runs
from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error
from desksync.store.states import StopReason, SyncState
from desksync.store.users import User, get_user, set_sync_state
from desksync_scheduler.error_counter import ErrorCounter
from tests.store.builders import NOW, a_claimed_ticket, a_user
from tests.waiting import eventually

DAY = timedelta(hours=24)


def a_counter(begin: Begin, *, minutes: int = 0, sent: list[Message] | None = None) -> ErrorCounter:
    return ErrorCounter(
        begin=begin,
        publish=(sent if sent is not None else []).extend,
        metrics=Metrics(version="test"),
        now=lambda: NOW + timedelta(minutes=minutes),
        limit=120,
        period=DAY,
    )


def fail(
    begin: Begin, user_id: int, times: int, *, minutes: int = 0, run_id: int | None = None, counts: bool = True
) -> SyncError:
    """Write errors down, and return the message of the last one."""
    at = NOW + timedelta(minutes=minutes)
    one = NewError(user_id, at, "retry_later", "Google Server Error 503", run_id, counts=counts)
    with begin() as session:
        last = [add_error(session, one) for _ in range(times)][-1]
    return SyncError(error_id=last, user_id=user_id, kind="retry_later", at=at)


def a_run(begin: Begin, user_id: int) -> int:
    """Begin a run, and return its number."""
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        return runs.open_run(session, held, NOW)


def lines(begin: Begin, user_id: int) -> list[tuple[int, str, str]]:
    with begin() as session:
        return [(one.run_id, one.line.kind, one.line.text) for one in runs.list_lines(session, user_id, limit=10)]


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


def test_a_stop_is_a_line_of_the_newest_run_an_event_and_a_number_once(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    run_id = a_run(sqlite_begin, user_id)
    message = fail(sqlite_begin, user_id, 120, run_id=run_id)
    sent: list[Message] = []
    counter = a_counter(sqlite_begin, sent=sent)

    for _ in range(3):
        counter.handle(message)
        counter.sweep()

    text = "stopped automatically after 120 errors within 24 hours; set the account back to sync to go on"
    assert lines(sqlite_begin, user_id) == [(run_id, "stopped", text)]
    assert sent == [StateChanged(user_id=user_id, state="stopped", reason="errors", at=NOW)]
    assert 'desksync_automatic_stops_total{reason="errors"} 1.0' in counter.metrics.page().decode()


def test_one_run_that_fails_on_many_events_counts_each_of_them(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    message = fail(sqlite_begin, user_id, 120, run_id=a_run(sqlite_begin, user_id))

    a_counter(sqlite_begin).handle(message)

    assert user(sqlite_begin, user_id).stop_reason is StopReason.ERRORS


def test_what_is_nobodys_fault_does_not_count(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 119)
    message = fail(sqlite_begin, user_id, 500, counts=False)

    a_counter(sqlite_begin).handle(message)

    assert user(sqlite_begin, user_id).sync_state is SyncState.SYNC


def test_setting_back_to_sync_starts_a_new_count(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 120)
    a_counter(sqlite_begin).look(user_id)
    with sqlite_begin() as session:
        set_sync_state(session, user_id, SyncState.SYNC, NOW + timedelta(minutes=5))

    message = fail(sqlite_begin, user_id, 1, minutes=6)
    a_counter(sqlite_begin, minutes=6).handle(message)

    assert user(sqlite_begin, user_id).sync_state is SyncState.SYNC


def test_errors_from_before_a_resume_never_count_however_many_there_are(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    fail(sqlite_begin, user_id, 500)
    with sqlite_begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, NOW + timedelta(minutes=1))
        set_sync_state(session, user_id, SyncState.SYNC, NOW + timedelta(minutes=5))
    fail(sqlite_begin, user_id, 119, minutes=6)

    few = a_counter(sqlite_begin, minutes=7).sweep()
    fail(sqlite_begin, user_id, 1, minutes=8)
    many = a_counter(sqlite_begin, minutes=9).sweep()

    assert (few, many) == (0, 1)


def test_a_user_whom_somebody_has_stopped_already_keeps_that_reason(sqlite_begin: Begin) -> None:
    user_id = a_user(sqlite_begin)
    message = fail(sqlite_begin, user_id, 120)
    with sqlite_begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, NOW)
    sent: list[Message] = []

    a_counter(sqlite_begin, sent=sent).handle(message)

    assert user(sqlite_begin, user_id).stop_reason is StopReason.USER
    assert sent == []


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


def test_a_database_that_is_away_costs_the_counter_time_only(sqlite_begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    user_id = a_user(sqlite_begin)
    message = fail(sqlite_begin, user_id, 120)
    away = [True]

    @contextmanager
    def begin() -> Iterator[Session]:
        if away:
            away.pop()
            raise OperationalError("SELECT 1", None, ConnectionError("the server is restarting"))
        with sqlite_begin() as session:
            yield session

    counter = a_counter(begin)
    counter.handle(message)
    missed = user(sqlite_begin, user_id).sync_state
    swept = counter.sweep()

    assert (missed, swept) == (SyncState.SYNC, 1)
    assert "errors not counted, the sweep will" in caplog.text
