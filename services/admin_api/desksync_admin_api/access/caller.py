"""Whoever sends a request, as far as it is known: nobody, a person with a session, or a machine with a token. Values only."""

from dataclasses import dataclass, field
from enum import StrEnum

from desksync.store.audit import Party
from desksync.store.web_sessions import WebSession
from desksync.store.web_states import WebRole


class Role(StrEnum):
    """What a route may ask for. Somebody may have several: a user of NEO who administers has two."""

    ANYBODY = "anybody"
    USER = "user"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class CallerKind(StrEnum):
    """What sort of caller it is; the audit log names it."""

    NOBODY = "nobody"
    ACCOUNT = "account"
    USER = "user"
    SUBJECT = "subject"
    MACHINE = "machine"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller. `user_id` is set for a user of NEO: whose settings are "my settings"."""

    kind: CallerKind
    id: str
    name: str
    roles: frozenset[Role]
    user_id: int | None = None
    session: WebSession | None = field(default=None, repr=False)
    address: str = ""
    request_id: str = ""

    @property
    def party(self) -> Party:
        """Return the caller as the audit log and errands name them."""
        return Party(self.kind.value, self.id, self.name)

    @property
    def is_signed_in(self) -> bool:
        """Say whether anybody is there at all."""
        return self.kind is not CallerKind.NOBODY

    @property
    def is_administrator(self) -> bool:
        """Say whether the caller may change what belongs to others."""
        return Role.ADMINISTRATOR in self.roles

    def may(self, *roles: Role) -> bool:
        """Say whether the caller has one of the roles."""
        return not self.roles.isdisjoint(roles)


def nobody(address: str = "", request_id: str = "") -> Caller:
    """Return who is calling when nobody is signed in."""
    return Caller(CallerKind.NOBODY, "", "", frozenset({Role.ANYBODY}), address=address, request_id=request_id)


def roles_of(role: WebRole | None, *, is_user: bool) -> frozenset[Role]:
    """Return all roles of somebody who is signed in."""
    found = {Role.ANYBODY}
    if is_user:
        found.add(Role.USER)
    match role:
        case WebRole.ADMINISTRATOR:
            found.add(Role.ADMINISTRATOR)
        case WebRole.AUDITOR:
            found.add(Role.AUDITOR)
        case None:
            pass
    return frozenset(found)
