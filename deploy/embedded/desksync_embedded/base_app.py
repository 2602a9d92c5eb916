"""What every command does: open what it works with, and turn errors into sentences and exit codes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NoReturn
from zoneinfo import ZoneInfo

import typer

from desksync.broker.connection import BrokerUnreachable
from desksync.ops.logs import configure_logs
from desksync.ops.secrets import SecretsError
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError, load_settings
from desksync.store.engine import DatabaseProblem, is_missing
from desksync.worker.errors import CalendarError
from desksync.worker.resources import Resources, opened
from desksync.worker.standstill import RunUnderWay
from desksync.worker.undo import NothingToUndo
from desksync_embedded import sandbox, users_commands
from desksync_embedded.trial import CycleTookTooLong
from desksync_sandbox.office import ZONE, Office, make_office

CANNOT_START = 2
"""The exit code when a person has to mend something first."""


def now() -> datetime:
    """Return the time by the clock of this machine, in UTC."""
    return datetime.now(UTC)


def an_office(users: int = 25, events: int = 2000, seed: int = 1) -> Office:
    """Return the office of the demo, as it is today."""
    return make_office(users=users, events=events, seed=seed, today=datetime.now(ZoneInfo(ZONE)).date())


@contextmanager
def with_resources(required: tuple[str, ...] = (), load: Callable[..., Settings] = load_settings) -> Iterator[Resources]:
    """Give what a command works with. Logs tell of trouble only. Makes no database: that is what `migrate` is for."""
    settings = load(required=required)
    configure_logs("desksync", level="WARNING")
    if is_missing(settings.database_url):
        raise DatabaseProblem(
            "There is no database yet at the file that DESKSYNC_DATABASE_URL names, or at its default. Correct the setting, or "
            "run `desksync migrate`, which makes one."
        )
    with opened(settings, now) as resources:
        yield resources


@contextmanager
def told() -> Iterator[None]:
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
        fail(str(problem))


def fail(text: str) -> NoReturn:
    """Say what a person has to mend, and end."""
    sys.stderr.write(f"{text}\n")
    raise typer.Exit(CANNOT_START)


@contextmanager
def opened_and_told() -> Iterator[Resources]:
    """Give what a command works with, and say in a sentence what goes wrong."""
    with told(), with_resources() as resources:
        yield resources
