"""A database for each test of the store, once in SQLite and once in PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from desksync.store.engine import Begin, make_begin, make_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Begin:
    return make_begin(engine)
