"""What the command says of deletions that wait, and what it takes for an answer: one for what was shown, and for nothing else."""

import json
from io import StringIO

import pytest
from rich.console import Console

from desksync.ops.settings_loading import load_settings
from desksync.store import held, tickets
from desksync.store.states import HoldState
from desksync.sync.event import Side
from desksync.sync.guard import Guarded
from desksync.sync.link import Link
from desksync.sync.plan import Delete, Plan
from desksync.sync.reading import Stored
from desksync.worker.resources import opened
from desksync_embedded import held_commands
from desksync_embedded.users_commands import NotDone
from tests.builders import an_event
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, now


def hold(installation: Installation, *ids: str, user_id: int = 1) -> None:
    event = an_event("[大事]")
    deletes = [Delete(Side.GOOGLE, Link(f"n{one}", f"g{one}", event, event), Stored(f"g{one}", event)) for one in ids or "1"]
    with installation.begin() as begin, begin() as session:
        assert held.record(session, user_id, Guarded(Plan(), tuple(deletes)), frozenset(), now())


def mark(installation: Installation) -> str:
    with installation.begin() as begin, begin() as session:
        [one] = held.list_waiting(session)
    return one.mark


@pytest.mark.parametrize("word", ["release", "refuse"])
def test_deciding_about_nothing_is_told(run: Run, installation: Installation, login: str, word: str) -> None:
    result = run("users", word, login, settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == f"Nothing of {login} is held. `desksync users held` shows what is.\n"


def test_what_is_held_is_shown_with_its_sample_and_the_next_words(run: Run, installation: Installation, login: str) -> None:
    hold(installation)

    for_people = run("users", "held", settings=installation.settings)
    for_machines = run("users", "held", login, "--json", settings=installation.settings)

    assert "1 deletions wait since" in for_people.stdout
    assert "[大事]" in for_people.stdout
    assert f"desksync users release {login}" in for_people.stdout
    [one] = json.loads(for_machines.stdout)
    assert (one["login_id"], one["neo"], one["google"], one["sample"][0]["side"]) == (login, 0, 1, "google")


def test_nothing_held_is_said(run: Run, installation: Installation, login: str) -> None:
    result = run("users", "held", login, settings=installation.settings)

    assert (result.exit_code, result.stdout) == (0, "Nothing is held.\n")


@pytest.mark.parametrize(("word", "state"), [("release", HoldState.RELEASED), ("refuse", HoldState.REFUSED)])
def test_a_decision_is_kept_and_a_run_ordered(
    run: Run, installation: Installation, login: str, word: str, state: HoldState
) -> None:
    hold(installation)

    result = run("users", word, login, settings=installation.settings, typed="y\n")

    assert result.exit_code == 0
    assert "[大事]" in result.stdout
    assert "1 deletions are released" in result.stdout or "1 events are created again" in result.stdout
    with installation.begin() as begin, begin() as session:
        assert held.list_waiting(session) == []
        assert getattr(held.decided(session, 1), state.value) == {("n1", "g1")}
        assert tickets.count_open(session) == 1


@pytest.mark.parametrize("word", ["release", "refuse"])
@pytest.mark.parametrize("typed", ["n\n", ""])
def test_without_a_yes_nothing_is_changed(run: Run, installation: Installation, login: str, word: str, typed: str) -> None:
    hold(installation)

    result = run("users", word, login, settings=installation.settings, typed=typed)

    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "Nothing was changed.")
    assert mark(installation)


@pytest.mark.parametrize("word", ["release", "refuse"])
def test_a_script_answers_with_the_mark_of_what_it_was_shown(run: Run, installation: Installation, login: str, word: str) -> None:
    hold(installation)
    [one] = json.loads(run("users", "held", "--json", settings=installation.settings).stdout)

    result = run("users", word, login, "--mark", one["mark"], "--yes", settings=installation.settings)

    assert result.exit_code == 0, result.output
    with installation.begin() as begin, begin() as session:
        assert held.list_waiting(session) == []


@pytest.mark.parametrize("word", ["release", "refuse"])
def test_what_was_deleted_after_somebody_looked_is_no_part_of_their_answer(
    run: Run, installation: Installation, login: str, word: str
) -> None:
    hold(installation, "1")
    shown = mark(installation)
    hold(installation, "1", "2")

    result = run("users", word, login, "--mark", shown, "--yes", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr.startswith("Something else waits by now. Nothing was changed")
    assert mark(installation) != shown


def test_what_is_held_while_the_question_stands_is_no_part_of_the_answer(
    installation: Installation, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in installation.settings.items():
        monkeypatch.setenv(name, value)
    hold(installation, "1")

    def confirm(_question: str) -> bool:
        hold(installation, "1", "2")
        return True

    with opened(load_settings(), now) as resources, pytest.raises(NotDone, match="Something else waits by now"):
        held_commands.release(resources, Console(file=StringIO()), login, None, confirm)

    assert mark(installation)


@pytest.mark.parametrize("word", ["release", "refuse"])
def test_a_yes_without_a_mark_is_refused(run: Run, installation: Installation, login: str, word: str) -> None:
    hold(installation)

    result = run("users", word, login, "--yes", settings=installation.settings)

    assert result.exit_code == 2
    assert "--yes needs --mark" in result.stderr
    assert mark(installation)
