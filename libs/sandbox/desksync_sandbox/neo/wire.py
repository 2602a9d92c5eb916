"""How NEO words what it holds: every value a string, lists below `item`. Decides nothing about rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from desksync_sandbox.neo.people import User
from desksync_sandbox.neo.posted import written
from desksync_sandbox.neo.rule import rule_fields
from desksync_sandbox.neo.schedule import LOOKS, OPTIONS, TEXTS, Occurrence, Schedule

FIELDS = (*TEXTS, *OPTIONS, *LOOKS)


class Sight(Enum):
    """How much of a schedule a caller sees."""

    FULL = "full"
    TIME_AND_EVENT = "time_event"
    TIME = "time"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Wire:
    """Words schedules. `one_item_as_object`: a list of one holds the entry itself instead of an array."""

    users: Mapping[str, User]
    facilities: Mapping[str, str]
    one_item_as_object: bool = False

    def items(self, entries: Iterable[Any]) -> dict[str, Any]:
        """Word a list; an empty one has no `item`."""
        found = list(entries)
        if not found:
            return {}
        return {"item": found[0] if self.one_item_as_object and len(found) == 1 else found}

    def item(
        self, one: Occurrence, user_id: str | None, sight: Sight = Sight.FULL, *, may_change: bool = True, may_delete: bool = True
    ) -> dict[str, Any]:
        """Word an occurrence as it stands in that user's list."""
        value, rule = one.value, one.series.rule
        base: dict[str, Any] = {
            "sid": value.sid,
            "seldate": written(one.original),
            "startdate": written(one.first),
            "enddate": written(one.last),
            "starttime": value.starttime,
            "endtime": value.endtime,
            "repeat": rule.letter if rule else "",
        }
        if sight is not Sight.FULL:
            return {**base, **self._masked(value, sight)}
        base.update(value.fields)
        base["public_level"] = value.level
        base["level"] = "1" if value.level == "permission" else ""
        base["permit_user"] = self._people(value.permitted)
        base["otherto"] = self._people(value.registered)
        base["plant"] = self.items({"id": one, "name": self.facilities.get(one, "")} for one in value.facilities)
        base["entry"] = "" if user_id in (None, value.creator) else "1"
        base["accessopen"] = "1"
        base["accessmod"] = "1" if may_change else ""
        base["accessdel"] = "1" if may_delete else ""
        return base

    def rule(self, schedule: Schedule, *, is_told: bool) -> dict[str, Any]:
        """Word the rule fields; all empty where there is no rule, or where it is not told."""
        rule = schedule.rule if is_told else None
        return {**dict(rule_fields(rule)), "dates": self.items(written(day) for day in rule.dates) if rule else {}}

    def _people(self, user_ids: Iterable[str]) -> dict[str, Any]:
        return self.items({"id": one, "name": self.users[one].name} for one in user_ids if one in self.users)

    def _masked(self, value: Schedule, sight: Sight) -> dict[str, Any]:
        empty: dict[str, Any] = dict.fromkeys((*FIELDS, "public_level", "level", "entry"), "")
        empty.update(dict.fromkeys(("accessopen", "accessmod", "accessdel"), ""))
        empty.update(permit_user={}, otherto={}, plant={})
        if sight is Sight.TIME_AND_EVENT:
            empty["event"] = value.fields["event"]
        return empty
