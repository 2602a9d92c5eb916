"""Copies that are not made: which events a side would not take, or must not get again, and how long that holds. Pure."""

from collections.abc import Collection, Iterable, Mapping
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side
from desksync.sync.fingerprint import fingerprint
from desksync.sync.parts import found, place_of
from desksync.sync.plan import Refusal
from desksync.sync.reading import Known, Odd, Stored
from desksync.sync.views import kept_by


def refusal_of_copy(side: Side, source: Stored) -> Refusal:
    """Return how it is remembered that an event is not to be copied to that side. It holds until the event changes.

    What counts is the event, and not what would be written: the end at which a series is cut for NEO moves on every month.
    """
    return side, source.id, fingerprint(kept_by(side, source.event))


def refusal_of_change(side: Side, other_id: str, event: Event) -> Refusal:
    """Return how it is remembered that a side did not take that value for the partner of the event with that id."""
    return side, other_id, fingerprint(event)


def refusal_of_deletion(side: Side, other_id: str) -> Refusal:
    """Return how it is remembered that a side did not let the partner of the event with that id be deleted."""
    return side, other_id, "deleted"


def still_refused(
    refused: Iterable[Refusal], linked: Collection[tuple[Side, str]], known: Mapping[Side, Known], zone: ZoneInfo | None
) -> set[Refusal]:
    """Return those that hold although no plan had to leave anything out because of them.

    They wait: the event cannot be read at present, or lies outside the window, or the direction lets nothing through. `linked`
    are the ids that have a partner; of such an event there is a copy, so that nothing about copying it is refused any more.
    `zone` is the user's.
    """
    holding = set()
    for refusal in refused:
        side, source_id, _ = refusal
        source = None if (side.other, source_id) in linked else found(source_id, known[side.other], zone)
        if isinstance(source, Odd) or (source is not None and refusal_of_copy(side, source) == refusal):
            holding.add(refusal)
    return holding


def stopped_series(
    side: Side, whole: Mapping[str, Stored], linked: Iterable[str], refused: Collection[Refusal]
) -> frozenset[str]:
    """Return the series of that side of which no date is to be copied, however time goes by.

    They are copied date by date (rule R26), were refused as a whole, and no date of them has a partner. `linked` are the ids of
    that side that have one.
    """
    if not refused:
        return frozenset()
    owners = {place.series_id for event_id in linked if (place := place_of(event_id)) is not None}
    return frozenset(
        series_id
        for series_id, series in whole.items()
        if series_id not in owners and refusal_of_copy(side.other, series) in refused
    )
