"""The command `desksync`. Reads the settings, names the concrete classes, and turns errors into sentences and exit codes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from desksync.broker.connection import BrokerUnreachable
from desksync.ops.logs import configure_logs
from desksync.ops.secrets import SecretsError, make_key
from desksync.ops.service import run_service
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError, load_settings
from desksync.store.engine import DatabaseProblem
from desksync.store.schema import migrate
from desksync.store.web_states import WebRole
from desksync.sync.event import Side
from desksync.worker.errors import CalendarError
from desksync.worker.program import health_server
from desksync.worker.resources import Resources, opened
from desksync.worker.standstill import RunUnderWay
from desksync.worker.start import Start, require_welcome, tables_are_made
from desksync.worker.undo import NothingToUndo
from desksync_embedded import (
    admin_commands,
    demo,
    doctor,
    held_commands,
    launcher,
    parked_commands,
    runs_commands,
    safety_commands,
    sandbox,
    users_commands,
)
from desksync_embedded.asking import confirmed
from desksync_embedded.ports import USUAL, ports_from
from desksync_embedded.trial import CycleTookTooLong
from desksync_embedded.waiting import wait_for_migration
from desksync_sandbox.office import ZONE, Office, make_office
from desksync_sandbox.server import THIS_MACHINE

CANNOT_START = 2
"""The exit code when a person has to mend something first."""

app = typer.Typer(
    help="Keeps desknet's NEO and Google Calendar equal, both ways, for a whole company.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
users = typer.Typer(help="Look at users, and order runs.", no_args_is_help=True)
admin = typer.Typer(help="Local accounts of administrators and auditors.", no_args_is_help=True)
keys = typer.Typer(help="Encryption keys for tokens and access keys.", no_args_is_help=True)
stand_ins = typer.Typer(help="Servers that behave like NEO and Google, to try things on.", no_args_is_help=True)
app.add_typer(users, name="users")
app.add_typer(admin, name="admin")
app.add_typer(keys, name="keys")
app.add_typer(stand_ins, name="sandbox")

SEED_HELP = "What it holds at the start, as JSON or iCalendar. Without it both stand-ins hold the same office as the demo."

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 takes a free port.")]
FirstPort = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65533,
        help=f"The first of three ports for the pages; 0 takes free ones. Without it: {USUAL}, or free ones where it is taken.",
    ),
]
Host = Annotated[str, typer.Option("--host", help="The address on which it listens; 0.0.0.0 lets other machines in.")]
TheUser = Annotated[str, typer.Argument(metavar="USER", help="A NEO user ID or login ID.")]
OneUser = Annotated[str | None, typer.Argument(metavar="[USER]", help="A NEO user ID or login ID; everybody if none.")]
TheAccount = Annotated[str, typer.Argument(metavar="NAME", help="The name that is typed at signing in.")]
ARole = Annotated[WebRole, typer.Option("--role", help="An auditor looks at everything and changes nothing.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, for scripts.")]
ARun = Annotated[int, typer.Argument(metavar="RUN", min=1, max=2**63 - 1, help="The number of a run, as `users runs` shows it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Mark = Annotated[str | None, typer.Option("--mark", help="The mark of what `held` has shown: the answer is for that alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


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
        _fail("--json belongs to --once; without it the demo goes on until Ctrl-C.")
    console = Console(stderr=as_json)
    office = _office(users_number, events, seed)
    configure_logs("demo", level="WARNING")
    demo.tell_ignored(console)
    with _told(), demo.ended_by_signals_and_told(console):
        if once:
            is_equal = demo.run_once(office, _now, console, as_json=as_json, limit_seconds=limit)
            raise typer.Exit(0 if is_equal else 1)
        raise typer.Exit(demo.watch(office, _now, console, ports=ports_from(port), interval=interval))


@app.command()
def up() -> None:
    """Run everything in one process with the given settings, after bringing the database up to date."""
    with _told(), ExitStack() as stack:
        settings = load_settings(required=launcher.REQUIRED)
        configure_logs("desksync", level=settings.log_level, log_format=settings.log_format)
        resources = stack.enter_context(opened(settings, _now, waits=True))
        start = Start(tables_are_made(resources.engine), waiting=resources.health.forgive)
        require_welcome(settings.broker_url)
        loops = [(label, start.before(loop)) for label, loop in stack.enter_context(launcher.together(resources))]
        health = ("health", stack.enter_context(health_server(resources)).run)
        code = run_service("desksync", [("start", start.run), ("checks", resources.health.run), health, *loops])
        if start.problem is not None:
            _fail(start.problem)
        raise typer.Exit(code)


@app.command(name="migrate")
def migrate_command(
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Change nothing; wait until another program has done it.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="With --wait: seconds after which to give up.")] = 600,
) -> None:
    """Create the tables, or bring them up to date with their data."""
    with _told():
        url = load_settings().database_url
        if wait:
            wait_for_migration(url, timedelta(seconds=limit))
        else:
            migrate(url)
        typer.echo("The database is up to date.")


@app.command(name="doctor")
def doctor_command(*, as_json: AsJson = False) -> None:
    """Check what an installation needs, and say what is wrong and what to do. Exits 1 when something is wrong."""
    with _told():
        findings = doctor.examine(load_settings, _now)
        doctor.show(findings, Console(), as_json=as_json)
    raise typer.Exit(0 if all(finding.is_good for finding in findings) else 1)


@users.command(name="list")
def list_command(*, as_json: AsJson = False) -> None:
    """List the users with their state, as the administrator's page shows it."""
    with _told(), _resources() as resources:
        users_commands.show_users(resources, Console(), as_json=as_json)


@users.command(name="refresh")
def refresh_command() -> None:
    """Bring the list of users into agreement with NEO's. New ones are added disabled; nobody is deleted."""
    with _told(), _resources(required=("neo_base_url", "neo_access_key")) as resources:
        typer.echo(users_commands.refresh(resources))


@users.command(name="sync-now")
def sync_now_command(
    names: Annotated[list[str] | None, typer.Argument(help="NEO user IDs or login IDs.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who syncs.")] = False,
) -> None:
    """Let users be synced now instead of at their next turn."""
    if everybody == bool(names):
        _fail("Name one or more users, or say --all.")
    with _told(), _resources() as resources:
        typer.echo(users_commands.sync_now(resources, names))


@users.command(name="held")
def held_command(name: OneUser = None, *, as_json: AsJson = False) -> None:
    """Show deletions that wait for a person, because there are so many of them."""
    with _told(), _resources() as resources:
        held_commands.show_held(resources, Console(), name, as_json=as_json)


@users.command(name="release")
def release_command(name: TheUser, *, mark: Mark = None, yes: Yes = False) -> None:
    """Let the deletions that wait be carried out, after showing them and asking."""
    _require_mark(mark, yes=yes)
    with _told(), _resources() as resources:
        typer.echo(held_commands.release(resources, Console(), name, mark, confirmed(yes=yes)))


@users.command(name="refuse")
def refuse_command(name: TheUser, *, mark: Mark = None, yes: Yes = False) -> None:
    """Put the events whose deletions wait back where they were deleted, after showing them and asking."""
    _require_mark(mark, yes=yes)
    with _told(), _resources() as resources:
        typer.echo(held_commands.refuse(resources, Console(), name, mark, confirmed(yes=yes)))


@users.command(name="preview")
def preview_command(name: TheUser, *, as_json: AsJson = False) -> None:
    """Read both calendars of a user and show what a run would do. Writes nothing anywhere."""
    with _told(), _resources(required=launcher.REQUIRED) as resources:
        safety_commands.show_preview(resources, Console(), name, as_json=as_json)


@users.command(name="runs")
def runs_command(
    name: TheUser,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the runs of a user in which something happened, the newest first, with their numbers."""
    with _told(), _resources() as resources:
        runs_commands.show_runs(resources, Console(), name, limit, as_json=as_json)


@users.command(name="undo")
def undo_command(run_id: ARun, *, yes: Yes = False) -> None:
    """Put back what one run wrote, as far as nobody has changed it since. Exits 1 when something had to be left."""
    with _told(), _resources(required=launcher.REQUIRED) as resources:
        is_all = safety_commands.undo_run(resources, Console(), run_id, confirmed(yes=yes))
    raise typer.Exit(0 if is_all else 1)


@users.command(name="clean")
def clean_command(
    name: TheUser,
    side: Annotated[Side, typer.Option("--side", help="Where to remove what DeskSync created.")],
    *,
    yes: Yes = False,
) -> None:
    """Remove from one side what DeskSync created there, and nothing else. Exits 1 when something had to be left."""
    with _told(), _resources(required=launcher.REQUIRED) as resources:
        is_all = safety_commands.clean_side(resources, Console(), name, side, confirmed(yes=yes))
    raise typer.Exit(0 if is_all else 1)


@users.command(name="refused")
def refused_command(name: TheUser, *, as_json: AsJson = False) -> None:
    """Show the events of a user that do not sync, why, and what to do."""
    with _told(), _resources() as resources:
        safety_commands.show_refused(resources, Console(), name, as_json=as_json)


@admin.command(name="create")
def create_command(name: TheAccount, *, role: ARole = WebRole.ADMINISTRATOR, from_stdin: FromStdin = False) -> None:
    """Make an account with which somebody signs in without NEO. The password is asked for."""
    with _told(), _resources() as resources:
        typer.echo(admin_commands.create(resources, name, role, _password(from_stdin=from_stdin)))


@admin.command(name="list")
def accounts_command(*, as_json: AsJson = False) -> None:
    """List the accounts."""
    with _told(), _resources() as resources:
        admin_commands.show(resources, Console(), as_json=as_json)


@admin.command(name="password")
def password_command(name: TheAccount, *, from_stdin: FromStdin = False) -> None:
    """Set a new password, and sign the account out everywhere."""
    with _told(), _resources() as resources:
        typer.echo(admin_commands.change_password(resources, name, _password(from_stdin=from_stdin)))


@admin.command(name="disable")
def disable_command(name: TheAccount) -> None:
    """Shut an account out at once."""
    with _told(), _resources() as resources:
        typer.echo(admin_commands.set_active(resources, name, is_active=False))


@admin.command(name="enable")
def enable_command(name: TheAccount) -> None:
    """Let an account in again."""
    with _told(), _resources() as resources:
        typer.echo(admin_commands.set_active(resources, name, is_active=True))


@keys.command(name="new")
def new_key_command() -> None:
    """Print a new random encryption key for DESKSYNC_SECRET_KEYS."""
    typer.echo(make_key())


@stand_ins.command(name="neo")
def neo_command(
    seed: Annotated[Path | None, typer.Option(help=SEED_HELP)] = None,
    ics: Annotated[Path | None, typer.Option("--import", help="An iCalendar file whose events the first user gets.")] = None,
    host: Host = THIS_MACHINE,
    port: Port = 8001,
) -> None:
    """Run the stand-in for desknet's NEO until Ctrl-C."""
    with _told():
        raise typer.Exit(sandbox.run_neo(seed, ics, _office(), _now, host, port))


@stand_ins.command(name="google")
def google_command(
    seed: Annotated[Path | None, typer.Option(help=SEED_HELP)] = None,
    ics: Annotated[Path | None, typer.Option("--import", help="An iCalendar file whose events the first account gets.")] = None,
    host: Host = THIS_MACHINE,
    port: Port = 8002,
) -> None:
    """Run the stand-in for Google Calendar until Ctrl-C."""
    with _told():
        raise typer.Exit(sandbox.run_google(seed, ics, _office(), _now, host, port))


@stand_ins.command(name="connect")
def connect_command() -> None:
    """Make everybody in the stand-ins' office a user who syncs. Only where the settings lead to both stand-ins."""
    with _told(), _resources(required=launcher.REQUIRED) as resources:
        typer.echo(sandbox.connect(resources, _office()))


def _office(users: int = 25, events: int = 2000, seed: int = 1) -> Office:
    return make_office(users=users, events=events, seed=seed, today=datetime.now(ZoneInfo(ZONE)).date())


def _require_mark(mark: str | None, *, yes: bool) -> None:
    if yes and mark is None:
        _fail("--yes needs --mark with the mark that `desksync users held` shows: an answer is for what somebody has seen.")


def _password(*, from_stdin: bool) -> str:
    """Return the password that was typed. Never an argument: those stand in the list of processes and in the shell's history."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _resources(required: tuple[str, ...] = (), load: Callable[..., Settings] = load_settings) -> Iterator[Resources]:
    settings = load(required=required)
    configure_logs("desksync", level="WARNING")
    with opened(settings, _now) as resources:
        yield resources


@contextmanager
def _told() -> Iterator[None]:
    """Turn errors that a person can mend into their sentences; a traceback is for mistakes of ours."""
    try:
        yield
    except (
        SettingsError,
        DatabaseProblem,
        SecretsError,
        BrokerUnreachable,
        CalendarError,
        users_commands.NotDone,
        NothingToUndo,
        RunUnderWay,
        sandbox.BadSeed,
        sandbox.NoStandIns,
        CycleTookTooLong,
        OSError,
        ValueError,
    ) as problem:
        _fail(str(problem))


def _fail(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    raise typer.Exit(CANNOT_START)


@contextmanager
def _opened() -> Iterator[Resources]:
    with _told(), _resources() as resources:
        yield resources


app.add_typer(parked_commands.group(_opened), name="parked")
