"""How the programs begin and go on: what is away is waited for, and what is wrong is told at once."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from desksync.store.engine import make_engine
from desksync.store.runs import list_runs
from desksync_local.postgres import PostgresServer
from desksync_local.rabbitmq import OwnRabbitServer
from tests.embedded.installation import Installation, Program, a_program
from tests.operations.programs import SERVICES, down, is_alive, is_ready, on_servers, probed, started

pytestmark = pytest.mark.servers


def _misses_the_database(program: Program) -> bool:
    return "database" in probed(program, "readyz")[1].get("wrong", {})


def _ended_runs(installation: Installation) -> int:
    with installation.begin() as begin, begin() as session:
        return sum(run.outcome == "ok" for run in list_runs(session, None, limit=100))


def test_programs_that_begin_before_their_servers_wait_for_them_alive_and_not_ready(
    installation: Installation, postgres: PostgresServer, breakable_rabbitmq: OwnRabbitServer
) -> None:
    with down(postgres, breakable_rabbitmq) as up, started(installation, SERVICES) as programs:
        for program in programs.values():
            program.wait_until(partial(_misses_the_database, program))
        waiting = {name: probed(program, "readyz") for name, program in programs.items()}
        alive = {name: is_alive(program) for name, program in programs.items()}

        up()
        for program in programs.values():
            program.wait_until(partial(is_ready, program))
        programs["desksync-scheduler"].wait_until(lambda: _ended_runs(installation) == 2)
        codes = {name: program.end() for name, program in programs.items()}

    assert alive == dict.fromkeys(SERVICES, True)
    for name, (status, told) in waiting.items():
        assert status == 503, name
        assert "The database does not answer at postgresql" in told["wrong"]["database"], name
    assert codes == dict.fromkeys(SERVICES, 0)
    for name, program in programs.items():
        assert "Traceback" not in program.said, name
        messages = [line["message"] for line in program.logged()]
        assert {"waiting for what is needed to begin", "answering health"} <= set(messages), name
        assert messages[-1] == "service stopped", name


def test_programs_whose_servers_go_away_live_on_unready_and_work_when_these_are_back(
    installation: Installation, postgres: PostgresServer, breakable_rabbitmq: OwnRabbitServer
) -> None:
    installation.settings["DESKSYNC_SYNC_INTERVAL"] = "1s"
    with started(installation, SERVICES) as programs:
        for program in programs.values():
            program.wait_until(partial(is_ready, program))
        programs["desksync-scheduler"].wait_until(lambda: _ended_runs(installation) >= 2)

        with down(postgres, breakable_rabbitmq):
            for program in programs.values():
                program.wait_until(partial(_misses_the_database, program))
            alive = {name: is_alive(program) for name, program in programs.items()}
        before = _ended_runs(installation)
        for program in programs.values():
            program.wait_until(partial(is_ready, program))
        programs["desksync-scheduler"].wait_until(lambda: _ended_runs(installation) >= before + 4)
        codes = {name: program.end() for name, program in programs.items()}

    assert alive == dict.fromkeys(SERVICES, True)
    assert codes == dict.fromkeys(SERVICES, 0)
    for name, program in programs.items():
        assert "Traceback" not in program.said, name


def test_a_scheduler_is_not_ready_while_the_broker_is_away_and_says_so(
    installation: Installation, breakable_rabbitmq: OwnRabbitServer
) -> None:
    with down(breakable_rabbitmq) as up, started(installation, ["desksync-scheduler"]) as programs:
        scheduler = programs["desksync-scheduler"]
        scheduler.wait_until(lambda: "broker" in probed(scheduler, "readyz")[1].get("wrong", {}))
        _, told = probed(scheduler, "readyz")

        up()
        scheduler.wait_until(lambda: is_ready(scheduler))

    assert told["wrong"]["broker"].startswith("RabbitMQ does not answer at 127.0.0.1")
    assert "database" in told["well"]


def test_tables_that_are_not_made_yet_are_waited_for(tmp_path: Path, postgres: PostgresServer, rabbitmq_url: str) -> None:
    with on_servers(tmp_path, postgres.create_database(), rabbitmq_url) as made:
        with started(made, ["desksync-scheduler"]) as programs:
            scheduler = programs["desksync-scheduler"]
            scheduler.wait_until(
                lambda: "desksync migrate" in probed(scheduler, "readyz")[1].get("wrong", {}).get("database", "")
            )
            made.migrate()
            scheduler.wait_until(lambda: is_ready(scheduler))
            code = scheduler.end()
        postgres.drop_database(made.database_url)

    assert code == 0


def _ends_at_once(installation: Installation, name: str) -> str:
    """Return what a program says that cannot start."""
    with a_program([name], installation.folder, installation.environment()) as program:
        code = program.process.wait(120)
        said = program.said
    assert code == 2, said
    assert "Traceback" not in said
    assert f"{name} cannot start.\n" in said
    return said


def test_a_database_that_is_not_there_on_a_server_that_answers_is_told_at_once(installation: Installation) -> None:
    wrong = make_url(installation.database_url).set(database="nowhere")
    installation.settings["DESKSYNC_DATABASE_URL"] = wrong.render_as_string(hide_password=False)

    said = _ends_at_once(installation, "desksync-scheduler")

    assert 'database "nowhere" does not exist. Check the user, the password and the name of the database' in said


def test_a_broker_that_refuses_the_password_is_told_at_once(
    installation: Installation, breakable_rabbitmq: OwnRabbitServer
) -> None:
    installation.settings["DESKSYNC_BROKER_URL"] = f"amqp://guest:hunter2@127.0.0.1:{breakable_rabbitmq.port}/%2f"

    said = _ends_at_once(installation, "desksync-neo-worker")

    assert "refuses the user or the password. Check both in the broker URL." in said
    assert "hunter2" not in said


def test_tables_of_a_newer_version_are_refused_at_once(installation: Installation) -> None:
    engine = make_engine(installation.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    said = _ends_at_once(installation, "desksync-error-counter")

    assert "The database was made by a newer DeskSync." in said
