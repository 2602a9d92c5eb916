"""Every route there is, and how to ask for each: with which ids, as whom, and who may."""

from collections.abc import Callable, Mapping

from httpx2 import Response

from desksync_admin_api.access.caller import Role
from desksync_admin_api.access.gate import Gate, gates
from desksync_admin_api.application import ROUTERS
from tests.admin_api.errand_office import an_errand
from tests.admin_api.office import As, WebOffice
from tests.admin_api.runs import CREATED, a_run

ROUTES: Mapping[tuple[str, str], Gate | None] = gates(ROUTERS)

ROLES: Mapping[As, frozenset[Role]] = {
    As.NOBODY: frozenset({Role.ANYBODY}),
    As.USER: frozenset({Role.ANYBODY, Role.USER}),
    As.OTHER_USER: frozenset({Role.ANYBODY, Role.USER}),
    As.USER_ADMINISTRATOR: frozenset({Role.ANYBODY, Role.USER, Role.ADMINISTRATOR}),
    As.AUDITOR: frozenset({Role.ANYBODY, Role.AUDITOR}),
    As.ADMINISTRATOR: frozenset({Role.ANYBODY, Role.ADMINISTRATOR}),
    As.AUDITING_MACHINE: frozenset({Role.ANYBODY, Role.AUDITOR}),
    As.ADMINISTRATING_MACHINE: frozenset({Role.ANYBODY, Role.ADMINISTRATOR}),
}
"""What everybody may do, written down a second time."""

MACHINES = frozenset({As.AUDITING_MACHINE, As.ADMINISTRATING_MACHINE})


PARAMETERS: Mapping[str, Callable[[WebOffice], object]] = {
    "language": lambda _office: "en",
    "_version": lambda _office: "any",
    "name": lambda _office: "desksync.css",
    "session_id": lambda office: office.session_ids(As.OTHER_USER)[0],
    "run_id": lambda office: a_run(office, As.OTHER_USER, CREATED),
    "token_id": lambda _office: 1,
    "errand_id": lambda office: an_errand(office, As.OTHER_USER),
    "user_id": lambda office: office.user_id(As.OTHER_USER),
}
"""What stands in the paths. Whatever belongs to somebody belongs to the OTHER user: USER must not be shown it."""


def parameters_of(path: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]


def address(office: WebOffice, path: str) -> str:
    for name in parameters_of(path):
        path = path.replace(f"{{{name}}}", str(PARAMETERS[name](office)))
    return path


def may(who: As, path: str, gate: Gate) -> bool:
    """Say whether that one may call the route. Tokens open the API only: on pages a machine is nobody."""
    is_nobody = who in MACHINES and not path.startswith("/api/")
    return not ROLES[As.NOBODY if is_nobody else who].isdisjoint(gate.roles)


def asked(office: WebOffice, method: str, path: str, who: As) -> Response:
    """Ask for a route with nothing filled in, and with the right token of the form, so that only the gate can refuse."""
    browser, url = office.browser(who), address(office, path)
    if method in {"GET", "HEAD"}:
        return browser.client.request(method, url)
    # Machines find a form as nobody does, where one signs in.
    token = browser.token_on("/sign-in" if who in MACHINES | {As.NOBODY} else "/no-such-page")
    if path.startswith("/api/"):
        return browser.client.request(method, url, headers={"x-csrf-token": token})
    return browser.client.request(method, url, data={"csrf": token})
