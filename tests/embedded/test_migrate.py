"""`desksync migrate` may be called any number of times, and refuses a database of a newer program politely."""

from pathlib import Path

import pytest
from sqlalchemy import text

from desksync.ops.secrets import SecretKey
from desksync.store.engine import make_engine
from desksync.store.schema import SchemaState, schema_state
from tests.embedded.conftest import Run
from tests.embedded.installation import START_SECONDS, Installation, a_program


def test_migrating_makes_the_tables_and_a_second_time_changes_nothing(run: Run, installation: Installation) -> None:
    results = [run("migrate", settings=installation.settings) for _ in range(2)]

    assert [(result.exit_code, result.stdout) for result in results] == [(0, "The database is up to date.\n")] * 2
    engine = make_engine(installation.database_url)
    assert schema_state(engine) is SchemaState.CURRENT
    engine.dispose()


def test_migrating_needs_no_other_setting(run: Run) -> None:
    result = run("migrate")

    assert (result.exit_code, result.stdout) == (0, "The database is up to date.\n")


@pytest.mark.parametrize("words", [["migrate"], ["migrate", "--wait"], ["up"], ["users", "list"]])
def test_a_database_of_a_newer_program_is_left_alone(run: Run, installation: Installation, words: list[str]) -> None:
    installation.migrate()
    engine = make_engine(installation.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    result = run(*words, settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == "The database was made by a newer DeskSync. Install that version, or restore a backup.\n"


def test_waiting_ends_when_another_program_has_migrated(installation: Installation) -> None:
    with a_program(["desksync", "migrate", "--wait"], installation.folder, installation.environment()) as waiting:
        waiting.wait_until(lambda: Path(installation.database_url.removeprefix("sqlite:///")).exists())
        installation.migrate()

        assert waiting.process.wait(START_SECONDS) == 0
        assert waiting.said == "The database is up to date.\n"


def test_waiting_changes_nothing_and_gives_up_in_the_end(run: Run, installation: Installation) -> None:
    result = run("migrate", "--wait", "--limit", "1", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == ("Waited 1 s for the database in vain. The database has no tables yet. Run `desksync migrate`.\n")
    engine = make_engine(installation.database_url)
    assert schema_state(engine) is SchemaState.EMPTY
    engine.dispose()


def test_a_new_key_is_one_that_the_settings_take(run: Run) -> None:
    keys = [run("keys", "new").stdout.strip() for _ in range(2)]

    assert len({SecretKey.parse(key).key for key in keys}) == 2
