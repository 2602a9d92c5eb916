"""Who is there, what they grant each other, and whose key a call brings. Knows no schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LOGIN_KEY_LIFE = timedelta(days=3)
SITE = "site"
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class User:
    """One user of NEO. An empty `access_key` means that none was issued in the settings."""

    id: str
    login_id: str
    name: str
    password: str = field(default="", repr=False)
    access_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user lets another do: `view` is `full`, `time_event`, `time` or `none`."""

    view: str = "full"
    add: bool = False
    change: bool = False
    delete: bool = False


WHOLE = Grant(view="full", add=True, change=True, delete=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is; without a user it is the site key, which acts for everybody."""

    user_id: str | None

    @property
    def is_site(self) -> bool:
        """Say whether it is the site key."""
        return self.user_id is None


@dataclass(frozen=True, slots=True)
class Grants:
    """All grants, by owner and viewer. The viewer may be `*` (everybody else) or `site` (the site key)."""

    by_pair: Mapping[tuple[str, str], Grant] = field(default_factory=dict)

    def of(self, owner: str, caller: Caller) -> Grant:
        """Return what the owner lets the caller do. Without a grant others may look, and the site key may do all."""
        if caller.user_id == owner:
            return WHOLE
        if caller.user_id is None:
            return self.by_pair.get((owner, SITE), WHOLE)
        return self.by_pair.get((owner, caller.user_id)) or self.by_pair.get((owner, EVERYBODY), Grant())


class KeyRing:
    """The access keys that are accepted now: the site's, one per user, and those that login gave, for three days."""

    def __init__(self, site_key: str, users: Mapping[str, User], new_key: Callable[[], str]) -> None:
        self._lasting = {user.access_key: Caller(user.id) for user in users.values() if user.access_key}
        if site_key:
            self._lasting[site_key] = Caller(None)
        self._issued: dict[str, tuple[Caller, datetime]] = {}
        self._new_key = new_key

    def issue(self, user_id: str, now: datetime) -> str:
        """Return a new key that login gives to a user."""
        key = self._new_key()
        self._issued[key] = (Caller(user_id), now + LOGIN_KEY_LIFE)
        return key

    def caller(self, key: str, now: datetime) -> Caller | None:
        """Return whose key it is, or `None` when it is refused."""
        if key in self._lasting:
            return self._lasting[key]
        caller, expires = self._issued.get(key, (None, now))
        return caller if now < expires else None

    def join(self, user: User) -> None:
        """Accept a user's key from now on."""
        if user.access_key:
            self._lasting[user.access_key] = Caller(user.id)

    def leave(self, user_id: str) -> None:
        """Refuse every key of a user from now on."""
        self._lasting = {key: caller for key, caller in self._lasting.items() if caller.user_id != user_id}
        self._issued = {key: issued for key, issued in self._issued.items() if issued[0].user_id != user_id}

    def revoke(self, key: str) -> None:
        """Refuse a key from now on."""
        self._lasting.pop(key, None)
        self._issued.pop(key, None)
