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


def looked(watch: LeaseWatch, seconds: Seconds, leases: dict[str, datetime], length: timedelta) -> dict[str, datetime]:
    """Look once a second for that long, and return what was given up at the end."""
    found = watch.given_up(leases)
    for _ in range(int(length.total_seconds())):
        seconds.now += 1
        found = watch.given_up(leases)
    return found


def test_a_lease_that_stays_as_it_is_for_as_long_as_one_lasts_was_given_up() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)

    before = looked(watch, seconds, {"one": UNTIL}, LENGTH - timedelta(seconds=1))
    seconds.now += 1
    found = watch.given_up({"one": UNTIL, "two": UNTIL})

    assert before == {}
    assert found == {"one": UNTIL}


def test_a_lease_that_is_renewed_is_watched_anew() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    almost = LENGTH - timedelta(seconds=1)

    found = [looked(watch, seconds, {"one": UNTIL + turn * timedelta(seconds=1)}, almost) for turn in range(10)]

    assert found == [{}] * 10


def test_a_lease_that_was_given_back_and_taken_again_is_watched_anew() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    looked(watch, seconds, {"one": UNTIL}, LENGTH - timedelta(seconds=1))
    watch.given_up({})

    found = looked(watch, seconds, {"one": UNTIL}, LENGTH - timedelta(seconds=1))

    assert found == {}


def test_what_was_given_up_stays_so_until_it_is_taken_away() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    looked(watch, seconds, {"one": UNTIL}, LENGTH)

    assert watch.given_up({"one": UNTIL}) == watch.given_up({"one": UNTIL}) == {"one": UNTIL}


def test_time_in_which_nobody_looked_takes_no_lease_away() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    looked(watch, seconds, {"one": UNTIL}, LENGTH / 3)

    seconds.now += 10 * LENGTH.total_seconds()
    after_a_freeze = looked(watch, seconds, {"one": UNTIL}, LENGTH / 3 - timedelta(seconds=1))
    seconds.now += 1

    assert after_a_freeze == {}
    assert watch.given_up({"one": UNTIL}) == {"one": UNTIL}


def test_whoever_looks_seldom_finds_what_was_given_up_all_the_same() -> None:
    seconds = Seconds()
    watch = LeaseWatch(LENGTH, seconds)
    found = []

    for _ in range(4):
        found.append(watch.given_up({"one": UNTIL}))
        seconds.now += LENGTH.total_seconds()

    assert found == [{}, {}, {}, {"one": UNTIL}]
