"""The administrator's commands on a running company, as functions, with what they print."""

from datetime import timedelta
from io import StringIO

from rich.console import Console

from desksync.contracts.messages import SyncTicket
from desksync_scheduler.sweep import sweep
from tests.scenarios.company import PATIENCE_SECONDS, Company


def a_console() -> tuple[Console, StringIO]:
    """Return a console, and where it prints."""
    printed = StringIO()
    return Console(file=printed, width=200), printed


def carry_out(company: Company) -> None:
    """Do what the scheduler's sweep does: wake the tickets that a command has left to it. Wait until the runs have ended."""
    resources = company.trial.resources
    with resources.begin() as session:
        found = sweep(session, resources.now(), 10, timedelta(minutes=5)).woken
    resources.publish([SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in found])
    company.trial.wait(PATIENCE_SECONDS)
