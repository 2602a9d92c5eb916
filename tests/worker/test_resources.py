"""What a program that runs says about its database, while somebody else upgrades, empties or stops it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from desksync.ops.settings_loading import load_settings
from desksync.store.schema import migrate
from desksync.worker.resources import Resources, opened


@pytest.fixture
def resources(tmp_path: Path, memory_url: str) -> Iterator[Resources]:
    """Give what a program has open."""
    settings = load_settings(database_url=f"sqlite:///{tmp_path / 'one.sqlite'}", broker_url=memory_url)
    migrate(settings.database_url)
    with opened(settings, lambda: datetime(2026, 11, 25, tzinfo=UTC)) as made:
        yield made


def test_a_program_stays_ready_while_an_upgrade_has_changed_the_tables_already(resources: Resources) -> None:
    with resources.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    report = resources.health.readiness()

    assert report.is_good
    assert report.well == ("database",)


def test_a_program_whose_tables_were_taken_away_is_not_ready_and_says_what_to_do(resources: Resources) -> None:
    with resources.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    report = resources.health.readiness()

    assert report.wrong == {"database": "The database has no tables yet. Run `desksync migrate`."}
