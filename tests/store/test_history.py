import pytest
from sqlalchemy import Engine, select, text

from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error
from desksync.store.history import ANY_ERROR, QuietTime, Sought, errors_of_run, lines_of_runs, quiet_times, seek_runs
from desksync.store.runs import NewLine, add_lines, close_run, open_run
from desksync.store.tables import IS_TOLD, run
from desksync.store.tickets import close
from desksync.sync.event import Side
from tests.store.builders import a_claimed_ticket, a_user, later

CREATED = NewLine("created", Side.GOOGLE, "", "g1", "Stand-up")
DELETED = NewLine("deleted", Side.NEO, "", "n1", "昼食")


def a_run(begin: Begin, user_id: int, minute: int, *lines: NewLine, outcome: str = "ok", fails: str | None = None) -> int:
    """Run and close a whole run that began at that minute, and return its number."""
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        run_id = open_run(session, held, later(minutes=minute))
        add_lines(session, run_id, user_id, later(minutes=minute), lines)
        if fails is not None:
            add_error(session, NewError(user_id, later(minutes=minute), fails, "It failed.", run_id, Side.GOOGLE))
        close_run(session, run_id, outcome, later(minutes=minute + 1))
        close(session, held, later(minutes=minute + 1))
    return run_id


def found(begin: Begin, sought: Sought, **more: int) -> list[int]:
    with begin() as session:
        return [one.id for one in seek_runs(session, sought, 100, **more)]


def test_runs_are_sought_by_user_time_outcome_side_and_error(begin: Begin) -> None:
    first, second = a_user(begin), a_user(begin, 2)
    to_google = a_run(begin, first, 0, CREATED)
    to_neo = a_run(begin, second, 10, DELETED)
    failed = a_run(begin, first, 20, outcome="side_unreadable", fails="side_unreadable")
    a_run(begin, first, 30)

    assert found(begin, Sought()) == [failed, to_neo, to_google]
    assert found(begin, Sought(), before=failed) == [to_neo, to_google]
    assert found(begin, Sought(user_id=first)) == [failed, to_google]
    assert found(begin, Sought(first=later(minutes=10), last=later(minutes=20))) == [to_neo]
    assert found(begin, Sought(outcome="side_unreadable")) == [failed]
    assert found(begin, Sought(side=Side.GOOGLE)) == [failed, to_google]
    assert found(begin, Sought(side=Side.NEO)) == [to_neo]
    assert found(begin, Sought(error=ANY_ERROR)) == found(begin, Sought(error="side_unreadable")) == [failed]
    assert found(begin, Sought(error="unexpected")) == []


def test_quiet_runs_in_a_row_are_one_quiet_time_in_its_place(begin: Begin) -> None:
    user_id, other = a_user(begin), a_user(begin, 2)
    for minute in (0, 10):
        a_run(begin, user_id, minute)
    older = a_run(begin, user_id, 20, CREATED)
    newer = a_run(begin, user_id, 30, DELETED)
    a_run(begin, other, 35)
    a_run(begin, user_id, 40)

    with begin() as session:
        whole = quiet_times(session, Sought(user_id))
        page = quiet_times(session, Sought(user_id), after=newer)
        rest = quiet_times(session, Sought(user_id), before=newer)
        late = quiet_times(session, Sought(user_id, first=later(minutes=5)))

    early = QuietTime(2, later(), later(minutes=10))
    last = QuietTime(1, later(minutes=40), later(minutes=40))
    assert whole == {0: last, 2: early}
    assert page == {0: last}
    assert rest == {1: early}
    assert late == {0: last, 2: QuietTime(1, later(minutes=10), later(minutes=10))}
    assert older < newer


def test_lines_and_errors_are_given_by_run(begin: Begin) -> None:
    user_id = a_user(begin)
    first, second = a_run(begin, user_id, 0, CREATED, DELETED), a_run(begin, user_id, 10, fails="unexpected")

    with begin() as session:
        lines = lines_of_runs(session, [first, second])
        errors = errors_of_run(session, second)

        assert {run_id: [one.line for one in several] for run_id, several in lines.items()} == {
            first: [CREATED, DELETED],
            second: [],
        }
        assert [one.error.kind for one in errors] == ["unexpected"]
        assert errors_of_run(session, first) == []


@pytest.mark.parametrize("user_id", [None, 1])
def test_a_page_is_found_by_the_index_of_runs_that_tell_something(engine: Engine, user_id: int | None) -> None:
    of_user = () if user_id is None else (run.c.user_id == user_id,)
    asked = select(run).where(IS_TOLD, *of_user).order_by(run.c.id.desc()).limit(51)
    statement = str(asked.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all()
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = connection.execute(text(f"EXPLAIN {statement}")).all()

    assert "ix_run_told" in str(plan)
