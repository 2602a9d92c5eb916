"""Access tokens for refresh tokens, kept in memory until shortly before they end. Never logs either of them.

One answer serves about an hour, so that a quiet cycle costs one request and not two (Google's "Using OAuth 2.0").
"""

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httplib2

from desksync.worker.calls import Watch, unwatched
from desksync.worker.errors import SideUnreadable
from desksync_google_worker.connections import Connections
from desksync_google_worker.errors import meaning_of_token_answer, unreachable

_MARGIN = timedelta(minutes=5)
_USUAL_LIFE = 3600
_KEPT = 20_000


@dataclass(frozen=True, slots=True, repr=False)
class _AccessToken:
    value: str
    good_until: datetime


class AccessTokens:
    """Exchanges refresh tokens for access tokens. Safe from several threads."""

    def __init__(
        self,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        connections: Connections,
        now: Callable[[], datetime],
        kept: int = _KEPT,
        watch: Watch = unwatched,
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._connections = connections
        self._now = now
        self._kept = kept
        self._watch = watch
        self._tokens: dict[str, _AccessToken] = {}
        self._lock = threading.Lock()

    def access_for(self, refresh_token: str) -> str:
        """Return an access token that is good for some minutes still.

        Raises `UserMustAct` when the consent is dead or DeskSync's own credentials are refused, `RetryLater` when Google
        cannot answer.
        """
        token = self._tokens.get(refresh_token)
        if token is None or token.good_until <= self._now():
            token = self._fetched(refresh_token)
            with self._lock:
                self._tokens.pop(refresh_token, None)
                self._tokens[refresh_token] = token
                while len(self._tokens) > self._kept:
                    del self._tokens[next(iter(self._tokens))]  # A dict keeps its order: this is the oldest.
        return token.value

    def forget(self, refresh_token: str) -> None:
        """Drop the access token that Google refused before its time."""
        with self._lock:
            self._tokens.pop(refresh_token, None)

    def _fetched(self, refresh_token: str) -> _AccessToken:
        form = urlencode(
            {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
                "client_id": self._client_id,
                "client_secret": self._client_secret,
            }
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        asked_at = self._now()
        try:
            with self._watch("oauth.token") as call:
                response, content = self._connections.mine().request(self._token_url, "POST", body=form, headers=headers)
                call.answered(response.status)
        except (OSError, httplib2.HttpLib2Error, http.client.HTTPException) as error:
            self._connections.drop_mine()
            raise unreachable(error) from error
        if response.status != HTTPStatus.OK:
            raise meaning_of_token_answer(response.status, content, response.get("retry-after"), self._now())
        return _token_in(content, asked_at)


def _token_in(content: bytes, asked_at: datetime) -> _AccessToken:
    try:
        answer: Mapping[str, Any] = json.loads(content)
        value, life = answer["access_token"], timedelta(seconds=float(answer.get("expires_in", _USUAL_LIFE)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # The cause would show the answer, and with it perhaps the token.
        raise SideUnreadable(f"Google's token address answered no access token ({type(error).__name__}).") from None
    return _AccessToken(str(value), asked_at + max(life - _MARGIN, life / 2))
