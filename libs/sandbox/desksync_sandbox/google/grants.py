"""Who has allowed what to the OAuth client: codes, refresh tokens and access tokens. Knows neither HTTP nor calendars."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

ALL_ACCESS = "https://www.googleapis.com/auth/calendar"
CODE_LIFE = timedelta(minutes=10)


class OAuthError(Exception):
    """A refusal of the token or revoke endpoint: the status, and the two fields of its JSON body."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class Client:
    """The registered OAuth client. With `redirect_uris` of `None` every absolute address is allowed."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...] | None = None


@dataclass
class Grant:
    """What one account has allowed once. `refresh_token` is `None` for a grant without offline access."""

    email: str
    scopes: tuple[str, ...]
    refresh_token: str | None
    is_alive: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, good for one exchange. `challenge` is the PKCE S256 challenge."""

    grant: Grant
    redirect_uri: str
    challenge: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """What the token endpoint hands out. `refresh_token` is `None` where the client has one already."""

    access_token: str
    scopes: tuple[str, ...]
    life: timedelta
    refresh_token: str | None = None


@dataclass
class Grants:
    """All grants. Times are those of `now`; tokens are random, from `rng`."""

    client: Client
    now: Callable[[], datetime]
    rng: Random
    access_token_life: timedelta
    refresh_tokens_per_account: int
    _grants: list[Grant] = field(default_factory=list)
    _codes: dict[str, Code] = field(default_factory=dict)
    _access: dict[str, tuple[Grant, datetime]] = field(default_factory=dict)

    def add(self, email: str, scopes: tuple[str, ...], refresh_token: str | None) -> Grant:
        """Record a grant; the oldest refresh token of the account dies silently when there are too many (Google OAuth guide)."""
        grant = Grant(email, scopes, refresh_token)
        self._grants.append(grant)
        alive = [held for held in self._grants if held.is_alive and held.email == email and held.refresh_token]
        for oldest in alive[: -self.refresh_tokens_per_account]:
            oldest.is_alive = False
        return grant

    def has_allowed(self, email: str) -> bool:
        """Say whether the account has consented before."""
        return any(grant.is_alive and grant.email == email and grant.refresh_token for grant in self._grants)

    def scopes_of(self, email: str) -> tuple[str, ...]:
        """Return all that the account has allowed so far, for `include_granted_scopes`."""
        return tuple(
            dict.fromkeys(scope for grant in self._grants if grant.is_alive and grant.email == email for scope in grant.scopes)
        )

    def allow(self, email: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str | None, *, offline: bool) -> str:
        """Record a consent and return its code; `offline` gives a refresh token with it."""
        refresh_token = f"1//{self._random(48)}" if offline else None
        code = f"4/{self._random(40)}"
        self._codes[code] = Code(self.add(email, scopes, refresh_token), redirect_uri, challenge, self.now() + CODE_LIFE)
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Issued:
        """Return the tokens for a code. Raises `OAuthError` (`invalid_grant`) for a used, old or unproven one."""
        held = self._codes.pop(code, None)
        if held is None or self.now() >= held.until:
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        if held.redirect_uri != redirect_uri:
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        if held.challenge is not None and (verifier is None or s256(verifier) != held.challenge):
            raise OAuthError(400, "invalid_grant", "Invalid code verifier.")
        return Issued(self._issue(held.grant), held.grant.scopes, self.access_token_life, held.grant.refresh_token)

    def refresh(self, refresh_token: str) -> Issued:
        """Return a new access token. Raises `OAuthError` (`invalid_grant`) when the refresh token is dead or unknown."""
        for grant in self._grants:
            if grant.refresh_token == refresh_token and grant.is_alive:
                return Issued(self._issue(grant), grant.scopes, self.access_token_life)
        raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")

    def holder(self, access_token: str) -> Grant | None:
        """Return whose access token it is, or `None` when it is unknown, expired or revoked."""
        grant, until = self._access.get(access_token, (None, None))
        if grant is None or until is None or not grant.is_alive or self.now() >= until:
            return None
        return grant

    def revoke(self, token: str) -> None:
        """Kill both tokens and all that this account has allowed. Raises `OAuthError` (`invalid_token`) for an unknown one."""
        access = self._access.get(token)
        held = access[0] if access else next((grant for grant in self._grants if grant.refresh_token == token), None)
        if held is None or not held.is_alive:
            raise OAuthError(400, "invalid_token", "Token expired or revoked")
        self.revoke_account(held.email)

    def revoke_account(self, email: str) -> None:
        """Do what the account's owner does on Google's page of connected applications."""
        for grant in self._grants:
            if grant.email == email:
                grant.is_alive = False

    def kill(self, refresh_token: str) -> bool:
        """Let one refresh token die, as it does silently for many reasons, and say whether there was such a one.

        Access tokens that were given for it live on.
        """
        held = [grant for grant in self._grants if grant.refresh_token == refresh_token]
        for grant in held:
            grant.refresh_token = None
        return bool(held)

    def expire_access_tokens(self) -> None:
        """Let every access token expire now."""
        self._access.clear()

    def access_token_for(self, email: str, scopes: tuple[str, ...] = (ALL_ACCESS,)) -> str:
        """Return an access token without the way through the consent page, for tests."""
        return self._issue(self.add(email, scopes, None))

    def _issue(self, grant: Grant) -> str:
        token = f"ya29.{self._random(60)}"
        self._access[token] = (grant, self.now() + self.access_token_life)
        return token

    def _random(self, length: int) -> str:
        return base64.urlsafe_b64encode(self.rng.randbytes(length)).decode().rstrip("=")


def s256(verifier: str) -> str:
    """Return the PKCE challenge of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
