"""One line of a run while it is put back: what an undo knows of it, and what came of an earlier try that was cut off."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from desksync.store import links
from desksync.store.runs import Line, NewLine
from desksync.sync.event import Side
from desksync.sync.link import Link, with_base
from desksync.sync.policy import Policy
from desksync.sync.reading import Stored
from desksync.sync.replacing import unmarked
from desksync.sync.undo import Spot, Write, Written
from desksync.sync.views import comparable
from desksync.worker.desk import Case
from desksync.worker.history import LineKind
from desksync.worker.mending import Done, Mending
from desksync.worker.spots import found_at

TAKEN_BACK: Final = "its copy was taken back by an undo"
"""Why an event is not copied again until it changes."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """A write, what is in its place now, and `begun`: the announcement of a call of which no outcome was recorded."""

    work: Mending
    line: Line
    write: Write
    at: Spot
    begun: Line | None

    @property
    def side(self) -> Side:
        """Return the side that was written, and is written now."""
        return self.write.side

    @property
    def policy(self) -> Policy:
        """Return how the next run decides."""
        return Case(self.work.desks[self.side], self.work.user).policy

    @property
    def is_done(self) -> bool:
        """Say whether the call that was announced had been made."""
        current, before = self.at.current, self.write.before
        if self.begun is None or self.write.what is Written.CREATED:
            return self.begun is not None and current is None
        return isinstance(current, Stored) and before is not None and comparable(current.event) == comparable(before)

    def link(self, session: Session) -> Link | None:
        """Return the pair to which the event belongs."""
        return links.link_of(session, self.work.user.id, self.side, self.at.id)

    def other_id(self, link: Link | None) -> str | None:
        """Return the id of the counterpart: that of the pair, or the one that it had when the line was written."""
        return self.line.line.other_id if link is None else link.id_on(self.side.other)

    def leave(self, why: str) -> None:
        """Record that the write stays. What an earlier try announced and did not do does not hold any more."""
        kept = self.line.line
        with self.work.transaction(self.side) as session:
            if self.begun is not None and self.at.current is not None and (link := self.link(session)) is not None:
                links.set_bases(session, self.work.user.id, [unmarked(link)])
            self.work.note(session, NewLine(LineKind.NOT_UNDONE, kept.side, why, kept.event_id, kept.title))

    def settle_begun(self) -> None:
        """Record the change or deletion that an earlier try had made."""
        if self.begun is None:
            raise ValueError("only what was announced can be settled")
        kept = self.line.line
        answered, done = (None, Done(gone=(self.at.id,))) if self.at.current is None else found_at(self.at)
        written = None if answered is None else answered.event
        kind = LineKind.DELETED if written is None else LineKind.UPDATED
        with self.work.transaction(self.side) as session:
            link, user_id = self.link(session), self.work.user.id
            if link is not None and written is None:
                links.drop_link(session, user_id, link.neo_id, link.google_id)
            elif link is not None and written is not None:
                links.set_bases(session, user_id, [with_base(link, self.side, written)])
            line = NewLine(kind, self.side, "", self.at.id, kept.title, kept.written, kept.other_id, written, self.line.id)
            self.work.settle(session, self.begun.id, line, done)
