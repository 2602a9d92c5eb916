"""The account of confirms: an answer settles the messages that it names, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from desksync.broker.confirms import Confirms


def an_account(*message_ids: str) -> Confirms:
    account = Confirms()
    for message_id in message_ids:
        account.sent(message_id)
    return account


def test_nothing_sent_is_clean() -> None:
    assert an_account().is_clean


def test_what_waits_for_its_answer_is_unsent() -> None:
    account = an_account("a", "b")

    assert account.outstanding == 2
    assert list(account.unsent()) == ["a", "b"]
    assert not account.is_clean


def test_an_ack_settles_its_own_message() -> None:
    account = an_account("a", "b", "c")

    account.acked(2, multiple=False)

    assert list(account.unsent()) == ["a", "c"]


def test_the_late_ack_of_one_message_does_not_vouch_for_the_next() -> None:
    account = an_account("timed out", "full queue")

    account.acked(1, multiple=False)
    account.nacked(2, multiple=False)

    assert list(account.unsent()) == ["full queue"]
    assert account.outstanding == 0
    assert not account.is_clean


def test_an_ack_of_several_settles_all_up_to_its_tag() -> None:
    account = an_account("a", "b", "c", "d")

    account.acked(3, multiple=True)

    assert list(account.unsent()) == ["d"]


def test_a_nack_of_several_fails_all_up_to_its_tag_that_are_not_settled() -> None:
    account = an_account("a", "b", "c", "d")
    account.acked(2, multiple=False)

    account.nacked(3, multiple=True)

    assert list(account.unsent()) == ["a", "c", "d"]
    assert account.outstanding == 1


def test_a_returned_message_has_failed_although_its_ack_follows() -> None:
    account = an_account("a", "b")

    account.returned("a")
    account.acked(2, multiple=True)

    assert list(account.unsent()) == ["a"]
    assert account.outstanding == 0


def test_an_unknown_tag_and_a_repeated_one_change_nothing() -> None:
    account = an_account("a", "b")

    account.acked(1, multiple=False)
    account.acked(1, multiple=False)
    account.acked(7, multiple=False)

    assert list(account.unsent()) == ["b"]


def test_a_message_sent_twice_has_arrived_when_both_have() -> None:
    account = an_account("a", "a")

    account.acked(1, multiple=False)
    after_one = list(account.unsent())
    account.acked(2, multiple=False)

    assert after_one == ["a"]
    assert account.is_clean


@given(count=st.integers(0, 12), answers=st.lists(st.tuples(st.integers(1, 14), st.booleans(), st.booleans()), max_size=12))
def test_a_message_counts_as_arrived_only_if_the_first_answer_that_names_it_is_an_ack(
    count: int, answers: list[tuple[int, bool, bool]]
) -> None:
    account = an_account(*(str(tag) for tag in range(1, count + 1)))
    fate: dict[int, bool] = {}

    for tag, multiple, is_ack in answers:
        (account.acked if is_ack else account.nacked)(tag, multiple=multiple)
        for named in range(1, tag + 1) if multiple else [tag]:
            fate.setdefault(named, is_ack)

    assert set(account.unsent()) == {str(tag) for tag in range(1, count + 1) if not fate.get(tag, False)}
    assert account.outstanding == sum(tag not in fate for tag in range(1, count + 1))
