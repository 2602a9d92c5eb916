"""Brings the tables up to date and says whether they are. Works from the installed package, without any `alembic.ini`."""

from enum import StrEnum

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from desksync.store.engine import DatabaseAway, DatabaseProblem, make_engine, reading_only

_LOCK = 0x6465736B
"""The number of the PostgreSQL advisory lock under which the tables are changed ("desk")."""


class SchemaState(StrEnum):
    """How the tables compare with this program."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    EMPTY = "empty"


REMEDIES: dict[SchemaState, str] = {
    SchemaState.BEHIND: "The database is older than this program. Run `desksync migrate`.",
    SchemaState.AHEAD: "The database was made by a newer DeskSync. Install that version, or restore a backup.",
    SchemaState.EMPTY: "The database has no tables yet. Run `desksync migrate`.",
}
"""What to tell a person about each state that is not the current one."""


def migrate(url: str) -> None:
    """Create the tables, or bring them up to date with their data. Raises `DatabaseProblem`, `ValueError` for a bad URL.

    May be called by several programs at once: one works, the others wait and find nothing left to do. It all happens or nothing.
    """
    engine = make_engine(url)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()


def migrate_engine(engine: Engine, config: Config | None = None) -> None:
    """Do what `migrate` does on an open engine: a database in memory lives only as long as its engine.

    `config` names other migrations than those of `alembic_config`.
    """
    try:
        with engine.connect() as connection:
            if engine.name == "sqlite":
                # Copying a table drops the old one, which the rows of others still point at.
                _set_foreign_keys(connection, are_checked=False)
            try:
                with connection.begin():
                    _upgrade(connection, config or alembic_config())
            finally:
                if engine.name == "sqlite":
                    _set_foreign_keys(connection, are_checked=True)
    except DatabaseError as problem:
        raise _unusable(engine, problem) from problem


def schema_state(engine: Engine) -> SchemaState:
    """Compare the tables with this program. Raises `DatabaseAway` when the database does not answer, else `DatabaseProblem`."""
    try:
        with reading_only(engine).connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as problem:
        raise _unusable(engine, problem) from problem
    if present is None:
        return SchemaState.EMPTY
    scripts = ScriptDirectory.from_config(alembic_config())
    if present == scripts.get_current_head():
        return SchemaState.CURRENT
    return SchemaState.BEHIND if present in {script.revision for script in scripts.walk_revisions()} else SchemaState.AHEAD


def require_current(engine: Engine) -> None:
    """Return if this program can work with the database; else raise `DatabaseProblem`."""
    state = schema_state(engine)
    if state is not SchemaState.CURRENT:
        raise DatabaseProblem(REMEDIES[state])


def alembic_config() -> Config:
    """Return where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", "desksync.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection, config: Config) -> None:
    if connection.dialect.name == "postgresql":
        # In SQLite, `BEGIN IMMEDIATE` has already put us in a queue.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise DatabaseProblem(REMEDIES[SchemaState.AHEAD])
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise DatabaseProblem(
                f"Changing the tables would leave {len(orphans)} rows pointing at nothing; nothing was changed."
            )


def _set_foreign_keys(connection: Connection, *, are_checked: bool) -> None:
    # SQLite ignores this inside a transaction, so it goes around SQLAlchemy, which would begin one.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {'ON' if are_checked else 'OFF'}")
    cursor.close()


def _unusable(engine: Engine, problem: DatabaseError) -> Exception:
    """Return what to tell a person about it, or the error itself where it is a mistake of ours."""
    if isinstance(problem, OperationalError):
        return _unreachable(engine, str(problem.orig))
    if engine.name == "sqlite" and "not a database" in str(problem):
        return DatabaseProblem(
            f"{engine.url.database} is not a SQLite database, or is damaged. Name another file with DESKSYNC_DATABASE_URL."
        )
    return problem


_REFUSALS = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry", "unable to open database")
"""What servers say to wrong settings. One that speaks another language is taken for away, which costs only time."""


def _unreachable(engine: Engine, said: str) -> DatabaseProblem:
    where = engine.url.render_as_string(hide_password=True)
    if any(refusal in said for refusal in _REFUSALS):
        return DatabaseProblem(
            f"The database refuses {where}: {said.strip().splitlines()[0].rpartition('FATAL:  ')[2]}. "
            "Check the user, the password and the name of the database in DESKSYNC_DATABASE_URL."
        )
    return DatabaseAway(
        f"The database does not answer at {where}. "
        "Check that it runs, and that DESKSYNC_DATABASE_URL names the right host, user, password and database."
    )
