"""Splits a series at one instance, as Google's own page does for "this and following". The API has no such call."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.drafts import Manner
from desksync_sandbox.google.editor import Editor
from desksync_sandbox.google.ids import Original, following_id
from desksync_sandbox.google.recurrence import count_in, rule_without_end
from desksync_sandbox.google.resources import Resource, is_writable, merged
from desksync_sandbox.google.series import Family, original_of, zone_or


def split_series(editor: Editor, calendar: Calendar, instance: str, changes: Mapping[str, Any], manner: Manner) -> Resource:
    """End the series before the instance and let a new one go on with the changes; return the new series.

    The old one ends one second before midnight of that day, in UTC, as recorded. Exceptions from there on are lost.
    """
    family, held = calendar.family_of(instance), calendar.find(instance)
    if family is None or held is None or held is family.root:
        raise errors.not_found()
    original = original_of(held)
    series = family.root
    follows = {name: value for name, value in family.plain(original, calendar.zone).items() if is_writable(name)}
    follows.pop("sequence", None)
    rule = _rules_after(family, original, calendar)
    ended = [_ended(line, series, original, calendar) for line in series["recurrence"]]
    editor.change(calendar, series["id"], {"recurrence": ended}, manner, whole=False)
    body = merged({**follows, "recurrence": rule}, dict(changes))
    return editor.insert(calendar, {**body, "id": following_id(series["id"], original)}, replace(manner, is_google=True))


def _rules_after(family: Family, original: Original, calendar: Calendar) -> list[str]:
    """Return the lines for the new series; a COUNT is what is left of it."""
    before = family.schedule(calendar.zone).count_before(original)

    def shortened(line: str) -> str:
        count = count_in(line)
        return line if count is None else f"{rule_without_end(line)};COUNT={max(count - before, 1)}"

    return [shortened(line) for line in family.root["recurrence"]]


def _ended(line: str, series: Resource, original: Original, calendar: Calendar) -> str:
    if not line.startswith("RRULE"):
        return line
    if not isinstance(original, datetime):
        return f"{rule_without_end(line)};UNTIL={original - timedelta(days=1):%Y%m%d}"
    zone = zone_or(series["start"].get("timeZone"), calendar.zone)
    midnight = datetime.combine(original.astimezone(zone).date(), time.min, zone)
    return f"{rule_without_end(line)};UNTIL={midnight.astimezone(UTC) - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
