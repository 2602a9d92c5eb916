"""The two set-ups that every scenario runs on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from tests.scenarios.company import Company, a_company

Found = Callable[..., AbstractContextManager[Company]]


@pytest.fixture(params=["embedded", pytest.param("production", marks=pytest.mark.servers)])
def urls(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Give the URLs of an empty database and an empty broker: SQLite and memory, then PostgreSQL and RabbitMQ."""
    database, broker = ("sqlite_url", "memory_url") if request.param == "embedded" else ("postgres_url", "rabbitmq_url")
    return request.getfixturevalue(database), request.getfixturevalue(broker)


@pytest.fixture
def found(urls: tuple[str, str]) -> Found:
    """Give what starts a company, on both set-ups."""
    return partial(a_company, *urls)


@pytest.fixture
def company(found: Found) -> Iterator[Company]:
    """Give a running company of one person with empty calendars."""
    with found() as running:
        yield running
