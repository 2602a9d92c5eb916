"""desknet's NEO as the `Calendar` port sees it."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from desksync.sync.event import Event, Side, Window, first_day
from desksync.sync.plain_rule import LAST_DAY
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.recurrence import last_day_of
from desksync.worker.calendar import Account
from desksync.worker.errors import EventRefused
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.cursor import Cursor, entries_hash, question_of
from desksync_neo_worker.mapping import after_writing, changed_fields, is_editable, new_fields
from desksync_neo_worker.meanwhile import edited
from desksync_neo_worker.occurrences import OccurrenceWriter, takes_of
from desksync_neo_worker.offshoots import OFFSHOOTS, Offshoots, remembered
from desksync_neo_worker.reading import eyes_of, read_listing, sorted_listing
from desksync_neo_worker.series_reading import SeriesReader, read_base
from desksync_neo_worker.untranslatable import Inexpressible, Strange

_LONGEST_SERIES: Final = timedelta(days=3660)
"""How far a series without an end is looked at; NEO's own form cannot make one."""

_LONGEST_LOOK: Final = timedelta(days=36600)
"""How far any series is looked at: a list of all its dates until 9900 would not end. What lies behind stays as it is known."""


@dataclass(frozen=True, slots=True)
class NeoCalendar:
    """NEO. Keeps nothing between calls, so that it is safe from several threads."""

    client: NeoClient

    @property
    def side(self) -> Side:
        """Say that this is NEO."""
        return Side.NEO

    @property
    def checks_versions(self) -> bool:
        """Say no: NEO writes whatever is posted (NEO schedule API, which knows neither versions nor conditions)."""
        return False

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        """Return everything in the window, or that nothing changed: NEO tells neither changes nor deletions, so all is listed.

        The cursor is a hash of the whole list and the window.
        """
        eyes = eyes_of(account)
        before = Cursor.parsed(since, question_of(eyes, window))
        unchanged = Reading(Side.NEO, window, cursor=since, is_unchanged=True)
        listing = self.client.list_if_changed(account, window.first, window.last, before.answer)
        if listing is None:
            return unchanged
        now = Cursor(before.question, entries_hash(listing.items), listing.digest)
        if now.entries == before.entries:
            return unchanged
        return read_listing(self.client, account, window, listing, known, str(now))

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        """Return one event, or a series with all its exceptions; `None` if it does not exist any more.

        A changed occurrence that NEO made an event of its own since it was `known` counts as cancelled here: only a reading
        finds that.
        """
        try:
            return self._look(account, event_id, known)
        except (Strange, Inexpressible, EventRefused) as error:
            return Odd(event_id, str(error))

    def create(self, account: Account, event: Event, key: str) -> Stored:  # noqa: ARG002 - NEO takes no ID of our choosing
        """Add the event for the account's user. When an exception is refused, nothing is left behind.

        NEO answers with an ID only, so what it holds is what was posted, read as its own answer would be.
        """
        eyes = eyes_of(account)
        with _refusing():
            fields = new_fields(event, {}, eyes.zone)
            now, extra = after_writing(None, fields, {}, eyes)
            created = Stored(self.client.insert_schedule(account, fields), now, extra=extra)
            if not event.exceptions:
                return created
            try:
                return OccurrenceWriter(self.client, account, eyes).write(created, event)
            except (EventRefused, Inexpressible):
                self.delete(account, created)
                raise

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        """Post what differs, then the occurrences that differ.

        A date that somebody edited since the series was read is not written over: it is stale where it was to be changed or was
        changed before, and else the next reading tells of it.
        """
        eyes = eyes_of(account)
        with _refusing():
            fields = changed_fields(stored.event, event, stored.extra, eyes.zone)
            after, foreign = stored, frozenset[date]()
            if fields:
                sid = self.client.update_schedule(account, stored.id, fields)
                now, extra = after_writing(replace(stored.event, exceptions={}), fields, stored.extra, eyes)
                after = replace(stored, id=sid, event=replace(now, exceptions=stored.event.exceptions), extra=extra)
            if event.repeat is None:
                rest = {name: value for name, value in after.extra.items() if name != OFFSHOOTS}
                after = replace(after, event=replace(after.event, exceptions={}), extra=rest)
            elif fields and stored.event.repeat is not None:
                # Which exceptions outlive a change of their series is NEO's affair, and even one that looks like the rest may.
                after = self._look_again(account, after)
                foreign = edited(stored.event, event, after.event)
            self._delete_offshoots(account, stored, unless=remembered(after.extra))
            if foreign & {*stored.event.exceptions, *event.exceptions}:
                raise EventRefused("An occurrence of the series was changed in NEO meanwhile.", is_stale=True)
            after = _without(after, foreign)
            if after.event.exceptions or event.exceptions or OFFSHOOTS in after.extra:
                return OccurrenceWriter(self.client, account, eyes).write(after, event)
            return after

    def delete(self, account: Account, stored: Stored) -> None:
        """Delete the event or the series; where others are registered, take only the account's user off it."""
        self._delete_offshoots(account, stored, unless={})
        self.client.delete_schedule(account, stored.id, takes_of(stored))

    def _delete_offshoots(self, account: Account, stored: Stored, unless: Offshoots) -> None:
        for original, sid in remembered(stored.extra).items():
            if original not in unless:
                self.client.delete_schedule(account, sid, takes_of(stored))

    def _look_again(self, account: Account, stored: Stored) -> Stored:
        found = self._look(account, stored.id, replace(stored, event=replace(stored.event, exceptions={})))
        if found is None:
            raise EventRefused("The series vanished from NEO while it was changed.", is_stale=True)
        return found

    def _look(self, account: Account, sid: str, kept: Stored | None) -> Stored | None:
        """Return an event as NEO holds it now. `kept` gives the offshoots that are remembered. Raises `Strange`."""
        record = self.client.get_schedule(account, sid)
        if record is None:
            return None
        eyes = eyes_of(account)
        base, extra = read_base(record, eyes)
        if base.repeat is None:
            return Stored(sid, base, extra=extra, is_editable=is_editable(record))
        first = first_day(base.when)
        end = first + min(_LONGEST_LOOK, LAST_DAY - first)
        whole = Window(first, min(end, last_day_of(base.repeat, first) or first + _LONGEST_SERIES))
        entries = sorted_listing(self.client.list_schedules(account, whole.first, whole.last), eyes)
        if sid in entries.odd:
            raise Strange(entries.odd[sid].why)
        reader = SeriesReader(self.client, account, eyes, whole, entries.singles, strangers={})
        told = entries.occurrences.get(sid, ()) or tuple(one for one in [entries.alone.get(sid)] if one is not None)
        return reader.assembled(sid, record, told, kept).series


def _without(series: Stored, days: Collection[date]) -> Stored:
    kept = {day: one for day, one in series.event.exceptions.items() if day not in days}
    return replace(series, event=replace(series.event, exceptions=kept))


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what cannot be translated into the refusal of the one event."""
    try:
        yield
    except (Strange, Inexpressible) as error:
        raise EventRefused(str(error)) from error
    except OverflowError as error:
        raise EventRefused("Its dates are out of the range that can be computed.") from error
