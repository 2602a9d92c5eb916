"""What went on in the last hours is counted hour by hour, by indexes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, event, insert, text

from desksync.store.activity import HOURS, Activity, take_activity
from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error
from desksync.store.tables import run
from tests.store.builders import NOW, a_user, later

AT_HALF_PAST = later(minutes=30)


def a_run(begin: Begin, user_id: int, at: datetime, *, is_quiet: bool = False) -> None:
    with begin() as session:
        session.execute(
            insert(run).values(
                user_id=user_id, ticket_id="t", started_at=at, finished_at=at, outcome="ok", counts="{}", is_quiet=is_quiet
            )
        )


def an_error(begin: Begin, user_id: int, at: datetime) -> None:
    with begin() as session:
        add_error(session, NewError(user_id, at, "retry", "Google Server Error 503"))


def activity(begin: Begin, most: int = 1000) -> Activity:
    with begin() as session:
        return take_activity(session, AT_HALF_PAST, most)


def counted(found: Activity) -> dict[int, tuple[int, int]]:
    """Return runs and errors by how many hours before the present one they were, where there were any."""
    present = found.hours[-1].begin
    return {
        (present - hour.begin) // timedelta(hours=1): (hour.runs, hour.errors) for hour in found.hours if hour.runs or hour.errors
    }


def test_an_empty_database_has_a_day_of_hours_in_which_nothing_happened(begin: Begin) -> None:
    found = activity(begin)

    assert [hour.begin for hour in found.hours] == [NOW - timedelta(hours=back) for back in reversed(range(HOURS))]
    assert (counted(found), found.is_cut) == ({}, False)


def test_runs_and_errors_are_counted_in_the_hour_in_which_they_began(begin: Begin) -> None:
    user_id = a_user(begin)
    for at in (NOW - timedelta(hours=HOURS - 1), NOW - timedelta(seconds=1), NOW, AT_HALF_PAST):
        a_run(begin, user_id, at)
    an_error(begin, user_id, NOW - timedelta(hours=1))

    found = activity(begin)

    assert counted(found) == {0: (2, 0), 1: (1, 1), HOURS - 1: (1, 0)}
    assert (found.runs, found.errors) == (4, 1)


def test_quiet_runs_and_what_is_older_than_a_day_are_left_out(begin: Begin) -> None:
    user_id = a_user(begin)
    a_run(begin, user_id, NOW - timedelta(hours=HOURS - 1, seconds=1))
    an_error(begin, user_id, NOW - timedelta(hours=HOURS - 1, seconds=1))
    a_run(begin, user_id, NOW, is_quiet=True)

    assert counted(activity(begin)) == {}


def test_no_hour_is_counted_beyond_a_limit_and_that_is_said(begin: Begin) -> None:
    user_id = a_user(begin)
    for back in (1, 0, 0, 0):
        a_run(begin, user_id, NOW - timedelta(hours=back))

    found = activity(begin, most=2)

    assert (counted(found), found.is_cut) == ({0: (2, 0), 1: (1, 0)}, True)


def test_indexes_find_them_among_millions(engine: Engine, begin: Begin) -> None:
    a_run(begin, a_user(begin), NOW)
    asked: list[tuple[str, object]] = []
    hear: Callable[..., None] = lambda _c, _cursor, statement, values, _context, _many: asked.append((statement, values))  # noqa: E731
    event.listen(engine, "before_cursor_execute", hear)
    activity(begin)
    event.remove(engine, "before_cursor_execute", hear)

    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    plans = []
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # On a table of one row PostgreSQL would rather read the whole.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, values in asked:
            if statement.startswith("SELECT"):
                plans.append(str(connection.exec_driver_sql(f"{explain} {statement}", values).all()))  # type: ignore[arg-type]

    errors, firsts, runs = plans
    assert errors.count("ix_error_at") == HOURS
    assert firsts.count("ix_run_started_at") == HOURS
    assert runs.count("ix_run_told") == HOURS
