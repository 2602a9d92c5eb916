"""Servers, clients and database of the whole path, made once."""

from collections.abc import Iterator

import pytest

from tests.whole_path.machinery import Machinery, machinery


@pytest.fixture(scope="session")
def machine() -> Iterator[Machinery]:
    """Keep them for all stories."""
    with machinery() as made:
        yield made
