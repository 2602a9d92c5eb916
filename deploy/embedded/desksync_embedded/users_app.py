"""`desksync users`: look at users, order runs, and answer for what was done or waits."""

from typing import Annotated

import typer
from rich.console import Console

from desksync.sync.event import Side
from desksync_embedded import held_commands, launcher, runs_commands, safety_commands, users_commands
from desksync_embedded.asking import confirmed
from desksync_embedded.base_app import fail, told, with_resources
from desksync_embedded.options import ARun, AsJson, Mark, OneUser, TheUser, Yes

users = typer.Typer(help="Look at users, and order runs.", no_args_is_help=True)


@users.command(name="list")
def list_command(*, as_json: AsJson = False) -> None:
    """List the users with their state, as the administrator's page shows it."""
    with told(), with_resources() as resources:
        users_commands.show_users(resources, Console(), as_json=as_json)


@users.command(name="refresh")
def refresh_command() -> None:
    """Bring the list of users into agreement with NEO's. New ones are added disabled; nobody is deleted."""
    with told(), with_resources(required=("neo_base_url", "neo_access_key")) as resources:
        typer.echo(users_commands.refresh(resources))


@users.command(name="sync-now")
def sync_now_command(
    names: Annotated[list[str] | None, typer.Argument(help="NEO user IDs or login IDs.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who syncs.")] = False,
) -> None:
    """Let users be synced now instead of at their next turn."""
    if everybody == bool(names):
        fail("Name one or more users, or say --all.")
    with told(), with_resources() as resources:
        typer.echo(users_commands.sync_now(resources, names))


@users.command(name="held")
def held_command(name: OneUser = None, *, as_json: AsJson = False) -> None:
    """Show deletions that wait for a person, because there are so many of them."""
    with told(), with_resources() as resources:
        held_commands.show_held(resources, Console(), name, as_json=as_json)


@users.command(name="release")
def release_command(name: TheUser, *, mark: Mark = None, yes: Yes = False) -> None:
    """Let the deletions that wait be carried out, after showing them and asking."""
    _require_mark(mark, yes=yes)
    with told(), with_resources() as resources:
        typer.echo(held_commands.release(resources, Console(), name, mark, confirmed(yes=yes)))


@users.command(name="refuse")
def refuse_command(name: TheUser, *, mark: Mark = None, yes: Yes = False) -> None:
    """Put the events whose deletions wait back where they were deleted, after showing them and asking."""
    _require_mark(mark, yes=yes)
    with told(), with_resources() as resources:
        typer.echo(held_commands.refuse(resources, Console(), name, mark, confirmed(yes=yes)))


@users.command(name="preview")
def preview_command(name: TheUser, *, as_json: AsJson = False) -> None:
    """Read both calendars of a user and show what a run would do. Writes nothing anywhere."""
    with told(), with_resources(required=launcher.REQUIRED) as resources:
        safety_commands.show_preview(resources, Console(), name, as_json=as_json)


@users.command(name="runs")
def runs_command(
    name: TheUser,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the runs of a user in which something happened, the newest first, with their numbers."""
    with told(), with_resources() as resources:
        runs_commands.show_runs(resources, Console(), name, limit, as_json=as_json)


@users.command(name="undo")
def undo_command(run_id: ARun, *, yes: Yes = False) -> None:
    """Put back what one run wrote, as far as nobody has changed it since. Exits 1 when something had to be left."""
    with told(), with_resources(required=launcher.REQUIRED) as resources:
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
    with told(), with_resources(required=launcher.REQUIRED) as resources:
        is_all = safety_commands.clean_side(resources, Console(), name, side, confirmed(yes=yes))
    raise typer.Exit(0 if is_all else 1)


@users.command(name="refused")
def refused_command(name: TheUser, *, as_json: AsJson = False) -> None:
    """Show the events of a user that do not sync, why, and what to do."""
    with told(), with_resources() as resources:
        safety_commands.show_refused(resources, Console(), name, as_json=as_json)


def _require_mark(mark: str | None, *, yes: bool) -> None:
    if yes and mark is None:
        fail("--yes needs --mark with the mark that `desksync users held` shows: an answer is for what somebody has seen.")
