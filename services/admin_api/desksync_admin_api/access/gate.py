"""Who may call a route. Every route names its gate in its signature, and so says it twice: to the program and to the reader.

    def overview(caller: Watching, session: Reading) -> Response: ...

A route without a gate fails a test, and another walks every route as everybody.
"""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from desksync_admin_api.access.caller import Caller, CallerKind, Role
from desksync_admin_api.access.csrf import HEADER, is_right
from desksync_admin_api.access.origin import SAFE_METHODS, require_same_origin
from desksync_admin_api.access.who import Who, is_for_machines
from desksync_admin_api.errors import FormTooOld, NotAllowed, NotFound, NotSignedIn
from desksync_admin_api.web import TheWeb


class Gate:
    """Lets through whoever has one of the roles, and gives the handler the caller."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    def __call__(self, request: Request, web: TheWeb, caller: Who) -> Caller:
        """Return the caller. Raises `NotSignedIn`, `NotAllowed`, or `FormTooOld` for what another site asks for."""
        require_same_origin(request, web.options)
        if not caller.may(*self.roles):
            raise NotAllowed if caller.is_signed_in else NotSignedIn
        is_change = request.method not in SAFE_METHODS
        # A page of ours that calls the API sends the token of its session; a machine has no cookie that could be misused.
        if is_change and is_for_machines(request) and caller.kind is not CallerKind.MACHINE:
            token = request.headers.get(HEADER, "")
            if caller.session is None or not is_right(token, caller.session.csrf):
                raise FormTooOld
        return caller


Anybody = Annotated[Caller, Depends(Gate(Role.ANYBODY))]
"""Everybody, also who is not signed in."""
SignedIn = Annotated[Caller, Depends(Gate(Role.USER, Role.AUDITOR, Role.ADMINISTRATOR))]
"""Whoever is signed in, or has a token."""
ThemSelf = Annotated[Caller, Depends(Gate(Role.USER))]
"""A user of NEO, about their own settings and history only."""
Watching = Annotated[Caller, Depends(Gate(Role.AUDITOR, Role.ADMINISTRATOR))]
"""Who may look at everything."""
Administrating = Annotated[Caller, Depends(Gate(Role.ADMINISTRATOR))]
"""Who may change everything."""


def own_user(caller: Caller) -> int:
    """Return the number of the user whose settings are "my settings"."""
    if caller.user_id is None:
        raise NotFound
    return caller.user_id


def require_own(caller: Caller, user_id: int) -> None:
    """Refuse what belongs to somebody else, unless the caller may look at everything. Refused looks like not there."""
    if caller.user_id != user_id and not caller.may(Role.AUDITOR, Role.ADMINISTRATOR):
        raise NotFound


def gates(routers: Iterable[APIRouter]) -> dict[tuple[str, str], Gate | None]:
    """Return the gate of every route by method and path, `None` for one that has none."""
    return {
        (method, route.path): gate_of(route.dependant)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    }


def gate_of(dependant: Dependant) -> Gate | None:
    """Return the gate among all that a route depends on."""
    if isinstance(dependant.call, Gate):
        return dependant.call
    return next((gate for each in dependant.dependencies if (gate := gate_of(each)) is not None), None)
