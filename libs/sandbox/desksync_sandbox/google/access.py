"""Which calendars a caller reaches, and what the caller may do there."""

from desksync_sandbox.google import errors
from desksync_sandbox.google.exchange import Caller
from desksync_sandbox.google.scopes import is_for_owned_only
from desksync_sandbox.google.world import Listed

_RANK = {"freeBusyReader": 0, "reader": 1, "writerWithoutPrivateAccess": 2, "writer": 3, "owner": 4}
_WRITER = 2


def reached(caller: Caller, calendar_id: str) -> Listed:
    """Return the calendar as it stands in the caller's list; `primary` is the account's own. Raises 404 for any other."""
    wanted = caller.account.email if calendar_id == "primary" else calendar_id
    listed = caller.account.listed.get(wanted)
    if listed is None:
        raise errors.not_found()
    if listed.role != "owner" and is_for_owned_only(caller.scopes, caller.operation):
        raise errors.by_reason("insufficientPermissions")
    return listed


def writable_by(caller: Caller, calendar_id: str) -> Listed:
    """Return the calendar if the caller may write into it. Raises 403 otherwise."""
    listed = reached(caller, calendar_id)
    if _RANK[listed.role] < _WRITER:
        raise errors.forbidden("You need to have writer access to this calendar.")
    return listed
