"""The program `desksync-admin-api`: reads the settings, names what stands behind the ports of the web side, and serves it."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.ops.secrets import Cipher
from desksync.ops.service import Loop
from desksync.ops.settings import Settings
from desksync.store.engine import make_begin
from desksync.store.web_states import ErrandKind
from desksync.worker.program import run_program
from desksync.worker.resources import Resources
from desksync_admin_api.application import application
from desksync_admin_api.errands.loop import ErrandLoop, Work
from desksync_admin_api.errands.work import REFUSALS, works
from desksync_admin_api.server import serving
from desksync_admin_api.web import Options, Web
from desksync_embedded.desks import both_desks, both_gates
from desksync_embedded.doors import open_doors

REQUIRED = (*desksync_neo_worker.app.REQUIRED, *desksync_google_worker.app.REQUIRED)
"""The settings without which nobody could sign in or connect a calendar."""


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
        )
        turned = resources.health.loop("web", timedelta(seconds=60))
        with serving(application(web), settings.http_host, settings.http_port, turned) as loop:
            yield [("web", loop), *_errand_loops(resources, works(resources.begin, desks, neo, resources.now))]


def _errand_loops(resources: Resources, doing: Mapping[ErrandKind, Work]) -> Iterator[tuple[str, Loop]]:
    """Yield loops for what pages order. Two, so that nobody's preview waits for somebody's undo."""
    for name in ("errands 1", "errands 2"):
        turned = resources.health.loop(name, _LONGEST_ERRAND)
        yield name, ErrandLoop(resources.begin, doing, REFUSALS, resources.now, turned).run


def options_of(settings: Settings) -> Options:
    """Return what the settings say about the web side."""
    return Options(
        public_url=settings.public_url,
        language=settings.language,
        time_zone=str(settings.time_zone),
        session_idle=settings.session_idle,
        session_life=settings.session_life,
        error_limit=settings.error_limit,
        error_period=settings.error_period,
    )


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-admin-api", parts, now=lambda: datetime.now(UTC), required=REQUIRED, serves_health=False))
