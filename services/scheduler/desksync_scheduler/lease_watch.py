"""Tells which leases nobody renews any more, without believing in anybody's clock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta


class LeaseWatch:
    """Watches the leases of tickets from look to look. `seconds` is a clock that never jumps, such as `time.monotonic`.

    A lease says until when it lasts by the clock of the worker that took it. Where our clock is ahead, or is set on, it would
    seem to have run out in the middle of a call, and another worker would do the same a second time. So a lease counts as given
    up when nobody renewed it for as long as one lasts while we looked.
    """

    def __init__(self, length: timedelta, seconds: Callable[[], float]) -> None:
        self._length = length.total_seconds()
        self._seconds = seconds
        self._seen: dict[str, tuple[datetime, float]] = {}

    def given_up(self, leases: Mapping[str, datetime]) -> dict[str, datetime]:
        """Take all leases there are, by their tickets, and return those that nobody has renewed for as long as one lasts."""
        now = self._seconds()
        self._seen = {
            ticket_id: self._seen[ticket_id] if self._seen.get(ticket_id, (None,))[0] == until else (until, now)
            for ticket_id, until in leases.items()
        }
        return {ticket_id: until for ticket_id, (until, since) in self._seen.items() if now - since >= self._length}
