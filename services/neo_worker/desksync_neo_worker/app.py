"""The program `desksync-neo-worker`: reads the settings and puts the NEO worker together."""

import os
import random
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from desksync.contracts.topology import NEO_QUEUE
from desksync.ops.secrets import Cipher
from desksync.ops.service import Loop
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError, variable
from desksync.sync.event import Side
from desksync.worker.accounts import KeyTrouble, neo_accounts
from desksync.worker.calls import Calls, Watch, unwatched
from desksync.worker.gate import Gate, ungated
from desksync.worker.loop import worker_loop
from desksync.worker.program import run_program
from desksync.worker.resources import Resources
from desksync.worker.seats import Seats
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.refresh import Refresher

REQUIRED = ("neo_base_url",)
"""The settings without which there is no NEO to talk to."""


def gate(resources: Resources) -> Seats:
    """Return what keeps the calls of all processes to NEO few. Its loop has to run."""
    return Seats(
        resources.begin,
        Side.NEO,
        f"{socket.gethostname()}/{os.getpid()}/{uuid4()}",
        resources.settings.neo_calls_in_flight,
        now=resources.now,
        chance=random.random,
        metrics=resources.metrics,
        longest_rest=resources.settings.neo_longest_rest,
    )


def client(settings: Settings, gate: Gate = ungated, watch: Watch = unwatched) -> NeoClient:
    """Return the client of the NEO that the settings name. Raises `SettingsError` for an address that is none."""
    try:
        return NeoClient(settings.neo_base_url or "", timeout=settings.neo_timeout, gate=gate, watch=watch)
    except ValueError as problem:
        raise SettingsError(f"{variable('neo_base_url')}: {problem}") from problem


@contextmanager
def parts(resources: Resources) -> Iterator[list[tuple[str, Loop]]]:
    """Put the NEO worker together."""
    settings = resources.settings
    site_key = settings.neo_access_key
    cipher = Cipher(settings.secret_keys) if settings.secret_keys else None
    seats = gate(resources)
    trouble = KeyTrouble()
    resources.health.check("keys of NEO access keys", trouble.wrong)
    with client(settings, seats, Calls(resources.metrics, Side.NEO)) as neo:
        key = "" if site_key is None else site_key.get_secret_value()
        accounts = neo_accounts(key, cipher, trouble)
        loops = [("neo-gate", seats.run), worker_loop(resources, NEO_QUEUE, NeoCalendar(neo), accounts)]
        if key:
            refresher = Refresher(resources.begin, neo, key, resources.now, str(settings.time_zone), str(uuid4()))
            loops.append(("directory", refresher.run))
        yield loops


def main() -> None:
    """Run until told to stop."""
    sys.exit(run_program("desksync-neo-worker", parts, now=lambda: datetime.now(UTC), required=REQUIRED))
