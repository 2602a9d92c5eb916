from datetime import datetime, timedelta

from desksync.store.attempts import block, blocked_until, count_attempt, forget, purge_attempts, take_back
from desksync.store.engine import Begin
from tests.store.builders import NOW, all_at_once, later

FORGOTTEN = timedelta(hours=24)


def counted(begin: Begin, key: str = "a", now: datetime = NOW) -> int:
    with begin() as session:
        return count_attempt(session, key, now, FORGOTTEN)


def test_attempts_are_counted_for_each_key_alone(begin: Begin) -> None:
    assert [counted(begin), counted(begin), counted(begin, "b"), counted(begin)] == [1, 2, 1, 3]


def test_none_of_many_attempts_at_once_is_missed(begin: Begin) -> None:
    numbers = all_at_once(8, lambda _index: counted(begin))

    assert sorted(numbers) == list(range(1, 9))


def test_the_count_begins_anew_after_a_long_time(begin: Begin) -> None:
    counted(begin)
    counted(begin)

    assert counted(begin, now=later(hours=25)) == 1


def test_a_key_is_shut_out_until_its_time_and_the_later_of_two_counts(begin: Begin) -> None:
    counted(begin, "a")
    counted(begin, "b")
    with begin() as session:
        block(session, {"a": later(seconds=5), "b": later(seconds=9)})

    with begin() as session:
        told = [
            blocked_until(session, keys, now)
            for keys, now in ((["a"], NOW), (["a", "b"], NOW), (["a"], later(seconds=5)), (["c"], NOW))
        ]

    assert told == [later(seconds=5), later(seconds=9), None, None]


def test_success_forgets_the_account_and_takes_one_back_from_the_address(begin: Begin) -> None:
    for key in ("account", "account", "address", "address", "address"):
        counted(begin, key)

    with begin() as session:
        forget(session, "account")
        take_back(session, "address")

    assert (counted(begin, "account"), counted(begin, "address")) == (1, 3)


def test_old_counts_are_purged(begin: Begin) -> None:
    counted(begin, "old")
    counted(begin, "new", later(hours=2))

    with begin() as session:
        assert purge_attempts(session, later(hours=1)) == 1
    assert counted(begin, "new", later(hours=2)) == 2
