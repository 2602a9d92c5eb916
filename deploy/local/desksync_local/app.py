"""`make production-local`. Names the concrete classes, reads the clock, and turns errors into sentences and exit codes."""

import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from desksync.ops.logs import configure_logs
from desksync.ops.service import run_service
from desksync_embedded.base_app import CANNOT_START
from desksync_embedded.cycles import cycles, judge, show
from desksync_embedded.demo import tell_ignored
from desksync_embedded.options import FirstPort
from desksync_embedded.ports import ports_from
from desksync_embedded.trial import CycleTookTooLong
from desksync_embedded.watching import watching
from desksync_local.fleet import ProgramFailed
from desksync_local.production import Production, Size, production
from desksync_local.server import NoServer
from desksync_sandbox.office import ZONE, Office, make_office

START_SECONDS = 120
"""How long the programs may take until they work, on a machine that is busy with other things."""

_LONG = "24h"
"""An interval after which nobody is looking any more: what runs is ordered."""

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def command(  # noqa: PLR0913 - each argument is an option
    *,
    once: Annotated[bool, typer.Option("--once", help="Run two full cycles for everybody, print the first, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print JSON for machines.")] = False,
    users: Annotated[int, typer.Option(min=1, help="How many people the office has.")] = 25,
    events: Annotated[int, typer.Option(min=0, help="How many events they have altogether.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same office.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="How many workers each side has.")] = 2,
    schedulers: Annotated[int, typer.Option(min=1, help="How many schedulers there are; one of them is active.")] = 2,
    interval: Annotated[str, typer.Option(help="How often everybody is synced.")] = "10s",
    port: FirstPort = None,
    limit: Annotated[int, typer.Option(min=1, help="With --once: seconds after which a cycle counts as stuck.")] = 600,
    rabbitmq_home: Annotated[
        Path | None, typer.Option(envvar="DESKSYNC_TEST_RABBITMQ_HOME", help="Where RabbitMQ and Erlang were unpacked.")
    ] = None,
) -> None:
    """Run DeskSync as in production, on this machine alone: RabbitMQ, PostgreSQL, every program a process. Nothing is kept."""
    console = Console(stderr=as_json)
    if as_json and not once:
        console.print("--json belongs to --once; without it the programs run until Ctrl-C.")
        raise typer.Exit(CANNOT_START)
    configure_logs("production", level="WARNING")
    office = make_office(users=users, events=events, seed=seed, today=datetime.now(ZoneInfo(ZONE)).date())
    size = Size(schedulers, workers)
    tell_ignored(console)
    try:
        ports = (0, 0, 0) if once else ports_from(port)
        console.print("[dim]Starting RabbitMQ, PostgreSQL and the programs …[/dim]")
        code = (
            _once(office, size, console, as_json=as_json, limit=limit, home=rabbitmq_home)
            if once
            else _stay(office, size, console, interval=interval, ports=ports, home=rabbitmq_home)
        )
    except (NoServer, ProgramFailed, CycleTookTooLong, OSError, ValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        code = CANNOT_START
    raise typer.Exit(code)


def _now() -> datetime:
    return datetime.now(UTC)


def _once(office: Office, size: Size, console: Console, *, as_json: bool, limit: float, home: Path | None) -> int:
    with production(office, _now, size=size, interval=_LONG, ports=(0, 0, 0), rabbitmq_home=home) as made:
        servers = {"rabbitmq": made.rabbitmq.version(), "postgresql": made.postgres.version()}
        # The first cycle is the scheduler's doing: everybody is due when it starts. The second one is ordered.
        first, second = cycles(made.company, [_starting(made), made.company.sync_all], console, limit_seconds=limit)
        codes = made.fleet.end()
    show(first, second, console, as_json=as_json, more={"servers": servers, "programs": codes})
    if unclean := {name: code for name, code in codes.items() if code}:
        console.print(f"These programs did not end cleanly: {unclean}")
    return 0 if judge(first, second) and not unclean else 1


def _starting(made: Production) -> Callable[[], None]:
    def start() -> None:
        made.fleet.start()
        made.fleet.wait_ready(START_SECONDS)

    return start


def _stay(office: Office, size: Size, console: Console, *, interval: str, ports: tuple[int, int, int], home: Path | None) -> int:
    with production(office, _now, size=size, interval=interval, ports=ports, rabbitmq_home=home) as made:
        made.fleet.start()
        made.fleet.wait_ready(START_SECONDS)
        _greet(made, interval, console)
        loops = [
            ("watch", watching(made.company, console)),
            ("programs", lambda stop: made.fleet.look_after(stop, console.print)),
        ]
        code = run_service("production", loops)
        # A second Ctrl-C would leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        console.print("Ending all programs and servers …")
    console.print("Stopped. Nothing was kept.")
    return code


def _greet(made: Production, interval: str, console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("program", "process", "address"):
        table.add_column(heading)
    for program in made.fleet.programs:
        table.add_row(program.name, str(program.pid), program.address)
    console.print(
        f"""
[bold]DeskSync as in production[/bold], for {len(made.company.people)} made-up people. All of it runs here; nothing is kept.

  desknet's NEO, a stand-in        {made.company.neo.url}/
  Google Calendar, a stand-in      {made.company.google.url}/
  RabbitMQ {made.rabbitmq.version()}, its pages       {made.rabbitmq.management_url}/  (guest, guest)
  PostgreSQL {made.postgres.version().split()[0]}                  {made.company.resources.settings.database_url}
  Logs                             {made.logs}/
""",
        highlight=False,
        soft_wrap=True,
    )
    console.print(table, highlight=False)
    console.print(
        f"""
Open the first two and choose the same person. Add, move or delete an event on either page: it is on the other within about
{interval}. Kill any program (kill -9 and its number): it is started again, and nothing is lost. Ctrl-C ends it all.

[dim]Each run that wrote something:  + created   ~ changed   − deleted[/dim]
""",
        highlight=False,
        soft_wrap=True,
    )
