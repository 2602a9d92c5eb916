"""A company to try: both stand-ins with a made-up office, a database of its own, and DeskSync set up for everybody in it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from desksync.contracts.messages import SyncTicket
from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import own_settings
from desksync.store.runs import list_runs
from desksync.store.schema import migrate
from desksync.store.tickets import count_open, open_tickets
from desksync.worker.resources import Resources, opened
from desksync.worker.window import WindowSize, window_of
from desksync_embedded.office_setup import start_google, start_neo, take_in
from desksync_sandbox.compare import Appointment, differences, may_travel
from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY, ZONE, Office, Person
from desksync_scheduler.sweep import sweep

_LOOK_SECONDS = 0.05
_SWEEP_SECONDS = 1.0


class CycleTookTooLong(Exception):
    """Not everybody's run ended in time; `str()` says how many are left."""


@dataclass(frozen=True)
class Trial:
    """A running trial. `people` are by user number."""

    office: Office
    neo: NeoServer
    google: GoogleServer
    resources: Resources
    people: Mapping[int, Person]

    def held(self, person: Person) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Return what NEO and Google hold for a person within the days that sync, occurrence by occurrence.

        What is meant for Google alone, such as a declined invitation, is left out.
        """
        settings, zone = self.resources.settings, ZoneInfo(ZONE)
        window = window_of(zone, WindowSize(settings.window_past_days, settings.window_future_days), self.resources.now())
        begin = datetime.combine(window.first, datetime.min.time(), tzinfo=zone)
        end = datetime.combine(window.last + timedelta(days=1), datetime.min.time(), tzinfo=zone)
        neo = self.neo.world.records(person.neo_user_id, window.first, window.last)
        google = self.google.world.occurrences(person.email, begin, end)
        return [*neo], [event for event in google if may_travel(event, person.email)]

    def differences(self) -> dict[int, list[tuple[str, Appointment]]]:
        """Return, for each user with any, what only one of the two stand-ins holds within the days that sync."""
        found = {user_id: differences(*self.held(person), ZoneInfo(ZONE)) for user_id, person in self.people.items()}
        return {user_id: several for user_id, several in found.items() if several}

    def sync_all(self) -> None:
        """Order a run for everybody who has none under way."""
        with self.resources.begin() as session:
            ordered = open_tickets(session, list(self.people), self.resources.now())
        self.resources.publish([SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in ordered])

    def wait(
        self, limit_seconds: float, tell: Callable[[int], None] = lambda _left: None, *, after_run: int | None = None
    ) -> None:
        """Wait until nobody has a run ahead or under way, and, where `after_run` is given, everybody has ended one after it.

        `tell` hears how many are left. Runs that have to wait are woken when their time has come, because a trial may do without
        a scheduler. Raises `CycleTookTooLong`.
        """
        until = time.monotonic() + limit_seconds
        sweeps_at = time.monotonic() + _SWEEP_SECONDS
        while left := self._left(after_run):
            tell(left)
            if time.monotonic() > sweeps_at:
                self._sweep()
                sweeps_at = time.monotonic() + _SWEEP_SECONDS
            if time.monotonic() > until:
                raise CycleTookTooLong(f"{left} of {len(self.people)} users' runs have not ended in {limit_seconds:.0f} s.")
            time.sleep(_LOOK_SECONDS)

    def _sweep(self) -> None:
        with self.resources.begin() as session:
            woken = sweep(session, self.resources.now(), len(self.people), self.resources.settings.sync_interval).woken
        self.resources.publish([SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in woken])

    def _left(self, after_run: int | None) -> int:
        with self.resources.begin() as session:
            under_way = count_open(session)
            if under_way or after_run is None:
                return under_way
            ended = {run.user_id for run in list_runs(session, None, limit=1_000_000) if run.id > after_run}
        return len(self.people.keys() - ended)


@contextmanager
def trial(
    office: Office,
    now: Callable[[], datetime],
    *,
    neo_port: int = 0,
    google_port: int = 0,
    **overrides: object,
) -> Iterator[Trial]:
    """Start both stand-ins, make the database and take the office in. `overrides` are settings, such as other URLs."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="desksync-"))
        neo = start_neo(office, now, neo_port)
        stack.callback(neo.stop)
        google = start_google(office, now, google_port)
        stack.callback(google.stop)
        settings = _settings(neo, google, Path(folder), overrides)
        migrate(settings.database_url)
        resources = stack.enter_context(opened(settings, now))
        people = take_in(resources.begin, office.people, Cipher(settings.secret_keys), now)
        yield Trial(office, neo, google, resources, people)


def _settings(neo: NeoServer, google: GoogleServer, folder: Path, overrides: Mapping[str, object]) -> Settings:
    # No variable of the environment has a say: a trial is the same for everybody, and never touches a real installation.
    given: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'trial.sqlite'}",
        "broker_url": "memory://",
        "neo_base_url": neo.base_url,
        "neo_access_key": SITE_KEY,
        "google_client_id": CLIENT_ID,
        "google_client_secret": CLIENT_SECRET,
        "google_api_url": google.api_url,
        "google_auth_url": google.auth_url,
        "google_token_url": google.token_url,
        "google_revoke_url": google.revoke_url,
        "secret_keys": (SecretKey.parse(make_key()),),
        "time_zone": ZoneInfo(ZONE),
        "http_port": 0,
    }
    return own_settings(**(given | dict(overrides)))
