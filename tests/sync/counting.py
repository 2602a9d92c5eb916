"""How many appointments there are of each token, however they are said: the single copies of a series are one appointment."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import date

from desksync.sync.event import Event, Side
from desksync.sync.parts import days_in_sight, owner_of, part_of, place_of
from desksync.sync.reading import Stored
from tests.sync.pair import Pair


def token_of(event: Event) -> str:
    """Return the word with which the title begins. People never change it."""
    return unicodedata.normalize("NFKC", event.title).casefold().split()[0]


def appointments(pair: Pair, side: Side) -> Counter[str]:
    """Count the appointments of a side. While a copy is replaced by one of another form, both are there and count once."""
    units = {(token_of(event), _unit(pair, side, event_id, event)) for event_id, event in pair.calendar(side).events.items()}
    return Counter(token for token, _ in units)


def is_linked(pair: Pair, side: Side, event_id: str) -> bool:
    """Say whether the event has a partner, or any date of it has."""
    return any(owner_of(link.id_on(side)) == event_id for link in pair.links.values())


def partners_of(pair: Pair, side: Side, event_id: str) -> list[str]:
    """Return the events of the other side that are linked with the event, or with dates of it."""
    return [link.id_on(side.other) for link in pair.links.values() if owner_of(link.id_on(side)) == event_id]


def stands_for_a_date(pair: Pair, side: Side, event_id: str) -> bool:
    """Say whether the event is the copy of one date of a series."""
    partner = pair.partner(side, event_id)
    return partner is not None and place_of(partner) is not None


def _unit(pair: Pair, side: Side, event_id: str, event: Event) -> str:
    partner = pair.partner(side, event_id)
    if partner is not None:
        return owner_of(partner)
    if not is_linked(pair, side, event_id) and event_id not in pair.known[side]:
        # A copy whose record is missing belongs to what it was begun for.
        begun = (create for (on, _), create in pair.begun.items() if on is side and token_of(create.event) == token_of(event))
        if (create := next(begun, None)) is not None:
            return owner_of(create.source.id)
    return event_id


def dates_shown(pair: Pair, side: Side) -> dict[str, set[date]]:
    """Return the dates in sight of each series of the side that the other one has, in whatever form, by what names them."""
    owners = {owner_of(link.id_on(side)) for link in pair.links.values()}
    return {owner: {day for day in _in_sight(pair, side, owner) if is_shown(pair, side, owner, day)} for owner in owners}


def dates_missing(pair: Pair, side: Side, shown: Mapping[str, set[date]]) -> dict[str, set[date]]:
    """Return those dates that were shown, are in sight still, and that the other side has no more."""
    missing = {
        owner: {day for day in days.intersection(_in_sight(pair, side, owner)) if not is_shown(pair, side, owner, day)}
        for owner, days in shown.items()
    }
    return {owner: days for owner, days in missing.items() if days}


def is_shown(pair: Pair, side: Side, owner: str, day: date) -> bool:
    """Say whether the other side has the date of a series, as a date of a series or as an event of its own."""
    copies = pair.calendar(side.other).events
    for link in pair.links.values():
        if owner_of(link.id_on(side)) == owner and owner_of(link.id_on(side.other)) in copies:
            place, there = place_of(link.id_on(side)), place_of(link.id_on(side.other))
            copy = Stored("", copies[owner_of(link.id_on(side.other))])
            if there is not None and there.day != day:
                continue  # A person made a series of the copy of one date: it stands for that date alone.
            if place.day == day if place is not None else part_of(copy, day, None) is not None:
                return True
    return False


def _in_sight(pair: Pair, side: Side, owner: str) -> list[date]:
    event = pair.calendar(side).events.get(owner)
    return [] if event is None else days_in_sight(event, pair.policy.window, pair.policy.zone)
