"""Who may call a remote that takes only a few calls at once: its seats, shared by any number of processes. Pure.

A process has seats for a few seconds at a time and says anew that it still wants them, so that those of a killed or frozen one
run out. Each process decides about its own seats alone, by this function, from what all of them have written down.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SEAT_LIFE: Final = timedelta(seconds=3)
"""How long a process may use its seats, or stands in line, without saying so again."""

CLOCK_SKEW: Final = timedelta(seconds=2)
"""By how much the clocks of two machines may differ before a seat has two holders."""

TURN: Final = timedelta(seconds=1)
"""How long a process keeps its only seat while others have none."""


@dataclass(frozen=True, slots=True)
class Member:
    """What one process has written down.

    `since` is when it began to wait, if it has less than its share, and else when it got its first seat.
    """

    holder: str
    seats: int
    is_waiting: bool
    since: datetime
    until: datetime

    @property
    def is_idle(self) -> bool:
        """Say that it neither has nor wants anything, so that nothing need be written down."""
        return not self.seats and not self.is_waiting


@dataclass(frozen=True, slots=True)
class Arranged:
    """What a process writes down about itself, and on how many seats it may begin calls: fewer, when it is to give some back."""

    mine: Member
    usable: int


def arranged(members: Collection[Member], me: str, wanted: int, busy: int, cap: int, now: datetime) -> Arranged:
    """Return what this process has from now on, when it wants to make so many calls at once and so many are under way.

    No more than `cap` seats are ever given out. While somebody has less than an equal share, nobody takes more than that; with
    more processes than seats each has one in turn, in the order in which they came.
    """
    # What lasts longer than it can have been written for was written by a clock that was set back since.
    longest = now + SEAT_LIFE + CLOCK_SKEW
    before = next((one for one in members if one.holder == me and now <= one.until <= longest), None)
    others = [one for one in members if one.holder != me and now - CLOCK_SKEW <= one.until <= longest]
    hungry = [one for one in others if one.is_waiting]
    room = max(0, cap - sum(one.seats for one in others))
    share = max(1, cap // (len(others) + 1))
    has = 0 if before is None else min(before.seats, room)
    may_want = min(wanted, share) if hungry else wanted
    if may_want > has:
        in_line = before.since if before is not None and before.is_waiting else now
        ahead = sum((one.since, one.holder) < (in_line, me) for one in hungry)
        usable = has + max(0, min(may_want - has, room - has - ahead))
    else:
        usable = may_want
    if before is not None and usable and _has_to_share(before, others, hungry, room - usable, now):
        usable -= 1
    return Arranged(_written(before, me, max(usable, min(busy, has)), min(wanted, share), now), usable)


def _has_to_share(before: Member, others: Collection[Member], hungry: Collection[Member], free: int, now: datetime) -> bool:
    """Say whether this process has had its turn. Whoever has held a seat for longest gives it back first."""
    if len(hungry) <= free or before.is_waiting or before.seats != 1:
        return False
    longer = sum(bool(one.seats) and (one.since, one.holder) < (before.since, before.holder) for one in others)
    return now - before.since >= TURN * (1 + longer)


def _written(before: Member | None, me: str, seats: int, due: int, now: datetime) -> Member:
    is_waiting = seats < due
    goes_on = before is not None and before.is_waiting == is_waiting and (is_waiting or before.seats > 0)
    since = before.since if before is not None and goes_on else now
    return Member(me, seats, is_waiting, since, now + SEAT_LIFE)
