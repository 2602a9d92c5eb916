"""Leases that nobody renews are told by how long they stay as they are, whatever clocks say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desksync_scheduler.lease_watch import LeaseWatch

LENGTH = timedelta(minutes=5)
UNTIL = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Seconds:
    """A clock that is moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_that_stays_as_it_is_for_as_long_as_one_lasts_was_given_up() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    watch.given_up({"one": UNTIL})

    seconds.now += LENGTH.total_seconds() - 1
    before = watch.given_up({"one": UNTIL, "two": UNTIL})
    seconds.now += 1
    found = watch.given_up({"one": UNTIL, "two": UNTIL})

    assert before == {}
    assert found == {"one": UNTIL}


def test_a_lease_that_is_renewed_is_watched_anew() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    found = []

    for turn in range(10):
        found.append(watch.given_up({"one": UNTIL + turn * timedelta(seconds=1)}))
        seconds.now += LENGTH.total_seconds() - 1

    assert found == [{}] * 10


def test_a_lease_that_was_given_back_and_taken_again_is_watched_anew() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    watch.given_up({"one": UNTIL})
    watch.given_up({})

    seconds.now += LENGTH.total_seconds()

    assert watch.given_up({"one": UNTIL}) == {}


def test_what_was_given_up_stays_so_until_it_is_taken_away() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    watch.given_up({"one": UNTIL})
    seconds.now += LENGTH.total_seconds()

    assert watch.given_up({"one": UNTIL}) == watch.given_up({"one": UNTIL}) == {"one": UNTIL}
