"""Signing in by an identity provider that others have written, over HTTP."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from desksync.store.web_states import SignInWay
from desksync_admin_api.access.oidc import IdentityProvider, OidcClient, OidcRules
from desksync_admin_api.application import application
from desksync_admin_api.web import Identities
from tests.admin_api.office import WebOffice

RULES = OidcRules("preferred_username", "groups", frozenset({"admins"}), frozenset())


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It uses what its own library calls old.
        from oidc_provider_mock import User, run_server_in_thread  # noqa: PLC0415 - importing it warns already

        people = [
            User(sub="one", claims={"preferred_username": "user1", "name": "One", "groups": []}),
            User(sub="two", claims={"preferred_username": "stranger", "name": "Two", "groups": ["admins"]}),
        ]
        with run_server_in_thread(require_nonce=True, user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def office(make_office: Callable[..., WebOffice], issuer: str) -> WebOffice:
    office = make_office(public_url="http://testserver", ways=frozenset({SignInWay.OIDC}))
    office.clock.now = datetime.now(UTC)  # The provider has a clock of its own.
    client = OidcClient(issuer, "desksync", "secret", "http://testserver/sign-in/oidc/back")
    http = office.stack.enter_context(httpx.Client(trust_env=False))
    office.web = replace(office.web, identity=Identities(IdentityProvider(client, http, office.clock), RULES))
    office.guard = application(office.web)
    return office


@pytest.mark.parametrize(("subject", "opens", "shut"), [("one", "/sync", "/admin"), ("two", "/admin", "/sync")])
def test_somebody_signs_in_and_is_who_the_provider_says(office: WebOffice, subject: str, opens: str, shut: str) -> None:
    browser = office.browser()
    consent = browser.get("/sign-in/oidc").headers["location"]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agreed = httpx.post(consent, data={"sub": subject}, trust_env=False)
        back = urlsplit(agreed.headers["location"])
        answer = browser.get(f"{back.path}?{back.query}")

    assert answer.status_code == 303, answer.text
    assert (browser.get(opens).status_code, browser.get(shut).status_code) == (200, 403)


def test_somebody_who_says_no_is_not_let_in(office: WebOffice) -> None:
    browser = office.browser()
    consent = browser.get("/sign-in/oidc").headers["location"]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        denied = httpx.post(consent, data={"action": "deny"}, trust_env=False)
    back = urlsplit(denied.headers["location"])

    assert browser.get(f"{back.path}?{back.query}").status_code in {400, 403}
    assert browser.get("/").headers["location"] == "/sign-in"
