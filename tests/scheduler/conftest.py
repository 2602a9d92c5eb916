"""The store on which the scheduler's tests run: SQLite, because the store's own tests show that both databases are alike."""

from collections.abc import Iterator

import pytest

from desksync.store.engine import Begin, make_begin, make_engine
from tests.scheduler.desk import Desk


@pytest.fixture
def sqlite_begin(sqlite_url: str) -> Iterator[Begin]:
    """Give transactions on an empty database with all tables."""
    engine = make_engine(sqlite_url)
    yield make_begin(engine)
    engine.dispose()


@pytest.fixture
def desk(sqlite_begin: Begin) -> Desk:
    """Give a scheduler, and what it needs."""
    return Desk(sqlite_begin)
