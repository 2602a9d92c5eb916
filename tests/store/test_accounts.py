import pytest

from desksync.store.accounts import (
    AccountExists,
    UnknownAccount,
    change_password,
    create_account,
    find_account,
    has_administrator,
    list_accounts,
    note_sign_in,
    set_active,
)
from desksync.store.engine import Begin
from desksync.store.users import set_web_role
from desksync.store.web_sessions import Holder, list_sessions
from desksync.store.web_states import WebRole
from tests.store.builders import NOW, a_person, a_session, later


def an_account(begin: Begin, name: str = "kobayashi", role: WebRole = WebRole.ADMINISTRATOR) -> int:
    with begin() as session:
        return create_account(session, name, role, "a hash", NOW).id


def test_an_account_is_found_by_its_name_and_active_at_first(begin: Begin) -> None:
    an_account(begin)

    with begin() as session:
        found = find_account(session, "kobayashi")
        unknown = find_account(session, "Kobayashi")

    assert found is not None
    assert (found.role, found.is_active, found.signed_in_at) == (WebRole.ADMINISTRATOR, True, None)
    assert "a hash" not in repr(found)
    assert unknown is None


def test_two_accounts_cannot_have_one_name_and_the_transaction_goes_on(begin: Begin) -> None:
    an_account(begin)

    with begin() as session:
        with pytest.raises(AccountExists, match="'kobayashi'"):
            create_account(session, "kobayashi", WebRole.AUDITOR, "other", NOW)
        create_account(session, "abe", WebRole.AUDITOR, "other", NOW)

    with begin() as session:
        assert [(one.name, one.role) for one in list_accounts(session)] == [
            ("abe", WebRole.AUDITOR),
            ("kobayashi", WebRole.ADMINISTRATOR),
        ]


@pytest.mark.parametrize("is_disabled", [True, False])
def test_a_new_password_and_shutting_out_end_every_session_of_the_account(begin: Begin, *, is_disabled: bool) -> None:
    holder, other = Holder(account_id=an_account(begin)), Holder(account_id=an_account(begin, "abe"))
    for number, one in enumerate((holder, holder, other)):
        a_session(begin, one, secret=str(number))

    with begin() as session:
        if is_disabled:
            set_active(session, "kobayashi", is_active=False)
        else:
            change_password(session, "kobayashi", "another hash", later(hours=1))

    with begin() as session:
        left = [len(list_sessions(session, one, NOW, later(hours=-1))) for one in (holder, other)]
    assert left == [0, 1]


def test_an_account_that_is_let_in_again_has_no_session(begin: Begin) -> None:
    an_account(begin)

    with begin() as session:
        set_active(session, "kobayashi", is_active=False)
        changed = set_active(session, "kobayashi", is_active=True)

    assert changed.is_active


def test_a_sign_in_is_kept_and_may_bring_a_stronger_hash(begin: Begin) -> None:
    account_id = an_account(begin)

    with begin() as session:
        note_sign_in(session, account_id, later(hours=1))
        before = find_account(session, "kobayashi")
        note_sign_in(session, account_id, later(hours=2), new_hash="stronger")
        after = find_account(session, "kobayashi")

    assert before is not None
    assert after is not None
    assert (before.signed_in_at, before.password_hash) == (later(hours=1), "a hash")
    assert (after.signed_in_at, after.password_hash) == (later(hours=2), "stronger")


@pytest.mark.parametrize("change", [lambda s: change_password(s, "x", "h", NOW), lambda s: set_active(s, "x", is_active=False)])
def test_an_account_that_is_not_there_cannot_be_changed(begin: Begin, change: object) -> None:
    assert callable(change)

    with begin() as session, pytest.raises(UnknownAccount, match="desksync admin list"):
        change(session)


def test_somebody_administers_when_an_active_account_or_a_user_of_neo_does(begin: Begin) -> None:
    found = []
    user_id = a_person(begin)
    an_account(begin, "auditor", WebRole.AUDITOR)
    with begin() as session:
        found.append(has_administrator(session))
        create_account(session, "abe", WebRole.ADMINISTRATOR, "h", NOW)
        found.append(has_administrator(session))
        set_active(session, "abe", is_active=False)
        found.append(has_administrator(session))
        set_web_role(session, user_id, WebRole.ADMINISTRATOR)
        found.append(has_administrator(session))

    assert found == [False, True, False, True]
