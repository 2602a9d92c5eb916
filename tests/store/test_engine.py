import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from desksync.store import runs
from desksync.store.engine import LOCK_WAIT, Begin, make_begin, make_engine, turn_to_wal
from desksync.store.parked import count_parked, list_parked, park
from desksync.store.schema import migrate_engine
from desksync.store.tables import parked_message, refusal
from desksync.sync.event import Side
from tests.builders import TOKYO
from tests.store.builders import NOW, a_user, all_at_once


def test_what_a_block_did_is_there_when_it_ends(begin: Begin) -> None:
    with begin() as session:
        park(session, "q", b"", "kept", NOW)

    with begin() as session:
        assert count_parked(session) == 1


def test_what_a_block_did_is_undone_when_it_raises(begin: Begin) -> None:
    def work() -> None:
        with begin() as session:
            park(session, "q", b"", "undone", NOW)
            raise KeyError

    with pytest.raises(KeyError):
        work()

    with begin() as session:
        assert count_parked(session) == 0


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 10, 0, tzinfo=TOKYO),
        datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 11, 22, 19, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
    ],
)
def test_an_instant_comes_back_in_utc_whatever_its_zone_was(begin: Begin, moment: datetime) -> None:
    with begin() as session:
        park(session, "q", b"", "", moment)

    with begin() as session:
        (kept,) = list_parked(session, 1)
    assert kept.at == moment
    assert kept.at.tzinfo is UTC


def test_instants_are_compared_as_instants_whatever_their_zone(begin: Begin) -> None:
    with begin() as session:
        park(session, "q", b"", "", NOW)

    with begin() as session:
        found = [
            session.scalar(select(parked_message.c.id).where(parked_message.c.at < NOW.astimezone(TOKYO) + difference))
            for difference in (timedelta(0), timedelta(microseconds=1))
        ]
    assert found[0] is None
    assert found[1] is not None


def test_a_naive_time_is_refused(begin: Begin) -> None:
    with pytest.raises(StatementError, match="names no zone"), begin() as session:
        park(session, "q", b"", "", datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001 - refused is what it must be


def test_a_row_of_an_unknown_user_is_refused(begin: Begin) -> None:
    with pytest.raises(IntegrityError), begin() as session:
        session.execute(insert(refusal).values(user_id=77, side=Side.NEO, source_id="1", fingerprint="f", why="w", at=NOW))


def test_a_word_that_is_in_no_list_is_refused(begin: Begin) -> None:
    user_id = a_user(begin)

    with pytest.raises(StatementError, match="outlook"), begin() as session:
        session.execute(insert(refusal).values(user_id=user_id, side="outlook", source_id="1", fingerprint="f", why="w", at=NOW))


def test_an_error_of_the_database_tells_no_values(begin: Begin) -> None:
    with pytest.raises(IntegrityError) as failed, begin() as session:
        runs.add_lines(session, 99, 99, NOW, [runs.NewLine("created", None, "", "n1", "Surprise party")])

    assert "Surprise party" not in str(failed.value)


def test_reading_only_cannot_write(engine: Engine) -> None:
    look = make_begin(engine, reads_only=True)

    with pytest.raises(DBAPIError, match=r"(?i)read.?only"), look() as session:
        park(session, "q", b"", "", NOW)


def test_a_connection_that_was_used_for_reading_only_can_write_again(engine: Engine) -> None:
    with make_begin(engine, reads_only=True)() as session:
        before = count_parked(session)

    with make_begin(engine)() as session:
        park(session, "q", b"", "", NOW)

    with make_begin(engine, reads_only=True)() as session:
        assert (before, count_parked(session)) == (0, 1)


def test_reading_only_does_not_wait_for_a_writer(engine: Engine) -> None:
    has_written, may_end = Event(), Event()

    def write() -> None:
        with make_begin(engine)() as session:
            park(session, "q", b"", "", NOW)
            has_written.set()
            may_end.wait(10)

    writer = Thread(target=write)
    writer.start()
    assert has_written.wait(10)
    with make_begin(engine, reads_only=True)() as session:
        seen = count_parked(session)
    may_end.set()
    writer.join(10)

    assert seen == 0


def test_writers_that_read_first_wait_for_each_other(begin: Begin) -> None:
    def work(_index: int) -> None:
        with begin() as session:
            count_parked(session)
            park(session, "q", b"", "", NOW)

    all_at_once(8, work)

    with begin() as session:
        assert count_parked(session) == 8


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = make_engine("sqlite://")
    migrate_engine(engine)
    begin = make_begin(engine)

    def work(_index: int) -> None:
        with begin() as session:
            park(session, "q", b"", "", NOW)

    all_at_once(8, work)

    with begin() as session:
        assert count_parked(session) == 8
    engine.dispose()


def test_the_sqlite_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "desksync.db"

    engine = make_engine(f"sqlite:///{file}")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine.dispose()


def test_sqlite_survives_a_crash_and_lets_readers_read_while_one_writes(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)

    with engine.connect() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


@pytest.mark.servers
def test_postgresql_ends_a_transaction_that_somebody_forgot(postgres_url: str) -> None:
    engine = make_engine(postgres_url)

    with engine.connect() as connection:
        found = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))

    assert found == "1min"
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_way_to_name_postgresql_is_understood(scheme: str) -> None:
    engine = make_engine(f"{scheme}://desksync:secret@db.example.com/desksync")

    assert (engine.url.drivername, engine.url.host) == ("postgresql+psycopg", "db.example.com")
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://root:secret@localhost/x", "desksync.db", ""])
def test_any_other_url_is_refused_with_an_example_and_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///desksync\.db") as refused:
        make_engine(url)

    assert "secret" not in str(refused.value)


def test_a_new_file_that_another_program_has_locked_just_now_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, closing(sqlite3.connect(file)) as ours:
        other.execute("BEGIN IMMEDIATE")
        waited: list[float] = []

        def pause(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                other.execute("COMMIT")

        turn_to_wal(ours, pause=pause)

        assert ours.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(waited) == 3


def test_a_new_file_that_stays_locked_is_waited_for_as_long_as_by_any_writer(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, closing(sqlite3.connect(file)) as ours:
        other.execute("BEGIN IMMEDIATE")
        now = [0.0]

        def pause(seconds: float) -> None:
            now[0] += seconds

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            turn_to_wal(ours, pause=pause, seconds=lambda: now[0])

    assert LOCK_WAIT.total_seconds() <= now[0] < LOCK_WAIT.total_seconds() + 1


def test_a_file_that_is_no_database_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "not.sqlite"
    file.write_text("not a database, and longer than the head of one\n" * 100)
    waited: list[float] = []

    with closing(sqlite3.connect(file)) as ours, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        turn_to_wal(ours, pause=waited.append)

    assert waited == []
