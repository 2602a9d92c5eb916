"""Puts the stand-in together and runs it. The only place of it that reads a clock or draws a key."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.routing import Route

from desksync_sandbox.faults import Calls, Faults, control_routes
from desksync_sandbox.neo.errors import Refused
from desksync_sandbox.neo.gateway import Gateway
from desksync_sandbox.neo.pages import Pages, show_refusal
from desksync_sandbox.neo.queue import CallQueue
from desksync_sandbox.neo.seed import Seed
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_sandbox.neo.world import World
from desksync_sandbox.server import THIS_MACHINE, RunningServer, serve
from desksync_sandbox.switch_routes import switch_routes

TOKYO = ZoneInfo("Asia/Tokyo")
NEO_PATH = "/cgi-bin/dneo/dneo.cgi"


def _now() -> datetime:
    return datetime.now(TOKYO)


def _new_key() -> str:
    return secrets.token_hex(32)


class NeoServer:
    """A NEO of its own: `start`, point a client at `base_url`, look into `world`, order `faults`, `stop`.

    `now` gives aware moments; its zone is the one of the page for people, where "today" is. `seed` is described in
    `desksync_sandbox.neo.seed`; a wrong one raises pydantic's `ValidationError`, or `Refused` where NEO would refuse a schedule.
    """

    def __init__(
        self,
        seed: Mapping[str, Any] | None = None,
        *,
        switches: NeoSwitches | None = None,
        now: Callable[[], datetime] = _now,
        new_key: Callable[[], str] = _new_key,
    ) -> None:
        self._seed = Seed.model_validate(seed or {})
        self._first_switches = switches or NeoSwitches()
        self._now = now
        self._new_key = new_key
        self._running: RunningServer | None = None
        self.switches = self._first_switches
        self.world = World(self._seed, new_key)
        self.faults = Faults()
        self.calls = Calls(now)
        self.queue = CallQueue(now)

    @property
    def url(self) -> str:
        """Return the address of the page for people, without a slash at its end."""
        if self._running is None:
            raise RuntimeError("This NEO is not running; call start() first.")
        return self._running.url

    @property
    def base_url(self) -> str:
        """Return NEO's own address, as an administrator would enter it."""
        return self.url + NEO_PATH

    def start(self, port: int = 0, host: str = THIS_MACHINE) -> None:
        """Begin to answer; port 0 takes a free one. Raises `OSError` when the port is taken."""
        if self._running is not None:
            raise RuntimeError("This NEO is running already.")
        self.queue = CallQueue(self._now)
        self._running = serve(self.application(), port, host)

    def stop(self) -> None:
        """Stop answering; what it holds stays. Calling it twice is harmless."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def load_seed(self, seed: Mapping[str, Any]) -> None:
        """Start over with another office."""
        self._seed = Seed.model_validate(seed)
        self.reset()

    def reset(self) -> None:
        """Start over with the seed: a new `world`, no faults, an empty request log, the switches of the beginning."""
        self.world = World(self._seed, self._new_key)
        self.switches = self._first_switches
        self.faults.clear()
        self.calls.clear()
        self.queue.clear()

    def application(self) -> Starlette:
        """Return what answers, to be served on a port or to be called in place."""
        gateway = Gateway(lambda: self.world, lambda: self.switches, self.faults, self.calls, self.queue, self._now)
        pages = Pages(lambda: self.world, lambda: self._now().date(), lambda: self.switches.changed_occurrence_keeps_sid)
        return Starlette(
            routes=[
                *control_routes(self.faults, self.calls, self.reset),
                *switch_routes(NeoSwitches, lambda: self.switches, self._set_switches),
                *pages.routes(),
                Route("/{path:path}", gateway.answer, methods=["GET", "POST"]),
            ],
            exception_handlers={Refused: show_refusal},
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _set_switches(self, switches: NeoSwitches) -> None:
        self.switches = switches
