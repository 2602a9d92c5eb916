"""One running stand-in NEO for all tests of this folder, as new for each of them."""

from collections.abc import Iterator

import pytest

from tests.sandbox.neo_office import Clock, Office, an_office


@pytest.fixture(scope="session")
def running_office() -> Iterator[Office]:
    """Keep one server running."""
    with an_office() as office:
        yield office


@pytest.fixture
def neo(running_office: Office) -> Office:
    """Return the office as seeded, with the clock where it began."""
    running_office.clock.moment = Clock().moment
    running_office.server.reset()
    return running_office
