"""Who there is in NEO, for those who keep the list of users. Needs 利用者名簿 to be enabled in NEO's menu settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import text
from desksync_neo_worker.wire import Key


@dataclass(frozen=True, slots=True)
class NeoUser:
    """One user of NEO."""

    id: str
    name: str
    login_id: str


@dataclass(frozen=True, slots=True)
class Directory:
    """The users, in NEO's order, and how many entries could not be read: then nobody's absence says anything."""

    users: tuple[NeoUser, ...]
    unread: int = 0


def read_directory(client: NeoClient, key: str) -> Directory:
    """Return all users that the key may see. Raises the error kinds of reading, `DIRECTORY_OFF` with its remedy among them."""
    found = [_user(entry) for entry in client.list_users(key)]
    users = {user.id: user for user in found if user is not None}
    return Directory(tuple(users.values()), unread=found.count(None))


def _user(entry: object) -> NeoUser | None:
    if not isinstance(entry, Mapping):
        return None
    try:
        user = NeoUser(*(text(entry, key).strip() for key in (Key.ID, Key.NAME, Key.LOGIN_ID)))
    except Strange:
        return None
    return user if user.id else None
