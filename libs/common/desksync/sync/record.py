"""What becomes of a link when an action was carried out. Decided here, so that the worker only writes it down."""

from dataclasses import dataclass, replace
from typing import assert_never

from desksync.sync.event import Event, Side
from desksync.sync.flow import flow_between, keeping, rebased
from desksync.sync.link import Link
from desksync.sync.match import link_of_copy
from desksync.sync.plan import Action, Create, Delete, Update
from desksync.sync.reading import Stored


@dataclass(frozen=True, slots=True)
class Recorded:
    """The link to keep from now on, in place of any of the same two ids, and the link to drop; either may be `None`."""

    link: Link | None = None
    dropped: Link | None = None


def recorded(action: Action, answered: Stored | None) -> Recorded:
    """Return what the action does to the links, given what the calendar answered to it.

    `answered` is what `Calendar.create` or `Calendar.update` returned, `None` for a deletion. To be written down in one
    transaction with the seen event of `action.side`: `answered` put in its place, or removed after a deletion. Nothing is read
    from the present state: a change that a person makes meanwhile differs from the bases and is found by the next reading.
    One action of a plan may have been recorded before the next one is carried out, but the actions on the other side need
    a new plan.

    Raises `ValueError` when a creation or change comes without an answer.
    """
    match action:
        case Delete(link=link):
            return Recorded(dropped=link)
        case Create() | Update() if answered is None:
            raise ValueError("a creation or change cannot be recorded without the answer to it")
        case Create():
            return Recorded(link=_created(action, answered), dropped=action.replaces)
        case Update(link=before):
            link = _updated(action, answered)
            is_same_pair = (link.neo_id, link.google_id) == (before.neo_id, before.google_id)
            return Recorded(link=link, dropped=None if is_same_pair else before)
        case _:
            assert_never(action)


def _created(action: Create, answered: Stored) -> Link:
    if answered.is_adopted:
        return link_of_copy(action, answered)  # Made by an earlier try: a person may have edited it since (rule R9).
    if action.side is Side.GOOGLE:
        return Link(action.source.id, answered.id, neo=action.source.event, google=answered.event, origin=Side.NEO)
    return Link(answered.id, action.source.id, neo=answered.event, google=action.source.event, origin=Side.GOOGLE)


def _updated(action: Update, answered: Stored) -> Link:
    # What we did not write but finds itself changed in the answer was changed by a person after the reading: the base stays as
    # it was read, so that the next run sees the change. NEO checks no version and cannot refuse such a write.
    held = keeping(answered.event, action.current.event, unless=flow_between(action.current.event, action.event))
    neo, google = _by_side(action.side, held, action.other)
    link = rebased(action.link, neo, google, action.pending)
    return replace(link, neo_id=answered.id) if action.side is Side.NEO else replace(link, google_id=answered.id)


def _by_side(side: Side, mine: Event, theirs: Event) -> tuple[Event, Event]:
    return (mine, theirs) if side is Side.NEO else (theirs, mine)
