"""Which events of the two sides are the same although no link says so: first contact, and copies whose record is missing.

Source of the rule of first contact: equal start, end and normalised title (rule R7). A copy that was begun and whose answer never
came is recognised by the id that was chosen for it, or by what was to be written (rule R9).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from desksync.sync.clocks import read_anew
from desksync.sync.event import Access, AllDay, Event, Side, Window
from desksync.sync.flow import GROUPS
from desksync.sync.horizon import cut_like
from desksync.sync.link import Link, creation_key
from desksync.sync.plan import Create
from desksync.sync.policy import Policy
from desksync.sync.reading import Stored
from desksync.sync.recurrence import Recurrence, Rule
from desksync.sync.text import match_title
from desksync.sync.views import comparable, kept_by, shows


class Matcher:
    """The events of both sides that no link names. What is matched is taken out."""

    def __init__(self, neo: Iterable[Stored], google: Iterable[Stored], policy: Policy) -> None:
        self._free = {
            Side.NEO: {stored.id: stored for stored in sorted(neo, key=_id)},
            Side.GOOGLE: {stored.id: stored for stored in sorted(google, key=_id)},
        }
        self._policy = policy

    def match(self, begun: Iterable[Create], sources: Mapping[Side, Collection[str]]) -> list[Link]:
        """Return the links between what is the same.

        `begun` are creations of copies that no link names; `sources` the ids of everything that is there, readable or not.
        """
        return [*self._resumed(begun, sources), *self._by_id(), *self._alike()]

    def _resumed(self, begun: Iterable[Create], sources: Mapping[Side, Collection[str]]) -> Iterable[Link]:
        for create in begun:
            found = self._begun_copy(create, has_source=create.source.id in sources[create.side.other])
            if found is None:
                continue
            del self._free[create.side][found.id]
            self._free[create.side.other].pop(create.source.id, None)
            yield link_of_copy(create, found)

    def _begun_copy(self, create: Create, *, has_source: bool) -> Stored | None:
        free = self._free[create.side]
        if create.key in free:
            return free[create.key]
        if not has_source:
            return None  # Only an id proves that it is our copy: a person may have made the same event anew.
        return next(like(create, free.values(), self._policy), None)

    def _by_id(self) -> Iterable[Link]:
        neo, google = self._free[Side.NEO], self._free[Side.GOOGLE]
        for stored in list(neo.values()):
            copy = google.pop(creation_key(self._policy.scope, Side.NEO, stored.id), None)
            if copy is not None:
                yield _linked(neo.pop(stored.id), copy, self._policy)

    def _alike(self) -> Iterable[Link]:
        """Pair equal ones in the order of their ids.

        Where two differ in another field, the base of the link is laid so that the winner counts as changed, or the other side
        where the winner has nothing to say; merging then does the rest.
        """
        waiting: dict[Any, list[Stored]] = defaultdict(list)
        for stored in reversed(self._free[Side.NEO].values()):
            waiting[_key(stored.event, self._policy.window)].append(stored)
        for stored in self._free[Side.GOOGLE].values():
            if candidates := waiting[_key(stored.event, self._policy.window)]:
                yield _linked(candidates.pop(), stored, self._policy)


def like(create: Create, held: Iterable[Stored], policy: Policy) -> Iterator[Stored]:
    """Return those that look like the copy that was begun. No id tells them in NEO."""
    # In NEO it has the clock times of the zone in which it was written, whatever the user's zone is by now.
    event = create.event if policy.zone is None or create.side is Side.GOOGLE else read_anew(create.event, policy.zone)
    wanted = _key(event, policy.window)
    return (stored for stored in held if _key(stored.event, policy.window) == wanted)


def link_of_copy(create: Create, copy: Stored) -> Link:
    """Return the link of a copy that was begun with `create` and found later.

    What a person changed meanwhile, on either side, differs from the base and is carried over. A text that merely was shortened
    is no change (rule R21), and an occurrence that the copy does not hold yet is still to be written.
    """
    source, found, wanted = create.source.event, copy.event, kept_by(create.side, create.event)
    plain_found, plain_wanted = comparable(found), comparable(wanted)
    base = replace(
        found,
        **{
            name: getattr(wanted, name)
            for group in GROUPS
            for name in group
            if name != "attendance" and not shows(name, plain_found, plain_wanted)
        },
    )
    same = {day for day in wanted.exceptions if day in found.exceptions and _day(plain_found, day) == _day(plain_wanted, day)}
    edited = found.exceptions.keys() & wanted.exceptions.keys() - same
    base = replace(
        base,
        exceptions={day: found.exceptions[day] for day in same} | {day: wanted.exceptions[day] for day in edited},
    )
    source = replace(source, exceptions={day: one for day, one in source.exceptions.items() if day in same | edited})
    if create.side is Side.GOOGLE:
        return Link(create.source.id, copy.id, neo=source, google=base, origin=Side.NEO)
    return Link(copy.id, create.source.id, neo=base, google=source, origin=Side.GOOGLE)


def _day(event: Event, day: date) -> Event | None:
    return event.exceptions[day]


def _id(stored: Stored) -> str:
    return stored.id


def _key(event: Event, window: Window) -> Any:
    plain = comparable(event)
    return isinstance(plain.when, AllDay), plain.when, _in_window(plain.repeat, window), match_title(plain.title)


def _in_window(rule: Rule | None, window: Window) -> Rule | None:
    """Return the rule without an end that the window does not reach: NEO's may be a cut of a series without one (rule R26)."""
    if isinstance(rule, Recurrence) and rule.until is not None and rule.until > window.last:
        return replace(rule, until=None)
    return rule


def _linked(neo: Stored, google: Stored, policy: Policy) -> Link:
    winner = policy.winner
    base_neo, base_google = neo.event, google.event
    plain = {Side.NEO: comparable(neo.event), Side.GOOGLE: comparable(cut_like(neo.event, google.event, policy.window))}
    for group in GROUPS:
        source = _speaker(group, plain, winner)
        if source is None:
            continue
        # The speaker's base gets the other side's value: the speaker differs from its base, so it counts as changed.
        if source is Side.NEO:
            heard = replace(kept_by(Side.NEO, google.event), attendance=google.event.attendance)
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
    """Return whose value is to be taken, or `None` if both say the same.

    The winner gives way where the other says more: where it says nothing, where its text is only the beginning of the other's
    (one of the calendars may have shortened it, rule R21), and where it would show to others what is kept secret (rule R15).
    """
    mine, theirs = (tuple(getattr(plain[side], name) for name in group) for side in (winner, winner.other))
    if mine == theirs:
        return None
    match group:
        case ("attendance",):
            return Side.NEO
        case ("access" | "is_tentative",):
            gives_way = mine in ((Access.OPEN,), (False,))
        case ("location" | "description" | "title",):
            gives_way = theirs[0].startswith(mine[0])
        case _:
            gives_way = False
    return winner.other if gives_way else winner
