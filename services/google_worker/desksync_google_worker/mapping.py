"""A Google event resource and the neutral `Event`, both ways. Pure; must not know HTTP, pages or errors of the API.

Written are only the fields that sync: never attendees, reminders, colours, transparency, conference or attachments
(rules R16, R17).
Sources: Google's reference of the Events resource and of EventDateTime.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync.sync.bounds import beyond
from desksync.sync.event import OPEN_END_LENGTH, Access, AllDay, Event, Timed, When, first_day, local
from desksync.sync.reading import Stored
from desksync.sync.text import TITLE_LIMIT, tidy, without_halves
from desksync_google_worker.description import is_rich, joined, parted
from desksync_google_worker.lines import read_lines, write_lines
from desksync_google_worker.recurrence import zone_named
from desksync_google_worker.rule_parts import NotSayable

Item = Mapping[str, Any]
"""One event resource, as JSON gives it. Nothing about it is certain."""

MARK = "desksync"
"""The private extended property of every event that we created; its value is the creation key."""

_EXCLUDED = "excluded"
_RICH = "rich"


class Unmappable(Exception):
    """The event is there but cannot be synced. The text is a sentence for the history, without the title."""


def stored_of(item: Item, zone: ZoneInfo, address: str, *, is_writable: bool = True) -> Stored:
    """Return the event as this calendar holds it.

    `address` is the calendar's id. The event may be changed by its organizer only, and a locked copy by nobody (rule R18).
    """
    event_id = text_of(item, "id")
    if not event_id:
        raise Unmappable("An event of the Google calendar has no id.")
    event, excluded = _event_and_exclusions(item, zone)
    extra = {}
    if excluded:
        extra[_EXCLUDED] = ",".join(day.isoformat() for day in sorted(excluded))
    if is_rich(text_of(item, "description")):
        extra[_RICH] = "1"
    return Stored(
        id=event_id,
        event=event,
        version=text_of(item, "etag"),
        extra=extra,
        is_editable=is_writable and item.get("locked") is not True and _is_own(item, address),
    )


def event_of(item: Item, zone: ZoneInfo) -> Event:
    """Return what the resource says, in the user's zone. Raises `Unmappable`."""
    return _event_and_exclusions(item, zone)[0]


def excluded_days(stored: Stored) -> frozenset[date]:
    """Return the cancelled dates that stand in the series' own EXDATE lines, and have no occurrence that could be restored."""
    kept = stored.extra.get(_EXCLUDED, "")
    return frozenset(date.fromisoformat(day) for day in kept.split(",") if day)


def has_rich_description(stored: Stored) -> bool:
    """Say whether a person formatted the description on Google, so that only its block may be replaced (rule R21)."""
    return _RICH in stored.extra


def original_day(item: Item, zone: ZoneInfo) -> date:
    """Return the date that the rule gave an occurrence, by the clock of that zone (Google Event.originalStartTime)."""
    moment = original_start(item, zone)
    return moment.date() if isinstance(moment, datetime) else moment


def original_start(item: Item, zone: ZoneInfo) -> datetime | date:
    """Return when the rule let an occurrence begin, in that zone, or the date of a whole day."""
    try:
        moment = _moment(_part(item, "originalStartTime"), zone)
    except (ValueError, OverflowError, NotSayable) as error:
        raise Unmappable("An occurrence of a series on Google does not say which one it is.") from error
    day = moment.date() if isinstance(moment, datetime) else moment
    if (why := beyond(AllDay(day, day))) is not None:
        raise Unmappable(f"An occurrence of a series on Google cannot be synced: {why}.")
    return moment


def clock_of(series: Event, zone: ZoneInfo) -> ZoneInfo:
    """Return the zone whose dates name the occurrences of the series: its own, or the user's for whole days."""
    own = series.when.start.tzinfo if isinstance(series.when, Timed) else None
    return own if isinstance(own, ZoneInfo) else zone


def body_of(event: Event, *, shows_attendance: bool, excluded: Collection[date] = ()) -> dict[str, Any]:
    """Return the whole event as Google takes it. `excluded` are cancelled dates that are written as EXDATE."""
    body: dict[str, Any] = {
        "summary": tidy(event.title)[:TITLE_LIMIT],
        "location": tidy(event.location),
        "description": joined(event.description, event.attendance if shows_attendance else ""),
        "visibility": "default" if event.access is Access.OPEN else "private",
        "status": "tentative" if event.is_tentative else "confirmed",
        **_span_of(event.when),
    }
    if event.repeat is not None:
        body["recurrence"] = write_lines(event, excluded)
    return body


def patch_of(before: Event, after: Event, *, shows_attendance: bool, excluded: Collection[date] = ()) -> dict[str, Any]:
    """Return only what differs from what Google holds, as events.patch takes it; empty if nothing does.

    `excluded` are the EXDATE dates that Google holds. Those that are no longer cancelled are left out of the new lines.
    """
    was = body_of(before, shows_attendance=True, excluded=excluded)
    still = [day for day in excluded if after.exceptions.get(day, after) is None]
    wanted = body_of(after, shows_attendance=shows_attendance, excluded=still)
    patch = {name: value for name, value in wanted.items() if was.get(name) != value}
    if "start" in patch or "end" in patch:
        patch |= {name: _cleared(wanted[name]) for name in ("start", "end")}
    if "recurrence" in was and "recurrence" not in wanted:
        patch["recurrence"] = None
    return patch


def revival_of(event: Event, *, shows_attendance: bool) -> dict[str, Any]:
    """Return the body that brings a cancelled occurrence back with these values."""
    body = body_of(replace(event, repeat=None), shows_attendance=shows_attendance)
    return body | {name: _cleared(body[name]) for name in ("start", "end")}


def text_of(item: Item, name: str) -> str:
    """Return a text field; a missing one is empty, half a character is U+FFFD. Raises `Unmappable` when it is no text."""
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unmappable(f"Google's field {name} is not a text.")
    return without_halves(value)


def _event_and_exclusions(item: Item, zone: ZoneInfo) -> tuple[Event, frozenset[date]]:
    event = _single(item, zone)
    lines = item.get("recurrence")
    if not lines:
        return event, frozenset()
    try:
        series = read_lines(lines, event.when, zone, _named_zone(_part(item, "start"), zone))
    except (NotSayable, OverflowError) as error:
        why = str(error) if isinstance(error, NotSayable) else "its dates are out of range"
        raise _unmappable_series(event, why) from error
    if (beyond_what := beyond(series.when, series.repeat)) is not None:
        raise _unmappable_series(event, beyond_what)
    exceptions = dict.fromkeys(sorted(series.excluded))
    return replace(event, when=series.when, repeat=series.repeat, exceptions=exceptions), series.excluded


def _unmappable_series(event: Event, why: str) -> Unmappable:
    return Unmappable(f"A series that begins on {first_day(event.when)} cannot be synced: {why}.")


def _single(item: Item, zone: ZoneInfo) -> Event:
    try:
        when = _when(item, zone)
    except (ValueError, OverflowError, NotSayable) as error:
        raise Unmappable("An event of the Google calendar has no date and time that can be understood.") from error
    if (why := beyond(when)) is not None:
        raise Unmappable(f"An event of the Google calendar cannot be synced: {why}.")
    description, attendance = parted(text_of(item, "description"))
    return Event(
        when=when,
        title=tidy(text_of(item, "summary")),
        location=tidy(text_of(item, "location")),
        description=description,
        attendance=attendance,
        access=Access.SECRET if item.get("visibility") in ("private", "confidential") else Access.OPEN,
        is_tentative=item.get("status") == "tentative",
    )


def _is_own(item: Item, address: str) -> bool:
    organizer = item.get("organizer")
    if not isinstance(organizer, Mapping):
        return True
    return organizer.get("self") is True or organizer.get("email") in (None, address)


def _when(item: Item, zone: ZoneInfo) -> When:
    start, end = _moment(_part(item, "start"), zone), _moment(_part(item, "end"), zone)
    if isinstance(start, datetime) and isinstance(end, datetime):
        # In UTC: where clocks go back, 01:10 may come after 01:50, and times of one zone compare by the wall clock alone.
        return Timed(start, max(start, end, key=lambda moment: moment.astimezone(UTC)))
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise ValueError("one end is a date, the other a time")  # noqa: TRY004 - it is the value that makes no sense
    return AllDay(start, max(start, end - timedelta(days=1)))


def _part(item: Item, name: str) -> Item:
    part = item.get(name)
    if not isinstance(part, Mapping):
        raise ValueError(f"no {name}")  # noqa: TRY004 - one kind of error for everything that cannot be understood
    return part


def _moment(part: Item, zone: ZoneInfo) -> datetime | date:
    """Return a local time or a whole day. A time without an offset is in the named zone (Google EventDateTime)."""
    if part.get("date") is not None:
        return date.fromisoformat(str(part["date"]))
    moment = datetime.fromisoformat(str(part.get("dateTime")))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_named_zone(part, zone))
    return local(moment, zone)


def _named_zone(part: Item, zone: ZoneInfo) -> ZoneInfo:
    name = part.get("timeZone")
    return zone if name is None else zone_named(name)


def _span_of(when: When) -> dict[str, dict[str, str]]:
    if isinstance(when, AllDay):
        return {"start": {"date": when.first.isoformat()}, "end": {"date": (when.last + timedelta(days=1)).isoformat()}}
    return {"start": _time_of(when.start), "end": _time_of(when.start + OPEN_END_LENGTH if when.end is None else when.end)}


def _time_of(moment: datetime) -> dict[str, str]:
    if not isinstance(moment.tzinfo, ZoneInfo):
        raise TypeError("Google is given named zones only.")
    return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": moment.tzinfo.key}


def _cleared(part: Mapping[str, str]) -> dict[str, str | None]:
    # A patch merges: without the nulls an event would keep its time beside its new date.
    return {"date": None, "dateTime": None, "timeZone": None, **part}
