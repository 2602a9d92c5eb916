"""Opens the database and makes transactions. The only place where SQLite and PostgreSQL differ on purpose."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import OperationalError as SQLiteError
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

Begin = Callable[[], AbstractContextManager[Session]]
"""Begins a transaction: committed when the block ends, rolled back when it raises."""

LOCK_WAIT = timedelta(seconds=30)
"""How long a SQLite writer waits for another before it fails with "database is locked"."""

FORGOTTEN_TRANSACTION = timedelta(seconds=60)
"""After this long idle inside a transaction, PostgreSQL ends the session: a frozen worker must not hold row locks for ever."""

VALUE_ERRORS: tuple[type[Exception], ...] = (DataError,)
"""What a value raises that the database cannot hold: a number that is too large, a text with a NUL. Somebody sent it."""

_LOOK_SECONDS = 0.05
_READS_ONLY = "desksync_reads_only"

_DEAD_HOST = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""How a machine that has died is noticed: within a minute, where the system would take a quarter of an hour."""


DATABASE_ERRORS: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)
"""What any transaction raises when the database is away, restarts, or is held by somebody else for too long.

Their texts hold no values: parameters are hidden, because they are what people have written.
"""


class DatabaseProblem(Exception):
    """The database cannot be used. `str()` is a sentence that says what to do, without any password."""


class DatabaseAway(DatabaseProblem):
    """The database does not answer at the moment; it may come back by itself."""


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Return the engine for `sqlite:///file.db`, `sqlite://` (in memory) or `postgresql://user@host/database`.

    The SQLite file is created, readable by its owner alone; where that fails, `DatabaseProblem` is raised. Any other URL is a
    `ValueError`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise ValueError("The database URL cannot be read. An example: sqlite:///desksync.db") from problem
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgresql(parsed, pool_size)
        case other:
            raise ValueError(
                f"DeskSync works with SQLite and PostgreSQL, not with {other!r}. "
                "Examples: sqlite:///desksync.db, postgresql://desksync@localhost/desksync"
            )


def is_missing(url: str) -> bool:
    """Say whether the URL names a SQLite file that is not there, and could be. For those who only look."""
    parsed = make_url(url)
    file = parsed.database
    is_file = parsed.get_backend_name() == "sqlite" and file not in (None, "", ":memory:") and not str(file).startswith("file:")
    if not is_file or Path(str(file)).exists():
        return False
    return next(folder for folder in Path(str(file)).absolute().parents if folder.exists()).is_dir()


def reading_only(engine: Engine) -> Engine:
    """Return the engine for transactions that write nothing: writing fails, and on SQLite reading waits for no writer."""
    return engine.execution_options(**{_READS_ONLY: True}, postgresql_readonly=engine.name == "postgresql")


def make_begin(engine: Engine, *, reads_only: bool = False) -> Begin:
    """Return what begins a transaction on the engine.

    With `reads_only` writing fails in both databases, and on SQLite reading never waits for a writer. Pages use it.
    """
    return sessionmaker(reading_only(engine) if reads_only else engine, autoflush=False, expire_on_commit=False).begin


@dataclass(frozen=True, slots=True)
class Connections:
    """How many connections a program has open: `in_use` by transactions, `idle` for the next ones, and at most `most`."""

    in_use: int
    idle: int
    most: int


def connections(engine: Engine) -> Connections:
    """Count the connections of the pool. Asks nobody."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)  # noqa: S101 - `make_engine` makes no other
    return Connections(pool.checkedout(), pool.checkedin(), pool.size() + pool._max_overflow)  # noqa: SLF001 - it is told nowhere else


def _sqlite(url: URL) -> Engine:
    wait = LOCK_WAIT.total_seconds()
    if url.database in (None, "", ":memory:"):
        # The database lives as long as its one connection; the pool makes threads take turns with it.
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": wait},
        )
    else:
        if url.database is not None and not url.database.startswith("file:"):
            _create(Path(url.database))
        engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": wait})

    @event.listens_for(engine, "connect")
    def on_connect(connection: SQLiteConnection, _record: Any) -> None:
        # The driver must not begin transactions: its deferred ones deadlock when two of them turn from reading to writing.
        connection.isolation_level = None
        turn_to_wal(connection)
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_READS_ONLY, False)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
        connection.exec_driver_sql("BEGIN DEFERRED" if reads_only else "BEGIN IMMEDIATE")

    return engine


def turn_to_wal(
    connection: SQLiteConnection,
    *,
    pause: Callable[[float], None] = time.sleep,
    seconds: Callable[[], float] = time.monotonic,
) -> None:
    """Have the file written in a way in which readers and a writer do not wait for each other. It stays so for good.

    SQLite does not wait for a lock with this: while another program turns a new file the same way, or writes into it, it says at
    once that the file is locked. So we wait, as long as a writer would.
    """
    end = seconds() + LOCK_WAIT.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except SQLiteError as problem:
            is_busy = problem.sqlite_errorcode & 0xFF == SQLITE_BUSY  # The bits above tell of which kind.
            if not is_busy or seconds() >= end:
                raise
        else:
            return
        pause(_LOOK_SECONDS)


def _create(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as problem:
        raise DatabaseProblem(
            f"The database file {file} cannot be made ({problem.strerror}). "
            "Name a file in DESKSYNC_DATABASE_URL that this user may write."
        ) from problem


def _postgresql(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "desksync"} | _DEAD_HOST,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        milliseconds = int(FORGOTTEN_TRANSACTION.total_seconds() * 1000)
        # Outside a transaction, so that no rollback takes it back.
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")
        connection.autocommit = False

    return engine
