"""Programs that are killed at any moment, two hundred times."""

import pytest

from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

PORTIONS, KILLS = 10, 20
KINDS = ("neo-worker", "google-worker", "scheduler", "neo-worker", "google-worker", "error-counter", "scheduler", "admin-api")
"""Who is killed in turn; those who write come more often."""


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_nothing_is_lost_or_doubled_whatever_is_killed_and_when(site: Site, portion: int) -> None:
    while site.tally.faults["kill -9"] < KILLS:
        kind = KINDS[(portion + site.tally.faults["kill -9"]) % len(KINDS)]
        candidates = site.named(kind)
        victims = candidates if site.chance.random() < 0.3 else [site.chance.choice(candidates)]
        site.edit()
        if site.chance.random() < 0.5:
            site.wait_within_a_call()
        else:
            site.wait_for_calls(site.chance.randrange(25))
        site.kill(*victims)
        site.edit()
        site.settle()
