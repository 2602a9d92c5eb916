from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from desksync.worker.errors import Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_google_worker.consent import (
    SCOPES,
    CalendarChoice,
    Grant,
    OAuthClient,
    authorization_url,
    challenge_of,
    exchange_code,
    list_calendars,
    revoke,
    try_calendar,
)
from tests.google_worker.desk import ADDRESS, Desk

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
BACK = "http://127.0.0.1:8000/google/callback"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


def a_client(desk: Desk) -> OAuthClient:
    return OAuthClient(
        "desksync-demo.apps.googleusercontent.com",
        "demo-secret",
        desk.server.auth_url,
        desk.server.token_url,
        desk.server.revoke_url,
        BACK,
    )


def consented(desk: Desk, http: httpx.Client, *, granted: tuple[str, ...] = SCOPES) -> dict[str, list[str]]:
    """Go to the consent page, allow what is asked, and return what Google sends back."""
    url = authorization_url(a_client(desk), state="xyz", challenge=challenge_of(VERIFIER), login_hint=ADDRESS)
    page = http.get(url)
    assert page.status_code == 200
    fields: dict[str, Any] = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form = fields | {"granted": list(granted), "account": ADDRESS, "decision": "allow"}
    answer = http.post(desk.server.auth_url, data=form)
    return parse_qs(urlsplit(answer.headers["location"]).query)


def granted(desk: Desk, http: httpx.Client, **options: Any) -> Grant:
    code = consented(desk, http, **options)["code"][0]
    return exchange_code(a_client(desk), http, code=code, verifier=VERIFIER, now=desk.clock)


def test_the_challenge_is_the_one_of_the_standard() -> None:
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_consent_page_is_asked_for_lasting_consent(desk: Desk) -> None:
    asked = parse_qs(urlsplit(authorization_url(a_client(desk), state="xyz", challenge="abc")).query)

    assert (asked["access_type"], asked["prompt"], asked["state"]) == (["offline"], ["consent"], ["xyz"])
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (["abc"], ["S256"])
    assert asked["scope"] == [" ".join(SCOPES)]
    assert "login_hint" not in asked


def test_a_consent_page_with_a_query_keeps_it(desk: Desk) -> None:
    client = OAuthClient("id", "secret", "http://127.0.0.1/auth?authuser=1", desk.server.token_url, desk.server.revoke_url, BACK)

    assert authorization_url(client, state="s", challenge="c").startswith("http://127.0.0.1/auth?authuser=1&client_id=id&")


def test_consent_gives_tokens_that_work(desk: Desk, http: httpx.Client) -> None:
    back = consented(desk, http)
    grant = exchange_code(a_client(desk), http, code=back["code"][0], verifier=VERIFIER, now=desk.clock)

    assert back["state"] == ["xyz"]
    assert grant.missing_scopes == ()
    assert list_calendars(desk.server.api_url, http, grant.access_token, now=desk.clock)[0].id == ADDRESS


def test_a_scope_that_was_unticked_is_missing(desk: Desk, http: httpx.Client) -> None:
    desk.server.world.grants.revoke_account(ADDRESS)

    assert granted(desk, http, granted=SCOPES[:1]).missing_scopes == SCOPES[1:]


def test_a_code_works_once(desk: Desk, http: httpx.Client) -> None:
    code = consented(desk, http)["code"][0]
    exchange_code(a_client(desk), http, code=code, verifier=VERIFIER, now=desk.clock)

    with pytest.raises(UserMustAct) as caught:
        exchange_code(a_client(desk), http, code=code, verifier=VERIFIER, now=desk.clock)

    assert caught.value.reason is Reason.CONSENT_DEAD


def test_a_code_needs_its_verifier(desk: Desk, http: httpx.Client) -> None:
    code = consented(desk, http)["code"][0]

    with pytest.raises(UserMustAct):
        exchange_code(a_client(desk), http, code=code, verifier="another", now=desk.clock)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"access_token": "x"}, UserMustAct),
        ({"refresh_token": "x"}, SideUnreadable),
        ("[]", SideUnreadable),
        ("<html>", SideUnreadable),
    ],
)
def test_an_answer_without_both_tokens_is_no_consent(
    desk: Desk, http: httpx.Client, body: Any, expected: type[Exception]
) -> None:
    desk.server.faults.add(on="oauth.token", kind="status", status=200, body=body)

    with pytest.raises(expected):
        exchange_code(a_client(desk), http, code="x", verifier="y", now=desk.clock)


def test_a_token_address_that_is_silent_is_tried_later(desk: Desk, http: httpx.Client) -> None:
    desk.server.faults.add(on="oauth.token", kind="drop")

    with pytest.raises(RetryLater):
        exchange_code(a_client(desk), http, code="x", verifier="y", now=desk.clock)


def test_revoking_ends_the_consent(desk: Desk, http: httpx.Client) -> None:
    desk.read()

    revoke(a_client(desk), http, desk.account.secret, now=desk.clock)

    with pytest.raises(UserMustAct):
        desk.read()


def test_revoking_what_is_dead_is_success(desk: Desk, http: httpx.Client) -> None:
    revoke(a_client(desk), http, "unknown", now=desk.clock)

    assert [call.status for call in desk.server.calls.all("oauth.revoke")] == [400]


def test_a_revocation_that_fails_is_told(desk: Desk, http: httpx.Client) -> None:
    desk.server.faults.add(on="oauth.revoke", kind="status", status=503)

    with pytest.raises(RetryLater):
        revoke(a_client(desk), http, desk.account.secret, now=desk.clock)


def an_access_token(desk: Desk) -> str:
    return desk.server.world.grants.access_token_for(ADDRESS)


def test_the_calendars_of_an_account_are_listed_with_the_primary_one_first(desk: Desk, http: httpx.Client) -> None:
    world = desk.server.world
    world.add_calendar(ADDRESS, "a-team@group.example.jp", summary="A team", time_zone="Europe/Berlin")
    world.add_account("taro@example.jp", "太郎")
    world.list_calendar(ADDRESS, world.add_calendar("taro@example.jp", "b@group.example.jp", summary="B"), "reader")

    found = list_calendars(desk.server.api_url, http, an_access_token(desk), now=desk.clock)

    assert found == [
        CalendarChoice(ADDRESS, ADDRESS, "Asia/Tokyo", is_primary=True, is_writable=True),
        CalendarChoice("a-team@group.example.jp", "A team", "Europe/Berlin", is_primary=False, is_writable=True),
        CalendarChoice("b@group.example.jp", "B", "Asia/Tokyo", is_primary=False, is_writable=False),
    ]


def test_a_long_list_of_calendars_has_pages(desk: Desk, http: httpx.Client) -> None:
    for number in range(300):
        desk.server.world.add_calendar(ADDRESS, f"c{number}@group.example.jp")

    assert len(list_calendars(desk.server.api_url, http, an_access_token(desk), now=desk.clock)) == 301


def test_a_list_of_calendars_without_access_needs_consent(desk: Desk, http: httpx.Client) -> None:
    with pytest.raises(UserMustAct) as caught:
        list_calendars(desk.server.api_url, http, "unknown", now=desk.clock)

    assert caught.value.reason is Reason.CONSENT_DEAD


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, None, RetryLater),
        (403, "insufficientPermissions", UserMustAct),
        (200, {"kind": "calendar#events"}, SideUnreadable),
        (200, {"kind": "calendar#calendarList", "items": {}}, SideUnreadable),
    ],
)
def test_a_list_of_calendars_in_trouble_is_told(
    desk: Desk, http: httpx.Client, status: int, body: Any, expected: type[Exception]
) -> None:
    desk.server.faults.add(on="calendarList.list", kind="status", status=status, body=body)

    with pytest.raises(expected):
        list_calendars(desk.server.api_url, http, an_access_token(desk), now=desk.clock)


def test_neither_client_nor_grant_shows_its_secrets(desk: Desk) -> None:
    shown = repr(a_client(desk)) + repr(Grant("1//secret", "ya29.secret", frozenset()))

    assert "secret" not in shown


def tried(desk: Desk, http: httpx.Client, calendar_id: str) -> CalendarChoice:
    return try_calendar(desk.server.api_url, http, an_access_token(desk), calendar_id, now=desk.clock)


def test_a_calendar_is_tried_by_its_id_in_the_list_or_not(desk: Desk, http: httpx.Client) -> None:
    desk.server.world.add_calendar(ADDRESS, "team+a b@group.example.jp", summary="A team", time_zone="Europe/Berlin")

    found = [tried(desk, http, calendar_id) for calendar_id in (ADDRESS, "team+a b@group.example.jp")]

    assert found == [
        CalendarChoice(ADDRESS, ADDRESS, "Asia/Tokyo", is_primary=False, is_writable=True),
        CalendarChoice("team+a b@group.example.jp", "A team", "Europe/Berlin", is_primary=False, is_writable=True),
    ]


def test_a_calendar_that_may_only_be_read_is_tried_and_said_so(desk: Desk, http: httpx.Client) -> None:
    world = desk.server.world
    world.add_account("taro@example.jp", "太郎")
    world.list_calendar(ADDRESS, world.add_calendar("taro@example.jp", "b@group.example.jp", summary="B"), "reader")

    assert not tried(desk, http, "b@group.example.jp").is_writable


@pytest.mark.parametrize("calendar_id", ["nobody@example.com", "x/../y", "x?y=z", "日本"])
def test_a_calendar_that_is_not_there_is_told(desk: Desk, http: httpx.Client, calendar_id: str) -> None:
    with pytest.raises(UserMustAct) as caught:
        tried(desk, http, calendar_id)

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


def test_an_answer_that_is_no_calendar_is_told(desk: Desk, http: httpx.Client) -> None:
    desk.server.faults.add(on="events.list", kind="status", status=200, body={"kind": "something else"})

    with pytest.raises(SideUnreadable):
        tried(desk, http, ADDRESS)
