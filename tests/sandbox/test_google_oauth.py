"""The consent page, codes with PKCE, refresh and revoke (Google's OAuth guide for web servers)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from desksync_sandbox.google.grants import s256
from tests.sandbox.google_site import HANAKO, TARO, Site

EVENTS = "https://www.googleapis.com/auth/calendar.events"
LISTS = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
BACK = "http://127.0.0.1:9/back"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123"
ASKED = {
    "client_id": "client-1",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": f"{EVENTS} {LISTS}",
    "state": "a&b",
    "access_type": "offline",
    "prompt": "consent",
    "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
}


def decide(google: Site, *, account: str = HANAKO, granted: tuple[str, ...] = (EVENTS, LISTS), **changes: str) -> dict[str, str]:
    """Press a button on the consent page; return what the redirect carries back."""
    form: dict[str, Any] = {**ASKED, "account": account, "granted": list(granted), "decision": "allow", **changes}
    response = google.web.post(google.server.auth_url, data=form)
    assert response.status_code == 303, response.text
    assert response.headers["location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def exchange(google: Site, code: str, /, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": "client-1",
        "client_secret": "hush",
        "code_verifier": VERIFIER,
    }
    return google.web.post(google.server.token_url, data={**form, **changes})


def refresh(google: Site, token: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "client-1", "client_secret": "hush"}
    return google.web.post(google.server.token_url, data={**form, **changes})


def refresh_token(google: Site, **changes: Any) -> str:
    token: str = exchange(google, decide(google, **changes)["code"]).json()["refresh_token"]
    return token


def colors(google: Site, access_token: str) -> int:
    headers = {"authorization": f"Bearer {access_token}"}
    return google.web.get("/calendar/v3/users/me/calendarList", headers=headers).status_code


def test_the_page_names_client_accounts_and_scopes(google: Site) -> None:
    response = google.web.get(google.server.auth_url, params={**ASKED, "login_hint": TARO})

    assert response.status_code == 200
    assert all(text in response.text for text in ("client-1", "山田 花子", TARO, EVENTS, LISTS))
    assert f'value="{TARO}" checked' in response.text
    assert 'value="a&amp;b"' in response.text


def test_allowing_leads_back_with_code_state_and_scope_and_the_code_gives_tokens(google: Site) -> None:
    back = decide(google)

    tokens = exchange(google, back["code"]).json()

    assert (back["state"], back["scope"]) == ("a&b", f"{EVENTS} {LISTS}")
    assert set(tokens) == {"access_token", "expires_in", "refresh_token", "scope", "token_type"}
    assert tokens["token_type"] == "Bearer"
    assert colors(google, tokens["access_token"]) == 200


def test_refusing_leads_back_with_access_denied(google: Site) -> None:
    assert decide(google, decision="refuse") == {"error": "access_denied", "state": "a&b"}
    assert decide(google, account="nobody@example.jp")["error"] == "access_denied"


def test_a_person_may_untick_scopes(google: Site) -> None:
    tokens = exchange(google, decide(google, granted=(EVENTS,))["code"]).json()

    assert tokens["scope"] == EVENTS
    assert colors(google, tokens["access_token"]) == 403
    assert decide(google, granted=())["error"] == "access_denied"


def test_scopes_that_were_not_asked_for_are_not_given(google: Site) -> None:
    back = decide(google, granted=(EVENTS, "https://www.googleapis.com/auth/calendar"))

    assert back["scope"] == EVENTS


def test_earlier_scopes_are_included_on_request(google: Site) -> None:
    decide(google, granted=(LISTS,))

    back = decide(google, granted=(EVENTS,), include_granted_scopes="true")

    assert LISTS in back["scope"].split()


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "other"}, {"redirect_uri": "http://127.0.0.1:9/elsewhere"}, {"redirect_uri": "javascript:alert(1)"}],
)
def test_a_wrong_client_or_address_is_shown_to_the_person_and_leads_nowhere(google: Site, changes: dict[str, str]) -> None:
    asked = google.web.get(google.server.auth_url, params={**ASKED, **changes})
    decided = google.web.post(google.server.auth_url, data={**ASKED, **changes, "account": HANAKO, "decision": "allow"})

    assert (asked.status_code, decided.status_code) == (400, 400)
    assert "location" not in decided.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "interaction_required"),
    ],
)
def test_other_mistakes_are_told_to_the_client(google: Site, changes: dict[str, str], error: str) -> None:
    response = google.web.get(google.server.auth_url, params={**ASKED, **changes})

    assert response.status_code == 303
    assert parse_qs(urlsplit(response.headers["location"]).query)["error"] == [error]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "wrong"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "redirect_uri_mismatch"),
        ({"code": "4/nonsense"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_good_only_with_everything_that_belongs_to_it(google: Site, changes: dict[str, str], error: str) -> None:
    response = exchange(google, decide(google)["code"], **changes)

    assert response.json()["error"] == error
    assert response.status_code == (401 if error == "invalid_client" else 400)


def test_a_code_is_good_once_and_for_ten_minutes(google: Site) -> None:
    used, old = decide(google)["code"], decide(google)["code"]
    exchange(google, used)
    again = exchange(google, used)
    google.clock.advance(minutes=10)

    late = exchange(google, old)

    assert again.json()["error"] == late.json()["error"] == "invalid_grant"


def test_a_refresh_token_comes_with_the_first_consent_or_when_consent_is_asked_for_again(google: Site) -> None:
    first = exchange(google, decide(google, account=TARO, prompt="")["code"]).json()
    second = exchange(google, decide(google, account=TARO, prompt="")["code"]).json()
    third = exchange(google, decide(google, account=TARO)["code"]).json()
    online = exchange(google, decide(google, account=TARO, access_type="online")["code"]).json()

    assert ["refresh_token" in tokens for tokens in (first, second, third, online)] == [True, False, True, False]


def test_googles_own_library_refreshes_and_learns_that_the_token_is_dead(google: Site) -> None:
    credentials: Any = Credentials(  # type: ignore[no-untyped-call]  # google-auth is only half typed.
        None,
        refresh_token="1//hanako",
        token_uri=google.server.token_url,
        client_id="client-1",
        client_secret="hush",
    )
    transport = Request()
    credentials.refresh(transport)
    works = colors(google, credentials.token)
    google.world.grants.kill("1//hanako")

    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials.refresh(transport)

    transport.session.close()
    assert works == 200
    assert colors(google, credentials.token) == 200


def test_the_client_may_name_itself_in_the_header(google: Site) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "1//hanako"}

    good = google.web.post(google.server.token_url, data=form, auth=("client-1", "hush"))
    bad = google.web.post(google.server.token_url, data=form, auth=("client-1", "wrong"))

    assert (good.status_code, bad.status_code) == (200, 401)


def test_revoking_either_token_kills_both_and_all_that_the_account_allowed(google: Site) -> None:
    other = refresh_token(google)
    tokens = exchange(google, decide(google)["code"]).json()

    answer = google.web.post(google.server.revoke_url, data={"token": tokens["access_token"]})
    again = google.web.post(google.server.revoke_url, data={"token": tokens["refresh_token"]})

    assert (answer.status_code, again.status_code) == (200, 400)
    assert colors(google, tokens["access_token"]) == 401
    assert refresh(google, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(google, other).json()["error"] == "invalid_grant"


def test_one_token_too_many_silently_kills_the_oldest(google: Site) -> None:
    google.turn(refresh_tokens_per_account=2)
    tokens = [refresh_token(google, account=TARO) for _ in range(3)]

    assert [refresh(google, token).status_code for token in tokens] == [400, 200, 200]


def test_access_tokens_expire_by_age_or_by_order(google: Site) -> None:
    google.turn(access_token_life=timedelta(minutes=5))
    token = refresh(google, "1//hanako").json()
    google.clock.advance(minutes=5)
    aged = colors(google, token["access_token"])
    ordered = refresh(google, "1//hanako").json()["access_token"]
    google.web.post("/control/expire-access-tokens")

    assert token["expires_in"] == 299
    assert aged == 401
    assert colors(google, ordered) == 401


def test_a_person_can_take_the_permission_away(google: Site) -> None:
    tokens = exchange(google, decide(google)["code"]).json()

    google.web.post("/control/revoke", json={"email": HANAKO})

    assert colors(google, tokens["access_token"]) == 401
    assert refresh(google, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert google.web.post("/control/revoke", json={"unknown": 1}).status_code == 422
