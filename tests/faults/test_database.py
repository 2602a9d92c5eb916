"""PostgreSQL goes away, comes back, cuts connections, holds still, and refuses commits because its disk is full."""

from collections.abc import Callable

import psycopg
import pytest

from desksync_local.postgres import PrivatePostgres
from tests.faults.conftest import Make
from tests.faults.proxy import Proxy
from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 6

DISK_FULL = """
CREATE FUNCTION fill_the_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.1 THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
END $$"""
"""Runs for each row when a transaction commits, so that the server itself answers COMMIT with SQLSTATE 53100 and rolls back."""


TABLES = ("ticket", "reading", "event", "link", "intent", "run", "run_line", "error", "lease", "remote", "remote_member")

END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"""


def ask(site: Site, *statements: str) -> None:
    """Have the database carry out statements of an administrator."""
    url = site.company.resources.settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def restarted(postgres: PrivatePostgres) -> None:
    """Stop it as an administrator does, and start it again."""
    postgres.shut_down()
    postgres.start()


def killed(postgres: PrivatePostgres) -> None:
    """Kill it at once, and start it again."""
    postgres.kill9()
    postgres.start()


@pytest.mark.parametrize("go_away", [restarted, killed])
def test_the_database_may_go_away_at_any_moment(
    site: Site, postgres: PrivatePostgres, go_away: Callable[[PrivatePostgres], None]
) -> None:
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        go_away(postgres)
        site.tally.fault(f"PostgreSQL {go_away.__name__}")
        site.edit()
        site.settle()


def test_the_database_may_hold_still_past_a_lease(site: Site, postgres: PrivatePostgres) -> None:
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        postgres.freeze()
        site.tally.fault("PostgreSQL frozen")
        site.wait_for_leases()
        postgres.thaw()
        site.edit()
        site.settle()


def test_the_database_may_end_any_session(site: Site) -> None:
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        ask(site, END_SESSIONS)
        site.tally.fault("PostgreSQL sessions ended")
        site.edit()
        site.settle()


def test_a_full_disk_at_any_commit_costs_time_only(site: Site) -> None:
    ask(site, DISK_FULL)
    for _ in range(ROUNDS):
        for table in TABLES:
            ask(
                site,
                f"CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fill_the_disk()",
            )
        site.edit(8)
        site.wait_for_calls(25)
        site.edit(8)
        site.wait_for_calls(25)
        for table in TABLES:
            ask(site, f"DROP TRIGGER full_disk ON {table}")
        site.tally.fault("PostgreSQL's disk full on commit")
        site.settle()


def test_connections_to_the_database_may_be_cut_and_held(make_site: Make, postgres: PrivatePostgres) -> None:
    with Proxy(postgres.port) as proxy, make_site(database_port=proxy.port) as site:
        for _ in range(ROUNDS):
            site.edit()
            site.wait_for_calls(site.chance.randrange(25))
            site.tally.fault("database connections cut", proxy.cut())
            site.edit()
            site.settle()
            site.edit()
            proxy.hold()
            site.wait_for_leases()
            proxy.release()
            site.tally.fault("database connections held")
            site.settle()
