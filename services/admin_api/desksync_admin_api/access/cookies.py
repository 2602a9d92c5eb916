"""Cookies of ours: out of reach of scripts and of other sites, and bound to this very host where that can be said."""

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from desksync_admin_api.web import Options


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. `seconds` is how long it is kept, `None` until the browser is closed."""

    name: str
    seconds: int | None = None
    same_site: Literal["lax", "strict"] = "lax"

    def read(self, request: Request, options: Options) -> str | None:
        """Return what the browser sends, `None` where it sends nothing."""
        return request.cookies.get(self._called(options)) or None

    def put(self, response: Response, options: Options, value: str) -> None:
        """Have the browser keep it."""
        response.set_cookie(
            self._called(options),
            value,
            max_age=self.seconds,
            path="/",
            secure=options.is_https,
            httponly=True,
            samesite=self.same_site,
        )

    def drop(self, response: Response, options: Options) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self._called(options), path="/", secure=options.is_https, httponly=True, samesite=self.same_site)

    def _called(self, options: Options) -> str:
        # The prefix makes browsers refuse the cookie from any other host and without https, which does not exist on plain http.
        return f"__Host-desksync-{self.name}" if options.is_https else f"desksync-{self.name}"


SESSION = Cookie("session")
VISIT = Cookie("visit")
"""Somebody who is not signed in yet. Forms and redirects are bound to it until there is a session."""
LANGUAGE = Cookie("language", seconds=365 * 24 * 3600)
TOLD = Cookie("told", seconds=60)
"""What the next page says once."""
