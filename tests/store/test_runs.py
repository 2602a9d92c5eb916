from dataclasses import replace

from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error, list_errors
from desksync.store.runs import (
    NewLine,
    Run,
    add_lines,
    close_run,
    get_line,
    get_run,
    list_lines,
    list_runs,
    open_run,
    purge_runs,
)
from desksync.store.tickets import claim, close, postpone
from desksync.sync.event import Side
from tests.builders import an_event
from tests.store.builders import LEASE, NOW, a_claimed_ticket, a_user, later

CREATED = NewLine("created", Side.GOOGLE, "Created on Google.", "n1", "Stand-up")
DELETED = NewLine("deleted", Side.NEO, "Deleted in NEO.", "n2", "昼食", an_event("昼食"))
HELD = NewLine("held", None, "12 deletions wait for a person.")


def a_run(begin: Begin, user_id: int, *lines: NewLine, minute: int = 0) -> int:
    """Run and close a whole run with these lines, and return its number."""
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        run_id = open_run(session, held, later(minutes=minute))
        add_lines(session, run_id, user_id, later(minutes=minute), lines)
        close_run(session, run_id, "done", later(minutes=minute + 1))
        close(session, held, later(minutes=minute + 1))
    return run_id


def test_a_run_that_goes_on_has_no_outcome(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))

    with begin() as session:
        run_id = open_run(session, held, NOW)

    with begin() as session:
        assert get_run(session, run_id) == Run(run_id, held.user_id, held.id, NOW, None, None, {})
        assert get_run(session, run_id + 1) is None


def test_a_ticket_that_was_postponed_goes_on_with_its_run(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        run_id = open_run(session, held, NOW)
        postpone(session, held, held.stage, NOW)

    with begin() as session:
        again = claim(session, held.id, held.stage, NOW, LEASE)
        assert again == replace(held, attempt=2, retries=1, run_id=run_id)
        assert open_run(session, again, later(minutes=1)) == run_id

    with begin() as session:
        assert len(list_runs(session, held.user_id, 10)) == 1


def test_closing_a_run_counts_its_lines_and_errors(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        run_id = open_run(session, held, NOW)
        add_lines(session, run_id, held.user_id, NOW, [CREATED, CREATED, DELETED, HELD])
        add_error(session, NewError(held.user_id, NOW, "retry_later", "Google Server Error 503", run_id, Side.GOOGLE))
        add_error(session, NewError(held.user_id, NOW, "retry_later", "Of no run."))

    with begin() as session:
        closed = close_run(session, run_id, "done", later(minutes=2))

    counts = {"google_created": 2, "neo_deleted": 1, "held": 1, "errors": 1}
    assert closed == Run(run_id, held.user_id, held.id, NOW, later(minutes=2), "done", counts)
    with begin() as session:
        assert get_run(session, run_id) == closed


def test_a_run_ends_once(begin: Begin) -> None:
    run_id = a_run(begin, a_user(begin))

    with begin() as session:
        assert close_run(session, run_id, "failed", later(hours=1)) is None

    with begin() as session:
        kept = get_run(session, run_id)
    assert kept is not None
    assert kept.outcome == "done"


def test_runs_are_listed_newest_first_page_by_page(begin: Begin) -> None:
    ann, bob = a_user(begin, 1), a_user(begin, 2)
    first, of_bob, second = a_run(begin, ann), a_run(begin, bob), a_run(begin, ann)

    with begin() as session:
        page = list_runs(session, ann, 1)
        next_page = list_runs(session, ann, 1, before=page[-1].id)
        everybody = list_runs(session, None, 10)

    assert [run.id for run in page + next_page] == [second, first]
    assert [run.id for run in everybody] == [second, of_bob, first]


def test_quiet_runs_can_be_left_out(begin: Begin) -> None:
    user_id = a_user(begin)
    a_run(begin, user_id)
    busy = a_run(begin, user_id, CREATED)
    held = a_claimed_ticket(begin, user_id)
    with begin() as session:
        unfinished = open_run(session, held, NOW)

    with begin() as session:
        found = list_runs(session, user_id, 10, quiet=False)

    assert [run.id for run in found] == [unfinished, busy]


def test_lines_keep_title_and_content_so_that_a_person_can_undo(begin: Begin) -> None:
    user_id = a_user(begin)
    run_id = a_run(begin, user_id, CREATED, DELETED)

    with begin() as session:
        lines = list_lines(session, user_id, 10)
        one = get_line(session, lines[0].id)
        none = get_line(session, lines[0].id + 1)

    assert [kept.line for kept in lines] == [DELETED, CREATED]
    assert {(kept.run_id, kept.user_id, kept.at) for kept in lines} == {(run_id, user_id, NOW)}
    assert one == lines[0]
    assert none is None


def test_lines_are_listed_by_run_and_page_by_page(begin: Begin) -> None:
    ann, bob = a_user(begin, 1), a_user(begin, 2)
    first = a_run(begin, ann, CREATED, DELETED)
    a_run(begin, ann, HELD)
    a_run(begin, bob, CREATED)

    with begin() as session:
        page = list_lines(session, ann, 2)
        next_page = list_lines(session, ann, 2, before=page[-1].id)
        of_run = list_lines(session, ann, 10, run_id=first)

    assert [kept.line for kept in page + next_page] == [HELD, DELETED, CREATED]
    assert [kept.line for kept in of_run] == [DELETED, CREATED]


def test_no_lines_are_no_statement(begin: Begin) -> None:
    user_id = a_user(begin)
    run_id = a_run(begin, user_id)

    with begin() as session:
        add_lines(session, run_id, user_id, NOW, [])
        assert list_lines(session, user_id, 10) == []


def test_old_runs_are_purged_with_their_lines_and_errors_in_portions(begin: Begin) -> None:
    user_id = a_user(begin)
    a_run(begin, user_id, CREATED, minute=0)
    second = a_run(begin, user_id, DELETED, minute=1)
    young = a_run(begin, user_id, HELD, minute=2)
    with begin() as session:
        add_error(session, NewError(user_id, NOW, "refused", "An old one.", second))
        add_error(session, NewError(user_id, NOW, "refused", "A young one.", young))

    with begin() as session:
        purged = [purge_runs(session, later(minutes=2), 1) for _ in range(3)]

    assert purged == [1, 1, 0]
    with begin() as session:
        assert [run.id for run in list_runs(session, user_id, 10)] == [young]
        assert [kept.line for kept in list_lines(session, user_id, 10)] == [HELD]
        assert [kept.error.text for kept in list_errors(session, user_id, 10)] == ["A young one."]


def test_a_run_that_goes_on_is_never_purged(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        open_run(session, held, NOW)

    with begin() as session:
        assert purge_runs(session, later(days=400), 10) == 0


def test_quiet_runs_can_be_purged_sooner(begin: Begin) -> None:
    user_id = a_user(begin)
    a_run(begin, user_id)
    busy = a_run(begin, user_id, CREATED)

    with begin() as session:
        assert purge_runs(session, later(minutes=5), 10, only_quiet=True) == 1

    with begin() as session:
        assert [run.id for run in list_runs(session, user_id, 10)] == [busy]
