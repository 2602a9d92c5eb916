"""Asks a company's own identity provider who somebody is: OpenID Connect, code flow with PKCE and nonce. Knows no page, no row.

Sources: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; OpenID Connect Discovery 1.0; RFC 7636 (PKCE); RFC 9207 (`iss`).
Authlib builds the address and judges the claims; its JOSE library checks signatures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from desksync.store.web_states import WebRole

SCOPES = "openid profile email"

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key of the provider's. Neither none nor one made with our own secret is among them."""

_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
_LEEWAY_SECONDS = 60
_KEPT = timedelta(hours=1)
_ASKED_AGAIN_AFTER = timedelta(minutes=1)


class ProviderAway(Exception):
    """The provider does not answer, or answers something that is no answer. `str()` says what."""


class NotProven(Exception):
    """What the browser came back with proves nothing. `str()` says why, without any token."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """DeskSync as the provider knows it. `redirect_url` is registered there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_url: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is: the provider's own name for them, which never changes, and what else it tells."""

    subject: str
    claims: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return what to call them."""
        found = (self.claims.get(claim) for claim in ("name", "preferred_username", "email"))
        return next((one for one in found if isinstance(one, str) and one), self.subject)

    def text(self, claim: str) -> str | None:
        """Return a claim that is a text, `None` where it is missing or anything else."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) and value else None

    def several(self, claim: str) -> frozenset[str]:
        """Return a claim that holds several texts, such as groups; one text counts as one."""
        value = self.claims.get(claim)
        return frozenset(one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


@dataclass(frozen=True, slots=True)
class OidcRules:
    """What the provider's claims mean here.

    `user_claim` holds the login ID that somebody has in NEO, `role_claim` their groups. `administrators` and `auditors` are
    the groups that give a role.
    """

    user_claim: str
    role_claim: str
    administrators: frozenset[str]
    auditors: frozenset[str]

    @property
    def wanted(self) -> frozenset[str]:
        """Return the claims that decide."""
        return frozenset({self.user_claim, self.role_claim})

    def role_of(self, identity: Identity) -> WebRole | None:
        """Return the role that the claims give: the higher one where there are two."""
        groups = identity.several(self.role_claim)
        if groups & self.administrators:
            return WebRole.ADMINISTRATOR
        return WebRole.AUDITOR if groups & self.auditors else None


class IdentityProvider:
    """One provider. Safe from several threads. What it says about itself is asked once an hour, and its keys when one is new."""

    def __init__(self, client: OidcClient, http: httpx.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._http = http
        self._now = now
        self._lock = Lock()
        self._metadata: tuple[Mapping[str, Any], datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    def sign_in_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where to send the browser. `verifier` is the PKCE secret; only its challenge leaves."""
        return str(
            prepare_grant_uri(
                self._about()["authorization_endpoint"],
                self._client.client_id,
                "code",
                redirect_uri=self._client.redirect_url,
                scope=SCOPES,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def who_came_back(self, *, code: str, issuer: str | None, nonce: str, verifier: str, wanted: frozenset[str]) -> Identity:
        """Return who that is. Claims of `wanted` that the token does not hold are asked for.

        `issuer` is what the browser brought as `iss`, if anything. Raises `NotProven` and `ProviderAway`.
        """
        if issuer is not None and issuer != self._client.issuer:
            raise NotProven("The answer is of another identity provider.")
        answer = self._exchanged(code, verifier)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str) or not isinstance(access, str):
            raise ProviderAway("The identity provider answered without an ID token.")
        claims = self._judged(token, access, nonce)
        if not wanted <= set(claims) and "userinfo_endpoint" in self._about():
            claims = self._told(access, str(claims["sub"])) | claims
        return Identity(str(claims["sub"]), claims)

    def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        about, client = self._about(), self._client
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_url, "code_verifier": verifier}
        secret, url = {"client_id": client.client_id, "client_secret": client.client_secret}, about["token_endpoint"]
        if "client_secret_post" in about.get("token_endpoint_auth_methods_supported", ()):
            response = self._sent(lambda: self._http.post(url, data=form | secret))
        else:
            # What every provider has to take (RFC 6749, section 2.3.1): both parts encoded as in a form.
            encoded = httpx.BasicAuth(quote(client.client_id, safe=""), quote(client.client_secret, safe=""))
            response = self._sent(lambda: self._http.post(url, data=form, auth=encoded))
        if response.status_code in {400, 401}:
            raise NotProven(f"The identity provider does not take the answer ({_error_of(response)}).")
        return _object(response)

    def _judged(self, token: str, access: str, nonce: str) -> dict[str, Any]:
        try:
            decoded = self._decoded(token)
            options = {
                "iss": {"essential": True, "value": self._client.issuer},
                "aud": {"essential": True, "value": self._client.client_id},
            }
            params = {"nonce": nonce, "client_id": self._client.client_id, "access_token": access}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(self._now().timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as problem:
            # The text of the problem may hold what was in the token.
            raise NotProven(f"The ID token cannot be trusted ({getattr(problem, 'error', type(problem).__name__)}).") from None
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise NotProven("The ID token does not say whose it is.")
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # It may be signed with a key that is newer than those we know.
            return jwt.decode(token, self._key_set(is_new=True), algorithms=list(ALGORITHMS))

    def _told(self, access: str, subject: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {access}"}
        response = self._sent(lambda: self._http.get(self._about()["userinfo_endpoint"], headers=headers))
        claims = _object(response)
        if claims.get("sub") != subject:
            raise NotProven("The identity provider told about somebody else.")
        return dict(claims)

    def _about(self) -> Mapping[str, Any]:
        with self._lock:
            if self._metadata is None or self._now() - self._metadata[1] > _KEPT:
                url = get_well_known_url(self._client.issuer, external=True)
                self._metadata = (self._checked(_object(self._sent(lambda: self._http.get(url)))), self._now())
            return self._metadata[0]

    def _checked(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        missing = [part for part in _NEEDED if not isinstance(told.get(part), str)]
        if missing:
            raise ProviderAway(f"The identity provider does not say about itself: {', '.join(missing)}.")
        if told["issuer"] != self._client.issuer:
            raise ProviderAway("The identity provider calls itself something else than DESKSYNC_OIDC_ISSUER.")
        return told

    def _key_set(self, *, is_new: bool = False) -> KeySet:
        url = self._about()["jwks_uri"]
        with self._lock:
            age = None if self._keys is None else self._now() - self._keys[1]
            if self._keys is None or age is None or age > (_ASKED_AGAIN_AFTER if is_new else _KEPT):
                found = _keys_in(_object(self._sent(lambda: self._http.get(url))))
                if not found:
                    raise ProviderAway("The identity provider tells no key with which it signs.")
                self._keys = (KeySet(found), self._now())
            return self._keys[0]

    def _sent(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return send()
        except httpx.HTTPError as problem:
            raise ProviderAway(f"The identity provider cannot be reached ({type(problem).__name__}).") from problem


def _keys_in(told: Mapping[str, Any]) -> list[Key]:
    """Return the keys that can be read. A provider may list some for other purposes, of kinds that nobody knows yet."""
    found: list[Key] = []
    listed = told.get("keys")
    for one in listed if isinstance(listed, list) else []:
        try:
            found.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def _object(response: httpx.Response) -> Mapping[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise ProviderAway(f"The identity provider answered HTTP {response.status_code}.")
    try:
        answer = response.json()
    except ValueError as problem:
        raise ProviderAway("The identity provider answered something that is no JSON.") from problem
    if not isinstance(answer, Mapping):
        raise ProviderAway("The identity provider answered JSON that is no object.")
    return answer


def _error_of(response: httpx.Response) -> str:
    try:
        said = response.json().get("error")
    except (ValueError, AttributeError):
        said = None
    return said if isinstance(said, str) and said.isascii() and len(said) < 60 else f"HTTP {response.status_code}"  # noqa: PLR2004 - error codes are short words
