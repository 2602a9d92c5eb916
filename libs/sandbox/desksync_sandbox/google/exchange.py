"""A call of the API and its answer as values, so that a single request and a part of a batch take the same way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from desksync_sandbox.google.errors import bad_request
from desksync_sandbox.google.query import Parameters
from desksync_sandbox.google.world import Account, World

API_PATH = "/calendar/v3/"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One call. `target` is path and query as sent, still percent-encoded; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """Return the path, percent-encoded."""
        return urlsplit(self.target).path

    @property
    def parameters(self) -> Parameters:
        """Return the query parameters."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    def json(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object (else 400 parse error)."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise bad_request("Parse Error")
        return found

    def opened(self) -> "ApiRequest":
        """Return the GET that a POST with `X-HTTP-Method-Override` stands for; long URLs are sent that way."""
        method = self.headers.get("x-http-method-override")
        if method is None:
            return self
        return replace(self, method=method.upper(), target=f"{self.path}?{self.body.decode()}", body=b"")


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A status and a JSON body; `None` is an answer without one."""

    status: int
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, with which scopes, and the address under which the stand-in is reached."""

    world: World
    account: Account
    scopes: tuple[str, ...]
    operation: str
    site: str
