"""Whose things a caller may get at: users at their own, auditors look at all, administrators change all."""

from typing import Annotated

from fastapi import Depends

from desksync.store.users import User
from desksync_admin_api.access.caller import Caller, Role
from desksync_admin_api.access.gate import Gate, SignedIn, own_user, require_own
from desksync_admin_api.cases.people import require_permitted
from desksync_admin_api.errors import NotFound
from desksync_admin_api.ids import UserId

OwnOrAdministrating = Annotated[Caller, Depends(Gate(Role.USER, Role.ADMINISTRATOR))]
"""Who may change something that belongs to somebody: the handler has to ask whose it is."""


def _seeing(caller: SignedIn, user_id: UserId) -> Caller:
    require_own(caller, user_id)
    return caller


def _acting(caller: OwnOrAdministrating, user_id: UserId) -> Caller:
    if caller.user_id != user_id and not caller.is_administrator:
        raise NotFound
    return caller


Seeing = Annotated[Caller, Depends(_seeing)]
"""Who may look at the user in the path. Another user is told that there is no such user."""
Acting = Annotated[Caller, Depends(_acting)]
"""Who may change what belongs to the user in the path, or order something for them."""


def only_own(caller: Caller, *beyond: Role) -> int | None:
    """Return the user whose things alone the caller gets at; `None` for who has one of the roles, and so gets at everybody's."""
    return None if caller.may(*beyond) else own_user(caller)


def require_free(caller: Caller, user: User) -> None:
    """Refuse orders for the own calendars to users who are not permitted to sync. Administrators may order all the same."""
    if not caller.is_administrator:
        require_permitted(user)
