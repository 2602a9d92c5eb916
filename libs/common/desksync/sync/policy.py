"""What one user's settings say about how to decide."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from desksync.sync.event import Side, Window


class Direction(StrEnum):
    """Which way changes travel (rule R13)."""

    BOTH = "both"
    NEO_TO_GOOGLE = "neo_to_google"
    GOOGLE_TO_NEO = "google_to_neo"

    def may_write(self, side: Side) -> bool:
        """Say whether this side receives anything at all."""
        receiving = {Direction.NEO_TO_GOOGLE: Side.GOOGLE, Direction.GOOGLE_TO_NEO: Side.NEO}
        return self is Direction.BOTH or receiving[self] is side


@dataclass(frozen=True, slots=True)
class Policy:
    """How two calendars are made equal.

    `winner` is the side whose value stays when the same field changed on both (rule R11: NEO tells no modification time).
    `scope` names this user's pair of calendars; creation keys depend on it. `kept` are linked events, by NEO id and Google id,
    whose deletion on one side a person has refused: they are put back there (rule R5). `zone` is the user's; with `None` every
    series counts as one by the user's clock.
    """

    window: Window
    scope: str
    direction: Direction = Direction.BOTH
    winner: Side = Side.NEO
    zone: ZoneInfo | None = None
    kept: frozenset[tuple[str, str]] = frozenset()
