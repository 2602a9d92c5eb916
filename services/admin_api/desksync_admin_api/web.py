"""What the web side is made of, and how a request gets at it. Values and ports only; the composition root fills it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from desksync.ops.health import Health
from desksync.ops.metrics import Metrics
from desksync.ops.secrets import Cipher
from desksync.store.engine import Begin
from desksync.store.web_states import SignInWay
from desksync_admin_api.access.oidc import IdentityProvider, OidcRules
from desksync_admin_api.doors import GoogleDoor, NeoDoor

SIGN_INS_AT_ONCE = 16
"""Fewer than the threads that handlers run in, of which there are 40."""


@dataclass(frozen=True, slots=True)
class Options:
    """What can be set about the web side. `public_url` is how people and Google reach it, without a slash at the end."""

    public_url: str
    language: str = "ja"
    time_zone: str = "Asia/Tokyo"
    session_idle: timedelta = timedelta(hours=2)
    session_life: timedelta = timedelta(hours=12)
    error_limit: int = 120
    error_period: timedelta = timedelta(hours=24)
    sync_interval: timedelta = timedelta(minutes=10)
    ways: frozenset[SignInWay] = frozenset({SignInWay.NEO, SignInWay.LOCAL})
    break_glass: bool = False
    history_shows_titles: bool = False

    def offers(self, way: SignInWay) -> bool:
        """Say whether somebody may come in like that. The emergency door is the local one, where that is closed."""
        if way is SignInWay.BREAK_GLASS:
            return self.break_glass and SignInWay.LOCAL not in self.ways
        return way in self.ways

    @property
    def is_https(self) -> bool:
        """Say whether cookies can be bound to https."""
        return self.public_url.startswith("https:")

    @property
    def origin(self) -> str:
        """Return scheme, host and port of the public address, as browsers write it in `Origin`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(frozen=True)
class Identities:
    """The company's identity provider, and what its claims mean here."""

    provider: IdentityProvider
    rules: OidcRules


@dataclass(frozen=True)
class Web:
    """The parts of the web side. `reads` begins transactions that cannot write, and on SQLite never wait for a writer."""

    begin: Begin
    reads: Begin
    cipher: Cipher
    now: Callable[[], datetime]
    neo: NeoDoor
    google: GoogleDoor
    options: Options
    health: Health
    metrics: Metrics
    identity: Identities | None = None
    signing_in: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(SIGN_INS_AT_ONCE))


def the_web(request: Request) -> Web:
    """Return the parts of the web side that serves this request."""
    return cast("Web", request.app.state.web)  # Starlette keeps it as Any.


TheWeb = Annotated[Web, Depends(the_web)]
