"""Events that are left alone: what a side refused and what cannot be read, with the remedy. For commands and pages alike."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from desksync.store import calendars, links
from desksync.sync.event import Event, Side, first_day
from desksync.sync.parts import found
from desksync.sync.plan import STAYS_APART
from desksync.sync.reading import Known, Odd, Stored, last_known
from desksync.sync.replacing import unmarked
from desksync.worker.undoing import TAKEN_BACK

_NAMES: Final = {Side.NEO: "NEO", Side.GOOGLE: "Google"}


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """One event that does not sync.

    `side` is the side that refused it, or on which it cannot be read; `held_by` is where the event is. `title` is empty and
    `day` is `None` where nothing is known of it. `since` is when it was noted, `None` for what cannot be read.
    """

    side: Side
    held_by: Side
    event_id: str
    title: str
    day: date | None
    why: str
    remedy: str
    since: datetime | None


def left_alone(session: Session, user_id: int) -> list[LeftAlone]:
    """Return what does not sync, the refused first, by side and date.

    What is copied in another form, such as a series date by date, does sync: of that only the history tells.
    """
    known = {side: calendars.known(session, user_id, side) for side in Side}
    pairs = [unmarked(pair) for pair in links.links(session, user_id)]
    bases = {side: {pair.id_on(side): pair.base_on(side) for pair in pairs} for side in Side}
    refused = [
        _refused(side, source_id, one, _event(known[side.other], bases[side.other], source_id))
        for side in Side
        for source_id, one in links.refusals(session, user_id, side).items()
        if not one.is_notice or one.why.startswith(STAYS_APART)
    ]
    unreadable = [
        LeftAlone(side, side, item.id, _title(last), _day(last), item.why, _mend(side), None)
        for side in Side
        for item in known[side].values()
        if isinstance(item, Odd)
        for last in [_event(known[side], bases[side], item.id)]
    ]
    return sorted(refused, key=_order) + sorted(unreadable, key=_order)


def _refused(side: Side, source_id: str, one: links.Refusal, event: Event | None) -> LeftAlone:
    if one.fingerprint == "deleted":
        remedy = f"Delete it on {_NAMES[side]} by hand, or change it there: then it is created again in {_NAMES[side.other]}."
    elif one.is_notice:
        remedy = "Change one of the two to what both calendars can hold; the next run then copies it."
    elif one.why == TAKEN_BACK:
        remedy = f"Change it in {_NAMES[side.other]}, if it should be copied again."
    else:
        remedy = _mend(side.other)
    return LeftAlone(side, side.other, source_id, _title(event), _day(event), one.why, remedy, one.at)


def _mend(side: Side) -> str:
    return f"Change it in {_NAMES[side]}; the next run then tries it again."


def _event(known: Known, bases: dict[str, Event], event_id: str) -> Event | None:
    item = found(event_id, known, None)
    if isinstance(item, Odd) and event_id not in bases:
        last = last_known(item)
        item = None if last is None else found(event_id, {last.id: last}, None)
    return item.event if isinstance(item, Stored) else bases.get(event_id)


def _title(event: Event | None) -> str:
    return "" if event is None else event.title


def _day(event: Event | None) -> date | None:
    return None if event is None else first_day(event.when)


def _order(one: LeftAlone) -> tuple[str, date, str]:
    return one.side.value, one.day or date.min, one.event_id
