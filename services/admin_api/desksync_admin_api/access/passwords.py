"""Passwords of local accounts: Argon2id, and what makes one good enough. The only module that sees them."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from desksync_admin_api.locale.texts import T, Text

SHORTEST = 12
LONGEST = 256

_hasher = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes, four lanes.
_at_once = BoundedSemaphore(2)
"""Each takes 64 MiB and a tenth of a second; a flood of sign-ins must not take all there is."""


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    with _at_once:
        return _hasher.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Say whether that is the password. Without a hash (no such account) it takes as long, and is not."""
    with _at_once:
        try:
            return _hasher.verify(password_hash or _of_nobody(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_new_hash(password_hash: str) -> bool:
    """Say whether the hash was made with less effort than is usual now."""
    return _hasher.check_needs_rehash(password_hash)


def weakness(password: str, name: str) -> Text | None:
    """Return why the password is not good enough, `None` if it is. Length counts; signs and digits are nobody's business."""
    if len(password) < SHORTEST:
        return T("Use at least %(number)s character.", "Use at least %(number)s characters.", SHORTEST)
    if len(password) > LONGEST:
        return T("Use at most %(number)s character.", "Use at most %(number)s characters.", LONGEST)
    if zxcvbn(password[:_JUDGED], user_inputs=[name, *_WORDS_OF_OURS])["score"] < _GOOD_SCORE:
        return T("This password is easy to guess. A few words in a row that belong to nothing make a good one.")
    return None


_JUDGED = 72
"""So many letters are judged: enough to tell, and few enough to be quick."""

_GOOD_SCORE = 3
"""Of four: more than a hundred million guesses, whatever lists of passwords, words, dates and keyboards the guesser has."""

_WORDS_OF_OURS = ("desksync", "desknet", "desknets", "neo", "google", "calendar", "administrator", "auditor", "sync")


@cache
def _of_nobody() -> str:
    return _hasher.hash("nobody has this password")
