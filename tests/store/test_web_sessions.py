from datetime import datetime

import pytest

from desksync.store.accounts import create_account, set_active
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.users import set_web_role
from desksync.store.web_sessions import (
    Holder,
    WebSession,
    close_session,
    close_sessions_of,
    find_session,
    list_sessions,
    note_seen,
    purge_sessions,
)
from desksync.store.web_states import WebRole
from tests.store.builders import NOW, a_person, a_session, later

IDLE = later(hours=-2)


def found(begin: Begin, secret: str = "1", now: datetime = NOW, idle: datetime = IDLE) -> WebSession | None:
    with begin() as session:
        return find_session(session, secret, now, idle)


def test_a_session_knows_whose_it_is_and_what_they_may_do(begin: Begin) -> None:
    user_id = a_person(begin)
    with begin() as session:
        set_web_role(session, user_id, WebRole.AUDITOR)
        account = create_account(session, "abe", WebRole.ADMINISTRATOR, "h", NOW)
    a_session(begin, Holder(user_id=user_id), secret="1")
    a_session(begin, Holder(account_id=account.id), secret="2")
    a_session(begin, Holder(subject="sub", subject_name="Ms. Sub", subject_role=WebRole.AUDITOR), secret="3")

    people = [found(begin, secret) for secret in "123"]

    assert [(one.name, one.role) for one in people if one] == [
        ("User 1", WebRole.AUDITOR),
        ("abe", WebRole.ADMINISTRATOR),
        ("Ms. Sub", WebRole.AUDITOR),
    ]


def test_a_secret_that_nobody_has_opens_nothing(begin: Begin) -> None:
    a_session(begin, Holder(user_id=a_person(begin)))

    assert found(begin, "another") is None
    assert found(begin, "") is None


def test_a_session_is_over_when_it_is_old_and_when_it_is_idle(begin: Begin) -> None:
    a_session(begin, Holder(user_id=a_person(begin)), expires_at=later(hours=12))

    assert found(begin, now=later(hours=11, minutes=59), idle=IDLE) is not None
    assert found(begin, now=later(hours=12), idle=IDLE) is None
    assert found(begin, idle=NOW) is None


def test_use_keeps_a_session_from_idling_and_not_from_ageing(begin: Begin) -> None:
    session_id = a_session(begin, Holder(user_id=a_person(begin)), expires_at=later(hours=12))

    with begin() as session:
        note_seen(session, session_id, later(hours=1))

    assert found(begin, now=later(hours=2), idle=later(minutes=30)) is not None
    assert found(begin, now=later(hours=12), idle=later(minutes=30)) is None


def test_a_role_that_is_taken_away_is_gone_at_once(begin: Begin) -> None:
    user_id = a_person(begin)
    with begin() as session:
        set_web_role(session, user_id, WebRole.ADMINISTRATOR)
    a_session(begin, Holder(user_id=user_id))
    before = found(begin)

    with begin() as session:
        set_web_role(session, user_id, None)

    after = found(begin)
    assert before is not None
    assert after is not None
    assert (before.role, after.role) == (WebRole.ADMINISTRATOR, None)


def test_who_left_neo_or_was_shut_out_has_no_session(begin: Begin) -> None:
    leaver, account = a_person(begin), 0
    with begin() as session:
        account = create_account(session, "abe", WebRole.ADMINISTRATOR, "h", NOW).id
    a_session(begin, Holder(user_id=leaver), secret="1")
    with begin() as session:
        sync_directory(session, [ListedUser("999", "new", "New")], NOW, time_zone="Asia/Tokyo")
        set_active(session, "abe", is_active=False)
    a_session(begin, Holder(account_id=account), secret="2")

    assert found(begin, "1") is None
    assert found(begin, "2") is None


@pytest.mark.parametrize("kind", ["user", "account", "subject"])
def test_every_session_of_one_person_can_be_ended_but_one(begin: Begin, kind: str) -> None:
    users = [a_person(begin, number) for number in (1, 2)]
    with begin() as session:
        accounts = [create_account(session, name, WebRole.AUDITOR, "h", NOW).id for name in ("a", "b")]
    holders = {
        "user": [Holder(user_id=one) for one in users],
        "account": [Holder(account_id=one) for one in accounts],
        "subject": [Holder(subject=one, subject_name=one, subject_role=WebRole.AUDITOR) for one in ("s", "t")],
    }
    mine, others = holders[kind]
    for number, holder in enumerate((mine, mine, mine, others)):
        a_session(begin, holder, secret=str(number))
    kept = found(begin, "1")
    assert kept is not None

    with begin() as session:
        ended = close_sessions_of(session, mine, but=kept.id)

    with begin() as session:
        listed = [[one.id for one in list_sessions(session, holder, NOW, IDLE)] for holder in (mine, others)]
    assert ended == 2
    assert listed[0] == [kept.id]
    assert len(listed[1]) == 1


def test_one_session_is_ended_alone(begin: Begin) -> None:
    holder = Holder(user_id=a_person(begin))
    first, _second = a_session(begin, holder, secret="1"), a_session(begin, holder, secret="2")

    with begin() as session:
        close_session(session, first)

    assert found(begin, "1") is None
    assert found(begin, "2") is not None


def test_what_is_over_is_purged_and_the_rest_is_kept(begin: Begin) -> None:
    holder = Holder(user_id=a_person(begin))
    a_session(begin, holder, secret="1", expires_at=later(hours=1))
    a_session(begin, holder, secret="2", expires_at=later(hours=9))

    with begin() as session:
        purged = [purge_sessions(session, later(hours=2), IDLE), purge_sessions(session, later(hours=2), NOW)]

    assert purged == [1, 1]


def test_what_a_browser_says_of_itself_is_cut(begin: Begin) -> None:
    a_session(begin, Holder(user_id=a_person(begin)), agent="x" * 500, address="y" * 100)

    kept = found(begin)

    assert kept is not None
    assert (len(kept.agent), len(kept.address)) == (200, 64)


def test_neither_secret_nor_form_token_is_shown(begin: Begin) -> None:
    a_session(begin, Holder(user_id=a_person(begin)), csrf="the token of forms")

    assert "the token of forms" not in repr(found(begin))
