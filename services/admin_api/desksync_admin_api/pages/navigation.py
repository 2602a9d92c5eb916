"""The menu: which pages there are, and whom each is for. A page that belongs into the menu is added here."""

from dataclasses import dataclass

from desksync_admin_api.access.caller import Caller, Role
from desksync_admin_api.locale.texts import T, Text


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu."""

    path: str
    name: Text
    roles: tuple[Role, ...]


WATCHING = (Role.ADMINISTRATOR, Role.AUDITOR)

PLACES: tuple[Place, ...] = (
    Place("/sync", T("Calendar sync settings"), (Role.USER,)),
    Place("/sync/history", T("My sync history"), (Role.USER,)),
    Place("/admin", T("Overview"), WATCHING),
    Place("/admin/users", T("User settings"), WATCHING),
    Place("/admin/directory", T("Users of desknet's NEO"), WATCHING),
    Place("/admin/history", T("Sync history"), WATCHING),
    Place("/admin/held", T("Deletions that wait"), WATCHING),
    Place("/admin/audit", T("Audit log"), WATCHING),
    Place("/admin/roles", T("Administrators"), WATCHING),
    Place("/admin/sessions", T("Who is signed in"), WATCHING),
    Place("/admin/tokens", T("API tokens"), WATCHING),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the menu shows it."""

    path: str
    name: Text
    is_here: bool


def entries_for(caller: Caller, path: str) -> list[Entry]:
    """Return the entries that the caller may open. The one whose path is the longest beginning of the present one is "here"."""
    open_to = [place for place in PLACES if caller.may(*place.roles)]
    holding = [place.path for place in open_to if path == place.path or path.startswith(f"{place.path}/")]
    here = max(holding, key=len, default="")
    return [Entry(place.path, place.name, place.path == here) for place in open_to]
