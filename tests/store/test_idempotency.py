from desksync.store.engine import Begin
from desksync.store.idempotency import Kept, begin_call, end_call, purge_keys
from tests.store.builders import NOW, all_at_once, later


def called(begin: Begin, caller: str = "machine 1", key: str = "k", request: str = "a request") -> Kept | None:
    with begin() as session:
        return begin_call(session, caller, key, request, NOW)


def test_the_first_call_works_and_the_next_gets_its_answer(begin: Begin) -> None:
    first, meanwhile = called(begin), called(begin)
    with begin() as session:
        end_call(session, "machine 1", "k", 202, '{"id": 1}')

    assert first is None
    assert meanwhile == Kept("a request", None, None)
    assert called(begin) == Kept("a request", 202, '{"id": 1}')


def test_of_many_calls_at_once_one_is_the_first(begin: Begin) -> None:
    answers = all_at_once(6, lambda _index: called(begin))

    assert sum(answer is None for answer in answers) == 1


def test_keys_of_other_callers_and_other_keys_are_new(begin: Begin) -> None:
    called(begin)

    assert called(begin, caller="machine 2") is None
    assert called(begin, key="another") is None


def test_another_request_under_the_same_key_can_be_told(begin: Begin) -> None:
    called(begin)

    again = called(begin, request="another request")

    assert again is not None
    assert again.request_hash == "a request"


def test_old_keys_are_purged(begin: Begin) -> None:
    called(begin)

    with begin() as session:
        assert purge_keys(session, later(hours=1)) == 1
    assert called(begin) is None
