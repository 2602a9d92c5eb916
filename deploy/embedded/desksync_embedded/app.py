"""The command `desksync`. Reads the settings, names the concrete classes, and turns errors into sentences and exit codes."""

import sys
from contextlib import ExitStack
from datetime import timedelta
from io import TextIOWrapper
from typing import Annotated

import typer
from rich.console import Console

from desksync.ops.logs import configure_logs
from desksync.ops.secrets import make_key
from desksync.ops.service import run_service
from desksync.ops.settings_loading import load_settings
from desksync.store.schema import migrate
from desksync.worker.program import health_server
from desksync.worker.resources import opened
from desksync.worker.start import Start, require_welcome, tables_are_made
from desksync_embedded import (
    demo,
    doctor,
    launcher,
    parked_commands,
)
from desksync_embedded.accounts_app import admin
from desksync_embedded.base_app import an_office, fail, now, opened_and_told, told
from desksync_embedded.options import AsJson, FirstPort
from desksync_embedded.ports import ports_from
from desksync_embedded.sandbox_app import stand_ins
from desksync_embedded.users_app import users
from desksync_embedded.waiting import wait_for_migration

app = typer.Typer(
    help="Keeps desknet's NEO and Google Calendar equal, both ways, for a whole company.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
keys = typer.Typer(help="Encryption keys for tokens and access keys.", no_args_is_help=True)
app.add_typer(users, name="users")
app.add_typer(admin, name="admin")
app.add_typer(keys, name="keys")
app.add_typer(stand_ins, name="sandbox")
app.add_typer(parked_commands.group(opened_and_told), name="parked")


def main() -> None:
    """Run the command. A terminal that cannot show Japanese shows question marks, and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


@app.command(name="demo")
def demo_command(
    *,
    once: Annotated[bool, typer.Option("--once", help="Run one full cycle for everybody, print it, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print JSON for machines.")] = False,
    users_number: Annotated[int, typer.Option("--users", min=1, help="How many people the office has.")] = 25,
    events: Annotated[int, typer.Option("--events", min=0, help="How many events they have altogether.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same office.")] = 1,
    interval: Annotated[str, typer.Option("--interval", help="How often everybody is synced.")] = "10s",
    port: FirstPort = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="With --once: seconds after which a cycle counts as stuck.")] = 600,
) -> None:
    """Try it: a made-up company, both calendars as stand-ins, everything in one process. Nothing is kept."""
    if as_json and not once:
        fail("--json belongs to --once; without it the demo goes on until Ctrl-C.")
    console = Console(stderr=as_json)
    office = an_office(users_number, events, seed)
    configure_logs("demo", level="WARNING")
    demo.tell_ignored(console)
    with told(), demo.ended_by_signals_and_told(console):
        if once:
            is_equal = demo.run_once(office, now, console, as_json=as_json, limit_seconds=limit)
            raise typer.Exit(0 if is_equal else 1)
        raise typer.Exit(demo.watch(office, now, console, ports=ports_from(port), interval=interval))


@app.command()
def up() -> None:
    """Run everything in one process with the given settings, after bringing the database up to date."""
    with told(), ExitStack() as stack:
        settings = load_settings(required=launcher.REQUIRED)
        configure_logs("desksync", level=settings.log_level, log_format=settings.log_format)
        resources = stack.enter_context(opened(settings, now, waits=True))
        start = Start(tables_are_made(resources.engine), waiting=resources.health.forgive)
        require_welcome(settings.broker_url)
        loops = [(label, start.before(loop)) for label, loop in stack.enter_context(launcher.together(resources))]
        health = ("health", stack.enter_context(health_server(resources)).run)
        code = run_service("desksync", [("start", start.run), ("checks", resources.health.run), health, *loops])
        if start.problem is not None:
            fail(start.problem)
        raise typer.Exit(code)


@app.command(name="migrate")
def migrate_command(
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Change nothing; wait until another program has done it.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="With --wait: seconds after which to give up.")] = 600,
) -> None:
    """Create the tables, or bring them up to date with their data."""
    with told():
        url = load_settings().database_url
        if wait:
            wait_for_migration(url, timedelta(seconds=limit))
        else:
            migrate(url)
        typer.echo("The database is up to date.")


@app.command(name="doctor")
def doctor_command(*, as_json: AsJson = False) -> None:
    """Check what an installation needs, and say what is wrong and what to do. Exits 1 when something is wrong."""
    with told():
        findings = doctor.examine(load_settings, now)
        doctor.show(findings, Console(), as_json=as_json)
    raise typer.Exit(0 if all(finding.is_good for finding in findings) else 1)


@keys.command(name="new")
def new_key_command() -> None:
    """Print a new random encryption key for DESKSYNC_SECRET_KEYS."""
    typer.echo(make_key())
