from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from desksync.store.audit import Party
from desksync.store.engine import Begin
from desksync.store.errands import (
    Errand,
    claim_errand,
    fail_errand,
    finish_errand,
    get_errand,
    newest_errand,
    order,
    postpone_errand,
    purge_errands,
    report_progress,
)
from desksync.store.web_states import ErrandKind, ErrandState
from tests.store.builders import NOW, a_person, all_at_once, later

ASKER = Party("user", "1", "User 1")
LEASE = timedelta(minutes=5)


def ordered(
    begin: Begin, user_id: int | None = None, kind: ErrandKind = ErrandKind.PREVIEW, asker: Party = ASKER, **arguments: Any
) -> int:
    with begin() as session:
        return order(session, kind, user_id, arguments, asker, NOW)


def claimed(begin: Begin, now: datetime = NOW) -> Errand | None:
    with begin() as session:
        return claim_errand(session, now, LEASE)


def seen(begin: Begin, errand_id: int) -> Errand:
    with begin() as session:
        found = get_errand(session, errand_id)
    assert found is not None
    return found


def test_an_order_waits_with_what_it_is_about(begin: Begin) -> None:
    user_id = a_person(begin)

    one = seen(begin, ordered(begin, user_id, ErrandKind.UNDO, run_id=7))

    assert (one.user_id, one.kind, one.arguments, one.asked_by) == (user_id, ErrandKind.UNDO, {"run_id": 7}, ASKER)
    assert (one.state, one.attempt, one.is_open, one.result) == (ErrandState.WAITING, 0, True, None)


def test_the_same_order_again_is_the_same_errand_while_it_is_open(begin: Begin) -> None:
    first, again, other, of_another = (
        ordered(begin, run_id=1),
        ordered(begin, run_id=1),
        ordered(begin, run_id=2),
        ordered(begin, run_id=1, asker=replace(ASKER, id="2")),
    )
    held = claimed(begin)
    assert held is not None
    with begin() as session:
        finish_errand(session, held, {}, NOW)

    assert again == first
    assert len({first, other, of_another, ordered(begin, run_id=1)}) == 4


def test_errands_are_claimed_once_the_oldest_first(begin: Begin) -> None:
    first, second = ordered(begin, number=1), ordered(begin, number=2)

    taken = [claimed(begin), claimed(begin), claimed(begin)]

    assert [one.id if one else None for one in taken] == [first, second, None]


def test_of_many_loops_at_once_one_gets_an_errand(begin: Begin) -> None:
    ordered(begin)

    taken = all_at_once(6, lambda _index: claimed(begin))

    assert sum(one is not None for one in taken) == 1


def test_an_errand_whose_lease_has_run_out_is_claimed_again_and_the_first_loop_keeps_nothing(begin: Begin) -> None:
    errand_id = ordered(begin)
    slow = claimed(begin)
    quick = claimed(begin, NOW + LEASE + timedelta(seconds=1))
    assert slow is not None
    assert quick is not None

    with begin() as session:
        told = [
            report_progress(session, slow, 1, 2, NOW, LEASE),
            fail_errand(session, slow, "late", NOW),
            finish_errand(session, quick, {"by": "quick"}, NOW),
            finish_errand(session, slow, {"by": "slow"}, NOW),
        ]

    assert told == [False, False, True, False]
    assert seen(begin, errand_id).result == {"by": "quick"}


def test_progress_is_kept_and_holds_the_errand_for_longer(begin: Begin) -> None:
    errand_id = ordered(begin)
    held = claimed(begin)
    assert held is not None

    with begin() as session:
        assert report_progress(session, held, 3, 10, later(minutes=4), LEASE)

    assert (seen(begin, errand_id).done, seen(begin, errand_id).total) == (3, 10)
    assert claimed(begin, later(minutes=8)) is None
    assert claimed(begin, later(minutes=10)) is not None


def test_a_postponed_errand_waits_until_then(begin: Begin) -> None:
    errand_id = ordered(begin)
    held = claimed(begin)
    assert held is not None

    with begin() as session:
        postpone_errand(session, held, later(seconds=5))

    assert seen(begin, errand_id).state is ErrandState.WAITING
    assert claimed(begin, later(seconds=5)) is None
    assert claimed(begin, later(seconds=6)) is not None


def test_a_failure_says_why(begin: Begin) -> None:
    errand_id = ordered(begin)
    held = claimed(begin)
    assert held is not None

    with begin() as session:
        fail_errand(session, held, "Google is away.", later(minutes=1))

    one = seen(begin, errand_id)
    assert (one.state, one.error, one.finished_at, one.is_open) == (
        ErrandState.FAILED,
        "Google is away.",
        later(minutes=1),
        False,
    )


def test_the_newest_errand_about_somebody_is_found(begin: Begin) -> None:
    user_id = a_person(begin)
    ordered(begin, user_id, number=1)
    newest, general = ordered(begin, user_id, number=2), ordered(begin, None, ErrandKind.DIRECTORY)

    with begin() as session:
        found = [
            newest_errand(session, kind, about)
            for kind, about in ((ErrandKind.PREVIEW, user_id), (ErrandKind.DIRECTORY, None), (ErrandKind.UNDO, user_id))
        ]

    assert [one.id if one else None for one in found] == [newest, general, None]


def test_errands_that_ended_long_ago_are_purged_and_open_ones_never(begin: Begin) -> None:
    done, waiting = ordered(begin, number=1), ordered(begin, number=2)
    held = claimed(begin)
    assert held is not None
    with begin() as session:
        finish_errand(session, held, {}, NOW)

    with begin() as session:
        purged = [purge_errands(session, NOW), purge_errands(session, later(days=30))]

    assert purged == [0, 1]
    with begin() as session:
        assert get_errand(session, done) is None
    assert seen(begin, waiting).is_open
