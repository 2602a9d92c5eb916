"""Puts back what one run changed, line by line, as far as nobody has changed it since. May be cut off anywhere and repeated."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from desksync.store import runs
from desksync.store.runs import Line, NewLine
from desksync.store.users import User
from desksync.sync.event import Side
from desksync.sync.parts import owner_of
from desksync.sync.undo import OTHER_FORM, NotUndone, PutBack, TakeBack, Write, WriteBack, Written, step
from desksync.worker.desk import Desk
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.mending import Mending, mending
from desksync.worker.put_back import put_back
from desksync.worker.spots import look_at
from desksync.worker.take_back import take_back
from desksync.worker.undoing import Undoing
from desksync.worker.write_back import write_back

OUTCOME = "undo"


class NoUndo(StrEnum):
    """Why a run cannot be undone."""

    GONE = "gone"
    UNDER_WAY = "under_way"
    WROTE_NOTHING = "wrote_nothing"
    UNDONE = "undone"
    ELSEWHERE = "elsewhere"


_SENTENCES = {
    NoUndo.GONE: "There is no run {}, or its history was deleted by age.",
    NoUndo.UNDER_WAY: "Run {} has not ended. Wait until it has, and try again.",
    NoUndo.WROTE_NOTHING: "Run {} wrote nothing.",
    NoUndo.UNDONE: "Run {} was undone already.",
    NoUndo.ELSEWHERE: "Run {} wrote to another pair of calendars than the user has now. Choose that one again before undoing it.",
}


class NothingToUndo(Exception):
    """The run cannot be undone; `str()` is a sentence that says why, `why` the same for pages."""

    def __init__(self, why: NoUndo, run_id: int) -> None:
        super().__init__(_SENTENCES[why].format(run_id))
        self.why = why


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo: the lines of its run, of which those of the kind `not_undone` say what stays."""

    run_id: int
    lines: tuple[NewLine, ...]

    @property
    def number(self) -> int:
        """Return how many writes were put back."""
        return sum(line.kind != LineKind.NOT_UNDONE for line in self.lines)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What an undo would do, as far as the history knows: the writes that it would put back, and those that stay in any case.

    The last write stands first. What somebody has changed since stays as well; that is seen when both sides are looked at.
    """

    lines: tuple[Line, ...]
    staying: tuple[Line, ...]


def undo(
    desks: Mapping[Side, Desk], user: User, run_id: int, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Undone:
    """Put back what the run wrote, the last write first.

    What was put back by an earlier undo that was cut off is not touched again. `tell` hears how far it is. Raises `RunUnderWay`,
    `NothingToUndo`, and the kinds of `desksync.worker.errors`, after which it may be called again.
    """
    with desks[Side.NEO].begin() as session:
        lines = _written(session, user, run_id)
    with mending(desks, user, OUTCOME, undoes=run_id) as work:
        with desks[Side.NEO].begin() as session:
            before = runs.lines_undoing(session, user.id)
        begun = {line.line.undoes: line for line in before if line.line.kind == LineKind.BEGUN}
        left = _left(lines, before)
        forms = _replaced(lines)
        for number, line in enumerate(left):
            tell(number, len(left))
            _undo_line(work, line, begun.get(line.id), forms)
        tell(len(left), len(left))
    with desks[Side.NEO].begin() as session:
        return Undone(work.run_id, tuple(line.line for line in runs.lines_of_run(session, work.run_id)))


def ahead(session: Session, user: User, run_id: int) -> Ahead:
    """Return what an undo of the run would put back. Neither side is asked. Raises `NothingToUndo`."""
    lines = _written(session, user, run_id)
    left, forms = _left(lines, runs.lines_undoing(session, user.id)), _replaced(lines)
    return Ahead(
        tuple(line for line in left if not _changes_form(line.line, forms)),
        tuple(line for line in left if _changes_form(line.line, forms)),
    )


def _written(session: Session, user: User, run_id: int) -> list[Line]:
    """Return what the run wrote, the first write first."""
    _require_undoable(session, user, run_id)
    lines = [line for line in runs.lines_of_run(session, run_id) if line.line.kind in set(Written)]
    if not lines:
        raise NothingToUndo(NoUndo.WROTE_NOTHING, run_id)
    return lines


def _left(lines: Sequence[Line], before: Iterable[Line]) -> list[Line]:
    """Return the lines that earlier undos have not put back, the last one first."""
    settled = _undone(before)
    left = [line for line in reversed(lines) if line.id not in settled]
    if not left:
        raise NothingToUndo(NoUndo.UNDONE, lines[0].run_id)
    return left


def _replaced(lines: Iterable[Line]) -> frozenset[str]:
    """Return the series whose copies were replaced by copies of another form."""
    return frozenset(owner_of(line.line.other_id or "") for line in lines if line.line.text == OTHER_FORM)


def _changes_form(kept: NewLine, forms: Collection[str]) -> bool:
    return kept.text == OTHER_FORM or (kept.kind == LineKind.CREATED and owner_of(kept.other_id or "") in forms)


def _require_undoable(session: Session, user: User, run_id: int) -> None:
    run = runs.get_run(session, run_id)
    if run is None or run.user_id != user.id:
        raise NothingToUndo(NoUndo.GONE, run_id)
    if run.finished_at is None:
        raise NothingToUndo(NoUndo.UNDER_WAY, run_id)
    if not runs.is_of_scope(session, run, user.scope):
        raise NothingToUndo(NoUndo.ELSEWHERE, run_id)


def _undone(lines: Iterable[Line]) -> frozenset[int]:
    """Return the lines that are put back, and have not been written again by an undo of that undo."""
    undone: set[int] = set()
    for line in sorted(lines, key=lambda line: line.id, reverse=True):  # The later one decides about the earlier one.
        if line.line.undoes is not None and line.line.kind in set(Written) and line.id not in undone:
            undone.add(line.line.undoes)
    return frozenset(undone)


def _undo_line(work: Mending, line: Line, begun: Line | None, forms: Collection[str]) -> None:
    kept = line.line
    if kept.side is None or kept.event_id is None:
        return
    changes_form = _changes_form(kept, forms)
    write = Write(Written(kept.kind), kept.side, kept.event_id, kept.content, kept.written, changes_form=changes_form)
    one = Undoing(work, line, write, look_at(work, write.side, write.event_id), begun)
    try:
        match step(write, one.at, one.policy):
            case TakeBack() as todo:
                take_back(one, todo)
            case WriteBack() as todo:
                write_back(one, todo)
            case PutBack(event=event):
                put_back(one, event)
            case NotUndone() if one.is_done and write.what is Written.DELETED and write.before is not None:
                put_back(one, write.before)
            case NotUndone() if one.is_done:
                one.settle_begun()
            case NotUndone(why=why):
                one.leave(why)
    except EventRefused as problem:
        one.leave("it was changed meanwhile" if problem.is_stale else str(problem))
