from dataclasses import replace

import pytest

from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store.users import User
from desksync.worker.accounts import GOOGLE_TOKEN, NEO_KEY, google_accounts, neo_accounts
from desksync.worker.errors import Reason, UserMustAct
from tests.builders import TOKYO
from tests.worlds import a_world

CIPHER = Cipher([SecretKey.parse(make_key())])


def a_user(**changes: object) -> User:
    return replace(a_world().user(), **changes)  # type: ignore[arg-type] # the test says which


def sealed(secret: str, purpose: str, user_id: int) -> bytes:
    return CIPHER.seal(secret, purpose=purpose, user_id=user_id)


def test_neo_is_called_with_the_key_of_the_site() -> None:
    account = neo_accounts("site-key", None)(a_user())

    assert (account.address, account.secret, account.zone) == ("101", "site-key", TOKYO)


def test_neo_is_called_with_the_users_own_key_where_there_is_one() -> None:
    user = a_user()

    account = neo_accounts("site-key", CIPHER)(replace(user, neo_key=sealed("own-key", NEO_KEY, user.id)))

    assert account.secret == "own-key"


def test_google_is_called_with_the_users_token_for_the_chosen_calendar() -> None:
    user = a_user()

    account = google_accounts(CIPHER)(replace(user, google_token=sealed("1//token", GOOGLE_TOKEN, user.id)))

    assert (account.address, account.secret) == ("one@example.com", "1//token")


def test_an_account_is_shown_without_its_secret() -> None:
    account = neo_accounts("site-key", None)(a_user())

    assert repr(account) == f"Account(user_id={account.user_id})"


def test_without_any_key_a_person_has_to_act() -> None:
    with pytest.raises(UserMustAct, match="DESKSYNC_NEO_ACCESS_KEY") as asked:
        neo_accounts(None, None)(a_user())

    assert asked.value.reason is Reason.KEY_REFUSED


def test_without_consent_a_person_has_to_act() -> None:
    with pytest.raises(UserMustAct, match="Connect it") as asked:
        google_accounts(CIPHER)(a_user(google_token=None))

    assert asked.value.reason is Reason.CONSENT_DEAD


def test_without_a_calendar_a_person_has_to_act() -> None:
    user = a_user()

    with pytest.raises(UserMustAct, match="Choose one") as asked:
        google_accounts(CIPHER)(replace(user, settings=replace(user.settings, calendar_id=None)))

    assert asked.value.reason is Reason.CALENDAR_NOT_FOUND


def test_a_secret_of_another_user_does_not_open() -> None:
    user = a_user()

    accounts = google_accounts(CIPHER)
    accounts(replace(user, google_token=sealed("1//token", GOOGLE_TOKEN, user.id)))

    with pytest.raises(UserMustAct, match="belongs to somebody else"):
        accounts(replace(user, google_token=sealed("1//token", GOOGLE_TOKEN, user.id + 1)))
