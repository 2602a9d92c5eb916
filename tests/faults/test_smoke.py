"""A minute's worth of faults, in `make test`; the rest is `make test-faults`."""

import pytest

from tests.faults.site import Site

pytestmark = pytest.mark.servers


def test_nothing_is_lost_or_doubled_when_each_program_is_killed_once(site: Site) -> None:
    for victim in site.fleet.programs:
        site.edit()
        site.wait_for_calls(site.chance.randrange(20))
        site.kill(victim)
        site.edit()
        site.settle()

    assert site.tally.faults["kill -9"] == len(site.fleet.programs)
