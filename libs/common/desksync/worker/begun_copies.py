"""Copies that a run began and did not come to record (rule R9): a cleaning finds them as the next run would, and links them.

Once linked they are removed like any other. What cannot be told is named, and stays begun: the next run may know more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from desksync.store import links
from desksync.store.runs import NewLine
from desksync.store.users import User
from desksync.sync.event import Side, Window, first_day
from desksync.sync.link import creation_key, with_base
from desksync.sync.match import like, link_of_copy
from desksync.sync.plan import Create
from desksync.sync.reading import Odd, Reading, Stored
from desksync.sync.series import touches
from desksync.sync.views import kept_by
from desksync.worker.desk import Case
from desksync.worker.history import LineKind
from desksync.worker.mending import Mending
from desksync.worker.spots import look_at

UNSEEN: Final = "a copy of it may have been made, and cannot be seen at present"
NO_SOURCE: Final = "it may be a copy, but its original is gone, and nothing else tells whose it is"
NOT_ALONE: Final = "it may be a copy, but another event looks the same"

_DAY: Final = timedelta(days=1)


def begun_copies(session: Session, user: User, side: Side) -> list[Create]:
    """Return the copies on that side of which nobody knows whether they were made.

    Those for another pair of calendars are left out: the user has chosen another one since (rule R6).
    """
    linked = set(links.linked_ids(session, user.id, side.other))
    begun = [create for create in links.intents(session, user.id) if create.side is side and create.source.id not in linked]
    return [create for create in begun if create.key == creation_key(user.scope, side.other, create.source.id)]


def link_begun_copies(work: Mending, side: Side) -> None:
    """Link those of them that were made, and forget those that were not. Harmless when done twice."""
    with work.transaction(side) as session:
        begun = begun_copies(session, work.user, side)
    if side is Side.GOOGLE:
        for create in begun:
            # There the copy has the id that was chosen for it, whatever became of its original.
            _settle(work, create, work.look(side, create.key))
    elif begun:
        reading = work.read(side, _days_of(work, begun))
        for create in begun:
            _link_by_look(work, create, reading)


def _link_by_look(work: Mending, create: Create, reading: Reading) -> None:
    """Find the copy by its content: NEO takes no ids of ours. What might be a person's stays."""
    side = create.side
    with work.transaction(side) as session:
        linked = set(links.linked_ids(session, work.user.id, side))
    free = [stored for stored in reading.events if stored.id not in linked]
    found = list(like(create, free, Case(work.desks[side], work.user).policy))
    why: str | None = None
    if found and look_at(work, side.other, create.source.id).current is None:
        why = NO_SOURCE
    elif len(found) > 1:
        why = NOT_ALONE
    elif not found and not reading.is_complete:
        why = UNSEEN
    if why is not None:
        _name(work, create, why, [stored.id for stored in found])
    else:
        # A list tells of a series only what lies in its days.
        _settle(work, create, work.look(side, found[0].id) if found else None)


def _settle(work: Mending, create: Create, copy: Stored | Odd | None) -> None:
    """Link the copy if there is one, and forget that it was begun."""
    side = create.side
    if isinstance(copy, Odd):
        _name(work, create, UNSEEN, [copy.id])
        return
    with work.transaction(side) as session:
        links.forget_intents(session, work.user.id, [create])
        if copy is not None:
            link = link_of_copy(create, copy)
            # Whom people have added since is theirs, and no part of what we wrote.
            base = replace(link.base_on(side), attendance=kept_by(side, create.event).attendance)
            links.add_link(session, work.user.id, with_base(link, side, base), work.desks[side].now())


def _name(work: Mending, create: Create, why: str, event_ids: Sequence[str]) -> None:
    """Record that nobody can tell what came of it."""
    named: list[str | None] = [*event_ids]
    with work.transaction(create.side) as session:
        for event_id in named or [None]:
            line = NewLine(LineKind.NOT_UNDONE, create.side, why, event_id, create.event.title, other_id=create.source.id)
            work.note(session, line)


def _days_of(work: Mending, begun: Sequence[Create]) -> Window:
    """Return days in which all of them begin, although those that sync may have moved on since."""
    window = Case(work.desks[Side.NEO], work.user).window
    days = [first_day(create.event.when) for create in begun if not touches(create.event, window)]
    # By the user's clock it may be the day before or after.
    return Window(min([window.first, *(day - _DAY for day in days)]), max([window.last, *(day + _DAY for day in days)]))
