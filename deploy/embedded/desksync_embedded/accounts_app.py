"""`desksync admin`: local accounts of the web pages."""

import sys

import typer
from rich.console import Console

from desksync.store.web_states import WebRole
from desksync_embedded import admin_commands
from desksync_embedded.base_app import told, with_resources
from desksync_embedded.options import ARole, AsJson, FromStdin, TheAccount

admin = typer.Typer(help="Local accounts of administrators and auditors.", no_args_is_help=True)


@admin.command(name="create")
def create_command(name: TheAccount, *, role: ARole = WebRole.ADMINISTRATOR, from_stdin: FromStdin = False) -> None:
    """Make an account with which somebody signs in without NEO. The password is asked for."""
    with told(), with_resources() as resources:
        typer.echo(admin_commands.create(resources, name, role, _password(from_stdin=from_stdin)))


@admin.command(name="list")
def accounts_command(*, as_json: AsJson = False) -> None:
    """List the accounts."""
    with told(), with_resources() as resources:
        admin_commands.show(resources, Console(), as_json=as_json)


@admin.command(name="password")
def password_command(name: TheAccount, *, from_stdin: FromStdin = False) -> None:
    """Set a new password, and sign the account out everywhere."""
    with told(), with_resources() as resources:
        typer.echo(admin_commands.change_password(resources, name, _password(from_stdin=from_stdin)))


@admin.command(name="disable")
def disable_command(name: TheAccount) -> None:
    """Shut an account out at once."""
    with told(), with_resources() as resources:
        typer.echo(admin_commands.set_active(resources, name, is_active=False))


@admin.command(name="enable")
def enable_command(name: TheAccount) -> None:
    """Let an account in again."""
    with told(), with_resources() as resources:
        typer.echo(admin_commands.set_active(resources, name, is_active=True))


def _password(*, from_stdin: bool) -> str:
    """Return the password that was typed. Never an argument: those stand in the list of processes and in the shell's history."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
