"""How a user lets DeskSync into their Google calendar: the consent page, the exchange of its code, the calendars, the way back.

Plain functions over an `httpx.Client` that the caller makes (with `trust_env=False` and a timeout). Must not know pages or
storage.
Sources: Google's "Using OAuth 2.0 for web server applications" and calendarList.list; PKCE is RFC 7636.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from desksync.worker.errors import Reason, SideUnreadable, UserMustAct
from desksync_google_worker.errors import (
    Refusal,
    meaning_anywhere,
    meaning_for_calendar,
    meaning_of_token_answer,
    refusal_of,
    unreachable,
)

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
)
"""The smallest set for keeping one calendar in step and letting its owner choose it from a list."""

_PAGE_SIZE = 250
_WRITERS = frozenset({"writer", "owner", "writerWithoutPrivateAccess"})


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """DeskSync as Google knows it, and where Google is. `redirect_url` is registered with the client there."""

    client_id: str
    client_secret: str
    auth_url: str
    token_url: str
    revoke_url: str
    redirect_url: str

    def __repr__(self) -> str:
        return f"OAuthClient(client_id={self.client_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """What a user has allowed. `scopes` may be fewer than were asked for: Google lets people untick them."""

    refresh_token: str
    access_token: str
    scopes: frozenset[str]

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """Return what was asked for and not given."""
        return tuple(scope for scope in SCOPES if scope not in self.scopes)


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """One calendar in a person's list. `zone` is the calendar's own time zone name (rule R24)."""

    id: str
    name: str
    zone: str
    is_primary: bool
    is_writable: bool


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge (S256) of a verifier of 43 to 128 random letters and digits."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorization_url(client: OAuthClient, *, state: str, challenge: str, login_hint: str = "") -> str:
    """Return the address of Google's consent page.

    It always asks anew (`prompt=consent`), because only then Google gives a refresh token a second time.
    """
    asked = {
        "client_id": client.client_id,
        "redirect_uri": client.redirect_url,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if login_hint:
        asked["login_hint"] = login_hint
    separator = "&" if "?" in client.auth_url else "?"
    return f"{client.auth_url}{separator}{urlencode(asked)}"


def exchange_code(client: OAuthClient, http: httpx.Client, *, code: str, verifier: str, now: Callable[[], datetime]) -> Grant:
    """Return what the user has allowed. Raises `UserMustAct` where the code is used up, or brought no lasting consent."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": client.redirect_url,
    }
    response = _sent(lambda: http.post(client.token_url, data=form))
    if response.status_code != HTTPStatus.OK:
        raise meaning_of_token_answer(response.status_code, response.content, response.headers.get("retry-after"), now())
    answer = _object(response)
    refresh, access = answer.get("refresh_token"), answer.get("access_token")
    if not isinstance(access, str):
        raise SideUnreadable("Google's token address answered no access token.")
    if not isinstance(refresh, str):
        raise UserMustAct(Reason.CONSENT_DEAD, "Google gave no lasting consent. Please authenticate again.")
    return Grant(refresh, access, frozenset(str(answer.get("scope", "")).split()))


def revoke(client: OAuthClient, http: httpx.Client, token: str, *, now: Callable[[], datetime]) -> None:
    """End the consent that a refresh or access token stands for. One that is dead already is success."""
    response = _sent(lambda: http.post(client.revoke_url, data={"token": token}))
    # Google answers 400 for a token that it does not know any more.
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
        raise meaning_of_token_answer(response.status_code, response.content, response.headers.get("retry-after"), now())


def list_calendars(api_url: str, http: httpx.Client, access_token: str, *, now: Callable[[], datetime]) -> list[CalendarChoice]:
    """Return the calendars in the person's list, the primary one first. `api_url` ends in `/calendar/v3/`."""
    found: list[CalendarChoice] = []
    turn: dict[str, str] = {}
    while True:
        url = f"{api_url.rstrip('/')}/users/me/calendarList"
        page = _answer(url, http, access_token, {"maxResults": str(_PAGE_SIZE), **turn}, now)
        entries = page.get("items", [])
        if page.get("kind") != "calendar#calendarList" or not isinstance(entries, list):
            raise SideUnreadable("Google answered something that is no list of calendars.")
        found += [_choice(entry) for entry in entries if isinstance(entry, Mapping) and entry.get("deleted") is not True]
        following = page.get("nextPageToken")
        if not following or following == turn.get("pageToken"):
            return sorted(found, key=lambda choice: (not choice.is_primary, choice.name))
        turn = {"pageToken": str(following)}


def try_calendar(
    api_url: str, http: httpx.Client, access_token: str, calendar_id: str, *, now: Callable[[], datetime]
) -> CalendarChoice:
    """Return the calendar of that ID, in the person's list or not. Raises `UserMustAct`: there is none, or no access to it.

    The answer to a question for one event says what the calendar is and what may be done there (events.list).
    """
    url = f"{api_url.rstrip('/')}/calendars/{quote(calendar_id, safe='')}/events"
    asked = {"maxResults": "1", "fields": "kind,accessRole,summary,timeZone"}
    answer = _answer(url, http, access_token, asked, now)
    if answer.get("kind") != "calendar#events":
        raise SideUnreadable("Google answered something that is no calendar.")
    return CalendarChoice(
        id=calendar_id,
        name=str(answer.get("summary") or calendar_id),
        zone=str(answer.get("timeZone", "")),
        is_primary=False,
        is_writable=answer.get("accessRole") in _WRITERS,
    )


def _answer(
    url: str, http: httpx.Client, access_token: str, asked: Mapping[str, str], now: Callable[[], datetime]
) -> Mapping[str, Any]:
    headers = {"authorization": f"Bearer {access_token}"}
    response = _sent(lambda: http.get(url, params=dict(asked), headers=headers))
    if response.status_code == HTTPStatus.OK:
        return _object(response)
    refusal: Refusal = refusal_of(response.status_code, response.content, response.headers.get("retry-after"), now())
    raise meaning_anywhere(refusal) or meaning_for_calendar(refusal)


def _choice(entry: Mapping[str, Any]) -> CalendarChoice:
    return CalendarChoice(
        id=str(entry.get("id", "")),
        name=str(entry.get("summaryOverride") or entry.get("summary") or entry.get("id", "")),
        zone=str(entry.get("timeZone", "")),
        is_primary=entry.get("primary") is True,
        is_writable=entry.get("accessRole") in _WRITERS,
    )


def _sent(send: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        return send()
    except httpx.TransportError as error:
        raise unreachable(error) from error


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise SideUnreadable("Google answered something that is no JSON.") from error
    if not isinstance(answer, Mapping):
        raise SideUnreadable("Google answered JSON that is no object.")
    return answer
