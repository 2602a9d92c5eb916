"""Changes or deletes "this and following", as Google's own page does. The API has no such call."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.drafts import Manner
from desksync_sandbox.google.editor import Editor
from desksync_sandbox.google.ids import Original, following_id
from desksync_sandbox.google.recurrence import count_in, rule_without_end
from desksync_sandbox.google.resources import Resource, merged
from desksync_sandbox.google.series import Family, original_of, zone_or
from desksync_sandbox.google.shapes import WRITABLE


def split_series(editor: Editor, calendar: Calendar, instance: str, changes: Mapping[str, Any], manner: Manner) -> Resource:
    """End the series before the instance and let a new one go on with the changes; return the new series.

    The old one ends one second before midnight of that day, in UTC, as recorded. Exceptions from there on are lost.
    From the first instance on there is nothing to split: the whole series changes.
    """
    family, original = _named(calendar, instance)
    before = family.schedule(calendar.zone).count_before(original)
    if before == 0:
        return editor.change(calendar, family.root["id"], changes, manner, whole=False)
    follows = {name: value for name, value in family.plain(original, calendar.zone).items() if name in WRITABLE}
    follows.pop("sequence", None)
    lines = [_shortened(line, before) for line in family.root["recurrence"]]
    editor.change(calendar, family.root["id"], {"recurrence": _ended(family, original, calendar)}, manner, whole=False)
    body = merged({**follows, "recurrence": lines}, dict(changes))
    return editor.insert(calendar, {**body, "id": following_id(family.root["id"], original)}, manner)


def end_series(editor: Editor, calendar: Calendar, instance: str, manner: Manner) -> None:
    """Let the series end before the instance; from the first one on, the whole series is deleted."""
    family, original = _named(calendar, instance)
    if family.schedule(calendar.zone).count_before(original) == 0:
        editor.delete(calendar, family.root["id"], manner)
    else:
        editor.change(calendar, family.root["id"], {"recurrence": _ended(family, original, calendar)}, manner, whole=False)


def _named(calendar: Calendar, instance: str) -> tuple[Family, Original]:
    family, held = calendar.family_of(instance), calendar.find(instance)
    if family is None or held is None or held is family.root:
        raise errors.not_found()
    return family, original_of(held)


def _shortened(line: str, before: int) -> str:
    """Return a line for the second series; a COUNT is what is left of it."""
    count = count_in(line)
    return line if count is None else f"{rule_without_end(line)};COUNT={max(count - before, 1)}"


def _ended(family: Family, original: Original, calendar: Calendar) -> list[str]:
    """Return the lines of the first series; its rule ends with the day before."""
    if not isinstance(original, datetime):
        until = f"{original - timedelta(days=1):%Y%m%d}"
    else:
        zone = zone_or(family.root["start"].get("timeZone"), calendar.zone)
        midnight = datetime.combine(original.astimezone(zone).date(), time.min, zone)
        until = f"{midnight.astimezone(UTC) - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    lines = family.root["recurrence"]
    return [f"{rule_without_end(line)};UNTIL={until}" if line.startswith("RRULE") else line for line in lines]
