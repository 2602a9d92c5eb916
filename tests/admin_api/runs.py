"""Runs for the pages of the history."""

from uuid import uuid4

from desksync.store.errors import NewError, add_error
from desksync.store.runs import NewLine, add_lines, close_run, open_run
from desksync.store.tickets import Ticket
from desksync.sync.event import Side
from desksync.sync.ticket import Stage
from tests.admin_api.office import As, WebOffice

CREATED = NewLine("created", Side.GOOGLE, "", "g1", "Secret dinner")


def a_run(office: WebOffice, who: As = As.USER, *lines: NewLine, outcome: str = "ok", fails: str | None = None) -> int:
    """Keep a run of that user, and return its number."""
    user_id, now = office.user_id(who), office.clock()
    # A ticket of its own, beside whatever is open for the user: pages are walked after a run was ordered, too.
    held = Ticket(str(uuid4()), user_id, Stage.PULL_NEO, 1, 0, None, now, now)
    with office.begin() as session:
        run_id = open_run(session, held, now)
        add_lines(session, run_id, user_id, now, lines)
        if fails is not None:
            add_error(session, NewError(user_id, now, fails, "Google Server Error 503", run_id, Side.GOOGLE))
        close_run(session, run_id, outcome, now)
    return run_id
