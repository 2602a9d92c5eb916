from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desksync.ops.metrics import Metrics
from desksync.store.engine import Begin
from desksync.store.states import StopReason
from desksync.store.users import stop
from desksync_scheduler.census import CensusTaker
from tests.store.builders import NOW, a_user, an_open_ticket, later


@contextmanager
def away() -> Iterator[Session]:
    raise OperationalError("SELECT", {}, ConnectionError("the server is not there"))
    yield


def test_users_and_the_longest_waiting_ticket_are_told(sqlite_begin: Begin) -> None:
    an_open_ticket(sqlite_begin, a_user(sqlite_begin, 1))
    stopped = a_user(sqlite_begin, 2)
    with sqlite_begin() as session:
        stop(session, stopped, StopReason.CONSENT, None, NOW)
    metrics = Metrics(version="x")

    CensusTaker(sqlite_begin, metrics, lambda: later(minutes=2)).turn()

    page = metrics.page().decode()
    assert 'desksync_users{state="waiting"} 1.0' in page
    assert 'desksync_users{state="running"} 0.0' in page
    assert 'desksync_stopped_users{reason="consent"} 1.0' in page
    assert "desksync_oldest_due_ticket_seconds 120.0" in page
    assert "desksync_due_tickets 1.0" in page


def test_a_database_that_is_away_leaves_no_old_number_behind(sqlite_begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    an_open_ticket(sqlite_begin, a_user(sqlite_begin))
    metrics = Metrics(version="x")
    CensusTaker(sqlite_begin, metrics, lambda: later(minutes=2)).turn()

    CensusTaker(away, metrics, lambda: later(minutes=3)).turn()

    assert "desksync_oldest_due_ticket_seconds" not in metrics.page().decode()
    assert "users and tickets not counted, trying again" in caplog.text


def test_a_clock_that_was_set_back_makes_no_ticket_early(sqlite_begin: Begin) -> None:
    an_open_ticket(sqlite_begin, a_user(sqlite_begin))
    metrics = Metrics(version="x")

    CensusTaker(sqlite_begin, metrics, lambda: NOW - timedelta(minutes=1)).turn()

    assert "desksync_oldest_due_ticket_seconds 0.0" in metrics.page().decode()
