"""A preview as plain values, for commands, pages and the API alike."""

from collections.abc import Mapping
from typing import Any

from desksync.sync.event import first_day
from desksync.sync.flow import flow_between
from desksync.sync.plan import Action, Create, Delete, Update
from desksync.sync.reading import Stored
from desksync.worker.preview import Preview


def told(shown: Preview) -> Mapping[str, Any]:
    """Return what a run would do: lists of what it creates, updates, deletes, holds and skips, with side, day and title."""
    plan = shown.guarded.plan
    skipped = []
    for one in plan.skipped:
        item = shown.known[one.side].get(one.event_id)
        skipped.append({"side": one.side.value, "title": item.event.title if isinstance(item, Stored) else "", "why": one.why})
    return {
        "creates": [_action(action) for action in plan.actions if isinstance(action, Create)],
        "updates": [_action(action) for action in plan.actions if isinstance(action, Update)],
        "deletes": [_action(action) for action in plan.actions if isinstance(action, Delete)],
        "held": [_action(action) for action in shown.guarded.held],
        "skipped": skipped,
        "matched": len(plan.adopted),
        "left_alone": len(plan.shunned),
    }


def _action(action: Action) -> dict[str, Any]:
    event = action.current.event if isinstance(action, Delete) else action.event
    told: dict[str, Any] = {"side": action.side.value, "title": event.title, "day": first_day(event.when).isoformat()}
    if isinstance(action, Update):
        flow = flow_between(action.current.event, action.event)
        told["fields"] = [*sorted(name for group in flow.groups for name in group), *(str(day) for day in sorted(flow.days))]
    return told
