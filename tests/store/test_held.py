"""Deletions that wait for a person, in both databases."""

from desksync.store.calendars import drop_scope
from desksync.store.engine import Begin
from desksync.store.held import SAMPLE_SIZE, answer, count_waiting, decided, list_waiting, record
from desksync.store.states import HoldState
from desksync.sync.event import Side
from desksync.sync.guard import Decided, Guarded
from desksync.sync.link import Link
from desksync.sync.plan import Delete, Plan
from desksync.sync.reading import Stored
from tests.builders import an_event
from tests.store.builders import NOW, a_user, later


def guarded(*numbers: int, side: Side = Side.GOOGLE) -> Guarded:
    links = [Link(f"n{number}", f"g{number}", an_event(), an_event()) for number in numbers]
    return Guarded(Plan(), tuple(Delete(side, link, Stored(link.id_on(side), an_event(f"No. {link.neo_id}"))) for link in links))


NOTHING = guarded()


def pairs(*numbers: int) -> frozenset[tuple[str, str]]:
    return frozenset((f"n{number}", f"g{number}") for number in numbers)


def test_what_is_held_again_is_kept_once_and_is_news_only_when_something_is_added(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        news = [
            record(session, user_id, one, frozenset(), later(minutes=minute))
            for minute, one in enumerate([guarded(1, 2), guarded(1, 2), guarded(1), guarded(1, 3)])
        ]

    with begin() as session:
        [waiting] = list_waiting(session, user_id)
        assert decided(session, user_id) == Decided(waiting=pairs(1, 3))
    assert news == [True, False, False, True]
    assert (waiting.at, waiting.neo, waiting.google) == (NOW, 0, 2)


def test_what_is_planned_no_longer_waits_no_longer(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        record(session, user_id, guarded(1, side=Side.NEO), frozenset(), NOW)
        is_news = record(session, user_id, NOTHING, frozenset(), NOW)

    with begin() as session:
        assert list_waiting(session) == []
    assert not is_news


def test_an_answer_is_given_once_and_is_forgotten_when_it_has_come_true(begin: Begin) -> None:
    first, second = a_user(begin, 1), a_user(begin, 2)
    with begin() as session:
        for user_id in (first, second):
            record(session, user_id, guarded(1, 2), frozenset(), NOW)

    with begin() as session:
        answered = answer(session, first, HoldState.RELEASED, "admin", later(minutes=1))
        again = answer(session, first, HoldState.REFUSED, "admin", later(minutes=2))
        before = decided(session, first)
        record(session, first, NOTHING, pairs(2), later(minutes=3))

    with begin() as session:
        assert decided(session, first) == Decided(released=pairs(2))
        assert [one.user_id for one in list_waiting(session)] == [second]
    assert answered is not None
    assert (answered.state, answered.decided_by, answered.decided_at) == (HoldState.RELEASED, "admin", later(minutes=1))
    assert before == Decided(released=pairs(1, 2))
    assert again is None


def test_an_answer_counts_only_for_what_was_seen(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        record(session, user_id, guarded(1, 2), frozenset(), NOW)
        [seen] = list_waiting(session)
        record(session, user_id, guarded(1, 2, 3), frozenset(), NOW)
        [changed] = list_waiting(session)

    with begin() as session:
        late = answer(session, user_id, HoldState.RELEASED, "admin", NOW, seen=seen.mark)
        in_time = answer(session, user_id, HoldState.RELEASED, "admin", NOW, seen=changed.mark)
        again = answer(session, user_id, HoldState.RELEASED, "admin", NOW, seen=changed.mark)

    assert late is None
    assert in_time is not None
    assert in_time.number == 3
    assert again is None


def test_those_for_whom_something_waits_are_counted(begin: Begin) -> None:
    first, second = a_user(begin, 1), a_user(begin, 2)
    with begin() as session:
        before = count_waiting(session)
        record(session, first, guarded(1, 2), frozenset(), NOW)
        record(session, second, guarded(1), frozenset(), NOW)
        answer(session, second, HoldState.REFUSED, "admin", NOW)

    with begin() as session:
        assert (before, count_waiting(session)) == (0, 1)


def test_new_deletions_wait_beside_those_that_were_decided(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        record(session, user_id, guarded(1), frozenset(), NOW)
        answer(session, user_id, HoldState.REFUSED, "admin", NOW)

    with begin() as session:
        is_news = record(session, user_id, guarded(2), pairs(1), NOW)

    with begin() as session:
        assert decided(session, user_id) == Decided(waiting=pairs(2), refused=pairs(1))
    assert is_news


def test_a_sample_is_bounded(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        record(session, user_id, guarded(*range(100)), frozenset(), NOW)

    with begin() as session:
        [waiting] = list_waiting(session)
    assert len(waiting.sample) == SAMPLE_SIZE
    assert waiting.number == 100
    assert waiting.sample[0].title == "No. n0"


def test_other_calendars_forget_what_was_held(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        record(session, user_id, guarded(1), frozenset(), NOW)

    with begin() as session:
        drop_scope(session, user_id)

    with begin() as session:
        assert decided(session, user_id) == Decided()
