"""Signing in by the company's identity provider: who is let in, as what, and every lie that is seen through."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from httpx2 import Response

from desksync.store import accounts
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.web_states import SignInWay, WebRole
from desksync_admin_api.access.csrf import token_of_visit
from desksync_admin_api.access.oidc import IdentityProvider, OidcClient, OidcRules
from desksync_admin_api.access.passwords import hash_password
from desksync_admin_api.application import application
from desksync_admin_api.web import Identities
from tests.admin_api.office import Browser, WebOffice
from tests.admin_api.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    REDIRECT_URL,
    Provider,
    signed_by_somebody_else,
    signed_with_our_secret,
    signed_with_the_public_key_as_secret,
    unsigned,
)

RULES = OidcRules("preferred_username", "groups", frozenset({"admins"}), frozenset({"audit"}))


@pytest.fixture
def office(make_office: Callable[..., WebOffice]) -> WebOffice:
    return make_office(ways=frozenset({SignInWay.OIDC}))


@pytest.fixture
def provider(office: WebOffice) -> Provider:
    provider = Provider(lambda: int(office.clock().timestamp()))
    client = OidcClient(ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URL)
    http = office.stack.enter_context(provider.http())
    office.web = replace(office.web, identity=Identities(IdentityProvider(client, http, office.clock), RULES))
    office.guard = application(office.web)
    return provider


def back_with(browser: Browser, brought: dict[str, str]) -> Response:
    return browser.get(f"/sign-in/oidc/back?{urlencode(brought)}")


def signed_in(office: WebOffice, provider: Provider, back: str = "/", **more: str) -> tuple[Browser, Response]:
    browser = office.browser()
    left = browser.get(f"/sign-in/oidc?{urlencode({'back': back})}")
    return browser, back_with(browser, provider.agree(left.headers["location"]) | more)


def test_a_user_of_neo_is_known_by_the_login_id_that_the_provider_tells(office: WebOffice, provider: Provider) -> None:
    browser, answer = signed_in(office, provider, back="/sync")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sync")
    assert "User 1" in browser.get("/sync").text
    assert browser.get("/admin").status_code == 403
    entry = office.entries()[0].entry
    assert (entry.what, entry.who.name, entry.after) == ("signed_in", "User 1", {"way": "oidc", "identity": "s-1"})


@pytest.mark.parametrize(
    ("groups", "may_look", "may_change"),
    [
        (["admins"], True, True),
        (["audit"], True, False),
        (["audit", "admins"], True, True),
        ("admins", True, True),
        (["other"], False, False),
        ([], False, False),
        ([{"x": "admins"}, 7], False, False),
    ],
)
def test_groups_give_a_role(office: WebOffice, provider: Provider, groups: Any, *, may_look: bool, may_change: bool) -> None:
    provider.claims["groups"] = groups

    browser, _ = signed_in(office, provider)

    assert (browser.get("/admin").status_code == 200) is may_look
    assert (browser.get("/admin/tokens/new").status_code == 200) is may_change
    assert browser.get("/sync").status_code == 200


def test_an_administrator_need_not_be_a_user_of_neo(office: WebOffice, provider: Provider) -> None:
    provider.claims |= {"preferred_username": "somebody", "groups": ["admins"]}

    browser, _ = signed_in(office, provider)

    assert "Ms. Abe" in browser.get("/admin").text
    assert browser.get("/sync").status_code == 403
    assert office.entries()[0].entry.who.kind == "subject"
    page = browser.get("/account").text
    assert "会社の ID プロバイダー" in page


@pytest.mark.parametrize("login_id", ["nobody", None, ["user1"], "", 7])
def test_whoever_is_known_to_nobody_here_is_told_so_and_not_let_in(
    office: WebOffice, provider: Provider, login_id: object
) -> None:
    provider.claims["preferred_username"] = login_id

    browser, answer = signed_in(office, provider)

    assert answer.status_code == 403
    assert "Ms. Abe さんは" in answer.text
    assert browser.get("/").headers["location"] == "/sign-in"
    entry = office.entries()[0].entry
    assert (entry.what, entry.about.name) == ("sign_in_failed", "Ms. Abe")


@pytest.mark.parametrize("claim", ["101", "User1"])
def test_a_claim_that_is_another_name_of_a_user_opens_nothing(office: WebOffice, provider: Provider, claim: str) -> None:
    provider.claims["preferred_username"] = claim  # The NEO user ID of somebody, and the login ID in other letters.

    assert signed_in(office, provider)[1].status_code == 403


def test_a_login_id_that_two_users_have_opens_nothing(office: WebOffice, provider: Provider) -> None:
    with office.begin() as session:
        listed = [ListedUser("101", "user1", "One"), ListedUser("102", "user1", "Two")]
        sync_directory(session, listed, office.clock(), time_zone="Asia/Tokyo")

    assert signed_in(office, provider)[1].status_code == 403


def test_who_has_left_neo_is_not_let_in(office: WebOffice, provider: Provider) -> None:
    with office.begin() as session:
        sync_directory(session, [ListedUser("999", "x", "X")], office.clock(), time_zone="Asia/Tokyo")

    assert signed_in(office, provider)[1].status_code == 403


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for several, without saying for whom": {"aud": [CLIENT_ID, "another"]},
    "given to another": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "not yet good": {"nbf": 9_999_999_999},
    "made in the future": {"iat": 9_999_999_999},
    "without a subject": {"sub": None},
    "with an empty subject": {"sub": ""},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_is_seen_through(office: WebOffice, provider: Provider, lie: dict[str, Any]) -> None:
    provider.lie = lie

    browser, answer = signed_in(office, provider)

    assert answer.status_code == 403
    assert "本人であることを確認できませんでした" in answer.text
    assert browser.get("/").headers["location"] == "/sign-in"
    assert office.deeds() == ["sign_in_failed"]


@pytest.mark.parametrize(
    "sign", [unsigned, signed_with_our_secret, signed_with_the_public_key_as_secret, signed_by_somebody_else, lambda _p, _c: "x"]
)
def test_a_signature_that_is_not_the_providers_is_seen_through(
    office: WebOffice, provider: Provider, sign: Callable[[Provider, dict[str, Any]], str]
) -> None:
    provider.sign = sign

    assert signed_in(office, provider)[1].status_code == 403


def test_a_provider_that_changes_its_key_is_believed_again_at_once(office: WebOffice, provider: Provider) -> None:
    signed_in(office, provider)
    office.clock.forward(minutes=2)
    provider.key = Provider(provider.now).key

    _, answer = signed_in(office, provider)

    assert answer.status_code == 303


def test_bad_tokens_do_not_make_us_ask_for_keys_without_end(office: WebOffice, provider: Provider) -> None:
    provider.sign = signed_by_somebody_else
    for _ in range(5):
        signed_in(office, provider)

    assert provider.calls.count("/keys") == 1
    assert provider.calls.count("/.well-known/openid-configuration") == 1


def test_what_the_token_does_not_hold_is_asked_for(office: WebOffice, provider: Provider) -> None:
    provider.claims = {"sub": "s-1"}
    provider.userinfo = {"sub": "s-1", "preferred_username": "user2", "groups": ["audit"], "name": "Two"}

    browser, _ = signed_in(office, provider)

    assert "User 2" in browser.get("/sync").text
    assert browser.get("/admin").status_code == 200


def test_what_is_told_about_somebody_else_is_not_believed(office: WebOffice, provider: Provider) -> None:
    provider.claims = {"sub": "s-1"}
    provider.userinfo = {"sub": "s-2", "preferred_username": "user2"}

    assert signed_in(office, provider)[1].status_code == 403


def test_the_answer_counts_in_the_browser_that_was_sent_away_and_once(office: WebOffice, provider: Provider) -> None:
    browser, thief = office.browser(), office.browser()
    thief.get("/sign-in")
    brought = provider.agree(browser.get("/sign-in/oidc").headers["location"])

    stolen = back_with(thief, brought)
    own = back_with(browser, brought)
    again = back_with(browser, brought)

    assert [answer.status_code for answer in (stolen, own, again)] == [400, 303, 400]
    assert "もう一度サインインしてください" in stolen.text


def test_an_answer_that_comes_too_late_counts_no_more(office: WebOffice, provider: Provider) -> None:
    browser = office.browser()
    brought = provider.agree(browser.get("/sign-in/oidc").headers["location"])
    office.clock.forward(minutes=11)

    assert back_with(browser, brought).status_code == 400


@pytest.mark.parametrize("change", [{"state": "x"}, {"state": ""}, {"code": "x"}, {"iss": "https://evil.example"}])
def test_an_answer_with_a_wrong_part_lets_nobody_in(office: WebOffice, provider: Provider, change: dict[str, str]) -> None:
    browser, answer = signed_in(office, provider, **change)

    assert answer.status_code in {400, 403}
    assert browser.get("/").headers["location"] == "/sign-in"


def test_the_providers_own_name_in_the_answer_is_right(office: WebOffice, provider: Provider) -> None:
    assert signed_in(office, provider, iss=ISSUER)[1].status_code == 303


def test_somebody_who_says_no_at_the_provider_reads_that(office: WebOffice, provider: Provider) -> None:
    browser = office.browser()
    brought = provider.agree(browser.get("/sign-in/oidc").headers["location"])

    answer = back_with(browser, {"state": brought["state"], "error": "access_denied", "error_description": "<b>no</b>"})

    assert answer.status_code == 403
    assert "サインインが許可されませんでした" in answer.text
    assert "<b>no</b>" not in answer.text


@pytest.mark.parametrize("away", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_to_no_other_site(office: WebOffice, provider: Provider, away: str) -> None:
    assert signed_in(office, provider, back=away)[1].headers["location"] == "/"


FAILURES: dict[str, tuple[str, httpx.Response | Exception]] = {
    "cannot be reached": ("/.well-known/openid-configuration", httpx.ConnectError("no route to 192.0.2.9")),
    "answers an error": ("/.well-known/openid-configuration", httpx.Response(503)),
    "answers a page": ("/.well-known/openid-configuration", httpx.Response(200, text="<html>")),
    "answers a list": ("/.well-known/openid-configuration", httpx.Response(200, json=[])),
    "says too little": ("/.well-known/openid-configuration", httpx.Response(200, json={"issuer": ISSUER})),
    "is another": (
        "/.well-known/openid-configuration",
        httpx.Response(
            200,
            json=dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"), "https://evil.example"),
        ),
    ),
    "tells no keys": ("/keys", httpx.Response(200, json={"keys": []})),
    "tells odd keys": ("/keys", httpx.Response(200, json={"keys": "none"})),
    "loses its token address": ("/token", httpx.Response(500)),
    "gives no ID token": ("/token", httpx.Response(200, json={"access_token": "x"})),
    "leads elsewhere": ("/token", httpx.Response(302, headers={"location": "https://evil.example/token"})),
    "takes too long": ("/token", httpx.ReadTimeout("slow")),
}


@pytest.mark.parametrize(("path", "failure"), FAILURES.values(), ids=FAILURES)
def test_a_provider_that_fails_is_a_page_that_says_so(
    office: WebOffice, provider: Provider, path: str, failure: httpx.Response | Exception
) -> None:
    provider.fails[path] = failure
    browser = office.browser()

    answer = browser.get("/sign-in/oidc")
    if answer.status_code == 303:
        answer = back_with(browser, provider.agree(answer.headers["location"]))

    assert answer.status_code == 502
    assert "現在、ID プロバイダーに確認できません" in answer.text
    assert "192.0.2.9" not in answer.text


def test_a_provider_that_was_away_is_asked_again(office: WebOffice, provider: Provider) -> None:
    provider.fails["/.well-known/openid-configuration"] = httpx.Response(503)
    office.browser().get("/sign-in/oidc")
    provider.fails.clear()

    assert signed_in(office, provider)[1].status_code == 303


def test_the_secret_is_sent_as_the_provider_wants_it(office: WebOffice, provider: Provider) -> None:
    provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert signed_in(office, provider)[1].status_code == 303


def test_the_page_offers_what_is_open_and_nothing_else(office: WebOffice, provider: Provider) -> None:
    assert provider
    page = office.browser().get("/sign-in").text

    assert "/sign-in/oidc?" in page
    assert "<form" not in page.partition("<main")[2]
    assert office.browser().get("/sign-in/local").status_code == 404


def test_without_a_provider_there_is_no_such_door(make_office: Callable[..., WebOffice]) -> None:
    office = make_office()

    assert [office.browser().get(path).status_code for path in ("/sign-in/oidc", "/sign-in/oidc/back?state=x")] == [404, 404]
    assert "/sign-in/oidc" not in office.browser().get("/sign-in").text


@pytest.mark.parametrize("is_open", [True, False])
def test_the_emergency_door_is_closed_unless_it_is_opened_and_loud_then(
    make_office: Callable[..., WebOffice], caplog: pytest.LogCaptureFixture, *, is_open: bool
) -> None:
    office = make_office(ways=frozenset({SignInWay.OIDC}), break_glass=is_open)
    with office.begin() as session:
        accounts.create_account(session, "abe", WebRole.ADMINISTRATOR, hash_password("seven blue spoons"), office.clock())
    browser = office.browser()

    browser.get("/sign-in")
    token = token_of_visit(browser.client.cookies["__Host-desksync-visit"])
    browser.client.post("/sign-in/local", data={"csrf": token, "name": "abe", "password": "seven blue spoons"})

    assert browser.get("/sign-in").text.count("/sign-in/local") == 0
    assert (browser.get("/admin").status_code == 200) is is_open
    assert office.deeds() == (["break_glass"] if is_open else [])
    assert ("somebody came in by the emergency door" in caplog.text) is is_open
