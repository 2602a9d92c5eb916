"""What the web side asks of NEO and of Google, as ports. The composition root names what stands behind them.

Calls raise the kinds of `desksync.worker.errors`, and nothing else. None is made while a transaction is open.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from desksync.store.directory import DirectoryChange

Tell = Callable[[int, int | None], None]
"""Hears how far something is, and of how much; `None` while that is not known."""


@dataclass(frozen=True, slots=True)
class NeoPerson:
    """Who signed in at NEO."""

    neo_user_id: str
    name: str


class NeoDoor(Protocol):
    """What the web side asks of NEO."""

    @property
    def has_site_key(self) -> bool:
        """Say whether one key serves everybody, so that nobody needs a key of their own."""
        ...

    def who_is(self, login_id: str, password: str) -> NeoPerson | None:
        """Return who that is, or `None` when NEO does not know the two. The password is passed on and kept nowhere."""
        ...

    def try_key(self, neo_user_id: str, key: str) -> None:
        """Return if the key opens the person's schedule. Raises `UserMustAct` where NEO refuses it."""
        ...

    def refresh(self, tell: Tell) -> DirectoryChange:
        """Bring the users into agreement with NEO's list. Raises `UserMustAct` with its remedy, -10008 among them."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has allowed at Google. `account` is the address of their Google account."""

    account: str
    refresh_token: str = field(repr=False)
    missing_scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """A Google calendar. `zone` is the calendar's own time zone name (rule R24)."""

    id: str
    name: str
    zone: str
    is_primary: bool
    is_writable: bool


class GoogleDoor(Protocol):
    """What the web side asks of Google."""

    @property
    def origin(self) -> str:
        """Return where the consent page is, as `https://host`: forms have to be allowed to lead there."""
        ...

    def consent_url(self, *, state: str, verifier: str, login_hint: str = "") -> str:
        """Return the address of the consent page. `verifier` is the PKCE secret; only its challenge leaves."""
        ...

    def exchange(self, *, code: str, verifier: str) -> Consent:
        """Return what the person has allowed. Raises `UserMustAct` where the code is used up, or brought no lasting consent."""
        ...

    def calendars(self, refresh_token: str) -> list[CalendarChoice]:
        """Return the calendars in the person's list, the primary one first."""
        ...

    def try_calendar(self, refresh_token: str, calendar_id: str) -> CalendarChoice:
        """Return the calendar of that ID, whether or not it is in the list. Raises `UserMustAct`: not found, or no access."""
        ...

    def revoke(self, refresh_token: str) -> None:
        """Give the consent back. One that is dead already is success."""
        ...
