"""First contact: which events of the two sides are the same although no link says so (rule R7)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from desksync.sync.event import AllDay, Event, Side
from desksync.sync.link import Link
from desksync.sync.merge import GROUPS
from desksync.sync.reading import Stored
from desksync.sync.text import match_title
from desksync.sync.views import comparable, kept_by


def match(neo: Iterable[Stored], google: Iterable[Stored], winner: Side) -> list[Link]:
    """Return links between unlinked events with the same start, end, rule and normalised title.

    Several equal ones are paired in the order of their ids. Where the two differ in another field, the base of the link is laid
    so that the winner counts as changed, or the other side where the winner has nothing to say; merging then does the rest.
    """
    waiting: dict[Any, list[Stored]] = defaultdict(list)
    for stored in sorted(neo, key=lambda stored: stored.id, reverse=True):
        waiting[_key(stored.event)].append(stored)
    return [
        _linked(candidates.pop(), stored, winner)
        for stored in sorted(google, key=lambda stored: stored.id)
        if (candidates := waiting[_key(stored.event)])
    ]


def _key(event: Event) -> Any:
    plain = comparable(event)
    return isinstance(plain.when, AllDay), plain.when, plain.repeat, match_title(plain.title)


def _linked(neo: Stored, google: Stored, winner: Side) -> Link:
    base_neo, base_google = neo.event, google.event
    plain = {Side.NEO: comparable(neo.event), Side.GOOGLE: comparable(google.event)}
    for group in GROUPS:
        source = _speaker(group, plain, winner)
        if source is None:
            continue
        # The speaker's base gets the other side's value: the speaker differs from its base, so it counts as changed.
        if source is Side.NEO:
            heard = kept_by(Side.NEO, google.event)
            base_neo = replace(base_neo, **{name: getattr(heard, name) for name in group})
        else:
            heard = kept_by(Side.GOOGLE, neo.event)
            base_google = replace(base_google, **{name: getattr(heard, name) for name in group})
    return Link(
        neo.id,
        google.id,
        replace(base_neo, exceptions=_heard_days(neo.event, google.event, speaks=winner is Side.NEO)),
        replace(base_google, exceptions=_heard_days(google.event, neo.event, speaks=winner is Side.GOOGLE)),
    )


def _heard_days(mine: Event, theirs: Event, *, speaks: bool) -> dict[date, Event | None]:
    """Return the exceptions of my base. One that only one side knows counts as its change: NEO tells none outside the window."""
    return {day: theirs.exceptions[day] if speaks else one for day, one in mine.exceptions.items() if day in theirs.exceptions}


def _speaker(group: tuple[str, ...], plain: dict[Side, Event], winner: Side) -> Side | None:
    """Return whose value is to be taken, or `None` if both say the same."""
    if all(getattr(plain[Side.NEO], name) == getattr(plain[Side.GOOGLE], name) for name in group):
        return None
    if group == ("attendance",):
        return Side.NEO
    says_nothing = not any(getattr(plain[winner], name) for name in group)
    return winner.other if says_nothing else winner
