"""The web side for a test, over a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine

from desksync.store.engine import make_engine
from tests.admin_api.office import WebOffice, an_office


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine) -> Iterator[WebOffice]:
    """Give the web side with three users, over https."""
    with an_office(engine) as made:
        yield made


@pytest.fixture
def make_office(engine: Engine) -> Iterator[Callable[..., WebOffice]]:
    """Give what makes the web side with other options."""
    with ExitStack() as stack:

        def make(**options: Any) -> WebOffice:
            return stack.enter_context(an_office(engine, **options))

        yield make
