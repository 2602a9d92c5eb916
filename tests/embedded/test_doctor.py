"""`desksync doctor` says what is wrong and what to do, and never shows a traceback."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from desksync.ops.secrets import make_key
from desksync.store.engine import make_engine
from desksync_sandbox.neo.switches import NeoSwitches
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, a_free_port


def _findings(run: Run, installation: Installation) -> tuple[int, dict[str, tuple[bool, str]]]:
    result = run("doctor", "--json", settings=installation.settings)
    assert "Traceback" not in result.output
    return result.exit_code, {one["what"]: (one["is_good"], one["said"]) for one in json.loads(result.stdout)}


def test_everything_is_right(run: Run, installation: Installation) -> None:
    installation.migrate()
    installation.take_in()

    code, found = _findings(run, installation)

    assert code == 0
    assert list(found) == ["settings", "database", "broker", "keys", "NEO", "Google"]
    assert all(is_good for is_good, _ in found.values())
    assert "lists 2 users" in found["NEO"][1]
    assert "Everything that is stored opens" in found["keys"][1]


def test_it_is_told_to_people_with_a_mark_and_a_sentence(run: Run, installation: Installation) -> None:
    result = run("doctor", settings=installation.settings)

    assert result.exit_code == 1
    assert "✗ database     The database has no tables yet. Run `desksync migrate`." in result.stdout
    assert "✓ broker       memory:// answers" in result.stdout


def test_looking_makes_no_database(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new" / "desksync.sqlite"

    result = run("doctor", settings={"DESKSYNC_DATABASE_URL": f"sqlite:///{file}"})

    assert "✗ database     The database has no tables yet. Run `desksync migrate`." in result.stdout
    assert not file.parent.exists()


def test_every_missing_setting_is_a_line_and_what_can_be_checked_is_checked(run: Run) -> None:
    result = run("doctor")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split()[2].rstrip(":") for line in lines if "settings" in line] == [
        "DESKSYNC_NEO_BASE_URL",
        "DESKSYNC_GOOGLE_CLIENT_ID",
        "DESKSYNC_GOOGLE_CLIENT_SECRET",
        "DESKSYNC_SECRET_KEYS",
    ]
    assert all("for example" in line for line in lines if "settings" in line)
    assert any(line.startswith("✓ broker") for line in lines)


def _newer(installation: Installation) -> None:
    installation.migrate()
    _set_revision(installation, "9999")


def _set_revision(installation: Installation, revision: str) -> None:
    engine = make_engine(installation.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def _not_even_a_folder(installation: Installation) -> None:
    (installation.folder / "file").touch()
    installation.settings["DESKSYNC_DATABASE_URL"] = f"sqlite:///{installation.folder}/file/below.sqlite"


def _no_server(installation: Installation) -> None:
    installation.settings["DESKSYNC_DATABASE_URL"] = f"postgresql://ds:sesame@127.0.0.1:{a_free_port()}/ds"


DATABASES: dict[str, tuple[Callable[[Installation], None], str]] = {
    "empty": (lambda _: None, "has no tables yet. Run `desksync migrate`"),
    "newer": (_newer, "made by a newer DeskSync. Install that version, or restore a backup"),
    "no folder": (_not_even_a_folder, "Name a file in DESKSYNC_DATABASE_URL that this user may write"),
    "no server": (_no_server, "Check that it runs, and that DESKSYNC_DATABASE_URL names the right host"),
}


@pytest.mark.parametrize("how", list(DATABASES))
def test_a_database_that_cannot_be_used_is_told_with_the_remedy(run: Run, installation: Installation, how: str) -> None:
    break_it, remedy = DATABASES[how]
    break_it(installation)

    code, found = _findings(run, installation)

    assert code == 1
    is_good, said = found["database"]
    assert not is_good
    assert remedy in said
    assert "sesame" not in said
    assert found["NEO"][0], "the other checks go on"


WRONG: dict[str, tuple[str, Callable[[Installation], dict[str, str]], str]] = {
    "NEO is away": (
        "NEO",
        lambda _: {"DESKSYNC_NEO_BASE_URL": f"http://127.0.0.1:{a_free_port()}/cgi-bin/dneo/dneo.cgi"},
        "DESKSYNC_NEO_BASE_URL",
    ),
    "NEO does not know the key": ("NEO", lambda _: {"DESKSYNC_NEO_ACCESS_KEY": "another-key"}, "key"),
    "NEO is something else": ("NEO", lambda one: {"DESKSYNC_NEO_BASE_URL": one.google.url}, "DESKSYNC_NEO_BASE_URL"),
    "Google is away": (
        "Google",
        lambda _: {"DESKSYNC_GOOGLE_TOKEN_URL": f"http://127.0.0.1:{a_free_port()}/token"},
        "DESKSYNC_GOOGLE_TOKEN_URL",
    ),
    "Google does not know the client": ("Google", lambda _: {"DESKSYNC_GOOGLE_CLIENT_ID": "nobody"}, "DESKSYNC_GOOGLE_CLIENT_ID"),
    "the client's secret is wrong": (
        "Google",
        lambda _: {"DESKSYNC_GOOGLE_CLIENT_SECRET": "GOCSPX-other"},
        "DESKSYNC_GOOGLE_CLIENT_SECRET",
    ),
    "RabbitMQ is away": (
        "broker",
        lambda _: {"DESKSYNC_BROKER_URL": f"amqp://ds:sesame@127.0.0.1:{a_free_port()}//"},
        "Check that it runs and listens there",
    ),
}


@pytest.mark.parametrize("how", list(WRONG))
def test_whatever_else_is_wrong_is_told_with_the_remedy_and_without_a_secret(
    run: Run, installation: Installation, how: str
) -> None:
    what, change, remedy = WRONG[how]
    installation.migrate()
    installation.settings |= change(installation)

    code, found = _findings(run, installation)

    assert code == 1
    assert [name for name, (is_good, _) in found.items() if not is_good] == [what]
    said = found[what][1]
    assert remedy in said
    assert not [secret for secret in ("sesame", "another-key", "GOCSPX-other") if secret in said]


def test_a_directory_that_is_switched_off_is_told_with_neos_own_remedy(run: Run, installation: Installation) -> None:
    installation.migrate()
    installation.neo.switches = NeoSwitches(is_directory_on=False)

    code, found = _findings(run, installation)

    assert code == 1
    assert "利用者名簿" in found["NEO"][1]
    assert "-10008" in found["NEO"][1]


def test_keys_that_do_not_open_what_is_stored_are_told(run: Run, installation: Installation) -> None:
    installation.migrate()
    installation.take_in()
    installation.settings["DESKSYNC_SECRET_KEYS"] = make_key()

    code, found = _findings(run, installation)

    assert code == 1
    assert "2 stored secrets do not open" in found["keys"][1]
    assert "Add that key behind the newest one" in found["keys"][1]


def test_a_key_that_is_none_is_told_without_showing_it(run: Run, installation: Installation) -> None:
    installation.settings["DESKSYNC_SECRET_KEYS"] = "k1:c2VzYW1lLW9wZW4="

    result = run("doctor", settings=installation.settings)

    assert result.exit_code == 1
    assert "DESKSYNC_SECRET_KEYS: has a key of" in result.stdout
    assert "c2VzYW1l" not in result.stdout
