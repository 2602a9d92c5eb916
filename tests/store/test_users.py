from datetime import timedelta

import pytest

from desksync.store.calendars import ReadingState, known, reading_state, save_reading_state, save_seen
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.runs import open_run
from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.tickets import CLOCK_SKEW, close, postpone
from desksync.store.users import (
    CalendarTaken,
    Settings,
    UnknownUser,
    User,
    count_states,
    due,
    find_user,
    get_user,
    list_users,
    save_google_consent,
    save_neo_key,
    save_settings,
    set_permission,
    set_sync_state,
    set_web_role,
    stop,
)
from desksync.store.web_states import WebRole
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.sync.reading import Stored
from tests.builders import WINDOW, an_event
from tests.store.builders import NOW, a_claimed_ticket, a_person, a_user, an_open_ticket, later

INTERVAL = timedelta(minutes=10)


def the_user(begin: Begin, user_id: int) -> User:
    with begin() as session:
        user = get_user(session, user_id, NOW)
    assert user is not None
    return user


def due_ids(begin: Begin) -> list[int]:
    with begin() as session:
        return [user.id for user in due(session, NOW, 10, INTERVAL)]


def test_a_new_person_is_disabled_stopped_and_not_due(begin: Begin) -> None:
    user = the_user(begin, a_person(begin))

    assert (user.permission, user.sync_state, user.state) == (Permission.DISABLED, SyncState.STOPPED, State.DISABLED)
    assert user.settings == Settings(None, "Asia/Tokyo", Direction.BOTH, shows_attendance=True)
    assert due_ids(begin) == []


def test_users_are_listed_page_by_page(begin: Begin) -> None:
    numbers = [a_person(begin, number) for number in range(1, 4)]

    with begin() as session:
        first = list_users(session, NOW, limit=2)
        second = list_users(session, NOW, after=first[-1].id, limit=2)

    assert [user.id for user in first + second] == numbers


def test_a_user_is_found_by_neo_user_id_before_login_id(begin: Begin) -> None:
    user_id = a_person(begin, 1)

    with begin() as session:
        found = [find_user(session, name, NOW) for name in ("101", "user1", "nobody")]

    assert [user.id if user else None for user in found] == [user_id, user_id, None]


def test_there_is_no_user_of_an_unknown_number(begin: Begin) -> None:
    with begin() as session:
        assert get_user(session, 77, NOW) is None


def test_the_longest_waiting_user_is_due_first(begin: Begin) -> None:
    first, second, third = (a_user(begin, number) for number in range(1, 4))
    with begin() as session:
        set_sync_state(session, first, SyncState.STOPPED, NOW)
        set_sync_state(session, first, SyncState.SYNC, later(minutes=-1))
        set_sync_state(session, third, SyncState.STOPPED, NOW)
        set_sync_state(session, third, SyncState.SYNC, later(minutes=-2))

    with begin() as session:
        found = due(session, NOW, 2, INTERVAL)

    assert [(user.id, user.due_at) for user in found] == [(third, later(minutes=-2)), (first, later(minutes=-1))]
    assert due_ids(begin) == [third, first, second]


def test_a_user_whose_time_has_not_come_is_not_due(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, NOW)
        set_sync_state(session, user_id, SyncState.SYNC, later(seconds=1))

    assert due_ids(begin) == []


@pytest.mark.parametrize(("ahead", "is_due"), [(INTERVAL, False), (INTERVAL + CLOCK_SKEW * 2, True)])
def test_a_user_whose_time_lies_further_ahead_than_an_interval_is_due(begin: Begin, ahead: timedelta, is_due: bool) -> None:  # noqa: FBT001 - the expected answer
    # The clock was set back, or the interval was made shorter.
    user_id = a_user(begin)
    with begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, NOW)
        set_sync_state(session, user_id, SyncState.SYNC, NOW + ahead)

    assert due_ids(begin) == ([user_id] if is_due else [])


def test_a_user_with_an_open_ticket_is_not_due_until_it_is_closed(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    during = due_ids(begin)

    with begin() as session:
        close(session, held, NOW)

    assert during == []
    assert due_ids(begin) == [held.user_id]


def test_a_user_without_permission_calendar_or_consent_is_not_due(begin: Begin) -> None:
    disabled, no_calendar, no_consent, fine = (a_user(begin, number) for number in range(1, 5))

    with begin() as session:
        set_permission(session, disabled, Permission.DISABLED)
        save_settings(session, no_calendar, Settings(None, "Asia/Tokyo"))
        save_google_consent(session, no_consent, None, None)

    assert due_ids(begin) == [fine]


def test_permission_leaves_the_sync_state_as_it_was(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        set_permission(session, user_id, Permission.DISABLED)

    user = the_user(begin, user_id)
    assert (user.sync_state, user.state) == (SyncState.SYNC, State.DISABLED)


def test_a_stopped_user_shows_who_stopped_it_and_why(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        stopped = stop(session, user_id, StopReason.CONSENT, "The consent was withdrawn.", NOW)

    user = the_user(begin, user_id)
    assert stopped
    assert (user.state, user.stop_reason, user.stop_note) == (State.STOPPED, StopReason.CONSENT, "The consent was withdrawn.")
    assert due_ids(begin) == []


def test_stopping_keeps_the_first_reason(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        stop(session, user_id, StopReason.ERRORS, None, NOW)

    with begin() as session:
        assert not set_sync_state(session, user_id, SyncState.STOPPED, NOW, by=StopReason.ADMINISTRATOR)

    assert the_user(begin, user_id).stop_reason is StopReason.ERRORS


def test_a_stop_that_was_decided_before_the_user_resumed_does_nothing(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        set_sync_state(session, user_id, SyncState.STOPPED, NOW)
        set_sync_state(session, user_id, SyncState.SYNC, later(seconds=10))

    with begin() as session:
        assert not stop(session, user_id, StopReason.ERRORS, None, later(seconds=9))

    assert the_user(begin, user_id).sync_state is SyncState.SYNC


def test_resuming_forgets_the_reason_and_makes_the_user_due_at_once(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        stop(session, user_id, StopReason.ERRORS, "Google Server Error 503", NOW)

    with begin() as session:
        assert set_sync_state(session, user_id, SyncState.SYNC, later(minutes=5))

    user = the_user(begin, user_id)
    assert (user.stop_reason, user.stop_note, user.resumed_at) == (None, None, later(minutes=5))
    assert user.next_due_at == later(minutes=5)


def test_resuming_a_user_who_syncs_starts_no_new_error_count(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        assert not set_sync_state(session, user_id, SyncState.SYNC, later(minutes=5))

    assert the_user(begin, user_id).resumed_at == NOW


def test_settings_are_kept_as_they_were_given(begin: Begin) -> None:
    user_id = a_user(begin)
    settings = Settings("team@group.calendar.google.com", "Europe/Berlin", Direction.NEO_TO_GOOGLE, shows_attendance=False)
    before = the_user(begin, user_id)

    with begin() as session:
        save_settings(session, user_id, settings)

    user = the_user(begin, user_id)
    assert user.settings == settings
    assert user.settings_version == before.settings_version + 1


def test_r10_two_users_cannot_choose_the_same_google_calendar(begin: Begin) -> None:
    first, second = a_user(begin, 1), a_user(begin, 2)

    with begin() as session:
        with pytest.raises(CalendarTaken, match="Another user"):
            save_settings(session, second, Settings("user1@example.com", "Asia/Tokyo"))
        set_permission(session, second, Permission.DISABLED)  # The transaction is still usable.

    assert the_user(begin, first).settings.calendar_id == "user1@example.com"
    assert the_user(begin, second).settings.calendar_id == "user2@example.com"
    assert the_user(begin, second).permission is Permission.DISABLED


def test_several_users_may_have_no_calendar_yet(begin: Begin) -> None:
    users = [a_user(begin, 1), a_user(begin, 2)]

    with begin() as session:
        for user_id in users:
            save_settings(session, user_id, Settings(None, "Asia/Tokyo"))

    assert [the_user(begin, user_id).settings.calendar_id for user_id in users] == [None, None]


def test_the_alias_primary_is_no_calendar_address(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session, pytest.raises(ValueError, match="own address"):
        save_settings(session, user_id, Settings("primary", "Asia/Tokyo"))


def test_secrets_are_kept_as_given_and_not_shown(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        save_neo_key(session, user_id, b"\x00key")
        save_google_consent(session, user_id, "else@example.com", b"\xfftoken")

    user = the_user(begin, user_id)
    assert (user.neo_key, user.google_token, user.google_account) == (b"\x00key", b"\xfftoken", "else@example.com")
    assert "token" not in repr(user).replace("google_token", "")
    assert "x00key" not in repr(user)


def test_changing_an_unknown_user_is_an_error(begin: Begin) -> None:
    with begin() as session:
        with pytest.raises(UnknownUser, match="77"):
            set_permission(session, 77, Permission.ENABLED)
        with pytest.raises(UnknownUser):
            save_settings(session, 77, Settings(None, "Asia/Tokyo"))


def test_another_calendar_or_account_makes_another_scope_and_another_zone_does_not(begin: Begin) -> None:
    user_id = a_user(begin)
    scopes = [the_user(begin, user_id).scope]

    for change in ("zone", "calendar", "account"):
        with begin() as session:
            if change == "zone":
                save_settings(session, user_id, Settings("user1@example.com", "Europe/Berlin"))
            elif change == "calendar":
                save_settings(session, user_id, Settings("else@example.com", "Europe/Berlin"))
            else:
                save_google_consent(session, user_id, "boss@example.com", b"sealed")
        scopes.append(the_user(begin, user_id).scope)

    assert scopes[0] == scopes[1]
    assert len(set(scopes)) == 3


def test_two_users_never_share_a_scope(begin: Begin) -> None:
    first, second = a_person(begin, 1), a_person(begin, 2)

    assert the_user(begin, first).scope != the_user(begin, second).scope


def test_changed_settings_delete_nothing_and_make_both_sides_be_read_again(begin: Begin) -> None:
    user_id = a_user(begin)
    user = the_user(begin, user_id)
    state = ReadingState("cursor", WINDOW, NOW, user.scope, user.settings_version, is_dirty=False)
    with begin() as session:
        for side in Side:
            save_seen(session, user_id, side, [Stored("1", an_event())])
            save_reading_state(session, user_id, side, state)

    with begin() as session:
        save_settings(session, user_id, Settings("user1@example.com", "Europe/Berlin"))

    with begin() as session:
        kept = [known(session, user_id, side) for side in Side]
        states = [reading_state(session, user_id, side) for side in Side]
    assert [set(events) for events in kept] == [{"1"}, {"1"}]
    assert [(found.cursor, found.is_dirty) for found in states if found] == [(None, True), (None, True)]


def test_a_user_is_shown_as_running_from_the_beginning_of_the_run_to_its_end(begin: Begin) -> None:
    user_id = a_user(begin)
    shown = [the_user(begin, user_id).state]

    held = a_claimed_ticket(begin, user_id)
    shown.append(the_user(begin, user_id).state)
    with begin() as session:
        open_run(session, held, NOW)
    shown.append(the_user(begin, user_id).state)
    with begin() as session:
        close(session, held, NOW)
    shown.append(the_user(begin, user_id).state)

    assert shown == [State.WAITING, State.WAITING, State.RUNNING, State.WAITING]


def test_a_run_that_waits_for_a_retry_is_not_shown_as_running(begin: Begin) -> None:
    held = a_claimed_ticket(begin, a_user(begin))
    with begin() as session:
        open_run(session, held, NOW)
        postpone(session, held, held.stage, later(minutes=1))

    assert the_user(begin, held.user_id).state is State.WAITING


def test_an_open_ticket_that_nobody_has_begun_is_no_run(begin: Begin) -> None:
    user_id = a_user(begin)

    an_open_ticket(begin, user_id)

    assert the_user(begin, user_id).state is State.WAITING


def test_people_are_counted_by_the_state_that_is_shown(begin: Begin) -> None:
    a_person(begin, 1)
    stopped, _waiting, running = a_user(begin, 2), a_user(begin, 3), a_user(begin, 4)
    with begin() as session:
        stop(session, stopped, StopReason.ERRORS, None, NOW)
    held = a_claimed_ticket(begin, running)
    with begin() as session:
        open_run(session, held, NOW)

    with begin() as session:
        counts = count_states(session, NOW)

    assert counts == {State.DISABLED: 1, State.STOPPED: 1, State.WAITING: 1, State.RUNNING: 1}


def test_who_has_left_neo_is_not_counted(begin: Begin) -> None:
    a_person(begin, 1)
    with begin() as session:
        sync_directory(session, [ListedUser("999", "new", "New")], NOW, time_zone="Asia/Tokyo")

    with begin() as session:
        assert count_states(session, NOW) == {State.DISABLED: 1}


def test_a_user_may_be_given_a_role_and_lose_it(begin: Begin) -> None:
    user_id = a_person(begin)

    roles = []
    for role in (WebRole.ADMINISTRATOR, WebRole.AUDITOR, None):
        with begin() as session:
            set_web_role(session, user_id, role)
            user = get_user(session, user_id, NOW)
        roles.append(user.web_role if user else "gone")

    assert roles == [WebRole.ADMINISTRATOR, WebRole.AUDITOR, None]
