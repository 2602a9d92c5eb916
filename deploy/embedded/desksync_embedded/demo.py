"""`desksync demo`: a whole company on this machine, to watch or to check."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console

from desksync.ops.service import EndedBySignal, ended_by_signals, run_service, running
from desksync.ops.settings_loading import given_from_outside
from desksync.store.web_states import WebRole
from desksync_embedded import admin_commands
from desksync_embedded.cycles import cycles, judge, show
from desksync_embedded.launcher import EVERYTHING, WORKERS, together
from desksync_embedded.trial import Trial, trial
from desksync_embedded.watching import watching
from desksync_sandbox.office import Office

ADMINISTRATOR = "administrator"
"""The name of the one account of a demo."""


def tell_ignored(console: Console) -> None:
    """Say which settings of the environment have no say, if there are any: a demo is the same for everybody."""
    if names := given_from_outside():
        told = f"Ignored, so that this is the same for everybody: {', '.join(names)}."
        console.print(told, style="dim", highlight=False, markup=False, soft_wrap=True)


def run_once(office: Office, now: Callable[[], datetime], console: Console, *, as_json: bool, limit_seconds: float) -> bool:
    """Run one full cycle for everybody, and a second one that must write nothing; print it, and say whether all is equal."""
    with trial(office, now) as company, together(company.resources, WORKERS) as loops, running("demo", loops):
        console.print(f"[dim]{len(office.people)} made-up people are set up. The first cycle begins.[/dim]", highlight=False)
        first, second = cycles(company, [company.sync_all] * 2, console, limit_seconds=limit_seconds)
    show(first, second, console, as_json=as_json)
    return judge(first, second)


def watch(office: Office, now: Callable[[], datetime], console: Console, *, ports: tuple[int, int, int], interval: str) -> int:
    """Run the company until Ctrl-C, showing each run that did something, and return the exit code."""
    web, neo_port, google_port = ports
    settings = {"http_port": web, "public_url": f"http://127.0.0.1:{web}", "sync_interval": interval}
    with trial(office, now, neo_port=neo_port, google_port=google_port, **settings) as company:
        password = f"demo-{secrets.token_hex(6)}"
        admin_commands.create(company.resources, ADMINISTRATOR, WebRole.ADMINISTRATOR, password)
        _greet(company, console, password)
        with together(company.resources, EVERYTHING) as loops:
            code = run_service("demo", [*loops, ("watch", watching(company, console))])
    console.print("Stopped. Nothing was kept.")
    return code


@contextmanager
def ended_by_signals_and_told(console: Console) -> Iterator[None]:
    """Let a signal end the block, and tell of it when everything in it is closed."""
    try:
        with ended_by_signals():
            yield
    except EndedBySignal as ended:
        console.print(f"Ended by {ended.name} before it was done. Nothing was kept.", highlight=False)
        raise


def _greet(company: Trial, console: Console, password: str) -> None:
    settings, somebody = company.resources.settings, company.office.people[0]
    console.print(
        f"""
[bold]DeskSync[/bold] keeps two calendars of {len(company.people)} made-up people in step. All of it runs here; nothing is kept.

  desknet's NEO, a stand-in        {company.neo.url}/
  Google Calendar, a stand-in      {company.google.url}/
  DeskSync                         {settings.public_url}/
      as the administrator         {ADMINISTRATOR}, {password}   (at /sign-in/local)
      as one of the people         {somebody.login_id}, pass-{somebody.login_id}

Open the first two and choose the same person. The first cycle takes about a minute. Then add, move or delete
an event on either page: it is on the other within about {settings.sync_interval.total_seconds():.0f} seconds. Ctrl-C ends it.

[dim]Each run that wrote something:  + created   ~ changed   − deleted[/dim]
""",
        highlight=False,
        soft_wrap=True,
    )
