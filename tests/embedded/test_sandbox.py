"""`desksync sandbox`: a seed or a port that cannot be used is told in sentences."""

import json
import socket
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desksync_embedded import sandbox
from desksync_sandbox.google import GoogleServer
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.office import Office, make_office
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


@pytest.mark.parametrize("side", ["neo", "google"])
@pytest.mark.parametrize("what", BAD_FILES)
def test_an_import_that_is_no_calendar_is_told(run: Run, tmp_path: Path, side: str, what: str) -> None:
    content, said = BAD_FILES[what]
    (tmp_path / "mine.ics").write_bytes(content)

    result = run("sandbox", side, "--import", "mine.ics", "--port", "0")

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


ENTRIES = [
    "BEGIN:VEVENT",
    "UID:1",
    "DTSTART:20261124T010000Z",
    "DURATION:PT1H",
    "SUMMARY:From a file",
    "END:VEVENT",
    "BEGIN:VEVENT",
    "UID:2",
    "DTSTART;TZID=America/New_York:20261026T200000",
    "DURATION:PT30M",
    "RRULE:FREQ=WEEKLY;COUNT=3",
    "SUMMARY:Weekly",
    "CLASS:PRIVATE",
    "END:VEVENT",
    "BEGIN:VTODO",
    "END:VTODO",
]


@dataclass
class Looked:
    """What a stand-in held and said when it would have begun to wait for Ctrl-C."""

    greeting: str = ""
    titles: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    def look(self, server: NeoServer | GoogleServer, greeting: str) -> int:
        self.greeting = greeting
        if isinstance(server, GoogleServer):
            self.titles = [event["summary"] for event in server.world.events(next(iter(server.world.accounts)))]
        else:
            records = server.world.records(next(iter(server.world.users)))
            self.titles = [one["detail"] for one in records]
            self.dates = [f"{one['startdate']} {one['starttime']}-{one['endtime']} {one['public_level']}" for one in records]
        server.stop()
        return 0


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Looked:
    # The command runs until Ctrl-C, and no option ends it earlier.
    found = Looked()
    monkeypatch.setattr(sandbox, "_run", found.look)
    return found


@pytest.fixture
def ics(tmp_path: Path) -> Path:
    path = tmp_path / "mine.ics"
    path.write_text("\r\n".join(["BEGIN:VCALENDAR", *ENTRIES, "END:VCALENDAR", ""]))
    return path


def _at() -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC)


def _small() -> Office:
    return make_office(users=1, events=0, seed=1, today=date(2026, 11, 23))


def test_an_imported_calendar_is_served_by_google_with_the_office(
    ics: Path, looked: Looked, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sandbox.run_google(None, ics, _small(), _at, "127.0.0.1", 0) == 0

    assert looked.greeting.startswith("Google Calendar")
    assert looked.titles == ["From a file", "Weekly"]
    assert capsys.readouterr().err.splitlines() == [
        f"{ics}: 2 entries imported.",
        "entry 3 is left out: it is a VTODO, and no event",
    ]


def test_an_imported_calendar_is_served_by_neo_with_the_office(ics: Path, looked: Looked) -> None:
    assert sandbox.run_neo(None, ics, _small(), _at, "127.0.0.1", 0) == 0

    assert looked.greeting.startswith("desknet's NEO")
    # A clock of New York that was set back in between: nine o'clock in Tokyo becomes ten.
    assert looked.dates == [
        "20261027 0900-0930 secret",
        "20261103 1000-1030 secret",
        "20261110 1000-1030 secret",
        "20261124 1000-1100 open",
    ]


def test_what_neo_would_refuse_harms_no_other_entry(ics: Path, looked: Looked, capsys: pytest.CaptureFixture[str]) -> None:
    odd = ["BEGIN:VEVENT", "UID:3", "DTSTART;VALUE=DATE:20261201", "SUMMARY:--", "END:VEVENT"]
    old = ["BEGIN:VEVENT", "UID:4", "DTSTART;VALUE=DATE:19000101", "DTEND;VALUE=DATE:20500101", "SUMMARY:Era", "END:VEVENT"]
    ics.write_text("\r\n".join(["BEGIN:VCALENDAR", *odd, *old, *ENTRIES, "END:VCALENDAR", ""]))

    assert sandbox.run_neo(None, ics, _small(), _at, "127.0.0.1", 0) == 0

    assert len(looked.dates) == 4
    told = [line for line in capsys.readouterr().err.splitlines() if "NEO would not take it" in line]
    assert [line.partition(" is left out")[0] for line in told] == [
        "what takes place on 19000101",
        "what takes place on 20261201",
    ]


@pytest.mark.parametrize("name", ["mine.ics", "calendar"])
def test_a_seed_may_be_an_icalendar_file(ics: Path, looked: Looked, name: str) -> None:
    seed, large = ics.rename(ics.with_name(name)), make_office(users=3, events=30, seed=1, today=date(2026, 11, 23))

    assert sandbox.run_google(seed, None, large, _at, "127.0.0.1", 0) == 0
    assert looked.titles == ["From a file", "Weekly"]
    assert "DESKSYNC_GOOGLE_CLIENT_ID=" in looked.greeting

    assert sandbox.run_neo(seed, None, large, _at, "127.0.0.1", 0) == 0
    assert looked.titles == ["Weekly", "Weekly", "Weekly", "From a file"]
    assert "DESKSYNC_NEO_ACCESS_KEY=" in looked.greeting


def test_an_import_into_a_seed_without_a_user_is_told(ics: Path, tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text("{}")

    with pytest.raises(sandbox.BadSeed, match="no user who could get the imported events"):
        sandbox.run_neo(tmp_path / "seed.json", ics, _small(), _at, "127.0.0.1", 0)


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
