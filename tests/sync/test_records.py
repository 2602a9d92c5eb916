"""What an action that was carried out makes of the links."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desksync.sync.event import Side
from desksync.sync.flow import Flow
from desksync.sync.link import Link
from desksync.sync.plan import Create, Delete, Plan, Update
from desksync.sync.reading import Stored
from desksync.sync.record import Recorded, recorded
from desksync.sync.ticket import FIRST_STAGE, Stage, first_push, free_turns, paced_until, retry_at
from tests.builders import an_event

LINK = Link("n", "g", an_event("Old"), an_event("Old"))


def an_update(side: Side, **fields: object) -> Update:
    """Return a change of the title."""
    current = Stored(LINK.id_on(side), an_event("Old"))
    update = Update(side, LINK, current, other=an_event("New"), event=an_event("New"), pending=Flow())
    return replace(update, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("side", Side)
def test_a_creation_gives_a_link_of_what_was_copied_and_what_was_answered(side: Side) -> None:
    source, answered = Stored("s", an_event("Wanted")), Stored("a", an_event("Answered"))

    outcome = recorded(Create(side, source, an_event("Wanted"), "key"), answered)

    assert outcome.dropped is None
    assert outcome.link is not None
    assert (outcome.link.id_on(side), outcome.link.base_on(side)) == ("a", answered.event)
    assert (outcome.link.id_on(side.other), outcome.link.base_on(side.other)) == ("s", source.event)


def test_a_creation_in_place_of_a_deleted_event_drops_its_link() -> None:
    source, answered = Stored("n", an_event()), Stored("new", an_event())

    outcome = recorded(Create(Side.GOOGLE, source, an_event(), "key", replaces=LINK), answered)

    assert outcome == Recorded(Link("n", "new", an_event(), an_event()), dropped=LINK)


@pytest.mark.parametrize("side", Side)
def test_a_change_moves_both_bases(side: Side) -> None:
    answered = Stored(LINK.id_on(side), an_event("NEW"))

    outcome = recorded(an_update(side), answered)

    assert outcome.dropped is None
    assert outcome.link is not None
    assert outcome.link.base_on(side).title == "NEW"
    assert outcome.link.base_on(side.other).title == "New"


@pytest.mark.parametrize("side", Side)
def test_a_change_that_gives_the_event_another_id_drops_the_old_pair(side: Side) -> None:
    outcome = recorded(an_update(side), Stored("other", an_event("New")))

    assert outcome.dropped == LINK
    assert outcome.link is not None
    assert outcome.link.id_on(side) == "other"
    assert outcome.link.id_on(side.other) == LINK.id_on(side.other)


def test_what_finds_itself_changed_in_the_answer_without_having_been_written_still_differs_from_the_base() -> None:
    answered = Stored("n", an_event("New", location="A person was quicker"))

    outcome = recorded(an_update(Side.NEO), answered)

    assert outcome.link is not None
    assert outcome.link.neo == an_event("New")


def test_a_deletion_drops_the_link() -> None:
    assert recorded(Delete(Side.NEO, LINK, Stored("n", an_event())), None) == Recorded(dropped=LINK)


def test_a_creation_or_change_without_its_answer_cannot_be_recorded() -> None:
    with pytest.raises(ValueError, match="without the answer"):
        recorded(an_update(Side.NEO), None)


def test_a_plan_says_which_sides_it_writes_and_what() -> None:
    on_neo, on_google = an_update(Side.NEO), an_update(Side.GOOGLE)

    plan = Plan(actions=(on_neo, on_google))

    assert plan.sides() == {Side.NEO, Side.GOOGLE}
    assert plan.actions_on(Side.NEO) == (on_neo,)


def test_a_run_reads_both_sides_before_it_writes_google_and_then_neo() -> None:
    assert FIRST_STAGE is Stage.PULL_NEO
    assert [stage.side for stage in Stage] == [Side.NEO, Side.GOOGLE, Side.GOOGLE, Side.NEO]
    assert first_push(frozenset(Side)) is Stage.PUSH_GOOGLE
    assert first_push(frozenset({Side.NEO})) is Stage.PUSH_NEO
    assert first_push(frozenset()) is None


def test_tries_wait_twice_as_long_each_time_up_to_the_interval_and_never_less_than_was_asked() -> None:
    now, interval = datetime(2026, 11, 22, tzinfo=UTC), timedelta(minutes=10)

    waits = [(retry_at(retries, now, interval) - now).total_seconds() for retries in range(7)]

    assert waits == [30, 60, 120, 240, 480, 600, 600]
    assert retry_at(0, now, interval, asked=timedelta(minutes=5)) - now == timedelta(minutes=5)
    assert retry_at(9, now, interval, asked=timedelta(minutes=5)) - now == interval
    assert retry_at(9, now, interval, asked=timedelta(hours=1)) - now == timedelta(hours=1)


@pytest.mark.parametrize("asked", [None, timedelta(seconds=40), timedelta(hours=5)])
def test_those_who_failed_together_are_spread_and_nobody_comes_before_the_server_asked(asked: timedelta | None) -> None:
    now, interval = datetime(2026, 11, 22, tzinfo=UTC), timedelta(minutes=10)

    waits = [retry_at(9, now, interval, asked, chance) - now for chance in (0.0, 0.5, 1.0)]

    usual = [timedelta(minutes=10), timedelta(minutes=8, seconds=45), timedelta(minutes=7, seconds=30)]
    assert waits == ([timedelta(hours=5, minutes=minutes) for minutes in (0, 5, 10)] if asked == timedelta(hours=5) else usual)
    assert retry_at(0, now, interval, asked, 1.0) - now >= timedelta(seconds=30)


def test_those_who_wait_for_the_end_of_one_rest_are_spread_over_as_long_again() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def waits(asked: timedelta | None) -> list[float]:
        return [(paced_until(now, asked, chance) - now).total_seconds() for chance in (0.0, 0.5, 1.0)]

    assert waits(None) == [10, 15, 20]
    assert waits(timedelta(seconds=3)) == [10, 15, 20]
    assert waits(timedelta(seconds=40)) == [40, 60, 80]
    assert waits(timedelta(hours=1)) == [3600, 3900, 4200]


@pytest.mark.parametrize("interval", [timedelta(seconds=1), timedelta(days=3650)])
def test_no_interval_makes_a_wait_too_short_or_impossible(interval: timedelta) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    waits = [retry_at(retries, now, interval) - now for retries in (0, 1000)]

    assert waits[0] == timedelta(seconds=30)
    assert timedelta(seconds=30) <= waits[1] <= max(interval, timedelta(seconds=30))


def test_as_many_interrupted_pushes_lie_ready_as_are_under_way_and_a_few_at_least() -> None:
    assert [free_turns(pushing, 0) for pushing in (0, 3, 12)] == [4, 4, 12]
    assert [free_turns(12, queued) for queued in (5, 12, 40)] == [7, 0, 0]
