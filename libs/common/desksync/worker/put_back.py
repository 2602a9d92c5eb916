"""Creates again what a run deleted. Where the event whose copy it was is still there, the two are linked again."""

from dataclasses import replace

from desksync.store import links
from desksync.store.runs import NewLine
from desksync.sync.event import Event, Side, Window, first_day, last_day
from desksync.sync.link import creation_key
from desksync.sync.parts import owner_of, place_of
from desksync.sync.reading import Stored
from desksync.sync.relink import linked_again
from desksync.sync.undo import OTHER_FORM, is_copied_as
from desksync.sync.views import comparable
from desksync.worker.errors import EventRefused
from desksync.worker.history import LineKind
from desksync.worker.mending import Done
from desksync.worker.spots import create, found_at, look_at
from desksync.worker.undoing import Undoing


def put_back(one: Undoing, event: Event) -> None:
    """Create the event, unless an earlier try did."""
    work, side, user_id = one.work, one.side, one.work.user.id
    other_id = one.line.line.other_id
    source = None if not other_id else look_at(work, side.other, other_id)
    partner = source.current if source is not None and isinstance(source.current, Stored) else None
    held = None if source is None or partner is None else source.series or partner
    if partner is not None and held is not None and not is_copied_as(partner.id, held, side.other, one.policy):
        one.leave(OTHER_FORM)
        return
    with work.transaction(side) as session:
        pair = None if partner is None else links.link_of(session, user_id, side.other, partner.id)
    if pair is not None and not one.is_done:
        one.leave("it was copied anew since")
        return
    line = NewLine(LineKind.CREATED, side, "", None, event.title, None, None, None, one.line.id)
    with work.transaction(side) as session:
        line_id = work.announce(session, line)
    try:
        answered, done = _created_before(one, event) or create(work, side, one.at, event, _key(one, partner))
    except EventRefused:
        with work.transaction(side) as session:
            work.drop_announcement(session, line_id)
        raise
    with work.transaction(side) as session:
        if partner is not None and links.link_of(session, user_id, side, answered.id) is None:
            link = linked_again(side, answered, partner, one.policy.window)
            links.add_link(session, user_id, link, work.desks[side].now())
            for source_id in {partner.id, owner_of(partner.id)}:
                links.forget_refusal(session, user_id, side, source_id)
        linked_to = None if partner is None else partner.id
        line = replace(line, event_id=answered.id, other_id=linked_to, written=answered.event)
        work.settle(session, line_id, line, done)


def _key(one: Undoing, partner: Stored | None) -> str:
    source_id = f"line {one.line.id} of the history" if partner is None else partner.id
    return creation_key(one.work.user.scope, one.side.other, source_id)


def _created_before(one: Undoing, wanted: Event) -> tuple[Stored, Done] | None:
    """Return what an earlier try created. NEO takes no ids of our choosing (rule R9): it is found by a look at its days."""
    if one.is_done:
        return found_at(one.at)
    if one.begun is None or one.side is not Side.NEO or place_of(one.at.id) is not None:
        return None
    calendar, account = one.work.calendar(one.side)
    days = Window(first_day(wanted.when), last_day(wanted.when))
    plain = replace(comparable(wanted), attendance="", exceptions={})
    for event in calendar.read(account, None, days, dict).events:
        if replace(comparable(event.event), attendance="", exceptions={}) == plain:
            return event, Done((event,))
    return None
