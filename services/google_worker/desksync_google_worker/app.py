"""The program `desksync-google-worker`: reads the settings and puts the Google worker together."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from desksync.contracts.topology import GOOGLE_QUEUE
from desksync.ops.secrets import Cipher
from desksync.ops.service import Loop
from desksync.ops.settings import Settings
from desksync.sync.event import Side
from desksync.worker.accounts import KeyTrouble, google_accounts
from desksync.worker.calls import Calls, Watch, unwatched
from desksync.worker.gate import Gate, ungated
from desksync.worker.loop import worker_loop
from desksync.worker.program import run_program
from desksync.worker.quota import Quota
from desksync.worker.resources import Resources
from desksync_google_worker.calendar import GoogleCalendar
from desksync_google_worker.service import GoogleService

REQUIRED = ("google_client_id", "google_client_secret", "secret_keys")
"""The settings without which nobody's Google calendar can be opened."""


def gate(resources: Resources) -> Quota:
    """Return what keeps the requests of all processes to Google within its limits. Its loop has to run."""
    return Quota(
        resources.begin,
        Side.GOOGLE,
        per_minute=resources.settings.google_calls_per_minute,
        per_user_minute=resources.settings.google_user_calls_per_minute,
        now=resources.now,
        metrics=resources.metrics,
    )


def service(settings: Settings, now: Callable[[], datetime], gate: Gate = ungated, watch: Watch = unwatched) -> GoogleService:
    """Return the Calendar API at the addresses that the settings name."""
    secret = settings.google_client_secret
    return GoogleService(
        api_url=settings.google_api_url,
        token_url=settings.google_token_url,
        client_id=settings.google_client_id or "",
        client_secret="" if secret is None else secret.get_secret_value(),
        timeout=settings.google_timeout,
        now=now,
        gate=gate,
        watch=watch,
    )


def check_client(settings: Settings, now: Callable[[], datetime]) -> None:
    """Ask Google whether it knows the client. Raises one of the four error kinds when it does not, or is away."""
    with closing(service(settings, now)) as google:
        google.check_client()


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the Google worker together."""
    settings = resources.settings
    trouble = KeyTrouble()
    resources.health.check("keys of Google tokens", trouble.wrong)
    accounts = google_accounts(Cipher(settings.secret_keys), trouble)
    quota = gate(resources)
    with closing(service(settings, resources.now, quota, Calls(resources.metrics, Side.GOOGLE))) as google:
        yield [("google-gate", quota.run), worker_loop(resources, GOOGLE_QUEUE, GoogleCalendar(google), accounts)]


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-google-worker", parts, now=lambda: datetime.now(UTC), required=REQUIRED))
