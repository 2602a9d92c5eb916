"""What the history says of a run, as values. Titles stand in lines, for the person's own page; never in texts or logs."""

from enum import StrEnum
from typing import assert_never

from desksync.store.runs import NewLine
from desksync.sync.event import Event, Side
from desksync.sync.flow import Lost
from desksync.sync.guard import Guarded
from desksync.sync.plan import Action, Create, Delete, Skipped, Update
from desksync.sync.reading import Odd, Stored
from desksync.sync.undo import OTHER_FORM


class LineKind(StrEnum):
    """What happened in a run."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MATCHED = "matched"
    LOST = "lost"
    REFUSED = "refused"
    SKIPPED = "skipped"
    FAILED = "failed"
    HELD = "held"
    BEGUN = "begun"
    """Of an undoing or cleaning: the call is about to be made. Left behind only by a crash."""
    NOT_UNDONE = "not_undone"
    STOPPED = "stopped"


def lines_of(action: Action, answered: Stored | None) -> list[NewLine]:
    """Return the lines of an action that succeeded; the first one names what was done. `answered` is what the side now holds.

    What was overwritten or deleted is kept with the line, so that a person can have it back, and what was written, so that it
    can be told whether somebody has changed it since.
    """
    written = "" if answered is None else answered.id
    now = None if answered is None else answered.event
    match action:
        case Create():
            source = action.source.id
            return [NewLine(LineKind.CREATED, action.side, "", written, action.event.title, other_id=source, written=now)]
        case Update():
            before, other = action.current.event, action.link.id_on(action.side.other)
            updated = NewLine(LineKind.UPDATED, action.side, "", written, action.event.title, before, other, now)
            return [updated, *(_lost(one, written) for one in action.lost)]
        case Delete():
            deleted, other = action.current.event, action.link.id_on(action.side.other)
            why = OTHER_FORM if action.is_superseded else ""
            gone = NewLine(LineKind.DELETED, action.side, why, action.current.id, deleted.title, deleted, other)
            return [gone, *(_lost(one, action.current.id) for one in action.lost)]
        case _:
            assert_never(action)


def refused(action: Action, why: str) -> NewLine:
    """Return the line of an action that a side would not take."""
    event_id, event = _about(action)
    return NewLine(LineKind.REFUSED, action.side, why, event_id, event.title)


def skipped(one: Skipped, title: str) -> NewLine:
    """Return the line of an event that the other side cannot hold."""
    return NewLine(LineKind.SKIPPED, one.side, one.why, one.event_id, title)


def odd(one: Odd, side: Side) -> NewLine:
    """Return the line of an event that is there but cannot be synced."""
    return NewLine(LineKind.SKIPPED, side, one.why, one.id)


def matched(number: int) -> NewLine:
    """Return the line that says how many events were found to be the same on both sides."""
    return NewLine(LineKind.MATCHED, None, f"{number} events were the same on both sides and are linked now")


def held(guarded: Guarded) -> NewLine:
    """Return the line that says how many deletions wait for a person (rule R5)."""
    neo, google = guarded.number_on(Side.NEO), guarded.number_on(Side.GOOGLE)
    number, doubt = guarded.number_in_doubt, ""
    if number:
        doubt = f"; {number} of them are of events that were missing from a list, and are looked at one by one first"
    return NewLine(LineKind.HELD, None, f"{neo + google} deletions wait for a person: {neo} in NEO, {google} on Google{doubt}")


def failed(side: Side | None, why: str) -> NewLine:
    """Return the line of something that went wrong with the whole run."""
    return NewLine(LineKind.FAILED, side, why)


def stopped(note: str) -> NewLine:
    """Return the line of an automatic stop; `note` says what led to it."""
    return NewLine(LineKind.STOPPED, None, f"stopped automatically after {note}; set the account back to sync to go on")


def _lost(lost: Lost, event_id: str) -> NewLine:
    text = f"changed on both sides; the other side's value stays: {', '.join(lost.fields)}"
    return NewLine(LineKind.LOST, lost.side, text, event_id, lost.event.title, lost.event)


def _about(action: Action) -> tuple[str, Event]:
    match action:
        case Create():
            return action.source.id, action.event
        case Update():
            return action.current.id, action.event
        case Delete():
            return action.current.id, action.current.event
        case _:
            assert_never(action)
