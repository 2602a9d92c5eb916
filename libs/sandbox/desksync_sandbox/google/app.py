"""Puts the stand-in for Google Calendar together. The only place here that reads the real clock."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette

from desksync_sandbox.faults import Calls, Faults, control_routes
from desksync_sandbox.google.control import more_control_routes
from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.exchange import API_PATH
from desksync_sandbox.google.http import BATCH_PATH, Front
from desksync_sandbox.google.oauth import AUTH_PATH, REVOKE_PATH, TOKEN_PATH, OAuth
from desksync_sandbox.google.pages import Pages, show_refusal
from desksync_sandbox.google.seed import EMPTY
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from desksync_sandbox.server import THIS_MACHINE, RunningServer, serve
from desksync_sandbox.switch_routes import switch_routes


class GoogleServer:
    """A Google Calendar on a port of this machine, with its consent page, a page for people, and faults on order.

    `seed` is described in `desksync_sandbox.google.seed`; `None` is one account with an empty calendar. `now` is its clock.
    """

    def __init__(
        self,
        seed: Mapping[str, Any] | None = None,
        *,
        switches: GoogleSwitches | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        clock = now or _real_now
        self._first_switches = switches or GoogleSwitches()
        self.world = World(EMPTY if seed is None else seed, self._first_switches, clock)
        self.faults = Faults()
        self.calls = Calls(clock)
        self._running: RunningServer | None = None

    def start(self, port: int = 0, host: str = THIS_MACHINE) -> Self:
        """Begin to answer. Port 0 takes a free one."""
        self._running = serve(self.application(), port, host)
        return self

    def application(self) -> Starlette:
        """Return what answers, to be served on a port or to be called in place."""
        front = Front(self.world, self.faults, self.calls)
        routes = [
            *front.routes(),
            *OAuth(self.world, front).routes(),
            *control_routes(self.faults, self.calls, self.reset),
            *more_control_routes(self.world),
            *switch_routes(GoogleSwitches, lambda: self.world.switches, self._set_switches),
            *Pages(self.world).routes(),
        ]
        return Starlette(routes=routes, exception_handlers={GoogleError: show_refusal})

    def stop(self) -> None:
        """Stop answering. Calling it twice is harmless."""
        if self._running is not None:
            self._running.stop()

    def reset(self) -> None:
        """Go back to the seed and the switches of the beginning; faults and the request log are gone as well."""
        self._set_switches(self._first_switches)
        self.world.reset()
        self.faults.clear()
        self.calls.clear()

    @property
    def url(self) -> str:
        """Return the address of the page for people, without a slash at its end."""
        if self._running is None:
            raise RuntimeError("The stand-in has not been started.")
        return self._running.url

    @property
    def api_url(self) -> str:
        """Return the address for `client_options.api_endpoint`; it ends in `/calendar/v3/`."""
        return self.url + API_PATH

    @property
    def batch_url(self) -> str:
        """Return the address for `BatchHttpRequest(batch_uri=...)`."""
        return self.url + BATCH_PATH

    @property
    def auth_url(self) -> str:
        """Return the address of the consent page."""
        return self.url + AUTH_PATH

    @property
    def token_url(self) -> str:
        """Return the address of the token endpoint."""
        return self.url + TOKEN_PATH

    @property
    def revoke_url(self) -> str:
        """Return the address at which tokens are revoked."""
        return self.url + REVOKE_PATH

    def _set_switches(self, switches: GoogleSwitches) -> None:
        self.world.switch(**{one.name: getattr(switches, one.name) for one in fields(switches)})

    def __enter__(self) -> Self:
        return self if self._running is not None else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _real_now() -> datetime:
    return datetime.now(UTC)
