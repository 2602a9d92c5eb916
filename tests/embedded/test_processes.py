"""The programs as processes of their own: they start, work, and end cleanly when they are told to."""

import re
import signal
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from desksync.store.runs import list_runs
from desksync.store.tickets import count_open
from desksync_local.families import family_of, has_ended
from desksync_sandbox.office import ZONE
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, a_program, asked
from tests.waiting import eventually


def _tomorrow() -> str:
    return f"{datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)}"


def test_up_works_takes_orders_from_beside_and_ends_cleanly(run: Run, installation: Installation) -> None:
    installation.migrate()
    installation.take_in()
    installation.settings["DESKSYNC_SYNC_INTERVAL"] = "24h"
    url = f"http://127.0.0.1:{installation.settings['DESKSYNC_HTTP_PORT']}"
    person = installation.office.people[0]

    def runs() -> list[str | None]:
        with installation.begin() as begin, begin() as session:
            return [one.outcome for one in list_runs(session, None, limit=10)]

    with a_program(["desksync", "up"], installation.folder, installation.environment()) as up:
        up.wait_until(lambda: asked(f"{url}/readyz")[0] == 200)
        up.wait_until(lambda: runs() == ["ok", "ok"])
        day = _tomorrow().replace("-", "")
        installation.neo.world.add(
            person.neo_user_id, startdate=day, enddate=day, starttime="1000", endtime="1100", detail="会議"
        )

        ordered = run("users", "sync-now", person.login_id, settings=installation.settings)
        up.wait_until(lambda: runs() == ["ok", "ok", "ok"])

        assert ordered.exit_code == 0
        assert [event["summary"] for event in installation.google.world.events(person.email)] == ["会議"]
        assert up.end(signal.SIGTERM) == 0
    assert "Traceback" not in up.said
    messages = [line["message"] for line in up.logged()]
    assert messages.count("the web pages listen") == 1
    assert messages[-1] == "service stopped"
    assert "会議" not in up.said


def test_the_demo_carries_what_is_typed_into_either_page_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "COLUMNS": "120"}
    words = ["desksync", "demo", "--users", "1", "--events", "0", "--port", "0", "--interval", "1s"]

    with a_program(words, tmp_path, environment) as demo, httpx.Client() as browser:
        demo.wait_until(lambda: "Ctrl-C ends it." in demo.said)
        neo, google, _ = re.findall(r"http://127\.0\.0\.1:\d+", demo.said)
        times = {"startdate": _tomorrow(), "enddate": _tomorrow(), "starttime": "10:00", "endtime": "11:00"}
        added = browser.post(f"{neo}/users/101/schedules", data=times | {"detail": "予算会議", "otherto": "101"})
        when = {"start_date": _tomorrow(), "end_date": _tomorrow(), "start_time": "14:00", "end_time": "15:00"}
        saved = browser.post(f"{google}/event", data=when | {"calendar": "user0001@example.com", "summary": "打合せ"})

        assert (added.status_code, saved.status_code) == (303, 303)
        week = {"calendar": "user0001@example.com", "week": _tomorrow()}
        demo.wait_until(lambda: "予算会議" in browser.get(f"{google}/week", params=week).text)
        demo.wait_until(lambda: "打合せ" in browser.get(f"{neo}/users/101", params=week).text)
        demo.wait_until(lambda: "Google +1" in demo.said and "NEO +1" in demo.said)
        assert demo.end(signal.SIGINT) == 0
    assert demo.said.rstrip().endswith("Stopped. Nothing was kept.")
    assert "Traceback" not in demo.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("words", [["--once"], ["--once", "--json"]], ids=" ".join)
def test_a_signal_ends_the_demo_in_the_middle_of_a_cycle_and_nothing_is_left(
    tmp_path: Path, words: list[str], number: signal.Signals
) -> None:
    left = tmp_path / "temporary"
    left.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(left)}

    with a_program(["desksync", "demo", *words], tmp_path, environment) as demo:
        demo.wait_until(lambda: "The first cycle begins." in demo.said)
        begun, family = list(left.iterdir()), family_of(demo.process.pid)
        code = demo.end(number)

    assert len(begun) == 1
    assert code == 128 + number
    assert list(left.iterdir()) == []
    assert all(has_ended(process) for process in family)
    assert "Traceback" not in demo.said
    assert demo.said.rstrip().endswith(f"Ended by {number.name} before it was done. Nothing was kept.")


def test_a_second_start_of_up_says_that_the_port_is_taken(installation: Installation, tmp_path: Path) -> None:
    installation.settings["DESKSYNC_HTTP_PORT"] = installation.google.url.rpartition(":")[2]

    with a_program(["desksync", "up"], tmp_path, installation.environment()) as up:
        code = up.process.wait(120)

    assert code == 2
    assert "choose another one with DESKSYNC_HTTP_HOST and DESKSYNC_HTTP_PORT." in up.said
    assert "Traceback" not in up.said


@pytest.mark.parametrize("side", ["neo", "google"])
def test_a_stand_in_alone_tells_its_addresses_and_ends_with_sigterm(tmp_path: Path, side: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    with a_program(["desksync", "sandbox", side, "--port", "0"], tmp_path, environment) as stand_in:
        stand_in.wait_until(lambda: "DESKSYNC_" in stand_in.said)
        [url, *_] = re.findall(r"http://127\.0\.0\.1:\d+", stand_in.said)
        eventually(lambda: asked(f"{url}/")[0] == 200)
        assert stand_in.end() == 0

    assert "Traceback" not in stand_in.said


@pytest.mark.slow  # The sweep takes a message for lost after a minute.
def test_nobody_is_left_waiting_after_a_worker_is_killed(installation: Installation) -> None:
    installation.migrate()
    installation.take_in()
    installation.settings |= {"DESKSYNC_SYNC_INTERVAL": "24h", "DESKSYNC_TICKET_LEASE": "5s"}
    person = installation.office.people[0]
    day = _tomorrow().replace("-", "")
    for hour in range(8, 18):
        installation.neo.world.add(
            person.neo_user_id, detail=f"会議{hour}", startdate=day, enddate=day, starttime=f"{hour:02}00", endtime=f"{hour:02}30"
        )
    command = ["desksync", "up"]

    with a_program(command, installation.folder, installation.environment(), name="first") as first:
        first.wait_until(lambda: bool(installation.google.calls.all("events.insert")))
        first.process.kill()
        first.process.wait(30)

    def is_done() -> bool:
        with installation.begin() as begin, begin() as session:
            return count_open(session) == 0

    with a_program(command, installation.folder, installation.environment(), name="second") as second:
        second.wait_until(is_done)
        assert second.end() == 0
    titles = [event["summary"] for event in installation.google.world.events(person.email)]
    assert sorted(titles) == sorted(f"会議{hour}" for hour in range(8, 18))
