"""Any sequence of edits on both calendars, with any faults between, ends with equal calendars: nothing lost, nothing doubled."""

from tests.whole_path.machinery import Machinery
from tests.whole_path.stories import tell


def test_both_calendars_end_equal_whatever_people_and_faults_do(machine: Machinery) -> None:
    tell(machine)
