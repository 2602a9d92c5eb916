"""The whole-path test notices when a piece of the program is broken."""

import pytest
from hypothesis import Phase

from tests.whole_path.broken import BROKEN
from tests.whole_path.machinery import Machinery
from tests.whole_path.stories import tell

ENOUGH = 1500
"""Stories in which each broken piece does harm. Always the same ones are tried."""


@pytest.mark.slow
@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_piece_is_noticed(machine: Machinery, promise: str) -> None:
    with pytest.raises(AssertionError):
        tell(machine, BROKEN[promise], max_examples=ENOUGH, derandomize=True, database=None, phases=[Phase.generate])
