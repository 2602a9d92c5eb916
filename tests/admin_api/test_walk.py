"""Walks every route as everybody. A new route needs nothing here but, perhaps, an id in `walk.PARAMETERS`."""

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, _IncludedRouter

from desksync_admin_api.access.caller import Role
from desksync_admin_api.application import ROUTERS
from desksync_admin_api.pages.forms import filled
from tests.admin_api.office import As, WebOffice
from tests.admin_api.walk import PARAMETERS, ROUTES, asked, may, parameters_of


def test_every_route_says_who_may_call_it() -> None:
    assert [route for route, gate in ROUTES.items() if gate is None or not gate.roles] == []


def test_the_application_has_no_routes_but_these(office: WebOffice) -> None:
    app = office.guard.app
    included = {id(route.original_router) for route in app.routes if isinstance(route, _IncludedRouter)}

    assert included == {id(router) for router in ROUTERS}
    assert [route for route in app.routes if isinstance(route, APIRoute)] == [], "all routes are in a router"
    assert all(office.browser().client.request(method, path).status_code != 405 for method, path in ROUTES if "{" not in path)


def test_every_id_in_a_path_is_known_to_the_walk() -> None:
    assert {name for _, path in ROUTES for name in parameters_of(path)} - set(PARAMETERS) == set()


def test_every_page_that_changes_something_checks_the_token_of_its_form() -> None:
    def checks(dependant: Dependant) -> bool:
        return dependant.call is filled or any(checks(each) for each in dependant.dependencies)

    unchecked = [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and not route.path.startswith("/api/")
        if (route.methods or set()) - {"GET", "HEAD"} and not checks(route.dependant)
    ]

    assert unchecked == []


@pytest.mark.parametrize("who", As)
def test_only_who_may_is_let_through(office: WebOffice, who: As) -> None:
    wrong = {}
    for (method, path), gate in ROUTES.items():
        office.change_browsers()
        answer = asked(office, method, path, who)
        is_shut_out = answer.status_code in {401, 403} or answer.headers.get("location", "").startswith("/sign-in?back=")
        if gate is None or answer.status_code >= 500 or is_shut_out is may(who, path, gate):
            wrong[method, path] = (answer.status_code, answer.headers.get("location"))

    assert wrong == {}


OF_USERS = [route for route, gate in ROUTES.items() if gate is not None and Role.USER in gate.roles and parameters_of(route[1])]


def test_what_belongs_to_somebody_else_is_not_there(office: WebOffice) -> None:
    answers = {(method, path): asked(office, method, path, As.USER).status_code for method, path in OF_USERS}

    assert {route: status for route, status in answers.items() if status != 404} == {}
