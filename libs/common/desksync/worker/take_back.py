"""Deletes a copy that a run created. Its source stays, and is not copied again until it changes."""

from typing import Final

from sqlalchemy.orm import Session

from desksync.store import calendars, links
from desksync.store.links import Refusal
from desksync.store.runs import NewLine
from desksync.sync.parts import owner_of
from desksync.sync.reading import Odd, Stored
from desksync.sync.refusals import refusal_of_copy
from desksync.sync.replacing import marked, unmarked
from desksync.sync.undo import Spot, TakeBack
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.spots import as_last_known, look_at, remove
from desksync.worker.undoing import TAKEN_BACK, Undoing

SOURCE_IS_ODD: Final = "the event of which it is the copy cannot be read, so that nothing could keep it from being copied again"


def take_back(one: Undoing, todo: TakeBack) -> None:
    """Delete the copy.

    If we die after the announcement, the pair is there still, and the next run takes it for what it turns out to be: a copy that
    is missing was deleted by us, one that is there was not, whatever a person has made of it.
    """
    work, side, user_id, current = one.work, one.side, one.work.user.id, todo.current
    with work.transaction(side) as session:
        found = one.link(session)
        link = None if found is None else unmarked(found)
        other_id = one.other_id(link)
    # Looked at first: if that fails, nothing has happened yet, and the two are still a pair.
    looked = None if other_id is None else look_at(work, side.other, other_id)
    source = None if looked is None else as_last_known(work, side.other, looked)
    if source is not None and isinstance(source.current, Odd):
        one.leave(SOURCE_IS_ODD)
        return
    with work.transaction(side) as session:
        line = NewLine(LineKind.DELETED, side, "", current.id, current.event.title, current.event, other_id, None, one.line.id)
        line_id = work.announce(session, line)
        if link is not None:
            links.set_bases(session, user_id, [marked(link, side)])
        refused = () if source is None else _refuse(session, one, source, is_seen=source is looked)
    try:
        done = remove(work, side, one.at)
    except EventRefused:
        with work.transaction(side) as session:
            if link is not None:
                links.set_bases(session, user_id, [link])
            for source_id in refused:
                links.forget_refusal(session, user_id, side, source_id)
            work.drop_announcement(session, line_id)
        raise
    with work.transaction(side) as session:
        if link is not None:
            links.drop_link(session, user_id, link.neo_id, link.google_id)
        work.settle(session, line_id, line, done)


def _refuse(session: Session, one: Undoing, source: Spot, *, is_seen: bool) -> tuple[str, ...]:
    """Keep the source from being copied again, and return the ids for which that is recorded.

    `is_seen`: it was just looked at; else it is what is remembered of what cannot be read.
    When no date of a series is copied any more, its new ones do not come either.
    """
    user_id, other = one.work.user.id, one.side.other
    refused = [source.current] if isinstance(source.current, Stored) else []
    if source.series is not None:
        owners = {owner_of(event_id) for event_id in links.linked_ids(session, user_id, other) if event_id != source.id}
        refused += [] if source.series.id in owners else [source.series]
    for event in refused:
        _, source_id, fingerprint = refusal_of_copy(one.side, event)
        refusal = Refusal(fingerprint, TAKEN_BACK, one.work.desks[one.side].now())
        links.record_refusal(session, user_id, one.side, source_id, refusal)
    held = source.series or source.current
    if is_seen and isinstance(held, Stored):
        # The next run compares with what is known: a change from before the undo must not look like one from after it.
        calendars.save_seen(session, user_id, other, [held])
    return tuple(event.id for event in refused)
