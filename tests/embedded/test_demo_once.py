"""`desksync demo --once`: one full cycle for everybody, compared by somebody else's rules."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

import desksync_embedded.base_app
from desksync_embedded.demo import run_once
from desksync_sandbox.office import Office
from tests.embedded.conftest import Run
from tests.embedded.installation import an_office

pytestmark = pytest.mark.usefixtures("memory_url")


def _with_a_difference(office: Office) -> Office:
    """Put something into NEO of which the key sees the time only, so that nobody can copy it."""
    tomorrow = f"{datetime.now(UTC).date() + timedelta(days=1):%Y%m%d}"
    person = office.people[0].neo_user_id
    times = {"startdate": tomorrow, "enddate": tomorrow, "starttime": "1000", "endtime": "1100"}
    office.neo["schedules"].append({"sid": "999999", "otherto": [person], "detail": "Masked", "mask": "time", **times})
    return office


def test_a_small_office_comes_in_step(run: Run) -> None:
    result = run("demo", "--once", "--json", "--users", "3", "--events", "30")

    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    assert list(told) == ["users", "events", "actions", "mismatches", "errors", "seconds", "second_cycle_actions"]
    assert (told["users"], told["mismatches"], told["errors"], told["second_cycle_actions"]) == (3, 0, 0, 0)
    assert told["events"].keys() == {"neo", "google"}
    assert {side: list(kinds) for side, kinds in told["actions"].items()} == {
        "neo": ["created", "updated", "deleted"],
        "google": ["created", "updated", "deleted"],
    }
    assert told["actions"]["neo"]["created"] > 0
    assert told["seconds"] > 0


def test_it_is_told_to_people_as_a_table(run: Run) -> None:
    result = run("demo", "--once", "--users", "2", "--events", "8", settings={"COLUMNS": "120"})

    assert result.exit_code == 0, result.output
    assert "Together" in result.stdout
    assert "hold the same events" in result.stdout
    for person in an_office(2, 8).people:
        assert person.name in result.stdout


def test_settings_of_the_environment_have_no_say_and_are_named_in_one_line(run: Run) -> None:
    strays = {
        "DESKSYNC_NEO_TIMEOUT": "0.000001s",
        "DESKSYNC_BROKER_URL": "amqp://guest:hunter2@127.0.0.1:1//",
        "DESKSYNC_WINDOW_PAST_DAYS": "many",
        "DESKSYNC_SYNC_INTERVALL": "5m",
        "DESKSYNC_TEST_FAULTS_SEED": "1",
    }

    result = run("demo", "--once", "--json", "--users", "1", "--events", "10", settings=strays)

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["mismatches"] == 0
    names = "DESKSYNC_BROKER_URL, DESKSYNC_NEO_TIMEOUT, DESKSYNC_SYNC_INTERVALL, DESKSYNC_WINDOW_PAST_DAYS"
    told = [line for line in result.stderr.splitlines() if "DESKSYNC_" in line]
    assert told == [f"Ignored, so that this is the same for everybody: {names}."]
    assert "hunter2" not in result.output


def test_an_office_without_events_is_in_step(run: Run) -> None:
    result = run("demo", "--once", "--json", "--users", "1", "--events", "0")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["events"] == {"neo": 0, "google": 0}


def test_a_difference_is_found_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    office = _with_a_difference(an_office(2, 8))

    is_equal = run_once(office, lambda: datetime.now(UTC), Console(file=StringIO()), as_json=True, limit_seconds=120)

    assert not is_equal
    assert json.loads(capsys.readouterr().out)["mismatches"] > 0


def test_a_difference_is_the_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # The office is made inside the command, and no option makes one that cannot be brought in step.
    monkeypatch.setattr(desksync_embedded.base_app, "make_office", lambda **_: _with_a_difference(an_office(1, 2)))

    result = run("demo", "--once")

    assert result.exit_code == 1
    assert "differ" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--users", "0"],
        ["--users", "many"],
        ["--events", "-1"],
        ["--port", "70000"],
        ["--limit", "0"],
        ["--json"],
        ["--interval", "now and then"],
        ["--speed", "9"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused_with_a_sentence(run: Run, words: list[str]) -> None:
    result = run("demo", *words)

    assert result.exit_code == 2
    assert words[0].removeprefix("--") in result.stderr.lower()
    assert "Traceback" not in result.output


def test_a_cycle_that_takes_too_long_is_told(run: Run) -> None:
    result = run("demo", "--once", "--users", "12", "--events", "1200", "--limit", "1")

    assert result.exit_code == 2
    assert "of 12 users' runs have not ended in 1 s." in result.stderr
