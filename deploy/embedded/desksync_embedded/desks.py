"""Both sides as a command reaches them: the same desks as those of the workers, for one order of an administrator."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.ops.secrets import Cipher
from desksync.sync.event import Side
from desksync.sync.guard import HoldLimits
from desksync.worker.accounts import AccountOf, google_accounts, neo_accounts
from desksync.worker.calendar import Calendar
from desksync.worker.desk import Desk, Limits
from desksync.worker.resources import Resources
from desksync.worker.window import WindowSize
from desksync_google_worker.calendar import GoogleCalendar
from desksync_neo_worker.calendar import NeoCalendar


@contextmanager
def both_desks(resources: Resources) -> Iterator[Mapping[Side, Desk]]:
    """Give a desk for each side, and close the connections when the block ends."""
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
        )

    with (
        desksync_neo_worker.app.client(settings) as neo,
        closing(desksync_google_worker.app.service(settings, resources.now)) as google,
    ):
        yield {
            Side.NEO: desk(NeoCalendar(neo), neo_accounts("" if site_key is None else site_key.get_secret_value(), cipher)),
            Side.GOOGLE: desk(GoogleCalendar(google), google_accounts(cipher)),
        }
