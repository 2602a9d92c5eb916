"""What is made once for all stories: both stand-ins, the real clients that reach them without a network, and a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, delete

from desksync.ops.metrics import Metrics
from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store.engine import make_engine
from desksync.store.tables import metadata
from desksync_google_worker.service import GoogleService
from desksync_neo_worker.client import NeoClient
from desksync_sandbox.google import GoogleServer, GoogleSwitches
from desksync_sandbox.google.exchange import API_PATH
from desksync_sandbox.google.oauth import TOKEN_PATH
from desksync_sandbox.neo.app import NEO_PATH, NeoServer
from desksync_sandbox.neo.switches import NeoSwitches
from tests.whole_path.wire import HttpxWire, Wire, http_over

BEGINNING = datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
"""A Monday; clocks go back in New York on the Sunday after it."""

SITE_KEY = "key-of-the-site"
NEO_USER = "84"
EMAIL = "hanako@example.jp"
REFRESH_TOKEN = "1//hanako"

_NEO_SEED: dict[str, Any] = {
    "site_key": SITE_KEY,
    "users": [{"id": NEO_USER, "login_id": "10001", "name": "山田 花子"}, {"id": "85", "login_id": "10002", "name": "鈴木 美咲"}],
    "facilities": [{"id": "9", "name": "第1会議室"}],
}


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    moment: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Machinery:
    """Servers, clients and database. A story starts over with them."""

    neo: NeoServer
    google: GoogleServer
    client: NeoClient
    service: GoogleService
    engine: Engine
    clock: Clock
    wires: tuple[Wire, ...]
    cipher: Cipher = field(default_factory=lambda: Cipher([SecretKey.parse(make_key())]))
    metrics: Metrics = field(default_factory=lambda: Metrics(version="test"))

    def start_over(self, neo: NeoSwitches, google: GoogleSwitches, *, resets: bool) -> None:
        """Make everything as new, with these switches. `resets`: connections that break are reset, and not closed."""
        self.clock.moment = BEGINNING
        self.neo.reset()
        self.neo.switches = neo
        self.google.world.switch(**{name: getattr(google, name) for name in GoogleSwitches.__slots__})
        self.google.reset()
        for wire in self.wires:
            wire.is_reset = resets
        with self.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))


@contextmanager
def machinery() -> Iterator[Machinery]:
    """Make all of it."""
    clock = Clock()
    engine = make_engine("sqlite://")
    metadata.create_all(engine)
    neo = NeoServer(_NEO_SEED, now=lambda: clock().astimezone(ZoneInfo("Asia/Tokyo")))
    google = GoogleServer(now=clock)
    to_neo, to_google = Wire(neo.application()), Wire(google.application())
    try:
        with (
            NeoClient(f"http://neo.test{NEO_PATH}", transport=HttpxWire(to_neo)) as client,
            GoogleService(
                api_url=f"http://google.test{API_PATH}",
                token_url=f"http://google.test{TOKEN_PATH}",
                client_id="desksync-demo.apps.googleusercontent.com",
                client_secret="demo-secret",
                timeout=timedelta(seconds=20),
                now=clock,
                open_http=http_over(to_google),
            ) as service,
        ):
            yield Machinery(neo, google, client, service, engine, clock, wires=(to_neo, to_google))
    finally:
        for wire in (to_neo, to_google):
            wire.close()
        engine.dispose()
