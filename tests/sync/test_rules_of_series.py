"""Rules R25 and R27: a series stays a series, and what happens to its occurrences travels both ways."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desksync.sync.event import Event, Side, Timed, Window, occurrence_on
from desksync.sync.horizon import horizon
from desksync.sync.plan import Update
from desksync.sync.policy import Policy
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.sync.sayable import obstacle
from tests.builders import A_MONDAY, WINDOW, all_day, an_event, at, timed, weekly
from tests.sync.pair import Pair

SECOND = A_MONDAY + timedelta(days=7)
THIRD = A_MONDAY + timedelta(days=14)


def a_synced_series(**fields: Any) -> tuple[Pair, str, str]:
    """Return two calendars with one weekly series of five made in NEO and copied, with its two ids."""
    pair = Pair()
    neo_id = pair.neo.add(an_event(**({"repeat": weekly()} | fields)))
    pair.run()
    (google_id,) = pair.google.events
    return pair, neo_id, google_id


def on(pair: Pair, side: Side) -> Event:
    """Return the only event of that side."""
    (event,) = pair.calendar(side).events.values()
    return event


RULES = [
    Recurrence(Frequency.DAILY, interval=3, count=4),
    Recurrence(Frequency.WEEKLY, interval=2, weekdays=(0, 2, 4), until=A_MONDAY + timedelta(days=60)),
    Recurrence(Frequency.MONTHLY, count=6),
    Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4, count=6),
    Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=-1, count=6),
    Recurrence(Frequency.YEARLY, count=3),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("side", Side)
def test_r25_a_series_stays_a_series(side: Side, rule: Recurrence) -> None:
    pair = Pair()
    day = A_MONDAY + timedelta(days=7) if rule.nth == -1 else A_MONDAY
    pair.calendar(side).add(an_event(when=timed(day=day), repeat=rule))

    pair.run()

    assert on(pair, Side.NEO).repeat == on(pair, Side.GOOGLE).repeat == rule


@pytest.mark.parametrize("side", Side)
def test_r25_the_rule_of_a_series_can_change_and_go(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    event_id = {Side.NEO: neo_id, Side.GOOGLE: google_id}[side]

    for rule in (weekly(3, weekdays=(0, 2)), None, weekly(2)):
        pair.calendar(side).edit(event_id, repeat=rule)
        pair.run()

        assert on(pair, side.other).repeat == rule


def test_r25_a_series_that_loses_its_end_on_google_goes_on_in_neo_and_other_changes_in_neo_still_travel() -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.google.edit(google_id, repeat=replace(weekly(), count=None))
    pair.neo.edit(neo_id, title="Renamed")

    pair.run()

    assert on(pair, Side.NEO).repeat == replace(weekly(), count=None, until=horizon(WINDOW))
    assert on(pair, Side.GOOGLE) == an_event("Renamed", repeat=replace(weekly(), count=None))


def test_r25_a_series_that_gets_its_end_back_travels_again() -> None:
    pair, _, google_id = a_synced_series()
    pair.google.edit(google_id, repeat=replace(weekly(), count=None))
    pair.run()

    pair.google.edit(google_id, repeat=weekly(2), title="Shorter")
    pair.run()

    assert (on(pair, Side.NEO).repeat, on(pair, Side.NEO).title) == (weekly(2), "Shorter")


@pytest.mark.parametrize(
    ("when", "is_sayable"),
    [
        (timed(22, 3 * 60), True),
        (timed(10, 23 * 60), True),
        (timed(10, 24 * 60), False),
        (timed(0, 24 * 60), True),
        (all_day(), True),
        (all_day(days=2), False),
        (Timed(at(10), None), True),
    ],
)
def test_r25_occurrences_of_several_days_cannot_be_said_in_neo(when: Any, is_sayable: bool) -> None:  # noqa: FBT001 - a table
    series = an_event(when=when, repeat=weekly())

    assert (obstacle(series, Side.NEO) is None) is is_sayable
    assert obstacle(series, Side.GOOGLE) is None
    assert obstacle(replace(series, repeat=None), Side.NEO) is None


@pytest.mark.parametrize("side", Side)
def test_r27_a_changed_occurrence_travels(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series()

    pair.calendar(side).change_occurrence({Side.NEO: neo_id, Side.GOOGLE: google_id}[side], SECOND, title="Special", location="B")
    pair.run()

    changed = on(pair, side.other).exceptions[SECOND]
    assert changed == replace(occurrence_on(on(pair, side), SECOND), title="Special", location="B")


@pytest.mark.parametrize("side", Side)
def test_r27_a_moved_occurrence_travels(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    moved = timed(15, day=SECOND + timedelta(days=1))

    pair.calendar(side).change_occurrence({Side.NEO: neo_id, Side.GOOGLE: google_id}[side], SECOND, when=moved)
    pair.run()

    changed = on(pair, side.other).exceptions[SECOND]
    assert changed is not None
    assert changed.when == moved


@pytest.mark.parametrize("side", Side)
def test_r27_a_cancelled_occurrence_travels_and_can_come_back(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    event_id = {Side.NEO: neo_id, Side.GOOGLE: google_id}[side]

    pair.calendar(side).cancel_occurrence(event_id, SECOND)
    pair.run()
    assert on(pair, side.other).exceptions == {SECOND: None}
    pair.calendar(side).restore_occurrence(event_id, SECOND)
    pair.run()

    assert on(pair, side.other).exceptions == {}


def test_r27_a_new_series_is_copied_with_its_exceptions() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event(repeat=weekly()))
    pair.google.cancel_occurrence(google_id, SECOND)
    pair.google.change_occurrence(google_id, THIRD, title="Special")

    pair.run()

    assert on(pair, Side.NEO).exceptions == on(pair, Side.GOOGLE).exceptions


@pytest.mark.parametrize("side", Side)
def test_r27_deleting_a_series_deletes_its_exceptions(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.google.change_occurrence(google_id, SECOND, title="Special")
    pair.run()

    pair.calendar(side).delete_event({Side.NEO: neo_id, Side.GOOGLE: google_id}[side])
    pair.run()

    assert pair.neo.events == pair.google.events == {}


def test_r27_changes_of_one_occurrence_on_both_sides_are_merged_field_by_field() -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.neo.change_occurrence(neo_id, SECOND, location="Room 2")
    pair.google.change_occurrence(google_id, SECOND, when=timed(15, day=SECOND))

    pair.run()

    for side in Side:
        changed = on(pair, side).exceptions[SECOND]
        assert changed is not None
        assert (changed.location, changed.when) == ("Room 2", timed(15, day=SECOND))


def test_r27_the_same_field_of_one_occurrence_changed_on_both_sides_goes_to_the_winner_and_the_loser_is_told() -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.neo.change_occurrence(neo_id, SECOND, title="From NEO")
    pair.google.change_occurrence(google_id, SECOND, title="From Google")

    pair.run()

    assert {changed.title for side in Side if (changed := on(pair, side).exceptions[SECOND])} == {"From NEO"}
    (lost,) = [lost for action in pair.done if isinstance(action, Update) for lost in action.lost]
    assert (lost.side, lost.event.title, lost.fields) == (Side.GOOGLE, "From Google", ("title",))


@pytest.mark.parametrize("cancelled_on", Side)
def test_r27_an_occurrence_cancelled_on_one_side_and_changed_on_the_other_comes_back_with_the_change(cancelled_on: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(cancelled_on).cancel_occurrence(ids[cancelled_on], SECOND)
    pair.calendar(cancelled_on.other).change_occurrence(ids[cancelled_on.other], SECOND, title="Still wanted")

    pair.run()

    assert {changed.title for side in Side if (changed := on(pair, side).exceptions[SECOND])} == {"Still wanted"}


@pytest.mark.parametrize("winner", Side)
def test_r27_an_occurrence_cancelled_on_one_side_and_restored_on_the_other_goes_to_the_winner(winner: Side) -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.policy = Policy(WINDOW, "scope", winner=winner)
    pair.neo.change_occurrence(neo_id, SECOND, title="Special")
    pair.run()
    pair.neo.cancel_occurrence(neo_id, SECOND)
    pair.google.restore_occurrence(google_id, SECOND)

    pair.run()

    expected = {SECOND: None} if winner is Side.NEO else {}
    assert on(pair, Side.NEO).exceptions == on(pair, Side.GOOGLE).exceptions == expected


def test_r27_a_series_renamed_on_one_side_keeps_the_occurrence_moved_on_the_other_and_renames_it() -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.neo.edit(neo_id, title="Renamed")
    pair.google.change_occurrence(google_id, SECOND, when=timed(15, day=SECOND))

    pair.run()

    for side in Side:
        changed = on(pair, side).exceptions[SECOND]
        assert changed is not None
        assert (changed.title, changed.when) == ("Renamed", timed(15, day=SECOND))


def test_r27_a_series_at_a_new_time_takes_along_the_occurrence_renamed_on_the_other_side() -> None:
    pair, neo_id, google_id = a_synced_series()
    pair.neo.edit(neo_id, when=timed(16))
    pair.google.change_occurrence(google_id, SECOND, title="Special")

    pair.run()

    for side in Side:
        changed = on(pair, side).exceptions[SECOND]
        assert changed is not None
        assert (changed.title, changed.when) == ("Special", timed(16, day=SECOND))


def test_r27_an_occurrence_that_no_longer_fits_the_changed_series_goes_and_the_loss_is_told() -> None:
    pair, neo_id, google_id = a_synced_series()
    tuesday = A_MONDAY + timedelta(days=1)
    pair.neo.edit(neo_id, when=timed(day=tuesday), repeat=weekly(weekdays=(1,)))
    pair.google.change_occurrence(google_id, SECOND, title="Special")

    pair.run()

    assert on(pair, Side.NEO) == on(pair, Side.GOOGLE)
    assert on(pair, Side.GOOGLE).exceptions == {}
    (lost,) = [lost for action in pair.done if isinstance(action, Update) for lost in action.lost]
    assert (lost.side, lost.event.title, lost.fields) == (Side.GOOGLE, "Special", ("occurrence",))


def test_r27_this_and_following_is_two_series_on_both_sides() -> None:
    pair, _, google_id = a_synced_series()

    pair.google.edit(google_id, repeat=replace(weekly(), count=None, until=SECOND))
    pair.google.add(an_event("Afterwards", when=timed(14, day=THIRD), repeat=weekly(3)))
    pair.run()

    assert {(event.title, getattr(event.repeat, "count", None), event.when) for event in pair.neo.events.values()} == {
        ("Stand-up", None, timed()),
        ("Afterwards", 3, timed(14, day=THIRD)),
    }


def test_r27_an_exception_that_neo_does_not_tell_because_it_lies_outside_the_window_is_kept() -> None:
    pair, neo_id, google_id = a_synced_series(repeat=weekly(20))
    pair.neo.cancel_occurrence(neo_id, SECOND)
    pair.run()

    pair.set_window(Window(THIRD, WINDOW.last))
    pair.neo.edit(neo_id, title="Renamed")
    pair.run()

    assert pair.google.events[google_id].exceptions == {SECOND: None}
    assert pair.google.events[google_id].title == "Renamed"


def test_r27_an_exception_on_google_outside_the_window_reaches_neo() -> None:
    pair, neo_id, google_id = a_synced_series(repeat=weekly(70))
    late = A_MONDAY + timedelta(weeks=60)
    assert late > WINDOW.last

    pair.google.cancel_occurrence(google_id, late)
    pair.run()
    pair.run()

    assert pair.neo.events[neo_id].exceptions == {late: None}
    assert pair.plans[-1].actions == ()


def test_r27_an_occurrence_moved_into_the_window_that_neo_shows_no_more_is_regular_again() -> None:
    pair, neo_id, google_id = a_synced_series(repeat=weekly(70))
    late = A_MONDAY + timedelta(weeks=60)
    pair.neo.change_occurrence(neo_id, late, when=timed(day=THIRD + timedelta(days=1)))
    pair.run()
    assert late in pair.google.events[google_id].exceptions

    pair.neo.restore_occurrence(neo_id, late)
    pair.run()

    assert pair.google.events[google_id].exceptions == {}


@pytest.mark.parametrize("side", Side)
def test_r27_a_series_that_could_not_be_read_for_a_while_keeps_its_exceptions(side: Side) -> None:
    pair, neo_id, google_id = a_synced_series(repeat=weekly(70))
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    late = A_MONDAY + timedelta(weeks=60)
    pair.google.cancel_occurrence(google_id, SECOND)
    pair.google.cancel_occurrence(google_id, late)
    pair.run()

    pair.calendar(side).set_odd(ids[side], "a rule that nobody knows")
    pair.run()
    pair.calendar(side).cancel_occurrence(ids[side], THIRD)
    pair.run()
    pair.calendar(side).set_odd(ids[side], None)
    pair.run()

    assert on(pair, Side.NEO).exceptions == on(pair, Side.GOOGLE).exceptions == {SECOND: None, THIRD: None, late: None}


def test_r27_the_days_of_a_series_follow_the_clock_on_the_wall_where_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    sunday = date(2026, 10, 25)

    series = an_event(when=timed(9, day=sunday, zone=zone), repeat=weekly(weekdays=(6,)))

    after = occurrence_on(series, sunday + timedelta(days=7)).when
    assert isinstance(after, Timed)
    assert (after.start.hour, after.start.utcoffset()) == (9, timedelta(hours=-5))


def test_r26_an_endless_series_that_is_moved_to_behind_the_horizon_keeps_one_date_in_neo_and_no_end_on_google() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event(repeat=Recurrence(Frequency.WEEKLY, weekdays=(0,))))
    pair.run()
    later = timed(day=A_MONDAY + timedelta(weeks=300))

    pair.google.edit(google_id, when=later)
    pair.run()
    writes = pair.writes()
    pair.run()

    held = on(pair, Side.NEO)
    assert held.when == on(pair, Side.GOOGLE).when == later
    assert isinstance(held.repeat, Recurrence)
    assert held.repeat.until == later.start.date()
    assert on(pair, Side.GOOGLE).repeat == Recurrence(Frequency.WEEKLY, weekdays=(0,))
    assert pair.writes() == writes
