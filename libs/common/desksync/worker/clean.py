"""Removes from one side what we wrote there, and nothing else. The user is stopped first; may be cut off and repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from desksync.store import calendars, links, runs, users
from desksync.store.runs import NewLine
from desksync.store.states import StopReason, SyncState
from desksync.store.users import User
from desksync.sync.copies import is_copy
from desksync.sync.event import Side
from desksync.sync.link import Link
from desksync.sync.reading import Odd, Stored
from desksync.sync.replacing import is_announced, marked, unmarked
from desksync.sync.views import comparable
from desksync.worker.begun_copies import begun_copies, link_begun_copies
from desksync.worker.desk import Desk
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.mending import Done, Mending, mending

OUTCOME = "clean"

_NAMES = {Side.NEO: "NEO", Side.GOOGLE: "Google"}


@dataclass(frozen=True, slots=True)
class Written:
    """What a cleaning would do: `copies` were created by us on that side, `others` are linked and were not.

    `unsure` are copies of which nobody knows yet whether they were made.
    """

    copies: tuple[Link, ...]
    others: int
    begun: int = 0
    unsure: int = 0

    @property
    def number(self) -> int:
        """Return how many events would be removed, those of a cleaning that was cut off included."""
        return len(self.copies) + self.begun


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a cleaning: its run, how many events were removed, and the lines of those that were left."""

    run_id: int
    removed: int
    left: tuple[NewLine, ...]


def count(session: Session, user: User, side: Side) -> Written:
    """Return what we wrote on that side and is still linked, or was begun and not recorded."""
    begun = _open(session, user, side, _begun(session, user, side))
    under_way = {line.line.event_id for line in begun}
    pairs = [pair for pair in links.links(session, user.id) if pair.id_on(side) not in under_way]
    copies = tuple(pair for pair in pairs if is_copy(pair, side, user.scope))
    return Written(copies, len(pairs) - len(copies), len(begun), len(begun_copies(session, user, side)))


def clean(
    desks: Mapping[Side, Desk], user: User, side: Side, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Cleaned:
    """Remove our copies from that side, forget their links when they are gone, and leave the other side as it is.

    The user is stopped in the same moment in which runs are kept away: else the next run would copy everything again. A copy that
    was changed since it last agreed with its source stays. Raises `RunUnderWay` and the kinds of `desksync.worker.errors`, after
    which it may be called again.
    """
    desk = desks[side]
    with mending(desks, user, OUTCOME) as work:
        work.calendar(side)  # Nobody is stopped for a cleaning that cannot begin.
        with work.transaction(side) as session:
            if user.sync_state is SyncState.SYNC:
                why = f"what DeskSync wrote was removed from {_NAMES[side]}"
                users.stop(session, user.id, StopReason.ADMINISTRATOR, why, desk.now())
            announced = _begun(session, user, side)
            begun = _open(session, user, side, announced)
            for line in announced:
                if line not in begun:
                    _overtaken(session, user, side, line)
        link_begun_copies(work, side)
        with work.transaction(side) as session:
            copies = count(session, user, side).copies
        total = len(begun) + len(copies)
        for number, line in enumerate(begun):
            tell(number, total)
            _go_on(work, side, line)
        for number, link in enumerate(copies, start=len(begun)):
            tell(number, total)
            _remove(work, side, link)
        tell(total, total)
    with desk.begin() as session:
        lines = [line.line for line in runs.lines_of_run(session, work.run_id)]
    left = tuple(line for line in lines if line.kind == LineKind.NOT_UNDONE)
    return Cleaned(work.run_id, sum(line.kind == LineKind.DELETED for line in lines), left)


def _remove(work: Mending, side: Side, link: Link) -> None:
    event_id, source_id = link.id_on(side), link.id_on(side.other)
    current = work.look(side, event_id)
    if not isinstance(current, Stored):
        why = "it cannot be read any more" if isinstance(current, Odd) else None
        with work.transaction(side) as session:
            if why is None:
                links.drop_link(session, work.user.id, link.neo_id, link.google_id)
            else:
                work.note(session, NewLine(LineKind.NOT_UNDONE, side, why, event_id, link.base_on(side).title))
        return
    if comparable(current.event) != comparable(link.base_on(side)):
        why = "it was changed since it was last synced"
        with work.transaction(side) as session:
            work.note(session, NewLine(LineKind.NOT_UNDONE, side, why, event_id, current.event.title))
        return
    done = NewLine(LineKind.DELETED, side, "", event_id, current.event.title, current.event, source_id)
    with work.transaction(side) as session:
        line_id = work.announce(session, done)
        # Marked as deleted by us the copy is not missed: nothing is deleted on the other side because of it.
        links.set_bases(session, work.user.id, [marked(link, side)])
    _delete(work, side, current, done, line_id)


def _go_on(work: Mending, side: Side, line: runs.Line) -> None:
    """Carry out a deletion that was announced by a cleaning that was cut off."""
    kept = line.line
    current = work.look(side, kept.event_id or "")
    done = NewLine(LineKind.DELETED, side, "", kept.event_id, kept.title, kept.content, kept.other_id)
    with work.transaction(side) as session:
        work.drop_announcement(session, line.id)
        line_id = work.announce(session, done)
    is_ours = isinstance(current, Stored) and kept.content is not None and comparable(current.event) == comparable(kept.content)
    if isinstance(current, Stored) and is_ours:
        _delete(work, side, current, done, line_id)
        return
    with work.transaction(side) as session:
        if current is None:
            _forget_pair(session, work, side, kept.event_id or "")
            work.settle(session, line_id, done, Done(gone=(kept.event_id or "",)))
        else:
            _keep_pair(session, work, side, current.id)
            work.drop_announcement(session, line_id)
            work.note(session, NewLine(LineKind.NOT_UNDONE, side, "it was changed since", kept.event_id, kept.title))


def _delete(work: Mending, side: Side, current: Stored, done: NewLine, line_id: int) -> None:
    try:
        work.delete(side, current)
    except EventRefused as problem:
        why = "it was changed meanwhile" if problem.is_stale else str(problem)
        with work.transaction(side) as session:
            _keep_pair(session, work, side, current.id)
            work.drop_announcement(session, line_id)
            work.note(session, NewLine(LineKind.NOT_UNDONE, side, why, current.id, done.title))
        return
    with work.transaction(side) as session:
        _forget_pair(session, work, side, current.id)
        work.settle(session, line_id, done, Done(gone=(current.id,)))


def _forget_pair(session: Session, work: Mending, side: Side, event_id: str) -> None:
    if (link := links.link_of(session, work.user.id, side, event_id)) is not None:
        links.drop_link(session, work.user.id, link.neo_id, link.google_id)


def _keep_pair(session: Session, work: Mending, side: Side, event_id: str) -> None:
    """Take the mark from a copy that stays."""
    if (link := links.link_of(session, work.user.id, side, event_id)) is not None:
        links.set_bases(session, work.user.id, [unmarked(link)])


def _begun(session: Session, user: User, side: Side) -> list[runs.Line]:
    """Return what cleanings of this pair of calendars that were cut off had announced."""
    found = runs.lines_of_kind(session, user.id, LineKind.BEGUN, user.scope)
    return [line for line in found if line.line.undoes is None and line.line.side is side]


def _open(session: Session, user: User, side: Side, begun: Sequence[runs.Line]) -> list[runs.Line]:
    """Return those of which no run has found out since what came of them."""
    if not begun:
        return []
    pairs = {pair.id_on(side): pair for pair in links.links(session, user.id)}
    # Earlier versions forgot the pair right away: what is known of the side stays as it was until a run reads it again.
    known = calendars.known(session, user.id, side)

    def is_open(event_id: str) -> bool:
        return is_announced(pairs[event_id], side.other) if event_id in pairs else event_id in known

    return [line for line in begun if is_open(line.line.event_id or "")]


def _overtaken(session: Session, user: User, side: Side, line: runs.Line) -> None:
    """Settle what a run has found out since: a copy that is there is one like any other, one that is gone was deleted then."""
    if links.link_of(session, user.id, side, line.line.event_id or "") is None:
        runs.replace_line(session, line.id, replace(line.line, kind=LineKind.DELETED))
    else:
        runs.delete_line(session, line.id)
