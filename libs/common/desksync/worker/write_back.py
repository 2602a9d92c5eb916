"""Writes the old value of an event that a run changed. The other side keeps what it holds, and both count as agreed."""

from dataclasses import replace

from desksync.store import links
from desksync.store.runs import NewLine
from desksync.sync.event import Side
from desksync.sync.link import with_base
from desksync.sync.undo import NotUndone, WriteBack, resting
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.spots import change
from desksync.worker.undoing import Undoing


def write_back(one: Undoing, wanted: WriteBack) -> None:
    """Write the old value, as far as the next run lets it be."""
    work, side, user_id = one.work, one.side, one.work.user.id
    with work.transaction(side) as session:
        link = one.link(session)
    todo = wanted if link is None else resting(wanted, link, side, one.policy)
    if isinstance(todo, NotUndone):
        one.leave(todo.why)
        return
    before, text, other_id = todo.current, _left(todo), one.other_id(link)
    line = NewLine(LineKind.UPDATED, side, text, before.id, todo.event.title, before.event, other_id, None, one.line.id)
    with work.transaction(side) as session:
        line_id = work.announce(session, line)
        if link is not None:
            # Before the call: after a crash the old value must not look like an edit of a person, to be carried over.
            links.set_bases(session, user_id, [with_base(link, side, todo.event)])
    try:
        answered, done = change(work, side, one.at, todo.event)
    except EventRefused:
        with work.transaction(side) as session:
            if link is not None:
                links.set_bases(session, user_id, [link])
            work.drop_announcement(session, line_id)
        raise
    with work.transaction(side) as session:
        if link is not None:
            moved = with_base(link, side, answered.event)
            moved = replace(moved, neo_id=answered.id) if side is Side.NEO else replace(moved, google_id=answered.id)
            if (moved.neo_id, moved.google_id) != (link.neo_id, link.google_id):
                links.drop_link(session, user_id, link.neo_id, link.google_id)
                links.add_link(session, user_id, moved, work.desks[side].now())
            else:
                links.set_bases(session, user_id, [moved])
        work.settle(session, line_id, replace(line, event_id=answered.id, written=answered.event), done)


def _left(todo: WriteBack) -> str:
    reasons = (("changed since, and left", todo.left), ("left, because the next run would write it again", todo.returning))
    return "; ".join(f"{why}: {', '.join(names)}" for why, names in reasons if names)
