from datetime import timedelta

from desksync.store.engine import Begin
from desksync.store.errors import (
    NewError,
    add_error,
    count_errors,
    list_errors,
    purge_errors,
    stop_for_errors,
    users_over_limit,
)
from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.users import get_user, set_permission, set_sync_state
from desksync.sync.event import Side
from tests.store.builders import NOW, a_user, later

PERIOD = timedelta(hours=24)


def errors(begin: Begin, user_id: int, *minutes: float, counts: bool = True) -> list[int]:
    with begin() as session:
        return [
            add_error(session, NewError(user_id, later(minutes=minute), "retry_later", f"Error {minute}.", counts=counts))
            for minute in minutes
        ]


def resumed(begin: Begin, user_id: int, minute: float) -> None:
    with begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, later(minutes=minute))
        set_sync_state(session, user_id, SyncState.SYNC, later(minutes=minute))


def test_errors_are_listed_newest_first_page_by_page(begin: Begin) -> None:
    ann, bob = a_user(begin, 1), a_user(begin, 2)
    full = NewError(ann, NOW, "refused", "Google refused it.", None, Side.GOOGLE, counts=False)
    with begin() as session:
        first = add_error(session, full)
    (of_bob,) = errors(begin, bob, 1)
    (second,) = errors(begin, ann, 2)

    with begin() as session:
        page = list_errors(session, ann, 1)
        next_page = list_errors(session, ann, 1, before=page[-1].id)
        everybody = list_errors(session, None, 10)

    assert [kept.id for kept in page + next_page] == [second, first]
    assert next_page[0].error == full
    assert [kept.id for kept in everybody] == [second, of_bob, first]


def test_only_the_users_own_counting_errors_of_the_period_count(begin: Begin) -> None:
    ann, bob = a_user(begin, 1), a_user(begin, 2)
    errors(begin, ann, 1, 2, 3, 10)
    errors(begin, ann, 4, counts=False)
    errors(begin, bob, 5)

    with begin() as session:
        assert count_errors(session, ann, later(minutes=2)) == 3


def test_errors_from_before_the_user_resumed_count_no_more(begin: Begin) -> None:
    user_id = a_user(begin)
    errors(begin, user_id, 1, 2, 3)

    resumed(begin, user_id, 2.5)

    with begin() as session:
        assert count_errors(session, user_id, NOW - PERIOD) == 1


def test_the_user_is_stopped_at_the_limit_and_not_one_error_sooner(begin: Begin) -> None:
    user_id = a_user(begin)
    errors(begin, user_id, *range(119))
    with begin() as session:
        sooner = stop_for_errors(session, user_id, NOW, 120, "Google Server Error 503")

    errors(begin, user_id, 119)
    with begin() as session:
        stopped = stop_for_errors(session, user_id, NOW, 120, "Google Server Error 503")
        again = stop_for_errors(session, user_id, NOW, 120, "Google Server Error 503")

    with begin() as session:
        user = get_user(session, user_id, NOW)
    assert (sooner, stopped, again) == (False, True, False)
    assert user is not None
    assert (user.sync_state, user.stop_reason, user.stop_note) == (
        SyncState.STOPPED,
        StopReason.ERRORS,
        "Google Server Error 503",
    )


def test_a_user_who_resumed_is_not_stopped_for_old_errors(begin: Begin) -> None:
    user_id = a_user(begin)
    errors(begin, user_id, 1, 2, 3)
    resumed(begin, user_id, 4)

    with begin() as session:
        assert not stop_for_errors(session, user_id, NOW, 3, "")


def test_the_errors_of_others_stop_nobody(begin: Begin) -> None:
    ann, bob = a_user(begin, 1), a_user(begin, 2)
    errors(begin, bob, 1, 2, 3)

    with begin() as session:
        assert not stop_for_errors(session, ann, NOW, 3, "")


def test_the_sweep_finds_users_whose_stop_was_missed(begin: Begin) -> None:
    over, under, stopped, disabled, fresh = (a_user(begin, number) for number in range(1, 6))
    for user_id in (over, stopped, disabled, fresh):
        errors(begin, user_id, 1, 2, 3)
    errors(begin, under, 1, 2)
    errors(begin, under, 3, counts=False)
    resumed(begin, fresh, 4)
    with begin() as session:
        set_sync_state(session, stopped, SyncState.STOPPED, later(minutes=5))
        set_permission(session, disabled, Permission.DISABLED)

    with begin() as session:
        assert users_over_limit(session, NOW, 3) == [over]
        assert users_over_limit(session, later(minutes=2), 3) == []


def test_old_errors_are_purged_in_portions(begin: Begin) -> None:
    user_id = a_user(begin)
    errors(begin, user_id, 1, 2, 3)

    with begin() as session:
        purged = [purge_errors(session, later(minutes=3), 1) for _ in range(3)]

    assert purged == [1, 1, 0]
    with begin() as session:
        assert [kept.error.text for kept in list_errors(session, user_id, 10)] == ["Error 3."]
