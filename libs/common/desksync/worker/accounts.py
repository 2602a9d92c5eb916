"""Where and as whom to call for a user: secrets are opened here, just before they are needed."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from desksync.ops.secrets import Cipher, SecretsError
from desksync.store.users import User
from desksync.worker.calendar import Account
from desksync.worker.errors import Reason, UserMustAct

GOOGLE_TOKEN = "Google token"  # noqa: S105 - the purpose a ciphertext is bound to
NEO_KEY = "NEO access key"

AccountOf = Callable[[User], Account]


def neo_accounts(site_key: str | None, cipher: Cipher | None) -> AccountOf:
    """Return what gives the NEO account of a user: with the user's own key where there is one, else with the key of the site."""

    def account_of(user: User) -> Account:
        if user.neo_key is not None:
            secret = _opened(cipher, user.neo_key, NEO_KEY, user)
        elif site_key:
            secret = site_key
        else:
            raise UserMustAct(
                Reason.KEY_REFUSED,
                "There is no NEO access key for this user. Enter one on the settings page, or set DESKSYNC_NEO_ACCESS_KEY.",
            )
        return _account(user, user.neo_user_id, secret)

    return account_of


def google_accounts(cipher: Cipher | None) -> AccountOf:
    """Return what gives the Google account of a user."""

    def account_of(user: User) -> Account:
        if user.google_token is None:
            raise UserMustAct(Reason.CONSENT_DEAD, "Google is not connected. Connect it on the settings page.")
        if user.settings.calendar_id is None:
            raise UserMustAct(Reason.CALENDAR_NOT_FOUND, "No Google calendar is chosen. Choose one on the settings page.")
        return _account(user, user.settings.calendar_id, _opened(cipher, user.google_token, GOOGLE_TOKEN, user))

    return account_of


def _opened(cipher: Cipher | None, sealed: bytes, purpose: str, user: User) -> str:
    if cipher is None:
        raise UserMustAct(Reason.KEY_REFUSED, f"The {purpose} cannot be opened, because DESKSYNC_SECRET_KEYS is not set.")
    try:
        return cipher.open(sealed, purpose=purpose, user_id=user.id)
    except SecretsError as problem:
        raise UserMustAct(Reason.KEY_REFUSED, str(problem)) from problem


def _account(user: User, address: str, secret: str) -> Account:
    return Account(user.id, address, secret, ZoneInfo(user.settings.time_zone), user.settings.shows_attendance)
