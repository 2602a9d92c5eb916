"""The link between an event that was put back and the event of which it had been the copy. Pure."""

from dataclasses import replace

from desksync.sync.event import Event, Side, Window
from desksync.sync.flow import Flow, flow_between
from desksync.sync.horizon import cut_like
from desksync.sync.link import Link
from desksync.sync.reading import Stored
from desksync.sync.views import comparable, kept_by


def linked_again(side: Side, put_back: Stored, partner: Stored, window: Window) -> Link:
    """Return the link; `side` is that of the event that was put back.

    Where the other one has been changed meanwhile it counts as changed, so that the next run carries that over. A series without
    an end and its cut in NEO are the same.
    """
    base = _without(partner.event, put_back.event, side, _differing(side, put_back.event, partner.event, window))
    if side is Side.NEO:
        return Link(put_back.id, partner.id, neo=put_back.event, google=base, origin=Side.GOOGLE)
    return Link(partner.id, put_back.id, neo=base, google=put_back.event, origin=Side.NEO)


def _differing(side: Side, put_back: Event, partner: Event, window: Window) -> Flow:
    neo, google = (put_back, partner) if side is Side.NEO else (partner, put_back)
    flow = flow_between(comparable(neo), comparable(cut_like(neo, google, window)))
    return Flow(flow.groups - {("attendance",)}, flow.days)


def _without(partner: Event, put_back: Event, side: Side, changes: Flow) -> Event:
    """Return the partner as it was before these changes: with the values of what was put back."""
    offered = kept_by(side.other, put_back)
    before = replace(partner, **{name: getattr(offered, name) for group in changes.groups for name in group})
    if not changes.days:
        return before
    kept = {day: one for day, one in partner.exceptions.items() if day not in changes.days}
    return replace(before, exceptions=kept | {day: one for day, one in offered.exceptions.items() if day in changes.days})
