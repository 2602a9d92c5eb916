"""A NEO event and a Google event that are the same, and what both held when they last agreed."""

import hashlib
from dataclasses import dataclass, replace

from desksync.sync.event import Event, Side


@dataclass(frozen=True, slots=True)
class Link:
    """One pair with its two bases.

    Each side keeps its own base, as its server answered it. A change is a difference from the base of the *same* side; what a
    side stores differently (shortened text, Google's missing `RESTRICTED`) therefore never looks like an edit (rules R8, R21).
    `origin` is the side on which the event was first; two events that were there already and were matched count as begun in NEO.
    """

    neo_id: str
    google_id: str
    neo: Event
    google: Event
    origin: Side = Side.NEO

    def id_on(self, side: Side) -> str:
        """Return the event's id on that side."""
        return self.neo_id if side is Side.NEO else self.google_id

    def base_on(self, side: Side) -> Event:
        """Return what that side held at the last success."""
        return self.neo if side is Side.NEO else self.google


def with_base(link: Link, side: Side, event: Event) -> Link:
    """Return the link with another base on that side: what it holds from now on counts as agreed."""
    return replace(link, neo=event) if side is Side.NEO else replace(link, google=event)


def creation_key(scope: str, source: Side, source_id: str) -> str:
    """Return the key under which the copy of an event is created: 64 hex digits, the same for every try (rule R9).

    `scope` tells one user's pair of calendars from every other, so that two users never choose the same id.
    """
    return hashlib.sha256(f"desksync\n{scope}\n{source.value}\n{source_id}".encode()).hexdigest()
