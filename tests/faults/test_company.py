"""Many of everything: schedulers that each believe to be the active one, and ten workers."""

from signal import SIGCONT, SIGSTOP

import pytest

from desksync_local.production import Size
from tests.faults.conftest import Make
from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]


def test_a_scheduler_that_was_frozen_and_believes_to_be_the_active_one_does_no_harm(site: Site) -> None:
    first, second = site.named("scheduler")
    for _ in range(5):
        site.edit()
        first.send(SIGSTOP)
        site.tally.fault("a second active scheduler")
        site.settle()
        site.edit()
        first.send(SIGCONT)
        second.send(SIGSTOP)
        site.settle()
        second.send(SIGCONT)


def test_ten_workers_and_three_schedulers_get_along_whatever_is_killed(make_site: Make) -> None:
    with make_site(size=Size(schedulers=3, workers=5), users=10, events=60) as site:
        for _ in range(10):
            site.edit(20)
            site.wait_for_calls(site.chance.randrange(60))
            site.kill(*site.chance.sample(site.fleet.programs, site.chance.randint(1, 4)))
            site.edit(20)
            site.settle()
