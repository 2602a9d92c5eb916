"""Makes a reading of a whole list of NEO. Decides nothing: what it proves is the core's to say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from desksync.sync.clocks import read_anew
from desksync.sync.event import Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored, last_known
from desksync.worker.calendar import Account
from desksync.worker.errors import EventRefused, SideUnreadable
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import UNNAMED, Entries, sort_entries
from desksync_neo_worker.listing import Listing
from desksync_neo_worker.mapping import Eyes
from desksync_neo_worker.offshoots import Offshoots, remembered
from desksync_neo_worker.series_reading import SeriesReader
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from desksync_neo_worker.values import Record


def eyes_of(account: Account) -> Eyes:
    """Return as whom the account's records are read."""
    return Eyes(account.address, account.zone, account.shows_attendance)


def sorted_listing(listing: Listing, eyes: Eyes) -> Entries:
    """Return the entries of a whole list.

    Raises `SideUnreadable` when its pages overlap: it changed while it was read, so that another entry may be missing.
    """
    entries = sort_entries(listing.items, eyes)
    if entries.has_doubles and not listing.digest:
        raise SideUnreadable("NEO's list changed while it was read.")
    return entries


def read_listing(
    client: NeoClient, account: Account, window: Window, listing: Listing, known: Callable[[], Known], cursor: str
) -> Reading:
    """Return everything that the list of the window holds. Raises the four error kinds.

    An entry without an ID makes the reading incomplete, so that it proves no deletion: it could be any event.
    """
    eyes = eyes_of(account)
    entries = sorted_listing(listing, eyes)
    seen = known() if entries.singles or entries.occurrences else {}
    known_ids = _ids(seen)
    strangers = {sid: single.event for sid, single in entries.singles.items() if sid not in known_ids}
    reader = SeriesReader(client, account, eyes, window, entries.singles, strangers)
    events: list[Stored] = []
    odd = dict(entries.odd)
    # The offshoots of an odd series wait with it. As events of their own they would be doubled on the other side.
    claimed = {sid for series_id in odd for sid in _offshoots(seen.get(series_id)).values()}
    for sid, found in _series_of(entries, seen).items():
        kept = _kept(seen, sid, eyes)
        try:
            read = reader.read(sid, found, kept)
        except (Strange, Inexpressible, EventRefused) as error:
            odd[sid] = Odd(sid, str(error))
            claimed |= set(_offshoots(kept).values())
            continue
        if read is not None and not (read.series.event.repeat is None and sid in entries.singles):
            events.append(read.series)
            odd |= {one.id: one for one in read.odd}
            claimed |= {sid, *remembered(read.series.extra).values()}
    events += [
        Stored(sid, single.event, extra=single.extra, is_editable=single.is_editable)
        for sid, single in entries.singles.items()
        if sid not in claimed
    ]
    if entries.has_unnamed:
        odd[UNNAMED.id] = UNNAMED
    return Reading(Side.NEO, window, tuple(events), odd=tuple(odd.values()), cursor=cursor, is_complete=not entries.has_unnamed)


def _series_of(entries: Entries, seen: Known) -> Mapping[str, Sequence[Record]]:
    """Return the series of the list with their entries.

    Among them are those of which it shows nothing but offshoots, and what had been a series and looks like a plain event: it may
    be one, or a changed occurrence without the letter of its series.
    """
    alone = {sid: (record,) for sid, record in entries.alone.items() if _is_series(seen.get(sid))}
    hidden: dict[str, Sequence[Record]] = {
        item.id: ()
        for item in seen.values()
        if item.id not in entries.odd
        and item.id not in entries.singles
        and not entries.singles.keys().isdisjoint(_offshoots(item).values())
    }
    return hidden | alone | entries.occurrences


def _is_series(item: Stored | Odd | None) -> bool:
    last = last_known(item)
    return last is not None and last.event.repeat is not None


def _ids(seen: Known) -> set[str]:
    """Return all that was known before, offshoots included."""
    return set(seen).union(*(_offshoots(item).values() for item in seen.values()))


def _offshoots(item: Stored | Odd | None) -> Offshoots:
    last = last_known(item)
    return {} if last is None else remembered(last.extra)


def _kept(seen: Known, sid: str, eyes: Eyes) -> Stored | None:
    """Return the series as it was known; when the user's zone is another one by now, as it would have been read in that."""
    stored = last_known(seen.get(sid))
    if stored is None or not _is_series(stored):
        return None
    return replace(stored, event=read_anew(stored.event, eyes.zone))
