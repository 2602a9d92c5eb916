"""One running stand-in NEO for all tests of this folder, as new for each of them."""

from collections.abc import Iterator

import pytest

from desksync_neo_worker.client import NeoClient
from desksync_sandbox.neo.app import NeoServer
from tests.neo_worker.office import Office, a_running_neo, an_office


@pytest.fixture(scope="session")
def running_neo() -> Iterator[tuple[NeoServer, NeoClient]]:
    """Keep one server and one client running."""
    with a_running_neo() as running:
        yield running


@pytest.fixture
def office(running_neo: tuple[NeoServer, NeoClient]) -> Office:
    """Return the office as seeded."""
    return an_office(running_neo)
