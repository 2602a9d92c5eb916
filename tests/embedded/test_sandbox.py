"""`desksync sandbox`: a seed or a port that cannot be used is told in sentences."""

import json
import socket
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desksync_embedded import sandbox
from desksync_sandbox.google import GoogleServer
from desksync_sandbox.office import make_office
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, an_office

BAD_SEEDS = {
    "neo": {
        "no number": ('{"users": [{"id": "x", "login_id": "1", "name": "a"}]}', "users.0.id: "),
        "unknown person": ('{"schedules": [{"otherto": ["9"], "startdate": "20261124"}]}', "refuses: "),
        "cut off": ('{"users": [', "the file: Invalid JSON"),
        "no text": ("\x00\x01", "the file: Invalid JSON"),
    },
    "google": {
        "no address": ('{"accounts": [{}]}', "accounts.0.email: Field required"),
        "no start": (
            json.dumps({"accounts": [{"email": "a", "calendars": [{"id": "a", "events": [{"id": "e1234"}]}]}]}),
            "refuses: ",
        ),
        "cut off": ('{"accounts": [', "is no JSON: "),
        "a list": ("[]", "the file: "),
    },
}


@pytest.mark.parametrize(("side", "what"), [(side, what) for side, seeds in BAD_SEEDS.items() for what in seeds])
def test_a_seed_that_cannot_be_used_is_told_with_the_place(run: Run, tmp_path: Path, side: str, what: str) -> None:
    content, said = BAD_SEEDS[side][what]
    (tmp_path / "seed.json").write_text(content)

    result = run("sandbox", side, "--seed", "seed.json", "--port", "0")

    assert result.exit_code == 2
    assert result.stderr.startswith("seed.json ")
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert "pydantic" not in result.output


@pytest.mark.parametrize("side", ["neo", "google"])
def test_a_seed_that_is_not_there_is_told(run: Run, side: str) -> None:
    result = run("sandbox", side, "--seed", "none.json", "--port", "0")

    assert result.exit_code == 2
    assert result.stderr.startswith("There is no file none.json.")


@pytest.mark.parametrize("side", ["neo", "google"])
def test_a_port_that_is_taken_is_told_with_the_option_to_change(run: Run, side: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("sandbox", side, "--port", str(port))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Nothing can listen on 127.0.0.1:{port} (")
    assert result.stderr.endswith("choose another one with --port.\n")


@pytest.mark.parametrize("side", ["neo", "google"])
def test_it_listens_on_the_address_that_is_asked_for(run: Run, side: str) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("sandbox", side, "--host", "127.0.0.2", "--port", str(port))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Nothing can listen on 127.0.0.2:{port} (")


@pytest.mark.parametrize("side", ["neo", "google"])
def test_a_port_that_is_none_is_refused(run: Run, side: str) -> None:
    result = run("sandbox", side, "--port", "70000")

    assert result.exit_code == 2
    assert "65535" in result.stderr


BAD_FILES = {
    "empty": (b"", "The file is empty."),
    "a page": (b"<html></html>", "it has no line BEGIN:VCALENDAR."),
    "another encoding": ("BEGIN:VCALENDAR\nX-WR-CALNAME:会議".encode("shift_jis"), "Save it as UTF-8 and try again."),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_an_import_that_is_no_calendar_is_told(run: Run, tmp_path: Path, what: str) -> None:
    content, said = BAD_FILES[what]
    (tmp_path / "mine.ics").write_bytes(content)

    result = run("sandbox", "google", "--import", "mine.ics", "--port", "0")

    assert result.exit_code == 2
    assert result.stderr.startswith("mine.ics: ")
    assert result.stderr.endswith(f"{said}\n")


def test_an_import_that_is_not_there_is_told(run: Run) -> None:
    result = run("sandbox", "google", "--import", "none.ics", "--port", "0")

    assert result.exit_code == 2
    assert result.stderr.startswith("There is no file none.ics.")


def test_an_import_that_is_a_folder_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.ics").mkdir()

    result = run("sandbox", "google", "--import", "mine.ics", "--port", "0")

    assert result.exit_code == 2
    assert result.stderr.startswith("mine.ics cannot be read (Is a directory). Name an iCalendar file")


def test_an_imported_calendar_is_served_with_the_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTART:20261124T010000Z",
        "SUMMARY:From a file",
        "END:VEVENT",
        "BEGIN:VTODO",
        "END:VTODO",
    ]
    ics = tmp_path / "mine.ics"
    ics.write_text("\r\n".join(["BEGIN:VCALENDAR", *entries, "END:VCALENDAR", ""]))
    served: list[str] = []

    def look(server: GoogleServer, greeting: str) -> int:
        assert greeting.startswith("Google Calendar")
        owner = next(iter(server.world.accounts))
        served.extend(event["summary"] for event in server.world.events(owner))
        server.stop()
        return 0

    monkeypatch.setattr(sandbox, "_run", look)
    office = make_office(users=1, events=0, seed=1, today=date(2026, 11, 23))

    assert sandbox.run_google(None, ics, office, lambda: datetime(2026, 11, 23, tzinfo=UTC), "127.0.0.1", 0) == 0
    assert served == ["From a file"]


def the_users(run: Run, installation: Installation) -> list[tuple[str, str, str]]:
    listed = json.loads(run("users", "list", "--json", settings=installation.settings).stdout)
    return [(user["login_id"], user["state"], user["calendar_id"]) for user in listed]


def test_the_people_of_the_stand_ins_can_be_made_users_more_than_once(run: Run, installation: Installation) -> None:
    installation.migrate()

    first, second = (run("sandbox", "connect", settings=installation.settings) for _ in range(2))

    assert (first.exit_code, first.stdout) == (0, "25 people of the office are connected and set to sync.\n")
    assert (second.exit_code, second.stdout) == (first.exit_code, first.stdout)
    users = the_users(run, installation)
    assert len(users) == 25
    assert {state for _, state, _ in users} == {"waiting"}
    assert {calendar for _, _, calendar in users} == {person.email for person in an_office(users=25).people}


@pytest.mark.parametrize("setting", ["DESKSYNC_NEO_ACCESS_KEY", "DESKSYNC_GOOGLE_CLIENT_ID"])
def test_nobody_is_connected_where_a_setting_may_lead_to_a_real_server(
    run: Run, installation: Installation, setting: str
) -> None:
    installation.migrate()
    installation.settings[setting] = "of a real server"

    result = run("sandbox", "connect", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr.startswith("This is for trials with both stand-ins only, and nothing was done: ")
    assert the_users(run, installation) == []
