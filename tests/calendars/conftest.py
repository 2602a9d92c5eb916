"""The calendars that the contract is held against; the two stand-ins run once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from desksync.sync.event import Side
from desksync_neo_worker.client import NeoClient
from desksync_sandbox.google import GoogleServer
from desksync_sandbox.google.switches import LongText
from desksync_sandbox.neo.app import NeoServer
from tests.calendars.subjects import GooglePerson, NeoPerson, Person, Reader, a_fake
from tests.google_worker.desk import Clock, Desk, a_service, start_over
from tests.neo_worker.office import Office, a_running_neo, an_office

OTHER_ANSWERS = {
    "token_remembers_window": True,
    "deleted_ids_stay_taken": False,
    "deleted_events_keep_details": False,
    "property_filters_match_any": True,
    "long_text": LongText.KEEP,
}
"""What Google may do as well, of what it does not publish."""


@pytest.fixture(scope="session")
def running_neo() -> Iterator[tuple[NeoServer, NeoClient]]:
    """Keep one NEO and one client running."""
    with a_running_neo() as running:
        yield running


@pytest.fixture(scope="session")
def clock() -> Clock:
    """Return the one clock of stand-in and adapter."""
    return Clock()


@pytest.fixture(scope="session")
def running_google(clock: Clock) -> Iterator[GoogleServer]:
    """Keep one Google running."""
    with GoogleServer(now=clock) as server:
        yield server


@pytest.fixture
def office(running_neo: tuple[NeoServer, NeoClient]) -> Office:
    """Return NEO as seeded."""
    return an_office(running_neo)


@pytest.fixture
def desk(running_google: GoogleServer, clock: Clock) -> Iterator[Desk]:
    """Return an empty Google calendar."""
    clock.moment = Clock().moment
    start_over(running_google)
    with a_service(running_google, clock) as service:
        yield Desk(running_google, service, clock)


@pytest.fixture(params=["fake NEO", "fake Google", "NEO", "NEO with new sids", "Google", "Google that answers otherwise"])
def person(request: pytest.FixtureRequest) -> Person:
    """Give the user of each calendar in turn."""
    match request.param:
        case "fake NEO":
            return a_fake(Side.NEO)
        case "fake Google":
            return a_fake(Side.GOOGLE)
        case "Google":
            return GooglePerson(request.getfixturevalue("desk"))
        case "Google that answers otherwise":
            person = GooglePerson(request.getfixturevalue("desk"))
            person.desk.server.world.switch(**OTHER_ANSWERS)
            return person
        case kind:
            office: Office = request.getfixturevalue("office")
            usual = kind == "NEO"
            office.turn(changed_occurrence_keeps_sid=usual, non_public_for_others="masked" if usual else "absent")
            return NeoPerson(office)


@pytest.fixture
def reader(person: Person) -> Reader:
    """Give a reader who knows nothing yet."""
    return Reader(person)
