import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.ops.secrets import Cipher, NotOpened, SecretKey, SecretsError, UnknownKey, make_key


def a_key(id_: str = "k1", byte: int = 7) -> SecretKey:
    return SecretKey(id_, bytes([byte]) * 32)


@given(plain=st.text(), purpose=st.text(), user_id=st.integers())
def test_what_was_sealed_opens_again(plain: str, purpose: str, user_id: int) -> None:
    cipher = Cipher([a_key()])

    sealed = cipher.seal(plain, purpose=purpose, user_id=user_id)

    assert cipher.open(sealed, purpose=purpose, user_id=user_id) == plain


def test_a_sealed_value_shows_its_key_and_nothing_of_the_text() -> None:
    sealed = Cipher([a_key("k7")]).seal("1//refresh-token", purpose="google_token", user_id=1)

    assert sealed[2:4] == b"k7"
    assert b"refresh" not in sealed


def test_sealing_twice_gives_different_bytes() -> None:
    cipher = Cipher([a_key()])

    assert cipher.seal("x", purpose="p", user_id=1) != cipher.seal("x", purpose="p", user_id=1)


def test_a_value_copied_to_another_users_row_does_not_open() -> None:
    cipher = Cipher([a_key()])
    sealed = cipher.seal("secret", purpose="google_token", user_id=1)

    with pytest.raises(NotOpened, match="google_token of user 2"):
        cipher.open(sealed, purpose="google_token", user_id=2)


def test_a_value_copied_to_another_column_does_not_open() -> None:
    cipher = Cipher([a_key()])
    sealed = cipher.seal("secret", purpose="google_token", user_id=1)

    with pytest.raises(NotOpened):
        cipher.open(sealed, purpose="neo_key", user_id=1)


@pytest.mark.parametrize(("purpose", "user_id"), [("p|1", 2), ("p", 12), ('p", 1', 2)])
def test_purpose_and_user_cannot_be_confused_with_each_other(purpose: str, user_id: int) -> None:
    cipher = Cipher([a_key()])
    sealed = cipher.seal("secret", purpose="p", user_id=1)

    with pytest.raises(NotOpened):
        cipher.open(sealed, purpose=purpose, user_id=user_id)


def test_no_changed_byte_goes_unnoticed() -> None:
    cipher = Cipher([a_key("k1"), a_key("k0", 8)])
    sealed = cipher.seal("secret", purpose="p", user_id=1)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises((NotOpened, UnknownKey)):
            cipher.open(bytes(changed), purpose="p", user_id=1)


def test_a_key_id_moved_to_another_key_of_the_same_bytes_does_not_open() -> None:
    cipher = Cipher([SecretKey("k1", b"x" * 32), SecretKey("k2", b"x" * 32)])
    sealed = cipher.seal("secret", purpose="p", user_id=1)

    with pytest.raises(NotOpened):
        cipher.open(sealed.replace(b"k1", b"k2", 1), purpose="p", user_id=1)


@pytest.mark.parametrize("length", range(40))
def test_a_cut_value_does_not_open(length: int) -> None:
    cipher = Cipher([a_key()])
    sealed = cipher.seal("a text of some length", purpose="p", user_id=1)

    with pytest.raises(SecretsError):
        cipher.open(sealed[:length], purpose="p", user_id=1)


def test_the_newest_key_seals_and_an_older_one_still_opens() -> None:
    before = Cipher([a_key("old", 1)])
    after = Cipher([a_key("new", 2), a_key("old", 1)])
    sealed = before.seal("secret", purpose="p", user_id=1)

    again = after.seal(after.open(sealed, purpose="p", user_id=1), purpose="p", user_id=1)

    assert after.needs_rotation(sealed)
    assert not after.needs_rotation(again)
    assert Cipher([a_key("new", 2)]).open(again, purpose="p", user_id=1) == "secret"


def test_a_key_that_was_taken_away_is_named_with_the_remedy() -> None:
    sealed = Cipher([a_key("old", 1)]).seal("secret", purpose="neo_key", user_id=5)

    with pytest.raises(UnknownKey, match=r"neo_key of user 5 .*'old'.*DESKSYNC_SECRET_KEYS"):
        Cipher([a_key("new", 2)]).open(sealed, purpose="neo_key", user_id=5)


def test_bytes_that_were_never_sealed_are_no_question_of_rotation() -> None:
    with pytest.raises(NotOpened):
        Cipher([a_key()]).needs_rotation(b"plain text")


def test_no_key_and_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(SecretsError, match="no encryption key"):
        Cipher([])
    with pytest.raises(SecretsError, match="same id"):
        Cipher([a_key("k1", 1), a_key("k1", 2)])


def test_a_made_key_can_be_used_and_is_never_the_same() -> None:
    first, second = make_key(), make_key()

    key = SecretKey.parse(first)

    assert first != second
    assert Cipher([key]).seal("x", purpose="p", user_id=1)


def test_a_key_in_url_safe_base64_is_read_as_well() -> None:
    raw = bytes(range(224, 256))

    key = SecretKey.parse("k1:" + base64.urlsafe_b64encode(raw).decode())

    assert key.key == raw


@pytest.mark.parametrize("text", ["hunter2", "k1:hunter2!", "k1:", ":" + "A" * 44, "a b:" + "A" * 43 + "=", "k1:c2hvcnQ="])
def test_a_wrong_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has)") as caught:
        SecretKey.parse(text)

    assert not re.search("hunter2|c2hvcnQ", str(caught.value))


def test_repr_shows_no_key() -> None:
    key = SecretKey("k1", b"s" * 32)

    assert repr(key) == "SecretKey(id='k1')"
