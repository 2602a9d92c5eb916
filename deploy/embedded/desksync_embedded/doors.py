"""NEO and Google as the web side reaches them: its ports, over the clients of the workers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.ops.settings import Settings
from desksync.store.directory import DirectoryChange
from desksync.store.engine import Begin
from desksync.sync.event import Side
from desksync.worker.calendar import Account
from desksync.worker.calls import Calls
from desksync.worker.errors import SideUnreadable, UserMustAct
from desksync.worker.resources import Resources
from desksync_admin_api.doors import CalendarChoice, Consent, NeoPerson, Tell
from desksync_embedded.desks import Gates
from desksync_google_worker import consent
from desksync_google_worker.consent import OAuthClient
from desksync_google_worker.service import GoogleService
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.envelope import Refused
from desksync_neo_worker.refresh import refresh_users

CALLBACK_PATH = "/google/callback"
"""Where Google sends the browser back. Registered there together with the public address."""


@dataclass(frozen=True)
class NeoAtTheDoor:
    """NEO for the web side."""

    client: NeoClient
    site_key: str
    begin: Begin
    now: Callable[[], datetime]
    zone: ZoneInfo

    @property
    def has_site_key(self) -> bool:
        """Say whether one key serves everybody."""
        return bool(self.site_key)

    def who_is(self, login_id: str, password: str) -> NeoPerson | None:
        """Ask NEO by its login call."""
        try:
            login = self.client.login(login_id, password)
        except UserMustAct as problem:
            if isinstance(problem.__cause__, Refused):
                return None
            raise
        if not login.user_id:
            raise SideUnreadable("NEO accepted the login and did not say whose it is.")
        return NeoPerson(login.user_id, login.name or login_id)

    def try_key(self, neo_user_id: str, key: str) -> None:
        """Read the person's schedule of today with it."""
        today = self.now().astimezone(self.zone).date()
        self.client.list_schedules(Account(0, neo_user_id, key, self.zone), today, today)

    def refresh(self, tell: Tell) -> DirectoryChange:
        """Read NEO's list of users and take it over."""
        tell(0, None)
        return refresh_users(self.begin, self.client, self.site_key, self.now, time_zone=str(self.zone))


@dataclass(frozen=True)
class GoogleAtTheDoor:
    """Google for the web side."""

    client: OAuthClient
    service: GoogleService
    http: httpx.Client
    api_url: str
    now: Callable[[], datetime]

    @property
    def origin(self) -> str:
        """Return where the consent page is."""
        parts = urlsplit(self.client.auth_url)
        return f"{parts.scheme}://{parts.netloc}"

    def consent_url(self, *, state: str, verifier: str, login_hint: str = "") -> str:
        """Return the address of the consent page."""
        challenge = consent.challenge_of(verifier)
        return consent.authorization_url(self.client, state=state, challenge=challenge, login_hint=login_hint)

    def exchange(self, *, code: str, verifier: str) -> Consent:
        """Exchange the code. Whose account it is, the list of calendars tells: the primary one bears its address."""
        grant = consent.exchange_code(self.client, self.http, code=code, verifier=verifier, now=self.now)
        if grant.missing_scopes:
            return Consent("", grant.refresh_token, grant.missing_scopes)
        found = consent.list_calendars(self.api_url, self.http, grant.access_token, now=self.now)
        primary = next((one for one in found if one.is_primary), None)
        if primary is None:
            raise SideUnreadable("Google lists no primary calendar for this account.")
        return Consent(primary.id, grant.refresh_token)

    def calendars(self, refresh_token: str) -> list[CalendarChoice]:
        """List the calendars."""
        found = consent.list_calendars(self.api_url, self.http, self.service.access_for(refresh_token), now=self.now)
        return [CalendarChoice(one.id, one.name, one.zone, one.is_primary, one.is_writable) for one in found]

    def try_calendar(self, refresh_token: str, calendar_id: str) -> CalendarChoice:
        """Ask for the calendar itself."""
        access = self.service.access_for(refresh_token)
        one = consent.try_calendar(self.api_url, self.http, access, calendar_id, now=self.now)
        return CalendarChoice(one.id, one.name, one.zone, one.is_primary, one.is_writable)

    def revoke(self, refresh_token: str) -> None:
        """Give the consent back."""
        consent.revoke(self.client, self.http, refresh_token, now=self.now)


@contextmanager
def open_doors(resources: Resources, gates: Gates) -> Iterator[tuple[NeoAtTheDoor, GoogleAtTheDoor]]:
    """Give both, and close their connections when the block ends."""
    settings, now = resources.settings, resources.now
    site_key = settings.neo_access_key
    with ExitStack() as stack:
        neo = stack.enter_context(desksync_neo_worker.app.client(settings, gates.neo, Calls(resources.metrics, Side.NEO)))
        calls = Calls(resources.metrics, Side.GOOGLE)
        google = stack.enter_context(closing(desksync_google_worker.app.service(settings, now, gates.google, calls)))
        http = stack.enter_context(httpx.Client(timeout=settings.google_timeout.total_seconds(), trust_env=False))
        yield (
            NeoAtTheDoor(neo, "" if site_key is None else site_key.get_secret_value(), resources.begin, now, settings.time_zone),
            GoogleAtTheDoor(_client(settings), google, http, settings.google_api_url, now),
        )


def _client(settings: Settings) -> OAuthClient:
    secret = settings.google_client_secret
    return OAuthClient(
        client_id=settings.google_client_id or "",
        client_secret="" if secret is None else secret.get_secret_value(),
        auth_url=settings.google_auth_url,
        token_url=settings.google_token_url,
        revoke_url=settings.google_revoke_url,
        redirect_url=f"{settings.public_url}{CALLBACK_PATH}",
    )
