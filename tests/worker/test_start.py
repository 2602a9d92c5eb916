"""A program begins when all is there, waits for what is away, and ends at once where waiting is no help."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from desksync.broker.connection import BrokerRefuses
from desksync.ops.service import CannotGoOn, Loop, running
from desksync.store.engine import DatabaseProblem, make_engine
from desksync.store.schema import SchemaState, migrate, schema_state
from desksync.worker.start import Start, require_welcome, tables_are_current, tables_are_made
from desksync_local.rabbitmq import OwnRabbitServer

QUICK = (0.01,)


def answering(*answers: str | Exception | None) -> Callable[[], str | None]:
    """Return what gives one answer after the other, and the last one from then on."""
    left = list(answers)

    def look() -> str | None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


class Begun:
    """A loop that can tell whether it has begun."""

    def __init__(self) -> None:
        self.has = Event()

    def __call__(self, stop: Event) -> None:
        self.has.set()
        stop.wait()


def both(start: Start, loop: Loop) -> list[tuple[str, Loop]]:
    return [("start", start.run), ("work", start.before(loop))]


def test_a_loop_begins_when_all_is_there() -> None:
    begun, waited = Begun(), list[None]()
    start = Start(answering("away", "away", "no tables", None), waiting=lambda: waited.append(None), pauses=QUICK)

    with running("trial", both(start, begun)):
        assert begun.has.wait(10)

    assert len(waited) == 3
    assert start.problem is None


def test_where_all_is_there_nothing_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    begun = Begun()
    start = Start(answering(None), pauses=(1000.0,))

    with running("trial", both(start, begun)):
        assert begun.has.wait(10)

    assert "waiting" not in caplog.text


def test_waiting_is_logged_with_what_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    start = Start(answering("The database does not answer at here.", None), pauses=QUICK)
    begun = Begun()

    with running("trial", both(start, begun)):
        assert begun.has.wait(10)

    [record] = [record for record in caplog.records if record.message == "waiting for what is needed to begin"]
    assert vars(record)["why"] == "The database does not answer at here."


def test_a_stop_while_it_waits_ends_it_and_nothing_has_begun() -> None:
    begun, waited = Begun(), Event()
    start = Start(answering("away"), waiting=waited.set, pauses=(1000.0,))

    with running("trial", both(start, begun)):
        assert waited.wait(10)

    assert not begun.has.is_set()


def test_what_no_waiting_helps_is_told_at_once() -> None:
    with pytest.raises(DatabaseProblem, match="newer"):
        Start(answering(DatabaseProblem("made by a newer DeskSync")))


def test_what_no_waiting_helps_any_more_ends_the_program() -> None:
    begun = Begun()
    start = Start(answering("away", DatabaseProblem("made by a newer DeskSync")), pauses=QUICK)

    with pytest.raises(CannotGoOn, match="newer"):
        start.run(Event())

    assert start.problem == "made by a newer DeskSync"
    assert not begun.has.is_set()


def test_tables_are_waited_for_and_those_of_a_newer_version_are_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite'}"
    engine = make_engine(url)
    look = tables_are_current(engine)

    before = look()
    migrate(url)
    after = look()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseProblem, match="newer DeskSync"):
        look()
    engine.dispose()

    assert (before, after) == ("The database has no tables yet. Run `desksync migrate`.", None)


def test_tables_are_made_by_a_program_that_is_everything_in_one(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'one.sqlite'}")

    missing = tables_are_made(engine)()

    assert (missing, schema_state(engine)) == (None, SchemaState.CURRENT)
    engine.dispose()


@pytest.mark.parametrize("make", [tables_are_current, tables_are_made])
def test_a_database_that_is_away_is_a_sentence(make: Callable[..., Callable[[], str | None]]) -> None:
    engine = make_engine("postgresql://desksync:secret@127.0.0.1:1/desksync")

    missing = make(engine)()
    engine.dispose()

    assert missing is not None
    assert missing.startswith("The database does not answer at postgresql")
    assert "secret" not in missing


def test_a_broker_that_is_away_is_logged_and_waited_for_later(caplog: pytest.LogCaptureFixture) -> None:
    require_welcome("amqp://guest:hunter2@127.0.0.1:1//")

    assert "the broker is away" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.servers
def test_a_broker_that_refuses_the_password_is_told(breakable_rabbitmq: OwnRabbitServer) -> None:
    with pytest.raises(BrokerRefuses, match="refuses the user or the password"):
        require_welcome(f"amqp://guest:hunter2@127.0.0.1:{breakable_rabbitmq.port}/%2f")
