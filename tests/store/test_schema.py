import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, inspect, make_url, text

from desksync.store.engine import DatabaseAway, DatabaseProblem, make_begin, make_engine
from desksync.store.parked import count_parked, park
from desksync.store.schema import (
    REMEDIES,
    SchemaState,
    alembic_config,
    migrate,
    migrate_engine,
    require_current,
    schema_state,
)
from desksync.store.tables import metadata
from tests.store.builders import NOW, all_at_once

REVISIONS = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]

A_NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{}", None, None


def upgrade():
    with op.batch_alter_table("users", recreate="auto") as users:
        users.add_column(sa.Column("nickname", sa.String, nullable=False, server_default="none"))
        users.alter_column("name", type_=sa.Text)
"""


@pytest.fixture
def bare(bare_database_url: str) -> Any:
    engine = make_engine(bare_database_url)
    yield engine
    engine.dispose()


def described(engine: Engine) -> dict[str, Any]:
    """Return everything that the database knows about its tables."""
    found = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], bool(column["default"]))
                for column in found.get_columns(table)
            ],
            "key": found.get_pk_constraint(table),
            "references": sorted(found.get_foreign_keys(table), key=str),
            "unique": sorted(found.get_unique_constraints(table), key=str),
            "indexes": sorted((index["name"] or "", *_index(dict(index))) for index in found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _index(index: dict[str, Any]) -> tuple[Any, ...]:
    options = index.get("dialect_options", {})
    where = options.get("sqlite_where", options.get("postgresql_where", ""))
    return (tuple(index["column_names"]), bool(index["unique"]), str(where).strip("()"))


def upgraded_to(engine: Engine, revision: str) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def with_migrations_from(folder: Path) -> Config:
    """Return a configuration that knows one more folder of migrations."""
    config = alembic_config()
    config.set_main_option("version_locations", os.pathsep.join([ScriptDirectory.from_config(config).versions, str(folder)]))
    return config


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables as they are at the moment, and as a program of that version knows them."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection, tables: list[Table] | None = None) -> dict[str, int]:
    """Put a row into every table, with a made-up value in every column that is known, and return the number of rows of each."""
    tables = tables_of(connection) if tables is None else tables
    for table in tables:
        connection.execute(table.insert().values({column.name: _value(column.type.python_type) for column in table.columns}))
    return counted(connection, [table.name for table in tables])


def counted(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names}  # noqa: S608 - our own names


def _value(kind: type) -> Any:
    values: dict[type, Any] = {
        int: 1,
        str: "x",
        bytes: b"x",
        bool: True,
        datetime: datetime(2026, 11, 23, tzinfo=UTC),
        date: date(2026, 11, 23),
    }
    return values[kind]


def test_the_migrations_give_exactly_the_tables(bare: Engine) -> None:
    migrate_engine(bare)
    with bare.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    migrated = described(bare)

    metadata.drop_all(bare)
    metadata.create_all(bare)

    assert differences == []
    assert migrated == described(bare)
    assert "closed_at IS NULL" in str(migrated["ticket"]["indexes"])


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_can_be_brought_up_to_date_with_its_data(bare: Engine, revision: str) -> None:
    upgraded_to(bare, revision)
    with bare.begin() as connection:
        before = fill(connection)

    migrate_engine(bare)

    with bare.connect() as connection:
        assert counted(connection, before) == before
    assert schema_state(bare) is SchemaState.CURRENT


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_program_of_any_version_can_go_on_working_with_the_newest_tables(bare: Engine, revision: str) -> None:
    upgraded_to(bare, revision)
    with bare.connect() as connection:
        known = tables_of(connection)

    migrate_engine(bare)

    with bare.begin() as connection:
        written = fill(connection, known)
        read = [connection.execute(table.select()).one() for table in known]
        for table in reversed(known):
            connection.execute(table.update().values({column.name: column for column in table.columns}))
            connection.execute(table.delete())
    assert set(written.values()) == {1}
    assert len(read) == len(known)


def test_a_migration_that_copies_a_table_keeps_the_rows_that_point_at_it(bare: Engine, tmp_path: Path) -> None:
    migrate_engine(bare)
    with bare.begin() as connection:
        before = fill(connection)
    (tmp_path / "next.py").write_text(A_NEXT_MIGRATION.format(REVISIONS[-1]))

    migrate_engine(bare, with_migrations_from(tmp_path))

    with bare.connect() as connection:
        assert counted(connection, before) == before
        assert connection.scalar(text("SELECT nickname FROM users")) == "none"
    assert schema_state(bare) is SchemaState.AHEAD


def test_a_database_without_tables_is_empty_until_it_is_migrated(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    before = schema_state(engine)

    migrate(bare_database_url)

    assert (before, schema_state(engine)) == (SchemaState.EMPTY, SchemaState.CURRENT)
    require_current(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("revision", "state"), [("0000", SchemaState.AHEAD), ("9999", SchemaState.AHEAD), (None, SchemaState.EMPTY)]
)
def test_a_database_that_this_program_cannot_use_is_named_with_its_remedy(
    bare: Engine, revision: str | None, state: SchemaState
) -> None:
    migrate_engine(bare)
    with bare.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision is not None:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})

    with pytest.raises(DatabaseProblem, match=re.escape(REMEDIES[state])):
        require_current(bare)

    assert schema_state(bare) is state


def test_migrating_a_newer_database_is_refused(bare: Engine) -> None:
    migrate_engine(bare)
    with bare.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseProblem, match="newer DeskSync"):
        migrate_engine(bare)


def test_several_programs_may_migrate_at_once(bare_database_url: str) -> None:
    all_at_once(4, lambda _index: migrate(bare_database_url))

    engine = make_engine(bare_database_url)
    assert schema_state(engine) is SchemaState.CURRENT
    engine.dispose()


def test_migrating_again_keeps_the_data(database_url: str) -> None:
    engine = make_engine(database_url)
    with make_begin(engine)() as session:
        park(session, "q", b"", "", NOW)

    migrate(database_url)

    with make_begin(engine)() as session:
        assert count_parked(session) == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql://desksync:secret@127.0.0.1:1/desksync", "sqlite:////proc/no/such/desksync.db"])
@pytest.mark.parametrize("ask", [migrate, lambda url: schema_state(make_engine(url))])
def test_a_database_that_does_not_answer_is_a_sentence_without_the_password(url: str, ask: Callable[[str], object]) -> None:
    with pytest.raises(DatabaseProblem, match="DESKSYNC_DATABASE_URL") as problem:
        ask(url)

    assert "secret" not in str(problem.value)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("changes", "said"), [({"database": "nowhere"}, 'database "nowhere"'), ({"username": "nobody_here"}, 'role "nobody_here"')]
)
def test_a_server_that_refuses_us_is_not_away(postgres_url: str, changes: dict[str, str], said: str) -> None:
    engine = make_engine(make_url(postgres_url).set(**changes).render_as_string(hide_password=False))  # type: ignore[arg-type] # one text

    with pytest.raises(DatabaseProblem, match=f"refuses .*: {said} does not exist. Check the user") as problem:
        schema_state(engine)
    engine.dispose()

    assert not isinstance(problem.value, DatabaseAway)


def test_a_server_that_does_not_answer_is_away() -> None:
    engine = make_engine("postgresql://desksync@127.0.0.1:1/desksync")

    with pytest.raises(DatabaseAway):
        schema_state(engine)
    engine.dispose()


def test_looking_at_the_tables_waits_for_no_writer(sqlite_url: str) -> None:
    writing, looking = make_engine(sqlite_url), make_engine(sqlite_url)

    with make_begin(writing)() as session:
        park(session, "q", b"", "", NOW)
        state = schema_state(looking)
    writing.dispose()
    looking.dispose()

    assert state is SchemaState.CURRENT


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, and no database at all. " * 5, encoding="utf-8")

    with pytest.raises(DatabaseProblem, match="is not a SQLite database"):
        migrate(f"sqlite:///{file}")
