"""One running stand-in Google for all tests of this folder, as new for each of them."""

from collections.abc import Iterator

import pytest

from desksync_sandbox.google import GoogleServer
from tests.google_worker.desk import Clock, Desk, a_service, start_over


@pytest.fixture(scope="session")
def clock() -> Clock:
    """Return the one clock of stand-in and adapter."""
    return Clock()


@pytest.fixture(scope="session")
def running_server(clock: Clock) -> Iterator[GoogleServer]:
    """Keep one server running."""
    with GoogleServer(now=clock) as server:
        yield server


@pytest.fixture
def desk(running_server: GoogleServer, clock: Clock) -> Iterator[Desk]:
    """Return the calendar as seeded, empty, and an adapter that knows no access token yet."""
    clock.moment = Clock().moment
    start_over(running_server)
    with a_service(running_server, clock) as service:
        yield Desk(running_server, service, clock)
