"""The production set-up on one machine: real servers, every program a process, and nothing left when it ends."""

import json
import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import desksync_local.app
from desksync_local.families import family_of, has_ended
from desksync_local.fleet import Fleet, Program, ProgramFailed
from desksync_local.production import Size
from tests.embedded.installation import Program as Started
from tests.embedded.installation import a_program, an_office
from tests.waiting import eventually

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "COLUMNS": "140"}
COMMAND = ["python", "-m", "desksync_local"]


@pytest.mark.servers
def test_everybody_comes_in_step_and_every_program_ends_cleanly(tmp_path: Path) -> None:
    words = [*COMMAND, "--once", "--json", "--users", "3", "--events", "30"]

    with a_program(words, tmp_path, ENVIRONMENT) as production:
        code = production.process.wait(240)

    assert code == 0, production.said
    told: dict[str, Any] = json.loads(production.out.read_text())
    assert (told["users"], told["mismatches"], told["errors"], told["second_cycle_actions"]) == (3, 0, 0, 0)
    assert told["actions"]["neo"]["created"] > 0
    assert told["servers"].keys() == {"rabbitmq", "postgresql"}
    assert told["programs"] == dict.fromkeys(dict(Size().programs()), 0)


@pytest.mark.servers
def test_a_difference_is_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    # A schedule of which the key sees the time only, so that nobody can copy it. No option makes such an office.
    office = an_office(1, 2)
    tomorrow = f"{datetime.now(UTC).date() + timedelta(days=1):%Y%m%d}"
    times = {"startdate": tomorrow, "enddate": tomorrow, "starttime": "1000", "endtime": "1100"}
    office.neo["schedules"].append({"otherto": [office.people[0].neo_user_id], "detail": "Masked", "mask": "time", **times})
    monkeypatch.setattr(desksync_local.app, "make_office", lambda **_: office)

    result = CliRunner().invoke(desksync_local.app.app, ["--once", "--workers", "1", "--schedulers", "1"])

    assert result.exit_code == 1, result.output
    assert "differ" in result.stdout


@pytest.mark.servers
def test_what_is_killed_comes_back_and_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    words = [*COMMAND, "--users", "1", "--events", "0", "--port", "0", "--interval", "1s"]

    with a_program(words, tmp_path, ENVIRONMENT) as production, httpx.Client() as browser:
        production.wait_until(lambda: "Ctrl-C ends it all." in production.said)
        family = family_of(production.process.pid)
        neo, google = re.findall(r"http://127\.0\.0\.1:\d+", production.said)[:2]
        for name in ("neo-worker-1", "neo-worker-2"):
            _kill(production, name)
        day = f"{datetime.now(UTC).date() + timedelta(days=2)}"
        times = {"startdate": day, "enddate": day, "starttime": "10:00", "endtime": "11:00"}
        added = browser.post(f"{neo}/users/101/schedules", data=times | {"detail": "予算会議", "otherto": "101"})
        week = {"calendar": "user0001@example.com", "week": day}
        production.wait_until(lambda: "予算会議" in browser.get(f"{google}/week", params=week).text)
        production.wait_until(lambda: "neo-worker-2 ended with -9 and was started again" in production.said)
        family += family_of(production.process.pid)
        code = production.end(signal.SIGINT)

    assert added.status_code == 303
    assert code == 0, production.said
    assert "Traceback" not in production.said
    assert production.said.rstrip().endswith("Stopped. Nothing was kept.")
    eventually(lambda: all(has_ended(process) for process in family))


def _kill(production: Started, name: str) -> None:
    found = re.search(rf"{name} +(\d+)", production.said)
    assert found is not None, production.said
    os.kill(int(found[1]), signal.SIGKILL)


def test_programs_that_are_not_there_are_named_with_the_remedy(tmp_path: Path) -> None:
    result = CliRunner().invoke(desksync_local.app.app, ["--once", "--rabbitmq-home", str(tmp_path)])

    assert result.exit_code == 2
    assert "apt-get install --no-install-recommends rabbitmq-server" in result.stderr


def test_json_without_once_is_refused() -> None:
    result = CliRunner().invoke(desksync_local.app.app, ["--json"])

    assert result.exit_code == 2
    assert "--once" in result.stderr


def test_a_program_that_does_not_start_is_told_with_what_it_said(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "print('no such luck'); raise SystemExit(3)"]
    program = Program("scheduler-1", words, {}, "http://127.0.0.1:9", tmp_path / "log")
    fleet = Fleet([program])

    fleet.start()

    with pytest.raises(ProgramFailed, match=r"scheduler-1 did not begin to work[\s\S]*no such luck"):
        fleet.wait_ready(30)
    assert fleet.end() == {"scheduler-1": 3}
