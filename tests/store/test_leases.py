from dataclasses import replace
from datetime import timedelta

from desksync.store.engine import Begin
from desksync.store.leases import Lease, release, renew, take
from tests.store.builders import LEASE, NOW


def taken(begin: Begin, holder: str, at: timedelta = timedelta(0), name: str = "scheduler") -> Lease | None:
    with begin() as session:
        return take(session, name, holder, NOW + at, LEASE)


def test_a_free_lease_is_taken(begin: Begin) -> None:
    assert taken(begin, "a") == Lease("scheduler", "a", 1)


def test_a_lease_that_somebody_holds_cannot_be_taken(begin: Begin) -> None:
    taken(begin, "a")

    assert taken(begin, "b", LEASE) is None


def test_leases_of_other_names_are_free(begin: Begin) -> None:
    taken(begin, "a")

    assert taken(begin, "b", name="purge") == Lease("purge", "b", 1)


def test_a_lease_that_has_run_out_passes_on_with_a_higher_fence(begin: Begin) -> None:
    taken(begin, "a")

    assert taken(begin, "b", LEASE + timedelta(seconds=1)) == Lease("scheduler", "b", 2)


def test_a_lease_written_by_a_clock_that_was_set_back_since_binds_nobody(begin: Begin) -> None:
    taken(begin, "a", timedelta(hours=1))

    assert taken(begin, "b") == Lease("scheduler", "b", 2)


def test_the_holder_may_take_its_own_lease_again(begin: Begin) -> None:
    taken(begin, "a")

    assert taken(begin, "a") == Lease("scheduler", "a", 2)


def test_a_renewed_lease_lasts_longer(begin: Begin) -> None:
    held = taken(begin, "a")
    assert held is not None

    with begin() as session:
        assert renew(session, held, NOW + LEASE, LEASE)

    assert taken(begin, "b", LEASE * 2) is None


def test_a_holder_that_lost_its_lease_can_neither_renew_nor_release_it(begin: Begin) -> None:
    lost = taken(begin, "a")
    present = taken(begin, "b", LEASE * 2)
    assert lost is not None

    with begin() as session:
        assert not renew(session, lost, NOW, LEASE)
        release(session, lost, NOW)
        assert renew(session, replace(lost, holder="b", fence=2), NOW + LEASE * 2, LEASE)

    assert present == Lease("scheduler", "b", 2)


def test_a_released_lease_is_free_at_once(begin: Begin) -> None:
    held = taken(begin, "a")
    assert held is not None

    with begin() as session:
        release(session, held, NOW)

    assert taken(begin, "b") == Lease("scheduler", "b", 2)
