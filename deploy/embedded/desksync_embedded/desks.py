"""Both sides as a command reaches them: the same desks as those of the workers, for one order of an administrator."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.ops.secrets import Cipher
from desksync.ops.service import running
from desksync.sync.event import Side
from desksync.sync.guard import HoldLimits
from desksync.worker.accounts import AccountOf, google_accounts, neo_accounts
from desksync.worker.calendar import Calendar
from desksync.worker.calls import Calls
from desksync.worker.desk import Desk, Limits
from desksync.worker.gate import Gate
from desksync.worker.resources import Resources
from desksync.worker.window import WindowSize
from desksync_google_worker.calendar import GoogleCalendar
from desksync_neo_worker.calendar import NeoCalendar


@dataclass(frozen=True, slots=True)
class Gates:
    """What keeps this program's calls, together with those of all others, within the limits of both sides."""

    neo: Gate
    google: Gate


@contextmanager
def both_gates(resources: Resources) -> Iterator[Gates]:
    """Give both, and run their loops while the block runs."""
    seats, quota = desksync_neo_worker.app.gate(resources), desksync_google_worker.app.gate(resources)
    with running("gates", [("neo-gate", seats.run), ("google-gate", quota.run)]):
        yield Gates(seats, quota)


@contextmanager
def both_desks(resources: Resources, gates: Gates | None = None) -> Iterator[Mapping[Side, Desk]]:
    """Give a desk for each side, and close the connections when the block ends. Without gates it has its own."""
    if gates is None:
        with both_gates(resources) as own, both_desks(resources, own) as desks:
            yield desks
        return
    settings = resources.settings
    site_key = settings.neo_access_key
    cipher = Cipher(settings.secret_keys)

    def desk(calendar: Calendar, account_of: AccountOf) -> Desk:
        return Desk(
            calendar=calendar,
            begin=resources.begin,
            account_of=account_of,
            size=WindowSize(settings.window_past_days, settings.window_future_days),
            limits=Limits(lease=settings.ticket_lease, longest_wait=settings.sync_interval),
            now=resources.now,
            hold_limits=HoldLimits(settings.held_deletes, settings.held_share),
            sleep=time.sleep,
        )

    with (
        desksync_neo_worker.app.client(settings, gates.neo, Calls(resources.metrics, Side.NEO)) as neo,
        closing(
            desksync_google_worker.app.service(settings, resources.now, gates.google, Calls(resources.metrics, Side.GOOGLE))
        ) as google,
    ):
        yield {
            Side.NEO: desk(NeoCalendar(neo), neo_accounts("" if site_key is None else site_key.get_secret_value(), cipher)),
            Side.GOOGLE: desk(GoogleCalendar(google), google_accounts(cipher)),
        }
