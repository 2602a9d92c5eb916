"""Google Calendar behind the `Calendar` port. Translates and decides nothing; every way of writing may be repeated.

Must not know NEO, tickets or the database.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any

from desksync.sync.absorb import keeping_unread
from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.sync.series import with_exceptions
from desksync.sync.text import tidy
from desksync.worker.calendar import Account
from desksync.worker.errors import CalendarError, EventRefused, RetryLater, SideUnreadable
from desksync_google_worker.description import with_block
from desksync_google_worker.errors import Refusal, Refused, meaning_for_calendar, meaning_for_event
from desksync_google_worker.holding import held_item, require_calendar
from desksync_google_worker.listing import Listing, list_events
from desksync_google_worker.mapping import (
    MARK,
    Item,
    Unmappable,
    body_of,
    excluded_days,
    has_rich_description,
    patch_of,
    stored_of,
    text_of,
)
from desksync_google_worker.occurrences import Occurrences
from desksync_google_worker.reading import UNNAMED, Collected, Viewer, collected, is_cancelled, is_synced
from desksync_google_worker.rule_parts import NotSayable
from desksync_google_worker.service import GoogleService


@dataclass(frozen=True, slots=True)
class GoogleCalendar:
    """The Google side. Calls are safe from several threads.

    Besides the event's fields it writes one private extended property, the creation key, and never an attendee: nobody is mailed.
    """

    service: GoogleService

    @property
    def side(self) -> Side:
        """Say which side this is."""
        return Side.GOOGLE

    @property
    def checks_versions(self) -> bool:
        """Say yes: Google compares the etag that goes along as If-Match (Google "Get specific versions of resources")."""
        return True

    def read(
        self,
        account: Account,
        since: str | None,
        window: Window,
        known: Callable[[], Known],
    ) -> Reading:
        """Return what changed since the sync token, or all from the window's first day on.

        The full list has no upper bound: an event that comes into the moving window later is known by then (rule R4).
        `known` is asked where a series changed: its exceptions may have changed with it.

        An item without an id could be any event. With one, no reading is complete, so that nothing is taken for deleted, and the
        next one is of everything, since a list of changes tells each change once. Nothing can be matched for the first time then.
        """
        try:
            listing = None if since is None else self._changes(account, since)
            if listing is None:
                listing = self._everything(account, window)
                if listing.has_unnamed and not known():
                    raise SideUnreadable("Google's first list of events holds something without an ID.")
                return _reading(window, listing, _collected(account, listing), is_complete=not listing.has_unnamed)
            found = _collected(account, listing)
            self._tell_lost_exceptions(account, found, known)
            return _reading(window, listing, found, is_complete=False)
        except Refused as error:
            raise meaning_for_calendar(error.refusal) from error

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:  # noqa: ARG002 - tells all
        """Return one event with its exceptions, or `None` when it is deleted, declined or of a kind that does not sync."""
        item = self._held(account, event_id)
        if item is None or is_cancelled(item) or not is_synced(item):
            return None
        try:
            return self._whole(account, item)
        except Unmappable as error:
            return Odd(event_id, str(error))

    def create(self, account: Account, event: Event, key: str) -> Stored:
        """Create the event under the id `key`. What a lost answer already made is adopted, what was deleted is revived."""
        with _understood():
            return self._created(account, event, key)

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        """Patch what differs, on condition that the event still is as it was read, then the occurrences that differ."""
        with _understood():
            return self._updated(account, stored, event)

    def delete(self, account: Account, stored: Stored) -> None:
        """Delete the event, on condition that it still is as it was read. What is gone already is success."""
        try:
            self._call(
                account,
                lambda events: events.delete(calendarId=account.address, eventId=stored.id),
                if_match=stored.version,
            )
        except Refused as error:
            if error.refusal.is_gone:
                require_calendar(self.service, account, error.refusal)
            # The client sends again when an answer is lost, and then the deleted event has another etag.
            elif not (error.refusal.is_outdated and self._is_deleted(account, stored.id)):
                raise meaning_for_event(error.refusal) from error

    def _created(self, account: Account, event: Event, key: str) -> Stored:
        cancelled = [day for day, one in event.exceptions.items() if one is None]
        body = {
            **body_of(event, shows_attendance=account.shows_attendance, excluded=cancelled),
            "id": key,
            "extendedProperties": {"private": {MARK: key}},
        }
        try:
            item = self._call(account, lambda events: events.insert(calendarId=account.address, body=body))
        except Refused as error:
            if error.refusal.status != HTTPStatus.CONFLICT:
                raise _meaning_of_refused_creation(error.refusal) from error
            return self._adopted(account, event, key, body)
        return self._with_occurrences(account, _stored(account, item), event)

    def _updated(self, account: Account, stored: Stored, event: Event) -> Stored:
        patch = patch_of(stored.event, event, shows_attendance=account.shows_attendance, excluded=sorted(excluded_days(stored)))
        if not patch:
            return self._with_occurrences(account, stored, event)
        if "description" in patch and has_rich_description(stored) and tidy(event.description) == stored.event.description:
            patch["description"] = self._with_new_block(account, stored, event)
        try:
            item = self._call(
                account,
                lambda events: events.patch(calendarId=account.address, eventId=stored.id, body=patch),
                if_match=stored.version,
            )
        except Refused as error:
            raise meaning_for_event(error.refusal) from error
        has_moved = not patch.keys().isdisjoint(("start", "end", "recurrence"))
        return self._with_occurrences(account, self._after_patch(account, stored, item, has_moved=has_moved), event)

    def _is_deleted(self, account: Account, event_id: str) -> bool:
        item = self._held(account, event_id)
        return item is None or is_cancelled(item)

    def _call(self, account: Account, make: Callable[[Any], Any], *, if_match: str = "") -> Item:
        return self.service.call(account, make, if_match=if_match)

    def _changes(self, account: Account, since: str) -> Listing | None:
        try:
            return list_events(self.service, account, syncToken=since)
        except Refused as error:
            if error.refusal.is_expired_token:
                return None
            raise

    def _tell_lost_exceptions(self, account: Account, found: Collected, known: Callable[[], Known]) -> None:
        series = [stored for stored in found.events if stored.event.repeat is not None]
        before = known() if series else {}
        for stored in series:
            try:
                found.occurrences += Occurrences(self.service, account).now_of(before.get(stored.id), stored)
            except Refused as error:
                if not error.refusal.is_gone:
                    raise
                require_calendar(
                    self.service, account, error.refusal
                )  # Else it was deleted since the list was made: the next says so.

    def _everything(self, account: Account, window: Window) -> Listing:
        begins = datetime.combine(window.first, time.min, tzinfo=account.zone)
        return list_events(self.service, account, timeMin=begins.isoformat())

    def _held(self, account: Account, event_id: str) -> Item | None:
        try:
            return held_item(self.service, account, event_id)
        except Refused as error:
            raise meaning_for_calendar(error.refusal) from error

    def _whole(self, account: Account, item: Item) -> Stored:
        stored = _stored(account, item)
        if stored.event.repeat is None:
            return stored
        try:
            return Occurrences(self.service, account).with_held(stored)
        except Refused as error:
            if error.refusal.is_gone:
                require_calendar(self.service, account, error.refusal)
            raise meaning_for_event(error.refusal) from error

    def _adopted(self, account: Account, event: Event, key: str, body: Mapping[str, Any]) -> Stored:
        item = self._held(account, key)
        if item is None:
            raise RetryLater("Google says that the event is there and does not show it yet.")
        if is_cancelled(item):
            # `body` says the status, so that writing all of it undeletes the event.
            try:
                item = self._call(account, lambda events: events.update(calendarId=account.address, eventId=key, body=body))
            except Refused as error:
                raise meaning_for_event(error.refusal) from error
            return self._with_occurrences(account, self._whole(account, item), event)
        return replace(self._whole(account, item), is_adopted=True)

    def _after_patch(self, account: Account, before: Stored, item: Item, *, has_moved: bool) -> Stored:
        """Return the series as answered, with the exceptions that the answer does not speak of."""
        stored = _stored(account, item)
        if stored.event.repeat is None:
            return stored
        exceptions = before.event.exceptions
        own = exceptions.keys() - excluded_days(before)
        if own and (has_moved or any(exceptions[day] is not None for day in own)):
            # The occurrences may have followed the series, or have been dropped by it: only Google knows.
            return keeping_unread(self._whole(account, item), before)
        kept: dict[date, Event | None] = {day: exceptions[day] for day in own}
        return replace(stored, event=with_exceptions(stored.event, kept | dict(stored.event.exceptions)))

    def _with_occurrences(self, account: Account, series: Stored, wanted: Event) -> Stored:
        if series.event.repeat is None or wanted.repeat is None:
            return series
        brought = Occurrences(self.service, account).bring(series, wanted)
        item = self._held(account, series.id) if brought.is_uncertain else None
        return brought.stored if item is None else keeping_unread(self._whole(account, item), brought.stored)

    def _with_new_block(self, account: Account, stored: Stored, event: Event) -> str:
        item = self._held(account, stored.id)
        if item is None:
            raise EventRefused("The event was deleted on Google meanwhile.", is_stale=True)
        raw = text_of(item, "description")
        return with_block(raw, event.attendance if account.shows_attendance else "")


def _collected(account: Account, listing: Listing) -> Collected:
    found = collected(listing.items, Viewer(account.zone, account.address, listing.role))
    if listing.has_unnamed:
        found.odd.append(UNNAMED)
    return found


def _reading(window: Window, listing: Listing, found: Collected, *, is_complete: bool) -> Reading:
    return Reading(
        side=Side.GOOGLE,
        window=Window(window.first, date.max) if is_complete else window,
        events=tuple(found.events),
        occurrences=tuple(found.occurrences),
        odd=tuple(found.odd),
        unread=tuple(found.unread),
        gone=frozenset(found.gone),
        cursor=None if listing.has_unnamed else listing.token,
        is_complete=is_complete,
        is_unchanged=found.is_empty and not is_complete,
    )


def _stored(account: Account, item: Item) -> Stored:
    return stored_of(item, account.zone, account.address)


@contextmanager
def _understood() -> Iterator[None]:
    """Refuse an event that cannot be said to Google, or that it answers to a write in a form that does not sync."""
    try:
        yield
    except (Unmappable, NotSayable) as error:
        raise EventRefused(str(error)) from error
    except OverflowError as error:
        raise EventRefused("Its dates are out of the range that can be computed.") from error


def _meaning_of_refused_creation(refusal: Refusal) -> CalendarError:
    if refusal.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return meaning_for_calendar(refusal)
    return meaning_for_event(refusal)
