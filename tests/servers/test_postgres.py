"""The fault tests stand on what is shown here: a killed server keeps what was committed, a frozen one answers nobody."""

import pytest

from desksync.store.engine import make_begin, make_engine
from desksync.store.parked import count_parked, park
from desksync_local.postgres import PostgresServer
from tests.builders import at
from tests.servers.postgres import GivenServer

pytestmark = pytest.mark.servers


@pytest.fixture
def breakable(postgres: PostgresServer) -> PostgresServer:
    if isinstance(postgres, GivenServer):
        pytest.skip("A server that somebody else runs is not ours to break.")
    return postgres


def test_a_killed_server_has_what_was_committed_when_it_is_back(breakable: PostgresServer, postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    begin = make_begin(engine)
    with begin() as session:
        park(session, "desksync.neo", b"{", "no JSON", at(9))

    breakable.kill9()
    is_down = not breakable.answers()
    breakable.start()

    with begin() as session:
        assert count_parked(session) == 1
    assert is_down
    engine.dispose()


def test_a_frozen_server_answers_nobody_until_it_is_thawed(breakable: PostgresServer) -> None:
    breakable.freeze()
    answered_when_frozen = breakable.answers()

    breakable.thaw()

    assert not answered_when_frozen
    assert breakable.answers()


def test_a_copied_database_has_the_tables_of_its_template(postgres_url: str) -> None:
    engine = make_engine(postgres_url)

    with make_begin(engine)() as session:
        assert count_parked(session) == 0
    engine.dispose()
