"""The program `desksync-admin-api`: reads the settings, names what stands behind the ports of the web side, and serves it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.ops.secrets import Cipher
from desksync.ops.service import Loop
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError, variable
from desksync.store.engine import make_begin
from desksync.store.web_states import ErrandKind, SignInWay
from desksync.worker.program import run_program
from desksync.worker.resources import Resources
from desksync_admin_api.access.oidc import IdentityProvider, OidcClient, OidcRules
from desksync_admin_api.application import application
from desksync_admin_api.errands.loop import ErrandLoop, Work
from desksync_admin_api.errands.work import REFUSALS, works
from desksync_admin_api.housekeeping import Housekeeping
from desksync_admin_api.pages.oidc import BACK_PATH
from desksync_admin_api.server import serving
from desksync_admin_api.web import Identities, Options, Web
from desksync_embedded.desks import both_desks, both_gates
from desksync_embedded.doors import open_doors

REQUIRED = (*desksync_neo_worker.app.REQUIRED, *desksync_google_worker.app.REQUIRED)
"""The settings without which nobody could sign in or connect a calendar."""


_PROVIDER_SECONDS = 15.0

_LONGEST_ERRAND = timedelta(minutes=30)
"""After so long without a word an errand counts as stuck: reading both calendars of a person in full is the longest step."""


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the web side together."""
    settings = resources.settings
    with (
        both_gates(resources) as gates,
        open_doors(resources, gates) as (neo, google),
        both_desks(resources, gates) as desks,
        _identities(settings, resources.now) as identity,
    ):
        web = Web(
            begin=resources.begin,
            reads=make_begin(resources.engine, reads_only=True),
            cipher=Cipher(settings.secret_keys),
            now=resources.now,
            neo=neo,
            google=google,
            options=options_of(settings),
            health=resources.health,
            metrics=resources.metrics,
            identity=identity,
        )
        turned = resources.health.loop("web", timedelta(seconds=60))
        proxies = settings.trusted_proxies
        with serving(application(web), settings.http_host, settings.http_port, turned, trusted_proxies=proxies) as loop:
            doing = works(resources.begin, desks, neo, resources.now)
            yield [("web", loop), *_errand_loops(resources, doing), _housekeeping(resources)]


def _housekeeping(resources: Resources) -> tuple[str, Loop]:
    settings = resources.settings
    return "housekeeping", Housekeeping(
        begin=resources.begin,
        now=resources.now,
        session_idle=settings.session_idle,
        audit_kept=timedelta(days=settings.audit_days),
        turned=resources.health.loop("housekeeping", _LONGEST_ERRAND),
    ).run


def _errand_loops(resources: Resources, doing: Mapping[ErrandKind, Work]) -> Iterator[tuple[str, Loop]]:
    """Yield loops for what pages order. Two, so that nobody's preview waits for somebody's undo."""
    for name in ("errands 1", "errands 2"):
        turned = resources.health.loop(name, _LONGEST_ERRAND)
        yield name, ErrandLoop(resources.begin, doing, REFUSALS, resources.now, turned).run


@contextmanager
def _identities(settings: Settings, now: Callable[[], datetime]) -> Iterator[Identities | None]:
    """Give the company's identity provider, `None` where nobody signs in by one. Raises `SettingsError` for half of one."""
    if "oidc" not in settings.sign_in:
        yield None
        return
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if issuer is None or client_id is None or secret is None:
        needed = {"oidc_issuer": issuer, "oidc_client_id": client_id, "oidc_client_secret": secret}
        missing = [variable(name) for name, value in needed.items() if value is None]
        raise SettingsError("\n".join(f"{name}: is not set, and {variable('sign_in')} names oidc" for name in missing))
    client = OidcClient(issuer, client_id, secret.get_secret_value(), f"{settings.public_url}{BACK_PATH}")
    rules = OidcRules(
        settings.oidc_user_claim,
        settings.oidc_role_claim,
        frozenset(settings.oidc_administrators),
        frozenset(settings.oidc_auditors),
    )
    with httpx.Client(timeout=_PROVIDER_SECONDS) as http:
        yield Identities(IdentityProvider(client, http, now), rules)


def options_of(settings: Settings) -> Options:
    """Return what the settings say about the web side."""
    return Options(
        public_url=settings.public_url,
        language=settings.language,
        time_zone=str(settings.time_zone),
        ways=frozenset(SignInWay(way) for way in settings.sign_in),
        break_glass=settings.break_glass,
        session_idle=settings.session_idle,
        session_life=settings.session_life,
        error_limit=settings.error_limit,
        error_period=settings.error_period,
        sync_interval=settings.sync_interval,
        history_shows_titles=settings.history_shows_titles,
    )


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-admin-api", parts, now=lambda: datetime.now(UTC), required=REQUIRED, begins_at_once=True))
