"""Clocks that jump: of all programs at once, and of one worker beside the others."""

from datetime import timedelta

import pytest

from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

JUMPS = [timedelta(hours=1), timedelta(minutes=-1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1)]


@pytest.mark.parametrize("by", JUMPS, ids=str)
def test_all_clocks_may_jump(site: Site, by: timedelta) -> None:
    site.edit()
    site.wait_for_calls(site.chance.randrange(25))

    site.jump(by)
    site.tally.fault("all clocks jumped")
    site.edit()

    site.settle()


@pytest.mark.parametrize("by", [timedelta(seconds=90), timedelta(seconds=-90)], ids=str)
@pytest.mark.parametrize("name", ["neo-worker-1", "google-worker-1", "scheduler-1"])
def test_one_clock_may_go_wrong(site: Site, name: str, by: timedelta) -> None:
    site.edit()
    site.wait_for_calls(site.chance.randrange(25))
    site.clocks[name].jump(by)
    site.tally.fault("one clock wrong")
    site.edit()
    site.settle()

    site.edit()
    site.clocks[name].jump(-by)

    site.settle()
