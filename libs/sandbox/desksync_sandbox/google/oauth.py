"""Google's consent page and token endpoints: the authorization code flow with PKCE, refresh and revoke."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from desksync_sandbox.google.grants import Issued, OAuthError
from desksync_sandbox.google.http import Front
from desksync_sandbox.google.templating import page
from desksync_sandbox.google.world import World

AUTH_PATH = "/o/oauth2/v2/auth"
TOKEN_PATH = "/token"  # noqa: S105 - a path
REVOKE_PATH = "/revoke"
_PASSED_ON = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "access_type",
    "prompt",
    "include_granted_scopes",
)
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True)
class OAuth:
    """The three endpoints. The consent page is a form; the account's owner is whoever is picked there."""

    world: World
    front: Front

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(AUTH_PATH, self.ask, methods=["GET"]),
            Route(AUTH_PATH, self.decide, methods=["POST"]),
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(REVOKE_PATH, self.revoke, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the consent page."""
        given = dict(request.query_params)
        return await self.front.suffered("oauth.auth", {}, lambda: self._asked(given))

    async def decide(self, request: Request) -> Response:
        """Send the person back with a code, or with `access_denied`."""
        fields = await form(request)
        given = dict(fields)
        scopes = tuple(value for name, value in fields if name == "granted")
        return await self.front.suffered("oauth.decide", {}, lambda: self._decided(given, scopes))

    async def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        given = dict(await form(request)) | _basic(request.headers.get("authorization", ""))
        noted = {"grant_type": given.get("grant_type", "")}
        return await self.front.suffered("oauth.token", noted, lambda: self._token(given))

    async def revoke(self, request: Request) -> Response:
        """Revoke a grant by either of its tokens."""
        token = dict(await form(request)).get("token") or request.query_params.get("token", "")
        return await self.front.suffered("oauth.revoke", {}, lambda: self._revoked(token))

    def _asked(self, given: Mapping[str, str]) -> Response:
        problem = self._problem(given)
        if problem is not None:
            return page("refused.html", 400, text=problem)
        wrong = _wrong_request(given)
        if wrong is not None:
            return _back(given, {"error": wrong})
        hint = given.get("login_hint", "")
        return page(
            "consent.html",
            accounts=list(self.world.accounts.values()),
            chosen=hint if hint in self.world.accounts else "",
            scopes=given["scope"].split(),
            passed_on=[(name, given[name]) for name in _PASSED_ON if name in given],
            client_id=given["client_id"],
            action=AUTH_PATH,
        )

    def _decided(self, given: Mapping[str, str], ticked: tuple[str, ...]) -> Response:
        problem = self._problem(given)
        if problem is not None:
            return page("refused.html", 400, text=problem)
        wrong = _wrong_request(given)
        if wrong is not None or given.get("decision") != "allow":
            return _back(given, {"error": wrong or "access_denied"})
        with self.world.lock:
            email, grants = given.get("account", ""), self.world.grants
            scopes = tuple(scope for scope in given["scope"].split() if scope in ticked)
            if email not in self.world.accounts or not scopes:
                return _back(given, {"error": "access_denied"})
            first = not grants.has_allowed(email)
            offline = given.get("access_type") == "offline" and (first or "consent" in given.get("prompt", "").split())
            if given.get("include_granted_scopes") == "true":
                scopes = tuple(dict.fromkeys((*scopes, *grants.scopes_of(email))))
            code = grants.allow(email, scopes, given["redirect_uri"], given.get("code_challenge"), offline=offline)
        return _back(given, {"code": code, "scope": " ".join(scopes)})

    def _problem(self, given: Mapping[str, str]) -> str | None:
        """Return why nobody may be sent back to where the request says; such errors are shown to the person alone."""
        client = self.world.grants.client
        if given.get("client_id") != client.client_id:
            return "Error 401: invalid_client - The OAuth client was not found."
        uri = given.get("redirect_uri", "")
        parts = urlsplit(uri)
        is_address = parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.fragment
        if not is_address or (client.redirect_uris is not None and uri not in client.redirect_uris):
            return "Error 400: redirect_uri_mismatch"
        return None

    def _token(self, given: Mapping[str, str]) -> Response:
        try:
            with self.world.lock:
                return JSONResponse(_written(self._issued(given)), headers=_NO_STORE)
        except OAuthError as error:
            return JSONResponse(error.body, error.status, headers=_NO_STORE)

    def _issued(self, given: Mapping[str, str]) -> Issued:
        client, grants = self.world.grants.client, self.world.grants
        if given.get("client_id") != client.client_id or given.get("client_secret") != client.client_secret:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        match given.get("grant_type"):
            case "authorization_code":
                return grants.exchange(given.get("code", ""), given.get("redirect_uri", ""), given.get("code_verifier"))
            case "refresh_token":
                return grants.refresh(given.get("refresh_token", ""))
            case other:
                raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {other}")

    def _revoked(self, token: str) -> Response:
        try:
            with self.world.lock:
                self.world.grants.revoke(token)
        except OAuthError as error:
            return JSONResponse(error.body, error.status)
        return JSONResponse({})


async def form(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a posted form, in their order."""
    return parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)


def _wrong_request(given: Mapping[str, str]) -> str | None:
    """Return the error that the client is told of by redirect, or `None`."""
    if given.get("response_type") != "code":
        return "unsupported_response_type"
    if not given.get("scope", "").split():
        return "invalid_scope"
    if "code_challenge" in given and given.get("code_challenge_method") != "S256":
        return "invalid_request"
    return "interaction_required" if given.get("prompt") == "none" else None


def _back(given: Mapping[str, str], answer: dict[str, str]) -> Response:
    kept = {"state": given["state"]} if "state" in given else {}
    uri = given["redirect_uri"]
    joint = "&" if urlsplit(uri).query else "?"
    return RedirectResponse(f"{uri}{joint}{urlencode({**kept, **answer})}", 303)


def _written(issued: Issued) -> dict[str, object]:
    body: dict[str, object] = {
        "access_token": issued.access_token,
        "expires_in": int(issued.life.total_seconds()) - 1,
        "scope": " ".join(issued.scopes),
        "token_type": "Bearer",
    }
    return body if issued.refresh_token is None else body | {"refresh_token": issued.refresh_token}


def _basic(header: str) -> dict[str, str]:
    """Return the client's id and secret from a Basic header, the other way to send them (RFC 6749, 2.3.1)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}
