"""Events as JSON text, for keeping. Canonical: equal events give equal text, so that a hash of it is a fingerprint."""

import json
from datetime import date, datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from desksync.sync.event import Access, AllDay, Event, Timed, When
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates, Frequency, Recurrence, Rule

_TEXTS = ("title", "location", "description", "attendance")


def to_json(event: Event) -> str:
    """Return the event as compact JSON with sorted keys; whatever has its default value is left out."""
    return json.dumps(_event_out(event), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Event:
    """Return the event that `to_json` wrote. Raises `ValueError` or `KeyError` for anything else."""
    return _event_in(json.loads(text))


def _event_out(event: Event) -> dict[str, Any]:
    out: dict[str, Any] = {"when": _when_out(event.when)}
    out |= {name: text for name in _TEXTS if (text := getattr(event, name))}
    if event.access is not Access.OPEN:
        out["access"] = event.access.value
    if event.is_tentative:
        out["tentative"] = True
    if event.repeat is not None:
        out["repeat"] = _rule_out(event.repeat)
    if event.exceptions:
        out["exceptions"] = {
            day.isoformat(): None if changed is None else _event_out(changed) for day, changed in event.exceptions.items()
        }
    return out


def _event_in(kept: dict[str, Any]) -> Event:
    return Event(
        when=_when_in(kept["when"]),
        access=Access(kept.get("access", Access.OPEN)),
        is_tentative=kept.get("tentative", False),
        repeat=_rule_in(kept["repeat"]) if "repeat" in kept else None,
        exceptions={
            date.fromisoformat(day): None if changed is None else _event_in(changed)
            for day, changed in kept.get("exceptions", {}).items()
        },
        **{name: kept.get(name, "") for name in _TEXTS},
    )


def _when_out(when: When) -> dict[str, Any]:
    match when:
        case AllDay(first, last):
            return {"first": first.isoformat(), "last": last.isoformat()}
        case Timed(start, end):
            # The offset tells the two hours of a DST fold apart; the zone's name says how a series goes on.
            return {
                "start": start.isoformat(),
                "end": None if end is None else end.isoformat(),
                "zone": str(start.tzinfo),
            }
        case _:
            assert_never(when)


def _when_in(kept: dict[str, Any]) -> When:
    if "first" in kept:
        return AllDay(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]))
    zone = ZoneInfo(kept["zone"])
    end = kept["end"]
    return Timed(
        datetime.fromisoformat(kept["start"]).astimezone(zone),
        None if end is None else datetime.fromisoformat(end).astimezone(zone),
    )


def _rule_out(rule: Rule) -> dict[str, Any]:
    match rule:
        case Recurrence():
            return _recurrence_out(rule)
        case Dates(days):
            return {"days": [day.isoformat() for day in days]}
        case Lines(lines, why):
            return {"lines": list(lines), "why": why}
        case _:
            assert_never(rule)


def _recurrence_out(rule: Recurrence) -> dict[str, Any]:
    out: dict[str, Any] = {"every": rule.frequency.value}
    if rule.interval != 1:
        out["interval"] = rule.interval
    if rule.weekdays:
        out["weekdays"] = list(rule.weekdays)
    if rule.nth is not None:
        out["nth"] = rule.nth
    if rule.count is not None:
        out["count"] = rule.count
    if rule.until is not None:
        out["until"] = rule.until.isoformat()
    if rule.week_start:
        out["week_start"] = rule.week_start
    return out


def _rule_in(kept: dict[str, Any]) -> Rule:
    if "days" in kept:
        return Dates(tuple(date.fromisoformat(day) for day in kept["days"]))
    if "lines" in kept:
        return Lines(tuple(kept["lines"]), kept["why"])
    return Recurrence(
        frequency=Frequency(kept["every"]),
        interval=kept.get("interval", 1),
        weekdays=tuple(kept.get("weekdays", ())),
        nth=kept.get("nth"),
        count=kept.get("count"),
        until=date.fromisoformat(kept["until"]) if "until" in kept else None,
        week_start=kept.get("week_start", 0),
    )
