"""An identity provider in memory that checks what it is sent, and that can lie in every way that matters."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

ISSUER = "https://login.example.com"
CLIENT_ID = "desksync"
CLIENT_SECRET = "s3cret/+% of a length that is fit for a key"
REDIRECT_URL = "https://desksync.example.com/sign-in/oidc/back"


@dataclass
class Provider:
    """`claims` are what it tells; `lie` changes the ID token's claims, `sign` how it is signed."""

    now: Callable[[], int]
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "name": "Ms. Abe", "preferred_username": "user1"})
    about: dict[str, Any] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    sign: Callable[["Provider", dict[str, Any]], str] | None = None
    userinfo: dict[str, Any] | None = None
    fails: dict[str, httpx.Response | Exception] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def agree(self, url: str) -> dict[str, str]:
        """Let the person agree on the page of that address, and return what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{ISSUER}/authorize?")
        assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT_ID, REDIRECT_URL)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append(path)
        failure = self.fails.get(path)
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return failure
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._metadata())
            case "/keys":
                odd = {"kty": "of the future", "kid": "odd"}
                return httpx.Response(200, json={"keys": [odd, self.key.as_dict(private=False)]})
            case "/token":
                return self._token(request)
            case "/userinfo":
                return httpx.Response(200, json=self.userinfo)
        return httpx.Response(404)

    def _metadata(self) -> dict[str, Any]:
        told = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        return told | ({"userinfo_endpoint": f"{ISSUER}/userinfo"} if self.userinfo is not None else {}) | self.about

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or not self._is_client(request, form) or form["redirect_uri"] != asked["redirect_uri"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        now = self.now()
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]} | self.claims | self.lie
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.sign(self, claims) if self.sign else jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        return httpx.Response(200, json={"access_token": "access", "token_type": "Bearer", "id_token": token})

    def _is_client(self, request: httpx.Request, form: dict[str, str]) -> bool:
        if "client_secret_post" in self.about.get("token_endpoint_auth_methods_supported", ()):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        return (scheme, unquote(client_id), unquote(secret)) == ("Basic", CLIENT_ID, CLIENT_SECRET)


def unsigned(_provider: Provider, claims: dict[str, Any]) -> str:
    """Make a token that says it needs no signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])


def signed_with_our_secret(_provider: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def signed_with_the_public_key_as_secret(provider: Provider, claims: dict[str, Any]) -> str:
    pem = provider.key.as_pem(private=False)
    header, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in ({"alg": "HS256"}, claims))
    mac = hmac.new(pem, f"{header}.{body}".encode(), "sha256").digest()
    return f"{header}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def signed_by_somebody_else(_provider: Provider, claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, other)
