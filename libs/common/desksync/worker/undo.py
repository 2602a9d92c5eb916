"""Puts back what one run changed, line by line, as far as nobody has changed it since. May be cut off anywhere and repeated."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from desksync.store import links, runs
from desksync.store.links import Refusal
from desksync.store.runs import Line, NewLine, Run
from desksync.store.users import User
from desksync.sync.event import Event, Side, Window, first_day, last_day
from desksync.sync.fingerprint import fingerprint
from desksync.sync.link import creation_key
from desksync.sync.reading import Odd, Stored
from desksync.sync.undo import NotUndone, PutBack, TakeBack, Write, WriteBack, Written, linked_again, step, with_base
from desksync.sync.views import comparable, kept_by
from desksync.worker.desk import Desk
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.mending import Mending, mending

OUTCOME = "undo"

TAKEN_BACK = "its copy was taken back by an undo"
"""Why an event is not copied again until it changes."""


class NothingToUndo(Exception):
    """The run cannot be undone; `str()` is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo: the lines of its run, of which those of the kind `not_undone` say what stays."""

    run_id: int
    lines: tuple[NewLine, ...]

    @property
    def number(self) -> int:
        """Return how many writes were put back."""
        return sum(line.kind != LineKind.NOT_UNDONE for line in self.lines)


def undo(
    desks: Mapping[Side, Desk], user: User, run_id: int, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Undone:
    """Put back what the run wrote, the last write first.

    What was put back by an earlier undo that was cut off is not touched again. `tell` hears how far it is. Raises `RunUnderWay`,
    `NothingToUndo`, and the kinds of `desksync.worker.errors`, after which it may be called again.
    """
    with desks[Side.NEO].begin() as session:
        _require_undoable(runs.get_run(session, run_id), user, run_id)
        lines = [line for line in runs.lines_of_run(session, run_id) if line.line.kind in set(Written)]
    if not lines:
        raise NothingToUndo(f"Run {run_id} wrote nothing.")
    with mending(desks, user, OUTCOME, undoes=run_id) as work:
        with desks[Side.NEO].begin() as session:
            before = runs.lines_undoing(session, user.id)
        settled = _undone(before)
        begun = {line.line.undoes: line for line in before if line.line.kind == LineKind.BEGUN}
        left = [line for line in reversed(lines) if line.id not in settled]
        if not left:
            raise NothingToUndo(f"Run {run_id} was undone already.")
        for number, line in enumerate(left):
            tell(number, len(left))
            _undo_line(work, line, begun.get(line.id))
        tell(len(left), len(left))
    with desks[Side.NEO].begin() as session:
        return Undone(work.run_id, tuple(line.line for line in runs.lines_of_run(session, work.run_id)))


def _require_undoable(run: Run | None, user: User, run_id: int) -> None:
    if run is None or run.user_id != user.id:
        raise NothingToUndo(f"There is no run {run_id}, or its history was deleted by age.")
    if run.finished_at is None:
        raise NothingToUndo(f"Run {run_id} has not ended. Wait until it has, and try again.")


def _undone(lines: Iterable[Line]) -> frozenset[int]:
    """Return the lines that are put back, and have not been written again by an undo of that undo."""
    undone: set[int] = set()
    for line in sorted(lines, key=lambda line: line.id, reverse=True):  # The later one decides about the earlier one.
        if line.line.undoes is not None and line.line.kind in set(Written) and line.id not in undone:
            undone.add(line.line.undoes)
    return frozenset(undone)


def _undo_line(work: Mending, line: Line, begun: Line | None) -> None:
    kept = line.line
    if kept.side is None or kept.event_id is None:
        return
    side = kept.side
    write = Write(Written(kept.kind), side, kept.event_id, kept.content, kept.written)
    try:
        if "#" in kept.event_id:
            todo: TakeBack | WriteBack | PutBack | NotUndone = NotUndone("it is one date of a series; change the series")
            current: Stored | Odd | None = None
        else:
            current = work.look(side, kept.event_id)
            todo = step(write, current)
        match todo:
            case TakeBack():
                _take_back(work, line, todo)
            case WriteBack():
                _write_back(work, line, todo)
            case PutBack():
                _put_back(work, line, todo, was_begun=begun is not None)
            case NotUndone() if begun is not None and _is_done(write, current):
                _settle_begun(work, line, begun, current)
            case NotUndone():
                with work.transaction(side) as session:
                    work.note(session, _not_undone(line, todo.why))
    except EventRefused as problem:
        why = "it was changed meanwhile" if problem.is_stale else str(problem)
        with work.transaction(side) as session:
            work.note(session, _not_undone(line, why))


def _is_done(write: Write, current: Stored | Odd | None) -> bool:
    """Say whether a call that was announced and never settled had been made."""
    if write.what is Written.CREATED:
        return current is None
    return isinstance(current, Stored) and write.before is not None and comparable(current.event) == comparable(write.before)


def _settle_begun(work: Mending, line: Line, begun: Line, current: Stored | Odd | None) -> None:
    kept, side = line.line, _side(line)
    answered = current if isinstance(current, Stored) else None
    what = LineKind.DELETED if answered is None else LineKind.UPDATED
    written = None if answered is None else answered.event
    with work.transaction(side) as session:
        if answered is not None and (link := links.link_of(session, work.user.id, side, answered.id)) is not None:
            links.set_bases(session, work.user.id, [with_base(link, side, answered.event)])
        done = NewLine(what, side, "", kept.event_id, kept.title, kept.written, kept.other_id, written, line.id)
        work.settle(session, begun.id, done, answered, kept.event_id)


def _take_back(work: Mending, line: Line, todo: TakeBack) -> None:
    """Delete a copy. Its source stays, and is not copied again until it changes."""
    side, user_id, current = _side(line), work.user.id, todo.current
    calendar, account = work.calendar(side)
    with work.transaction(side) as session:
        link = links.link_of(session, user_id, side, current.id)
        other_id = line.line.other_id if link is None else link.id_on(side.other)
    # Looked at first: if that fails, nothing has happened yet, and the two are still a pair.
    source = None if other_id is None else work.look(side.other, other_id)
    with work.transaction(side) as session:
        done = NewLine(LineKind.DELETED, side, "", current.id, current.event.title, current.event, other_id, None, line.id)
        line_id = work.announce(session, done)
        if link is not None:
            # Without its link neither of the two is missed: a crash after the deletion must not delete the source.
            links.drop_link(session, user_id, link.neo_id, link.google_id)
        if isinstance(source, Stored):
            refusal = Refusal(fingerprint(kept_by(side, source.event)), TAKEN_BACK, work.desks[side].now())
            links.record_refusal(session, user_id, side, source.id, refusal)
    try:
        calendar.delete(account, current)
    except EventRefused:
        with work.transaction(side) as session:
            if link is not None:
                links.add_link(session, user_id, link, work.desks[side].now())
                links.forget_refusal(session, user_id, side, link.id_on(side.other))
            work.drop_announcement(session, line_id)
        raise
    with work.transaction(side) as session:
        work.settle(session, line_id, done, None, current.id)


def _write_back(work: Mending, line: Line, todo: WriteBack) -> None:
    """Write the old value. The other side keeps what it holds, and both count as agreed."""
    side, user_id, current = _side(line), work.user.id, todo.current
    calendar, account = work.calendar(side)
    text = f"changed since, and left: {', '.join(todo.left)}" if todo.left else ""
    with work.transaction(side) as session:
        link = links.link_of(session, user_id, side, current.id)
        other_id = line.line.other_id if link is None else link.id_on(side.other)
        done = NewLine(LineKind.UPDATED, side, text, current.id, todo.event.title, current.event, other_id, None, line.id)
        line_id = work.announce(session, done)
        if link is not None:
            # Before the call: after a crash the old value must not look like an edit of a person, to be carried over.
            links.set_bases(session, user_id, [with_base(link, side, todo.event)])
    try:
        answered = calendar.update(account, current, todo.event)
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
        work.settle(session, line_id, replace(done, event_id=answered.id, written=answered.event), answered, current.id)


def _put_back(work: Mending, line: Line, todo: PutBack, *, was_begun: bool) -> None:
    """Create what was deleted. Where the event whose copy it was is still there, the two are linked again."""
    side, user_id = _side(line), work.user.id
    other_id = line.line.other_id
    partner = None if not other_id or "#" in other_id else work.look(side.other, other_id)
    calendar, account = work.calendar(side)
    with work.transaction(side) as session:
        if isinstance(partner, Stored) and links.link_of(session, user_id, side.other, partner.id) is not None:
            work.note(session, _not_undone(line, "it was copied anew since"))
            return
        done = NewLine(LineKind.CREATED, side, "", None, todo.event.title, None, None, None, line.id)
        line_id = work.announce(session, done)
    source_id = partner.id if isinstance(partner, Stored) else f"line {line.id} of the history"
    key = creation_key(work.user.scope, side.other, source_id)
    try:
        answered = _created_before(work, side, todo.event) if was_begun and side is Side.NEO else None
        answered = answered or calendar.create(account, todo.event, key)
    except EventRefused:
        with work.transaction(side) as session:
            work.drop_announcement(session, line_id)
        raise
    with work.transaction(side) as session:
        if isinstance(partner, Stored) and links.link_of(session, user_id, side, answered.id) is None:
            now = work.desks[side].now()
            links.add_link(session, user_id, linked_again(side, answered, partner), now)
            links.forget_refusal(session, user_id, side, partner.id)
        linked_to = partner.id if isinstance(partner, Stored) else None
        done = replace(done, event_id=answered.id, other_id=linked_to, written=answered.event)
        work.settle(session, line_id, done, answered, None)


def _created_before(work: Mending, side: Side, wanted: Event) -> Stored | None:
    """Return what an earlier try created in NEO, which takes no ids of our choosing (rule R9): found by a look at its days."""
    calendar, account = work.calendar(side)
    days = Window(first_day(wanted.when), last_day(wanted.when))
    found = calendar.read(account, None, days, dict).events
    plain = replace(comparable(wanted), attendance="", exceptions={})
    return next((one for one in found if replace(comparable(one.event), attendance="", exceptions={}) == plain), None)


def _side(line: Line) -> Side:
    side = line.line.side
    if side is None:
        raise ValueError("a line of a write names its side")
    return side


def _not_undone(line: Line, why: str) -> NewLine:
    kept = line.line
    return NewLine(LineKind.NOT_UNDONE, kept.side, why, kept.event_id, kept.title)
