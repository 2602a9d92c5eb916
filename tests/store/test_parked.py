from desksync.store.engine import Begin
from desksync.store.parked import ParkedMessage, count_parked, discard, list_parked, park
from tests.store.builders import NOW, later


def test_a_parked_message_is_kept_byte_by_byte(begin: Begin) -> None:
    with begin() as session:
        park(session, "desksync.neo", b"\x00\xff{", "no JSON", NOW)

    with begin() as session:
        (kept,) = list_parked(session, 10)
    assert kept == ParkedMessage(kept.id, "desksync.neo", b"\x00\xff{", "no JSON", NOW)
    assert "xff" not in repr(kept)


def test_the_newest_are_listed_first(begin: Begin) -> None:
    for number in range(3):
        with begin() as session:
            park(session, "desksync.neo", b"", str(number), later(minutes=number))

    with begin() as session:
        assert [kept.reason for kept in list_parked(session, 2)] == ["2", "1"]
        assert count_parked(session) == 3


def test_a_discarded_message_is_gone(begin: Begin) -> None:
    with begin() as session:
        park(session, "desksync.neo", b"", "no JSON", NOW)
        (kept,) = list_parked(session, 1)

    with begin() as session:
        answers = [discard(session, kept.id), discard(session, kept.id)]

    with begin() as session:
        assert count_parked(session) == 0
    assert answers == [True, False]
