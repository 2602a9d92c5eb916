"""NEO and Google answer with errors, nonsense, half of it, late, or not at all, whether they have done the work or not."""

from typing import Any

import pytest

from desksync.sync.event import Side
from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS, FAULTS = 3, 4

WRONG: dict[str, dict[str, Any]] = {
    "429": {"kind": "status", "status": 429},
    "429 with Retry-After": {"kind": "status", "status": 429, "headers": {"Retry-After": "5"}},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "500 after the work": {"kind": "lose_answer", "status": 500},
    "no answer in time": {"kind": "slow", "seconds": 3.0},
    "half an answer": {"kind": "garbage"},
    "HTML": {"kind": "html"},
    "HTML with 503": {"kind": "html", "status": 503},
    "no answer after the work": {"kind": "lose_answer"},
    "no answer": {"kind": "drop"},
}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("wrong", list(WRONG))
def test_whatever_a_side_answers_nothing_is_lost_or_doubled(site: Site, side: Side, wrong: str) -> None:
    for _ in range(ROUNDS):
        faults = site.faults(side)
        for _ in range(FAULTS):
            # Mostly what was written, because that is where something can be doubled; else any call, after some that pass.
            if site.chance.random() < 0.7:
                faults.add(on=site.chance.choice(site.writes(side)), **WRONG[wrong])
            else:
                faults.add(skip=site.chance.randrange(10), **WRONG[wrong])
        site.edit(8)
        site.wait_for_calls(40)
        site.tally.fault(f"{side}: {wrong}", FAULTS - len(faults.standing()))
        faults.clear()
        site.settle()
