"""`desksync sandbox`: servers that behave like NEO and Google."""

from pathlib import Path
from typing import Annotated

import typer

from desksync_embedded import launcher, sandbox
from desksync_embedded.base_app import an_office, now, told, with_resources
from desksync_embedded.options import Host, Port
from desksync_sandbox.server import THIS_MACHINE

stand_ins = typer.Typer(help="Servers that behave like NEO and Google, to try things on.", no_args_is_help=True)

SEED_HELP = "What it holds at the start, as JSON or iCalendar. Without it both stand-ins hold the same office as the demo."


@stand_ins.command(name="neo")
def neo_command(
    seed: Annotated[Path | None, typer.Option(help=SEED_HELP)] = None,
    ics: Annotated[Path | None, typer.Option("--import", help="An iCalendar file whose events the first user gets.")] = None,
    host: Host = THIS_MACHINE,
    port: Port = 8001,
) -> None:
    """Run the stand-in for desknet's NEO until Ctrl-C."""
    with told():
        raise typer.Exit(sandbox.run_neo(seed, ics, an_office(), now, host, port))


@stand_ins.command(name="google")
def google_command(
    seed: Annotated[Path | None, typer.Option(help=SEED_HELP)] = None,
    ics: Annotated[Path | None, typer.Option("--import", help="An iCalendar file whose events the first account gets.")] = None,
    host: Host = THIS_MACHINE,
    port: Port = 8002,
) -> None:
    """Run the stand-in for Google Calendar until Ctrl-C."""
    with told():
        raise typer.Exit(sandbox.run_google(seed, ics, an_office(), now, host, port))


@stand_ins.command(name="connect")
def connect_command() -> None:
    """Make everybody in the stand-ins' office a user who syncs. Only where the settings lead to both stand-ins."""
    with told(), with_resources(required=launcher.REQUIRED) as resources:
        typer.echo(sandbox.connect(resources, an_office()))
