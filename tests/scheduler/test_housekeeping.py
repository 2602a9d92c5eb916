"""What is old is deleted, a portion at a time."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from desksync.store import runs
from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error, list_errors
from desksync.store.runs import NewLine
from desksync.store.tables import ticket
from desksync.store.tickets import close
from tests.scheduler.desk import Desk
from tests.store.builders import NOW, a_claimed_ticket, a_user


def _a_run(begin: Begin, user_id: int, at: datetime, *, is_quiet: bool) -> None:
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        run_id = runs.open_run(session, held, at)
        if not is_quiet:
            runs.add_lines(session, run_id, user_id, at, [NewLine("created", None, "", "n", "Title")])
            add_error(session, NewError(user_id, at, "retry_later", "Google Server Error 503", run_id))
        runs.close_run(session, run_id, "ok", at)
        close(session, held, at)


def test_old_rows_are_deleted_and_young_ones_stay(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    ages = {"old": timedelta(days=91), "middle": timedelta(days=10), "young": timedelta(hours=1)}
    for age in ages.values():
        _a_run(desk.begin, user_id, NOW - age, is_quiet=True)
        _a_run(desk.begin, user_id, NOW - age, is_quiet=False)

    desk.scheduler().tick()

    with desk.begin() as session:
        left = [(NOW - run.started_at, run.counts["errors"]) for run in runs.list_runs(session, None, limit=10)]
        kept_errors = len(list_errors(session, user_id, limit=10))
        kept_tickets = session.scalar(select(func.count()).select_from(ticket).where(ticket.c.closed_at.is_not(None)))
    assert sorted(left) == [(ages["young"], 0), (ages["young"], 1), (ages["middle"], 1)]
    assert kept_errors == 2
    assert kept_tickets == 2


def test_old_rows_are_deleted_a_portion_with_each_tick_and_then_not_for_an_hour(desk: Desk) -> None:
    user_id = a_user(desk.begin)
    for _ in range(5):
        _a_run(desk.begin, user_id, NOW - timedelta(days=91), is_quiet=False)
    scheduler = desk.scheduler(portion=2)

    left = []
    for _ in range(4):
        scheduler.tick()
        with desk.begin() as session:
            left.append(len(runs.list_runs(session, None, limit=10)))
    desk.finish()
    _a_run(desk.begin, user_id, NOW - timedelta(days=91), is_quiet=False)
    scheduler.tick()
    with desk.begin() as session:
        after = len(runs.list_runs(session, None, limit=10))
    desk.clock.move(timedelta(hours=1))
    scheduler.tick()
    with desk.begin() as session:
        an_hour_later = len(runs.list_runs(session, None, limit=10))

    assert left == [3, 1, 0, 0]
    assert (after, an_hour_later) == (1, 0)
