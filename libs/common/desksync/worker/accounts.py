"""Where and as whom to call for a user: secrets are opened here, just before they are needed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from desksync.ops.secrets import Cipher, NotOpened, UnknownKey
from desksync.store.users import User
from desksync.worker.calendar import Account
from desksync.worker.errors import Reason, RetryLater, UserMustAct

log = logging.getLogger(__name__)

GOOGLE_TOKEN = "Google token"  # noqa: S105 - the purpose a ciphertext is bound to
NEO_KEY = "NEO access key"

AccountOf = Callable[[User], Account]

_NO_KEY: Final = "no key"
_WAIT: Final = timedelta(minutes=5)
"""How long a ticket waits for keys that the operator has to mend. Whoever mends them starts the programs anew, and all go on."""


@dataclass
class KeyTrouble:
    """What is wrong with the keys of this process. Safe to use from several threads.

    A key that opens nothing is the operator's to mend, and everybody waits for it. Only a key that has opened something proves
    that the fault is in the one secret that does not open. What is wrong is logged once, and makes the program unready.
    """

    _wrong: dict[str, str] = field(default_factory=dict)
    _proven: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def wrong(self) -> str | None:
        """Return what is wrong, as a health check tells it."""
        with self._lock:
            return " ".join(self._wrong.values()) or None

    def opened(self, key_id: str) -> None:
        """Note that a key has opened something."""
        if key_id in self._proven:
            return
        with self._lock:
            self._proven.add(key_id)
            self._wrong.pop(key_id, None)

    def is_proven(self, key_id: str) -> bool:
        """Say whether the key has opened something."""
        return key_id in self._proven

    def failed(self, key_id: str, why: str) -> RetryLater:
        """Note that a key opens nothing, and return the wait for it."""
        with self._lock:
            is_new = key_id not in self._wrong
            self._wrong[key_id] = why
        if is_new:
            log.error("secrets do not open, and their users wait", extra={"key": key_id, "why": why})
        return RetryLater(why, after=_WAIT, is_fault=False)


def neo_accounts(site_key: str | None, cipher: Cipher | None, trouble: KeyTrouble | None = None) -> AccountOf:
    """Return what gives the NEO account of a user: with the user's own key where there is one, else with the key of the site."""
    keys = trouble or KeyTrouble()

    def account_of(user: User) -> Account:
        if user.neo_key is not None:
            secret = _opened(cipher, user.neo_key, NEO_KEY, user, keys)
        elif site_key:
            secret = site_key
        else:
            raise UserMustAct(
                Reason.KEY_REFUSED,
                "There is no NEO access key for this user. Enter one on the settings page, or set DESKSYNC_NEO_ACCESS_KEY.",
            )
        return _account(user, user.neo_user_id, secret)

    return account_of


def google_accounts(cipher: Cipher | None, trouble: KeyTrouble | None = None) -> AccountOf:
    """Return what gives the Google account of a user."""
    keys = trouble or KeyTrouble()

    def account_of(user: User) -> Account:
        if user.google_token is None:
            raise UserMustAct(Reason.CONSENT_DEAD, "Google is not connected. Connect it on the settings page.")
        if user.settings.calendar_id is None:
            raise UserMustAct(Reason.CALENDAR_NOT_FOUND, "No Google calendar is chosen. Choose one on the settings page.")
        return _account(user, user.settings.calendar_id, _opened(cipher, user.google_token, GOOGLE_TOKEN, user, keys))

    return account_of


def _opened(cipher: Cipher | None, sealed: bytes, purpose: str, user: User, trouble: KeyTrouble) -> str:
    if cipher is None:
        raise trouble.failed(_NO_KEY, "What is stored encrypted cannot be opened, because DESKSYNC_SECRET_KEYS is not set.")
    try:
        key_id = cipher.key_of(sealed)
    except NotOpened as problem:
        raise UserMustAct(Reason.KEY_REFUSED, str(problem)) from problem  # These are no bytes of ours, whatever the key.
    try:
        secret = cipher.open(sealed, purpose=purpose, user_id=user.id)
    except UnknownKey as problem:
        why = f"Key '{key_id}' has encrypted what is stored, and is not in DESKSYNC_SECRET_KEYS. Add it behind the newest one."
        raise trouble.failed(key_id, why) from problem
    except NotOpened as problem:
        if trouble.is_proven(key_id):
            raise UserMustAct(Reason.KEY_REFUSED, str(problem)) from problem
        why = f"Key '{key_id}' in DESKSYNC_SECRET_KEYS has opened nothing so far. Is it another key of that name?"
        raise trouble.failed(key_id, why) from problem
    trouble.opened(key_id)
    return secret


def _account(user: User, address: str, secret: str) -> Account:
    return Account(user.id, address, secret, ZoneInfo(user.settings.time_zone), user.settings.shows_attendance)
