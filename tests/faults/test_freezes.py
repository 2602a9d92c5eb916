"""Programs that are frozen (SIGSTOP) past their leases and come back (SIGCONT), while others have done their work long since."""

from signal import SIGCONT, SIGSTOP

import pytest

from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 8


@pytest.mark.parametrize("kind", ["neo-worker", "google-worker", "scheduler"])
def test_what_was_frozen_and_comes_back_overwrites_nothing(site: Site, kind: str) -> None:
    for _ in range(ROUNDS):
        frozen = site.chance.choice(site.named(kind))
        site.edit(8)
        if site.chance.random() < 0.7:
            site.wait_within_a_call()
        else:
            site.wait_for_calls(site.chance.randrange(25))
        frozen.send(SIGSTOP)
        site.tally.fault("SIGSTOP past a lease")
        site.settle()  # The other one has taken over; what the frozen one knows is old by now.
        site.edit(8)
        site.settle()
        frozen.send(SIGCONT)
        site.settle()


def test_all_workers_frozen_at_once_go_on_where_they_were(site: Site) -> None:
    for _ in range(ROUNDS):
        workers = [*site.named("neo-worker"), *site.named("google-worker")]
        site.edit(8)
        site.wait_for_calls(site.chance.randrange(25))
        for worker in workers:
            worker.send(SIGSTOP)
        site.tally.fault("SIGSTOP past a lease", len(workers))
        site.wait_for_leases()
        site.edit(8)
        site.chance.shuffle(workers)
        for worker in workers:
            worker.send(SIGCONT)
        site.settle()
