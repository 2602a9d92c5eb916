"""Calls of the API as somebody: with the token of a machine, or with a browser's cookie and the token of its forms."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from tests.admin_api.office import As, WebOffice
from tests.admin_api.walk import MACHINES

PREFIX = "/api/v1"


@dataclass
class Api:
    """The API, and who calls it."""

    office: WebOffice
    who: As = As.ADMINISTRATING_MACHINE

    def get(self, path: str, **query: Any) -> Response:
        return self.office.browser(self.who).client.get(PREFIX + path, params=query)

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Response:
        browser, more = self.office.browser(self.who), dict(headers or {})
        if self.who not in MACHINES:
            more["x-csrf-token"] = browser.token_on("/no-such-page")
        # Written in ASCII, so that even half a character gets there.
        content = None if body is None else json.dumps(body)
        if content is not None:
            more["content-type"] = "application/json"
        return browser.client.request(method, PREFIX + path, content=content, headers=more)

    def change(self, path: str, body: object, *, method: str = "PATCH") -> Response:
        """Change what is at a path, as somebody does who has just read it."""
        return self.send(method, path, body, {"if-match": self.get(path).headers["etag"]})

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def pages(self, path: str, **query: Any) -> list[list[dict[str, Any]]]:
        """Return all pages of a list."""
        found: list[list[dict[str, Any]]] = []
        more: dict[str, str] = {}
        while True:
            body = self.get(path, **query, **more).json()
            found.append(body["items"])
            if body["next"] is None:
                return found
            more = {"cursor": body["next"]}


def is_problem(answer: Response, status: int, name: str) -> bool:
    """Say whether that is the answer, with a sentence that says more than its name."""
    told = answer.json()
    kind = answer.headers["content-type"] == "application/problem+json"
    return kind and (answer.status_code, told["type"], told["detail"] != "") == (status, f"/problems/{name}", True)
