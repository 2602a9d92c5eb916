"""One running stand-in of each kind for all tests of this folder, as new for each of them."""

from collections.abc import Iterator

import pytest

from tests.sandbox.google_site import Site, a_site
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


@pytest.fixture(scope="session")
def running_site() -> Iterator[Site]:
    """Keep one server running."""
    with a_site() as site:
        yield site


@pytest.fixture
def google(running_site: Site) -> Iterator[Site]:
    """Return the site as seeded, with the clock where it began."""
    running_site.begin()
    yield running_site
    running_site.close()
