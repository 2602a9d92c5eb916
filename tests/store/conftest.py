"""A database for each test of the store, once in SQLite and once in PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from desksync.store.engine import Begin, make_begin, make_engine
from desksync.store.tables import metadata
from desksync_local.postgres import PostgresServer


@pytest.fixture(scope="session")
def shared_postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    url = postgres.create_database(postgres_template)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def postgres_url(shared_postgres_url: str) -> str:
    """Give the same database to all tests of the store, emptied: they are many, and a new one costs more than the test."""
    engine = make_engine(shared_postgres_url)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return shared_postgres_url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Begin:
    return make_begin(engine)
