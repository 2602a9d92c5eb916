"""The commands of safety with what people type: unknown users and runs, nothing held, a run under way."""

import json

import pytest
from sqlalchemy.orm import Session

from desksync.store import links, runs, tickets, users
from desksync.store.runs import NewLine
from desksync.store.tickets import Ticket
from desksync.sync.event import Side
from desksync.sync.link import Link, creation_key
from desksync.sync.plan import Create
from desksync.sync.reading import Stored
from desksync.sync.ticket import Stage
from tests.builders import an_event
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, now
from tests.store.builders import LEASE


def _finished_run(session: Session) -> int:
    begun = Ticket("ticket", 1, Stage.PULL_NEO, attempt=1, retries=0, run_id=None, opened_at=now(), due_at=now())
    run_id = runs.open_repair(session, 1, begun, now())
    runs.add_lines(session, run_id, 1, now(), [NewLine("created", Side.GOOGLE, "", "g1", "会議", written=an_event("会議"))])
    runs.close_run(session, run_id, "ok", now())
    return run_id


@pytest.mark.parametrize(
    "words", [("held",), ("runs",), ("release",), ("refuse",), ("preview",), ("refused",), ("clean", "--side", "neo", "--yes")]
)
def test_an_unknown_user_is_told(run: Run, installation: Installation, login: str, words: tuple[str, ...]) -> None:
    result = run("users", words[0], f"{login}x", *words[1:], settings=installation.settings)

    assert result.exit_code == 2
    assert f"There is no user '{login}x'" in result.stderr


@pytest.mark.parametrize(("number", "why"), [("99", "There is no run 99"), ("x", "Invalid value"), ("9" * 26, "Invalid value")])
def test_a_run_that_is_not_there_is_told(run: Run, installation: Installation, login: str, number: str, why: str) -> None:
    assert login
    result = run("users", "undo", number, settings=installation.settings)

    assert result.exit_code == 2
    assert why in result.stderr


def test_cleaning_where_nothing_was_written_is_told(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "clean", login, "--side", "google", "--yes", settings=installation.settings)

    assert result.exit_code == 2
    assert "has created nothing" in result.stderr


def test_cleaning_asks_also_where_only_a_run_that_was_cut_off_may_have_written(
    run: Run, installation: Installation, login: str
) -> None:
    with installation.begin() as begin, begin() as session:
        user = users.find_user(session, login, now())
        assert user is not None
        create = Create(Side.GOOGLE, Stored("n1", an_event()), an_event(), creation_key(user.scope, Side.NEO, "n1"))
        links.record_intents(session, user.id, [create], now())

    result = run("users", "clean", login, "--side", "google", settings=installation.settings, typed="n\n")

    assert result.exit_code == 2
    assert "1 more may have been created by a run that was cut off" in result.stdout


def test_a_side_that_does_not_exist_is_told(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "clean", login, "--side", "outlook", settings=installation.settings)

    assert result.exit_code == 2
    assert "'outlook' is not one of" in result.stderr


def test_an_undo_during_a_run_is_refused_politely(run: Run, installation: Installation, login: str) -> None:
    assert login
    with installation.begin() as begin, begin() as session:
        (opened,) = tickets.open_tickets(session, [1], now())
        claimed = tickets.claim(session, opened.id, Stage.PULL_NEO, now(), LEASE)
        assert claimed is not None
        from_run = _finished_run(session)

    result = run("users", "undo", str(from_run), "--yes", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr.startswith("A run of this user is under way. Wait until it has ended, and try again. If the program")


def test_a_user_whose_events_all_sync_is_told_so(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "refused", login, settings=installation.settings)

    assert (result.exit_code, result.stdout) == (0, "Every event syncs.\n")
    assert json.loads(run("users", "refused", login, "--json", settings=installation.settings).stdout) == []


def test_a_preview_of_empty_calendars_says_that_nothing_would_be_done(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "preview", login, "--json", settings=installation.settings)

    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert shown == {
        "user": login,
        "is_running": False,
        "creates": [],
        "updates": [],
        "deletes": [],
        "held": [],
        "skipped": [],
        "matched": 0,
        "left_alone": 0,
    }


def test_a_cleaning_that_a_server_cut_off_says_how_far_it_came_and_what_to_do(
    run: Run, installation: Installation, login: str
) -> None:
    with installation.begin() as begin, begin() as session:
        user = users.find_user(session, login, now())
        assert user is not None
        links.add_link(session, user.id, Link("n1", creation_key(user.scope, Side.NEO, "n1"), an_event(), an_event()), now())
    installation.google.faults.add(on="events.get", kind="status", status=503, times=50)

    result = run("users", "clean", login, "--side", "google", "--yes", settings=installation.settings)

    assert result.exit_code == 2
    assert "0 events were removed before that, in run 1. The account is stopped. Say it again" in result.stderr


@pytest.mark.parametrize("typed", ["n\n", ""])
def test_an_undo_asks_first(run: Run, installation: Installation, login: str, typed: str) -> None:
    assert login
    with installation.begin() as begin, begin() as session:
        run_id = _finished_run(session)

    result = run("users", "undo", str(run_id), settings=installation.settings, typed=typed)

    assert result.exit_code == 2
    assert f"1 changes that run {run_id} made for" in result.stdout
    assert result.stderr.splitlines()[-1] == "Nothing was put back."
    with installation.begin() as begin, begin() as session:
        assert runs.undoings(session, run_id) == []


def test_the_runs_of_a_user_are_listed_with_their_numbers_the_newest_first(
    run: Run, installation: Installation, login: str
) -> None:
    with installation.begin() as begin, begin() as session:
        numbers = [_finished_run(session), _finished_run(session)]

    for_people = run("users", "runs", login, settings=installation.settings)
    newest = run("users", "runs", login, "--limit", "1", "--json", settings=installation.settings)

    assert [line.split()[0] for line in for_people.stdout.splitlines()] == [str(one) for one in reversed(numbers)]
    assert "ok" in for_people.stdout
    assert "1 google created" in for_people.stdout
    [one] = json.loads(newest.stdout)
    assert (one["run"], one["outcome"], one["counts"]["google_created"]) == (numbers[1], "ok", 1)


def test_a_user_without_runs_is_told_so(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "runs", login, settings=installation.settings)

    assert (result.exit_code, result.stdout) == (0, "There are no runs in which something happened.\n")
