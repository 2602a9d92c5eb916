"""`desksync migrate` in several pods at once: one works, the others wait for it, and all of them succeed."""

import os
from contextlib import ExitStack
from pathlib import Path

from alembic.script import ScriptDirectory

from desksync.store.engine import make_begin, make_engine
from desksync.store.parked import count_parked, park
from desksync.store.schema import SchemaState, alembic_config, schema_state
from tests.embedded.installation import START_SECONDS, a_program
from tests.store.builders import NOW
from tests.store.test_schema import upgraded_to

PODS = 4
FIRST = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][-1]


def migrate_at_once(url: str, folder: Path) -> list[tuple[int, str]]:
    """Run the command in several processes at once, and return how each ended and what it said."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DESKSYNC_")}
    with ExitStack() as stack:
        pods = [
            stack.enter_context(
                a_program(["desksync", "migrate"], folder, ours | {"DESKSYNC_DATABASE_URL": url}, name=f"pod-{number}")
            )
            for number in range(PODS)
        ]
        return [(pod.process.wait(START_SECONDS), pod.said) for pod in pods]


def test_several_pods_make_the_tables_at_once(bare_database_url: str, tmp_path: Path) -> None:
    ended = migrate_at_once(bare_database_url, tmp_path)

    assert ended == [(0, "The database is up to date.\n")] * PODS
    engine = make_engine(bare_database_url)
    assert schema_state(engine) is SchemaState.CURRENT
    engine.dispose()


def test_several_pods_bring_the_tables_of_the_first_version_up_to_date_with_their_data(
    bare_database_url: str, tmp_path: Path
) -> None:
    engine = make_engine(bare_database_url)
    upgraded_to(engine, FIRST)
    with make_begin(engine)() as session:
        park(session, "desksync.neo.v1", b"kept", "no JSON", NOW)

    ended = migrate_at_once(bare_database_url, tmp_path)

    assert ended == [(0, "The database is up to date.\n")] * PODS
    assert schema_state(engine) is SchemaState.CURRENT
    with make_begin(engine)() as session:
        assert count_parked(session) == 1
    engine.dispose()
