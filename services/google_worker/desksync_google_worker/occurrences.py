"""Occurrences of a series that are changed or cancelled on their own: read and written one by one (rule R27).

Google names an occurrence after its series and the UTC time that the rule gave it, so that most need no look first.
Must not know the fields of an event; `mapping` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side, occurrence_on
from desksync.sync.reading import Odd, SeenOccurrence, Stored, Unread, last_known
from desksync.sync.series import with_exceptions
from desksync.sync.views import kept_by
from desksync.worker.calendar import Account
from desksync.worker.errors import EventRefused
from desksync_google_worker.errors import Refused, meaning_for_event
from desksync_google_worker.holding import held_item, require_calendar
from desksync_google_worker.listing import PAGE_SIZE, list_pages
from desksync_google_worker.mapping import (
    Item,
    Unmappable,
    clock_of,
    event_of,
    excluded_days,
    original_day,
    patch_of,
    revival_of,
    text_of,
)
from desksync_google_worker.reading import Viewer, is_cancelled, occurrence_of, unread_of
from desksync_google_worker.recurrence import instance_stamp
from desksync_google_worker.service import GoogleService

_CANCELLED = None


@dataclass(frozen=True, slots=True)
class Brought:
    """The series after its occurrences were written. `is_uncertain` where that may have changed the series itself."""

    stored: Stored
    is_uncertain: bool = False


@dataclass(frozen=True, slots=True)
class _Date:
    """One occurrence after it was written. `has_tightened` where that may have made the whole series private."""

    now: Event | None
    has_tightened: bool = False


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The occurrences in one account's calendar."""

    service: GoogleService
    account: Account

    def with_held(self, series: Stored) -> Stored:
        """Return the series with the exceptions that Google holds now.

        All occurrences are asked for, because a list by iCalUID need not name the cancelled ones: of those Google guarantees only
        id, series and original start (Google Event.status). Those that cannot be understood are `unread`. Raises `Refused`.
        """
        viewer = Viewer(self.account.zone, self.account.address)
        held: dict[date, Event | None] = dict(series.event.exceptions)
        unread: list[Unread] = []
        for one in self._instances(series.id):
            try:
                seen = occurrence_of(one, viewer)
            except Unmappable:
                unread += unread_of(one, viewer)
                continue
            held[seen.day_in(series.event)] = None if seen.stored is None else seen.stored.event
        return replace(series, event=with_exceptions(series.event, held), unread=tuple(unread))

    def now_of(self, before: Stored | Odd | None, series: Stored) -> list[SeenOccurrence]:
        """Return what has become of the exceptions that were known before the series itself changed, and those that it has.

        A series that moves loses exceptions, or EXDATE dates stop to fit, and no list of changes tells of it. Nor does one tell
        what happened to the occurrences of a series that could not be read until now, or was declined. Empty where the change
        cannot have touched them. Raises `Refused`.
        """
        last = last_known(before)
        known = {} if last is None else last.event.exceptions
        if isinstance(before, Stored) and (not known or not _has_moved(before, series)):
            return []
        found = self.with_held(series)
        held = found.event.exceptions
        told = sorted({*held, *(day for day in known if not any(one.may_be(day, series) for one in found.unread))})
        return [self._seen(series, day, held.get(day, occurrence_on(series.event, day))) for day in told]

    def _seen(self, series: Stored, day: date, one: Event | None) -> SeenOccurrence:
        name = f"{series.id}_{_stamp(series, day)}"
        return SeenOccurrence(series.id, day, None if one is None else replace(series, id=name, event=one, extra={}))

    def bring(self, series: Stored, wanted: Event) -> Brought:
        """Write every occurrence that differs from what is wanted, and return the series as Google now holds it.

        A date that cannot be written bars no other: all are tried before what was wrong with one is raised, `EventRefused`,
        `Unmappable` or `OverflowError`. A stale one is told first, because everything is decided anew after it.
        """
        held = series.event.exceptions
        goal = with_exceptions(series.event, kept_by(Side.GOOGLE, wanted).exceptions).exceptions
        result = dict(held)
        is_uncertain = False
        problems: list[EventRefused | Unmappable | OverflowError] = []
        for day in sorted(held.keys() | goal.keys()):
            plain = occurrence_on(series.event, day)
            before, after = held.get(day, plain), goal.get(day, plain)
            if before == after:
                continue
            try:
                brought = self._brought(series, day, before, after, has_tightened=is_uncertain)
            except (EventRefused, Unmappable, OverflowError) as problem:
                problems.append(problem)
                continue
            result[day] = brought.now
            is_uncertain = is_uncertain or brought.has_tightened
        if problems:
            raise min(problems, key=lambda one: not (isinstance(one, EventRefused) and one.is_stale))
        return Brought(replace(series, event=with_exceptions(series.event, result)), is_uncertain)

    def _brought(self, series: Stored, day: date, before: Event | None, after: Event | None, *, has_tightened: bool) -> _Date:
        if after is _CANCELLED:
            self._cancel(series, day, before, has_tightened=has_tightened)
            return _Date(None)
        body = self._difference(before, after)
        if not body:
            return _Date(before)
        item = self._written(series, day, before, body, has_tightened=has_tightened)
        return _Date(event_of(item, self.account.zone), before is not _CANCELLED and "visibility" in body)

    def _difference(self, before: Event | None, after: Event) -> dict[str, Any]:
        shows = self.account.shows_attendance
        if before is _CANCELLED:
            return revival_of(after, shows_attendance=shows)
        body = patch_of(before, after, shows_attendance=shows)
        if body.get("visibility") == "default":
            # Google ignores an occurrence that is less private than its series (Google Event.visibility).
            del body["visibility"]
        return body

    def _cancel(self, series: Stored, day: date, before: Event | None, *, has_tightened: bool) -> None:
        instance = self._instance_id(series, day)
        item = self._held(instance)
        if item is None or is_cancelled(item):
            return
        self._refuse_what_changed(series, day, before, item, has_tightened=has_tightened)
        try:
            self.service.call(
                self.account,
                lambda events: events.delete(calendarId=self.account.address, eventId=instance),
                if_match=text_of(item, "etag"),
            )
        except Refused as error:
            if error.refusal.is_gone:
                require_calendar(self.service, self.account, error.refusal)
            # The client sends again when an answer is lost, and then the cancelled date has another etag.
            elif not (error.refusal.is_outdated and self._is_cancelled(instance)):
                raise meaning_for_event(error.refusal) from error

    def _written(self, series: Stored, day: date, before: Event | None, body: Mapping[str, Any], *, has_tightened: bool) -> Item:
        instance = self._instance_id(series, day)
        item = self._held(instance)
        if item is None:
            raise EventRefused("An occurrence of the series is not on Google any more.", is_stale=True)
        self._refuse_what_changed(series, day, before, item, has_tightened=has_tightened)
        try:
            return self.service.call(
                self.account,
                lambda events: events.patch(calendarId=self.account.address, eventId=instance, body=body),
                if_match=text_of(item, "etag"),
            )
        except Refused as error:
            raise meaning_for_event(error.refusal) from error

    def _held(self, instance: str) -> Item | None:
        try:
            return held_item(self.service, self.account, instance)
        except Refused as error:
            raise meaning_for_event(error.refusal) from error

    def _is_cancelled(self, instance: str) -> bool:
        item = self._held(instance)
        return item is None or is_cancelled(item)

    def _refuse_what_changed(self, series: Stored, day: date, before: Event | None, item: Item, *, has_tightened: bool) -> None:
        """Refuse as stale where the date is not what the decision was made for: somebody edited it since the reading.

        `has_tightened`: a write of ours has just made the whole series private, so that how private the date is tells nothing.
        """
        seen = occurrence_of(item, Viewer(self.account.zone, self.account.address)).stored
        held = with_exceptions(series.event, {day: None if seen is None else seen.event}).exceptions
        now = held.get(day, occurrence_on(series.event, day))
        if has_tightened and now is not None and before is not None:
            now = replace(now, access=before.access)
        if now != before:
            raise EventRefused("An occurrence of the series was changed on Google meanwhile.", is_stale=True)

    def _instance_id(self, series: Stored, day: date) -> str:
        if "_" not in series.id:
            return f"{series.id}_{_stamp(series, day)}"
        # A series that Google's page split off has a mark in its id that its occurrences lack: only a look tells their ids.
        try:
            items = self._instances(series.id)
        except Refused as error:
            raise meaning_for_event(error.refusal) from error
        for item in items:
            if _is_on(item, day, clock_of(series.event, self.account.zone)):
                return str(item["id"])
        raise EventRefused("An occurrence of the series is not on Google any more.", is_stale=True)

    def _instances(self, series_id: str) -> list[Item]:
        asked = {"calendarId": self.account.address, "eventId": series_id, "showDeleted": True, "maxResults": PAGE_SIZE}
        return list_pages(self.service, self.account, "instances", asked).items


def _has_moved(before: Stored, series: Stored) -> bool:
    is_same = (before.event.when, before.event.repeat) == (series.event.when, series.event.repeat)
    return not is_same or not excluded_days(before) <= excluded_days(series)


def _stamp(series: Stored, day: date) -> str:
    return instance_stamp(occurrence_on(series.event, day).when, day)


def _is_on(item: Item, day: date, zone: ZoneInfo) -> bool:
    try:
        return original_day(item, zone) == day
    except Unmappable:
        return False
