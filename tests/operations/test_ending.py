"""How the programs end under work: what is begun is finished or handed back, and whoever goes on doubles nothing."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from desksync.store.tables import IS_OPEN, ticket
from desksync_sandbox.office import ZONE
from tests.embedded.installation import Installation
from tests.operations.programs import started

pytestmark = pytest.mark.servers

KUBERNETES_SECONDS = 30
"""How long Kubernetes waits before it kills."""

OTHERS = ["desksync-scheduler", "desksync-google-worker"]


def fill_google(installation: Installation, number: int) -> list[str]:
    """Give the first person so many events on Google, and return their titles."""
    person, tomorrow = installation.office.people[0], datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)
    titles = [f"打合せ{one:02}" for one in range(number)]
    for one, title in enumerate(titles):
        start = datetime.combine(tomorrow, datetime.min.time(), ZoneInfo(ZONE)) + timedelta(minutes=20 * one)
        times = {"start": start, "end": start + timedelta(minutes=15)}
        event = {name: {"dateTime": moment.isoformat(), "timeZone": ZONE} for name, moment in times.items()}
        installation.google.world.add(person.email, event | {"summary": title})
    return titles


def titles_in_neo(installation: Installation) -> list[str]:
    return sorted(record["detail"] for record in installation.neo.world.records(installation.office.people[0].neo_user_id))


def open_ticket(installation: Installation) -> Any:
    """Return the first user's open ticket."""
    with installation.begin() as begin, begin() as session:
        return session.execute(
            select(ticket.c.leased_until, ticket.c.published_at, ticket.c.stage).where(IS_OPEN, ticket.c.user_id == 1)
        ).one_or_none()


def test_a_worker_that_is_stopped_while_it_writes_hands_the_rest_to_another(installation: Installation) -> None:
    installation.settings["DESKSYNC_SYNC_INTERVAL"] = "24h"
    titles = fill_google(installation, 30)
    installation.neo.faults.add(on="insert_schedule", kind="slow", seconds=0.3, times=1000)

    with started(installation, OTHERS) as others:
        with started(installation, ["desksync-neo-worker"]) as programs:
            worker = programs["desksync-neo-worker"]
            worker.wait_until(lambda: len(titles_in_neo(installation)) >= 3)
            asked_at = time.monotonic()
            code = worker.end()
            took, said = time.monotonic() - asked_at, worker.said
        written, left = titles_in_neo(installation), open_ticket(installation)

        with started(installation, ["desksync-neo-worker"]) as programs:
            programs["desksync-neo-worker"].wait_until(lambda: open_ticket(installation) is None)
            codes = [program.end() for program in (*programs.values(), *others.values())]

    assert (code, codes) == (0, [0, 0, 0])
    assert took < KUBERNETES_SECONDS
    assert 3 <= len(written) < len(titles)
    assert left is not None
    assert (left.leased_until, left.stage) == (None, "push_neo")
    assert left.published_at is not None
    assert titles_in_neo(installation) == titles
    assert "handlers did not end in time" not in said


def test_a_worker_whose_call_does_not_end_ends_nevertheless_and_its_ticket_is_found_again(installation: Installation) -> None:
    installation.settings |= {"DESKSYNC_SYNC_INTERVAL": "24h", "DESKSYNC_TICKET_LEASE": "30s", "DESKSYNC_NEO_TIMEOUT": "5m"}
    titles = fill_google(installation, 2)
    installation.neo.faults.add(on="list_schedules", kind="slow", seconds=300)

    with started(installation, OTHERS):
        with started(installation, ["desksync-neo-worker"]) as programs:
            worker = programs["desksync-neo-worker"]
            worker.wait_until(lambda: not installation.neo.faults.standing() and open_ticket(installation) is not None)
            asked_at = time.monotonic()
            worker.end()
            took, said = time.monotonic() - asked_at, worker.said
        left = open_ticket(installation)
        installation.neo.faults.clear()

        with started(installation, ["desksync-neo-worker"]) as programs:
            programs["desksync-neo-worker"].wait_until(lambda: open_ticket(installation) is None)

    assert took < KUBERNETES_SECONDS
    assert "handlers did not end in time" in said
    # Nobody can know what became of the call, so the lease stays, and the sweep gives the ticket to another when it has run out.
    assert left is not None
    assert left.leased_until is not None
    assert titles_in_neo(installation) == titles
