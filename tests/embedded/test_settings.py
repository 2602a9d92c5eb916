"""What is missing or wrong stops a program at the start: a line per setting, exit code 2, no traceback."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

import desksync_embedded.web_app
import desksync_google_worker.app
import desksync_neo_worker.app
import desksync_scheduler.app
import desksync_scheduler.error_counter_app
from desksync.store.engine import make_engine
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation

PROGRAMS: dict[str, Callable[[], None]] = {
    "desksync-scheduler": desksync_scheduler.app.main,
    "desksync-error-counter": desksync_scheduler.error_counter_app.main,
    "desksync-neo-worker": desksync_neo_worker.app.main,
    "desksync-google-worker": desksync_google_worker.app.main,
    "desksync-admin-api": desksync_embedded.web_app.main,
}

NEEDED = ["DESKSYNC_NEO_BASE_URL", "DESKSYNC_GOOGLE_CLIENT_ID", "DESKSYNC_GOOGLE_CLIENT_SECRET", "DESKSYNC_SECRET_KEYS"]

WRONG = {
    "DESKSYNC_DATABASE_URL": "mysql://localhost/desksync",
    "DESKSYNC_BROKER_URL": "redis://localhost",
    "DESKSYNC_NEO_BASE_URL": "neo.example.com",
    "DESKSYNC_SYNC_INTERVAL": "now and then",
    "DESKSYNC_HTTP_PORT": "70000",
    "DESKSYNC_TIME_ZONE": "Mars/Olympus",
    "DESKSYNC_SECRET_KEYS": "sesame",
}


def test_up_names_every_setting_that_is_missing_with_an_example(run: Run) -> None:
    result = run("up")

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == NEEDED
    assert all("is not set; for example DESKSYNC_" in line for line in lines)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("words", [["up"], ["migrate"], ["users", "list"], ["users", "refresh"], ["users", "sync-now", "--all"]])
def test_every_command_names_every_setting_that_is_wrong_without_its_value(run: Run, words: list[str]) -> None:
    result = run(*words, settings=WRONG)

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(WRONG)
    assert all("; for example DESKSYNC_" in line for line in lines)
    assert "Traceback" not in result.output
    assert "sesame" not in result.output


def test_a_setting_that_was_mistyped_is_named_with_the_right_one(run: Run, installation: Installation) -> None:
    result = run("up", settings=installation.settings | {"DESKSYNC_SYNC_INTERVALL": "5m"})

    assert result.exit_code == 2
    assert result.stderr == "DESKSYNC_SYNC_INTERVALL: there is no such setting; did you mean DESKSYNC_SYNC_INTERVAL?\n"


def test_an_address_of_neo_that_leads_nowhere_is_told_by_its_setting(run: Run, installation: Installation) -> None:
    result = run("up", settings=installation.settings | {"DESKSYNC_NEO_BASE_URL": "https://neo.example.com/"})

    assert result.exit_code == 2
    assert result.stderr.startswith("DESKSYNC_NEO_BASE_URL: ")
    assert "for example https://" in result.stderr


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_every_program_names_every_setting_that_is_wrong(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting, value in WRONG.items():
        monkeypatch.setenv(setting, value)

    with pytest.raises(SystemExit) as ended:
        PROGRAMS[name]()

    assert ended.value.code == 2
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == f"{name} cannot start."
    assert sorted(line.partition(":")[0] for line in lines) == sorted(WRONG)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("desksync-scheduler", []),
        ("desksync-error-counter", []),
        ("desksync-neo-worker", ["DESKSYNC_NEO_BASE_URL"]),
        ("desksync-google-worker", ["DESKSYNC_GOOGLE_CLIENT_ID", "DESKSYNC_GOOGLE_CLIENT_SECRET", "DESKSYNC_SECRET_KEYS"]),
    ],
)
def test_a_program_asks_for_what_it_needs_and_for_nothing_else(
    name: str, needed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        PROGRAMS[name]()

    _, *lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [*needed, "DESKSYNC_BROKER_URL"]


@pytest.mark.parametrize("broker_url", ["memory://", "memory:", None], ids=str)
@pytest.mark.parametrize("name", list(PROGRAMS))
def test_a_program_of_its_own_refuses_a_broker_that_joins_one_process_only(
    name: str,
    broker_url: str | None,
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    installation.migrate()
    for setting, value in installation.settings.items():
        monkeypatch.setenv(setting, value)
    if broker_url is None:
        monkeypatch.delenv("DESKSYNC_BROKER_URL")
    else:
        monkeypatch.setenv("DESKSYNC_BROKER_URL", broker_url)

    with pytest.raises(SystemExit) as ended:
        PROGRAMS[name]()

    assert ended.value.code == 2
    first, line = capsys.readouterr().err.splitlines()
    assert first == f"{name} cannot start."
    assert line.startswith("DESKSYNC_BROKER_URL: memory://")
    assert "`desksync up`; for example DESKSYNC_BROKER_URL=amqp://" in line


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_a_program_whose_tables_are_those_of_a_newer_version_says_what_to_do(
    name: str, installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.migrate()
    engine = make_engine(installation.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for setting, value in (installation.settings | {"DESKSYNC_BROKER_URL": "amqp://127.0.0.1:1//"}).items():
        monkeypatch.setenv(setting, value)

    with pytest.raises(SystemExit) as ended:
        PROGRAMS[name]()

    assert ended.value.code == 2
    assert "The database was made by a newer DeskSync." in capsys.readouterr().err
