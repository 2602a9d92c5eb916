"""What was broken, done, lost and doubled, for the summary at the end of a test run."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The counts of one test. `faults` are by their kind."""

    faults: Counter[str] = field(default_factory=Counter)
    actions: int = 0
    lost: int = 0
    doubled: int = 0

    def fault(self, kind: str, number: int = 1) -> None:
        """Count faults that were injected."""
        self.faults[kind] += number

    def properties(self) -> list[tuple[str, object]]:
        """Return the counts as pytest carries them from one process to another."""
        return [("faults", dict(self.faults)), ("actions", self.actions), ("lost", self.lost), ("doubled", self.doubled)]


def summed(properties: list[dict[str, object]]) -> Tally:
    """Return the sum over several tests."""
    total = Tally()
    for one in properties:
        faults, actions, lost, doubled = (one.get(name) for name in ("faults", "actions", "lost", "doubled"))
        if isinstance(faults, dict):
            total.faults.update(faults)
        total.actions += actions if isinstance(actions, int) else 0
        total.lost += lost if isinstance(lost, int) else 0
        total.doubled += doubled if isinstance(doubled, int) else 0
    return total
