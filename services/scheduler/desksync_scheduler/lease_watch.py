"""Tells which leases nobody renews any more, without believing in anybody's clock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

LOOKS: Final = 3
"""How often a lease has to be found unchanged at least, until it counts as given up: its holder renews it as often."""


class LeaseWatch:
    """Watches the leases of tickets from look to look. `seconds` is a clock that never jumps, such as `time.monotonic`.

    A lease says until when it lasts by the clock of the worker that took it. Where our clock is ahead, or is set on, it would
    seem to have run out in the middle of a call, and another worker would do the same a second time. So a lease counts as given
    up when nobody renewed it for as long as one lasts while we looked.

    Time in which we did not look proves nothing: we were frozen, another looked, or the database was away, and then nobody could
    renew anything either. Between two looks no more than a part of a lease counts, however long it was.
    """

    def __init__(self, length: timedelta, seconds: Callable[[], float]) -> None:
        self._length = length.total_seconds()
        self._seconds = seconds
        self._looked_at: float | None = None
        self._seen: dict[str, tuple[datetime, float]] = {}

    def given_up(self, leases: Mapping[str, datetime]) -> dict[str, datetime]:
        """Take all leases there are, by their tickets, and return those that nobody has renewed for as long as one lasts."""
        now = self._seconds()
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, self._length / LOOKS)
        self._looked_at = now
        self._seen = {ticket_id: (until, self._unchanged(ticket_id, until, passed)) for ticket_id, until in leases.items()}
        # A sum of parts is a little less than the whole.
        enough = self._length - 1e-6
        return {ticket_id: until for ticket_id, (until, seconds) in self._seen.items() if seconds >= enough}

    def _unchanged(self, ticket_id: str, until: datetime, passed: float) -> float:
        """Return for how many seconds we have seen the lease as it is."""
        before, seconds = self._seen.get(ticket_id, (None, 0.0))
        return seconds + passed if before == until else 0.0
