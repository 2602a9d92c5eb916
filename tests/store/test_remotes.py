"""What processes write down about a side that they share: on the condition that nobody wrote meanwhile."""

from datetime import datetime, timedelta

import pytest

from desksync.store import remotes
from desksync.store.engine import Begin
from desksync.store.remotes import Outrun, Remote
from desksync.sync.event import Side
from desksync.sync.pacing import Pace, granted
from desksync.sync.seats import SEAT_LIFE, Member, arranged
from tests.store.builders import NOW, all_at_once, later

CROWD = 8


def a_member(holder: str = "a", *, seats: int = 1, since: datetime = NOW) -> Member:
    return Member(holder, seats, is_waiting=not seats, since=since, until=since + SEAT_LIFE)


def looked(begin: Begin, side: Side = Side.NEO) -> Remote:
    with begin() as session:
        return remotes.look(session, side)


def written(begin: Begin, mine: Member, now: datetime = NOW) -> None:
    with begin() as session:
        remotes.write_seats(session, Side.NEO, remotes.look(session, Side.NEO), mine, now)


def test_a_side_that_nobody_has_used_is_blank(begin: Begin) -> None:
    assert looked(begin) == Remote(0, None, None, ())


def test_what_a_process_writes_is_seen_by_all(begin: Begin) -> None:
    written(begin, a_member("a", seats=2))
    written(begin, a_member("b", seats=0))

    seen = looked(begin)

    assert sorted(seen.members, key=lambda one: one.holder) == [a_member("a", seats=2), a_member("b", seats=0)]
    assert seen.version == 2
    assert looked(begin, Side.GOOGLE) == Remote(0, None, None, ())


def test_a_process_has_one_row(begin: Begin) -> None:
    written(begin, a_member(seats=2))
    written(begin, a_member(seats=1))

    assert looked(begin).members == (a_member(seats=1),)


def test_a_process_that_neither_has_nor_wants_anything_has_no_row(begin: Begin) -> None:
    written(begin, a_member())

    written(begin, Member("a", 0, is_waiting=False, since=NOW, until=NOW))

    assert looked(begin).members == ()


def test_nothing_is_written_when_somebody_wrote_meanwhile(begin: Begin) -> None:
    blank = looked(begin)
    written(begin, a_member("a"))
    seen = looked(begin)
    written(begin, a_member("b"))

    for stale in (blank, seen):
        with pytest.raises(Outrun), begin() as session:
            remotes.write_seats(session, Side.NEO, stale, a_member("c"), NOW)
        with pytest.raises(Outrun), begin() as session:
            remotes.write_spent(session, Side.NEO, stale, NOW)

    assert {one.holder for one in looked(begin).members} == {"a", "b"}
    assert looked(begin).spent_until is None


def test_what_is_spent_is_kept(begin: Begin) -> None:
    with begin() as session:
        remotes.write_spent(session, Side.GOOGLE, remotes.look(session, Side.GOOGLE), later(seconds=3))

    assert looked(begin, Side.GOOGLE) == Remote(1, None, later(seconds=3), ())


def test_a_pause_is_seen_by_all_and_never_made_shorter(begin: Begin) -> None:
    for seconds in (10, 20, 15):
        with begin() as session:
            remotes.pause(session, Side.NEO, later(seconds=seconds), later(minutes=10))

    assert looked(begin).paused_until == later(seconds=20)
    assert looked(begin, Side.GOOGLE).paused_until is None


def test_a_pause_that_a_clock_far_ahead_has_written_gives_way(begin: Begin) -> None:
    with begin() as session:
        remotes.pause(session, Side.NEO, later(hours=5), later(hours=6))

    with begin() as session:
        remotes.pause(session, Side.NEO, later(seconds=10), later(minutes=10))

    assert looked(begin).paused_until == later(seconds=10)


def test_a_pause_is_no_reason_to_read_again_before_writing(begin: Begin) -> None:
    written(begin, a_member("a"))
    seen = looked(begin)
    with begin() as session:
        remotes.pause(session, Side.NEO, later(seconds=10), later(minutes=10))

    with begin() as session:
        remotes.write_seats(session, Side.NEO, seen, a_member("b"), NOW)

    assert looked(begin).paused_until == later(seconds=10)


def test_seats_that_are_given_back_are_free_at_once(begin: Begin) -> None:
    written(begin, a_member("a"))
    written(begin, a_member("b"))

    with begin() as session:
        remotes.leave(session, Side.NEO, "a")

    assert [one.holder for one in looked(begin).members] == ["b"]


def test_the_rows_of_processes_that_are_long_gone_are_deleted(begin: Begin) -> None:
    written(begin, a_member("gone"))
    written(begin, a_member("late", since=later(seconds=30)), later(seconds=30))

    written(begin, a_member("here", since=later(seconds=70)), later(seconds=70))

    assert {one.holder for one in looked(begin).members} == {"late", "here"}


def test_of_many_that_want_a_seat_at_once_as_many_get_one_as_there_are(begin: Begin) -> None:
    def work(index: int) -> int:
        while True:
            try:
                with begin() as session:
                    seen = remotes.look(session, Side.NEO)
                    decided = arranged(seen.members, f"process-{index}", 1, 0, 2, NOW)
                    remotes.write_seats(session, Side.NEO, seen, decided.mine, NOW)
            except Outrun:
                continue
            return decided.usable

    got = all_at_once(CROWD, work)

    assert sum(got) == 2
    assert sum(one.seats for one in looked(begin).members) == 2
    assert len(looked(begin).members) == CROWD


def test_many_that_spend_at_once_never_spend_more_than_there_is(begin: Begin) -> None:
    pace = Pace(timedelta(seconds=1), 50)

    def work(_index: int) -> int:
        mine = 0
        for _ in range(5):
            try:
                with begin() as session:
                    seen = remotes.look(session, Side.GOOGLE)
                    grant = granted(pace, seen.spent_until, 3, NOW)
                    remotes.write_spent(session, Side.GOOGLE, seen, grant.spent_until)
            except Outrun:
                continue
            mine += grant.number
        return mine

    got = sum(all_at_once(CROWD, work))
    with begin() as session:
        left = granted(pace, remotes.look(session, Side.GOOGLE).spent_until, 1000, NOW).number

    assert got + left == 50
