"""Writes the changed and cancelled occurrences of one series to NEO (rule R27). Knows nothing of reading lists."""

from dataclasses import dataclass, replace
from datetime import date

from desksync.sync.event import Event, first_day, last_day, occurrence_on
from desksync.sync.reading import Stored
from desksync.sync.recurrence import gives
from desksync.sync.series import with_exceptions
from desksync.worker.calendar import Account
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.mapping import SHARED, Eyes, after_writing, changed_fields, new_fields
from desksync_neo_worker.offshoots import noted, remembered
from desksync_neo_worker.reading import sorted_listing
from desksync_neo_worker.wire import Takes


@dataclass(frozen=True, slots=True)
class OccurrenceWriter:
    """Brings the exceptions of one series to what is wanted."""

    client: NeoClient
    account: Account
    eyes: Eyes

    def write(self, current: Stored, wanted: Event) -> Stored:
        """Return the series after writing. `current` has the wanted rule and texts already, and the exceptions that NEO has.

        Raises the four error kinds, and `Inexpressible`.
        """
        offshoots = remembered(current.extra)
        exceptions = dict(current.event.exceptions)
        for original in sorted({*exceptions, *wanted.exceptions, *offshoots}):
            regular = _regular(current.event, original)
            held = current.event.exceptions.get(original, regular)
            after = wanted.exceptions.get(original, regular)
            if regular is None:
                exceptions.pop(original, None)  # The rule does not give this date, so that there is nothing to change.
            elif after is None:
                if held is not None:
                    self._cancel(current, original, offshoots)
                exceptions[original] = None
            elif held is None:
                exceptions[original], offshoots[original] = self._restore(current, after, offshoots)
            else:
                exceptions[original] = self._change(current, original, held, after, offshoots)
        return replace(current, event=with_exceptions(current.event, exceptions), extra=noted(current.extra, offshoots))

    def _change(self, current: Stored, original: date, held: Event, after: Event, offshoots: dict[date, str]) -> Event:
        fields = changed_fields(held, after, current.extra, self.eyes.zone)
        if not fields:
            return held
        if original in offshoots:
            self.client.update_schedule(self.account, offshoots[original], fields)
        else:
            sid = self.client.update_schedule(self.account, current.id, fields, original)
            if sid != current.id:
                offshoots[original] = sid  # This NEO makes a new event of it, and takes the date out of the series.
        return after_writing(held, fields, current.extra, self.eyes)[0]

    def _cancel(self, current: Stored, original: date, offshoots: dict[date, str]) -> None:
        takes = takes_of(current)
        if original in offshoots:
            self.client.delete_schedule(self.account, offshoots.pop(original), takes)
        else:
            self.client.delete_schedule(self.account, current.id, takes, original)

    def _restore(self, current: Stored, after: Event, offshoots: dict[date, str]) -> tuple[Event, str]:
        """Put a cancelled occurrence back, for which NEO has no call: as a single event, remembered as part of the series.

        A look comes first, because an earlier try may have worked without our seeing its answer (rule R9).
        """
        fields = new_fields(after, current.extra, self.eyes.zone)
        event = after_writing(None, fields, current.extra, self.eyes)[0]
        twin = self._twin(event, frozenset(offshoots.values()))
        return event, twin or self.client.insert_schedule(self.account, fields)

    def _twin(self, event: Event, taken: frozenset[str]) -> str | None:
        listing = self.client.list_schedules(self.account, first_day(event.when), last_day(event.when))
        singles = sorted_listing(listing, self.eyes).singles
        equal = (sid for sid, single in singles.items() if replace(single.event, attendance="") == event and sid not in taken)
        return next(equal, None)


def takes_of(stored: Stored) -> Takes:
    """Return from whom a deletion takes the event: where others are registered, from the user alone."""
    return Takes.ME if SHARED in stored.extra else Takes.EVERYBODY


def _regular(series: Event, original: date) -> Event | None:
    """Return what the rule gives on that date, `None` if nothing."""
    if series.repeat is None or not gives(series.repeat, first_day(series.when), original):
        return None
    return occurrence_on(series, original)
