"""Undo where one side cannot hold the series: cut at the horizon, or copied date by date as single events (rule R26)."""

from datetime import timedelta

import pytest

from desksync.store.runs import Run
from desksync.sync.event import Event, Side
from desksync.sync.lines import Lines
from desksync.sync.policy import Direction
from desksync.sync.recurrence import Dates, Frequency, Recurrence
from desksync.worker.errors import EventRefused
from desksync.worker.quarantine import left_alone
from desksync.worker.undo import Undone, ahead, undo
from tests.builders import A_MONDAY, an_event, weekly
from tests.worker.desks import desks
from tests.worlds import Crash, World, a_world

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
ENDLESS = Recurrence(Frequency.WEEKLY, weekdays=(0,))
TWO_DAYS = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=4",), "it repeats on several days of a month")
SECOND = A_MONDAY + 3 * DAY
OTHER_FORM = "the series is copied in another form now"


def undone(world: World, run: Run) -> Undone:
    return undo(desks(world), world.user(), run.id)


def whys(done: Undone) -> list[str]:
    return [line.text for line in done.lines if line.kind == "not_undone"]


def shown(world: World, side: Side) -> dict[str, str]:
    return {f"{event.when}": event.title for event in world.calendar(side).events.values()}


def the_only(world: World, side: Side) -> str:
    [event_id] = world.calendar(side).events
    return event_id


def copies_of(world: World, side: Side) -> list[str]:
    """Return the ids of the single events of a side, by their time."""
    return sorted(world.calendar(side).events, key=lambda event_id: f"{world.calendar(side).events[event_id].when}")


def assert_quiet(world: World) -> None:
    writes, held = world.writes(), [world.calendar(side).events for side in Side]
    for _ in range(2):
        world.sync()
    assert world.writes() == writes
    assert [world.calendar(side).events for side in Side] == held


SERIES: dict[str, tuple[Side, Event]] = {
    "endless": (Side.GOOGLE, an_event(repeat=ENDLESS)),
    "lines": (Side.GOOGLE, an_event(repeat=TWO_DAYS)),
    "endless lines": (Side.GOOGLE, an_event(repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26",), "it does"))),
    "irregular": (Side.NEO, an_event(repeat=Dates((A_MONDAY, A_MONDAY + 3 * DAY, A_MONDAY + 8 * DAY)))),
    "plain": (Side.NEO, an_event(repeat=weekly(5))),
}


@pytest.mark.parametrize("kind", SERIES)
def test_a_copied_series_of_any_kind_is_taken_back_and_stays_away_as_time_goes_by(kind: str) -> None:
    side, series = SERIES[kind]
    world = a_world()
    world.calendar(side).add(series)
    run = world.sync()

    undone(world, run)
    for _ in range(3):
        world.clock.move(40 * DAY)
        world.sync()

    assert world.calendar(side.other).events == {}
    assert list(world.calendar(side).events.values()) == [series]
    assert_quiet(world)


@pytest.mark.parametrize("kind", SERIES)
def test_a_series_that_was_taken_back_is_copied_again_when_its_source_changes(kind: str) -> None:
    side, series = SERIES[kind]
    world = a_world()
    event_id = world.calendar(side).add(series)
    undone(world, world.sync())

    world.calendar(side).edit(event_id, title="Renamed")
    world.sync()

    assert set(world.calendar(side.other).titles()) == {"Renamed"}


def test_only_the_date_that_changes_is_copied_again_of_a_series_that_was_taken_back() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    undone(world, world.sync())

    world.google.change_occurrence(the_only(world, Side.GOOGLE), SECOND, title="Moved")
    world.sync()

    assert world.neo.titles() == ["Moved"]
    assert_quiet(world)


def test_new_dates_of_a_series_still_come_while_other_dates_of_it_are_copied() -> None:
    world = a_world(google=[an_event(repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23",), "it does"))])
    world.sync()
    world.clock.move(30 * DAY)
    run = world.sync()
    before = len(world.neo.events)

    undone(world, run)
    world.clock.move(31 * DAY)
    world.sync()

    assert len(world.neo.events) == before


@pytest.mark.parametrize("meanwhile", ["direction", "unreadable"])
def test_what_was_taken_back_stays_away_when_nothing_could_be_copied_meanwhile(meanwhile: str) -> None:
    world = a_world(neo=[an_event("One")])
    event_id = the_only(world, Side.NEO)
    undone(world, world.sync())

    if meanwhile == "direction":
        world.save(direction=Direction.GOOGLE_TO_NEO)
        world.sync()
        world.save(direction=Direction.BOTH)
    else:
        world.neo.set_odd(event_id, "odd")
        world.sync()
        world.neo.set_odd(event_id, None)
    world.sync()

    assert world.google.titles() == []


def test_a_change_of_one_date_is_written_back_through_its_series() -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    series = the_only(world, Side.GOOGLE)
    second = copies_of(world, Side.NEO)[1]
    world.neo.edit(second, title="After")
    run = world.sync()
    world.google.change_occurrence(series, A_MONDAY, title="By hand")

    done = undone(world, run)

    assert whys(done) == []
    assert {day: one and one.title for day, one in world.google.events[series].exceptions.items()} == {A_MONDAY: "By hand"}
    assert world.neo.events[second].title == "After"
    world.sync()
    assert world.google.events[series].exceptions.keys() == {A_MONDAY}
    assert world.neo.titles().count("By hand") == 1
    assert_quiet(world)


def test_a_cancelled_date_is_put_back_into_its_series_and_copied_again() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    before = shown(world, Side.NEO)
    world.neo.delete_event(copies_of(world, Side.NEO)[1])
    run = world.sync()

    done = undone(world, run)

    assert done.number == 1
    [series] = world.google.events.values()
    assert series.exceptions == {}
    world.sync()
    assert shown(world, Side.NEO) == before
    assert_quiet(world)


def test_a_date_that_was_deleted_because_it_was_cancelled_is_put_back_as_an_event() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    before = shown(world, Side.NEO)
    world.google.cancel_occurrence(the_only(world, Side.GOOGLE), SECOND)
    run = world.sync()

    undone(world, run)

    assert shown(world, Side.NEO) == before
    world.sync()
    assert len(world.google.events) == 2
    assert_quiet(world)


def test_a_copy_of_one_date_that_was_deleted_is_linked_with_its_date_again() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    first = world.sync()
    taken = undone(world, first)

    undo(desks(world), world.user(), taken.run_id)

    assert len(world.neo.events) == 4
    assert_quiet(world)
    world.neo.edit(copies_of(world, Side.NEO)[1], title="Renamed")
    world.sync()
    [series] = world.google.events.values()
    assert [one and one.title for one in series.exceptions.values()] == ["Renamed"]


def test_an_undone_undo_of_one_date_is_a_change_of_that_date_again() -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    world.neo.edit(copies_of(world, Side.NEO)[1], title="After")
    world.neo.delete_event(copies_of(world, Side.NEO)[2])
    first = undone(world, world.sync())

    again = undo(desks(world), world.user(), first.run_id)

    assert whys(again) == []
    [series] = world.google.events.values()
    assert sorted(one.title if one else "cancelled" for one in series.exceptions.values()) == ["After", "cancelled"]
    assert_quiet(world)


@pytest.mark.parametrize("what", ["changed", "cancelled", "series gone", "series shortened"])
def test_a_date_that_was_changed_since_stays_as_it_is(what: str) -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    series = the_only(world, Side.GOOGLE)
    world.neo.edit(copies_of(world, Side.NEO)[3], title="After")
    run = world.sync()
    day = next(iter(world.google.events[series].exceptions))
    match what:
        case "changed":
            world.google.change_occurrence(series, day, title="By hand")
        case "cancelled":
            world.google.cancel_occurrence(series, day)
        case "series gone":
            world.google.delete_event(series)
        case _:
            world.google.edit(series, repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=2",), "it does"))
    before = world.google.events

    done = undone(world, run)

    assert whys(done) == ["it was changed since" if what == "changed" else "it is not there any more"]
    assert world.google.events == before


@pytest.mark.parametrize("what", ["series gone", "series shortened", "there again", "unreadable", "locked"])
def test_a_cancelled_date_whose_series_does_not_wait_for_it_is_left(what: str) -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    series = the_only(world, Side.GOOGLE)
    world.neo.delete_event(copies_of(world, Side.NEO)[3])
    run = world.sync()
    day = next(iter(world.google.events[series].exceptions))
    match what:
        case "series gone":
            world.google.delete_event(series)
        case "series shortened":
            world.google.edit(series, repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,26;COUNT=2",), "it does"))
        case "there again":
            world.google.restore_occurrence(series, day)
        case "unreadable":
            world.google.set_odd(series, "odd")
        case _:
            world.google.set_editable(series, is_editable=False)
    before = world.google.events

    done = undone(world, run)

    assert whys(done) == [
        {
            "there again": "it is there again already",
            "unreadable": "it cannot be read any more",
            "locked": "the account may not change it",
        }.get(what, "its series does not have this date any more")
    ]
    assert world.google.events == before


def test_a_series_that_is_copied_in_another_form_now_keeps_that_form() -> None:
    world = a_world(google=[an_event(repeat=weekly(4))])
    world.sync()
    world.google.edit(the_only(world, Side.GOOGLE), repeat=TWO_DAYS)
    run = world.sync()
    before = shown(world, Side.NEO)

    with world.begin() as session:
        known = ahead(session, world.user(), run.id)
    done = undone(world, run)

    assert set(whys(done)) == {OTHER_FORM}
    assert (len(known.lines), len(known.staying)) == (0, len(done.lines))
    assert done.number == 0
    assert shown(world, Side.NEO) == before
    assert_quiet(world)


def test_a_date_of_a_series_that_is_copied_as_a_series_by_now_is_left() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    world.neo.edit(copies_of(world, Side.NEO)[0], title="After")
    run = world.sync()
    world.google.edit(the_only(world, Side.GOOGLE), repeat=weekly(4))
    world.sync()

    done = undone(world, run)

    assert whys(done) == [OTHER_FORM]
    assert_quiet(world)


def test_a_copy_that_became_one_of_another_form_is_not_put_back_beside_it() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    world.sync()
    series = the_only(world, Side.GOOGLE)
    world.google.cancel_occurrence(series, SECOND)
    run = world.sync()
    world.google.restore_occurrence(series, SECOND)
    world.google.edit(series, repeat=Recurrence(Frequency.DAILY, interval=3, count=3))
    world.sync()

    done = undone(world, run)

    assert whys(done) == [OTHER_FORM]
    assert_quiet(world)


def test_a_series_that_was_made_longer_in_neo_is_not_made_shorter_again() -> None:
    world = a_world(google=[an_event(repeat=ENDLESS)])
    world.sync()
    world.clock.move(420 * DAY)
    run = world.sync()
    assert run.counts["neo_updated"] == 1

    done = undone(world, run)

    assert whys(done) == ["the next run would write it again"]
    assert_quiet(world)


def test_a_title_is_written_back_where_the_end_of_the_series_has_to_stay() -> None:
    world = a_world(google=[an_event("Before", repeat=ENDLESS)])
    world.sync()
    world.clock.move(420 * DAY)
    world.google.edit(the_only(world, Side.GOOGLE), title="After")
    run = world.sync()

    done = undone(world, run)

    assert world.neo.titles() == ["Before"]
    assert [line.text for line in done.lines] == ["left, because the next run would write it again: when, repeat"]
    assert_quiet(world)


def test_an_endless_series_that_an_undone_undo_put_back_is_linked_and_quiet() -> None:
    world = a_world(google=[an_event(repeat=ENDLESS)])
    first = undone(world, world.sync())

    undo(desks(world), world.user(), first.run_id)

    assert_quiet(world)
    world.google.edit(the_only(world, Side.GOOGLE), title="Renamed")
    world.sync()
    assert world.neo.titles() == ["Renamed"]


@pytest.mark.parametrize("is_followed_by_a_run", [False, True])
@pytest.mark.parametrize("kind", ["updated", "deleted"])
def test_a_crash_between_the_call_for_one_date_and_its_record_loses_and_doubles_nothing(
    kind: str, *, is_followed_by_a_run: bool
) -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    second = copies_of(world, Side.NEO)[1]
    if kind == "updated":
        world.neo.edit(second, title="After")
    else:
        world.neo.delete_event(second)
    run = world.sync()
    world.crash_after(Side.GOOGLE, "update")

    with pytest.raises(Crash):
        undone(world, run)
    world._is_dead = False
    world.take_over()
    if is_followed_by_a_run:
        world.sync_open()
    done = undone(world, run)
    if world.is_open():
        world.sync_open()
    world.sync()

    assert whys(done) == []
    [series] = world.google.events.values()
    assert series.exceptions == {}
    assert sorted(world.neo.titles()) == (["After", *["Before"] * 3] if kind == "updated" else ["Before"] * 4)
    assert_quiet(world)


def test_dates_that_were_taken_back_are_listed_with_their_title_and_day() -> None:
    world = a_world(google=[an_event("Twice a month", repeat=TWO_DAYS)])

    undone(world, world.sync())

    with world.begin() as session:
        listed = left_alone(session, world.user_id)
    assert {one.title for one in listed} == {"Twice a month"}
    assert {one.day for one in listed} >= {A_MONDAY, SECOND}
    assert {one.remedy for one in listed} == {"Change it in Google, if it should be copied again."}


def test_a_copy_that_may_not_be_deleted_stays_a_pair_with_its_date() -> None:
    world = a_world(google=[an_event(repeat=TWO_DAYS)])
    run = world.sync()
    world.after(Side.GOOGLE, "look", lambda: world.neo.fail_next("delete", EventRefused("not now"), times=9))

    done = undone(world, run)

    assert set(whys(done)) == {"not now"}
    assert len(world.neo.events) == 4
    world.neo.forget_faults()
    assert_quiet(world)
    world.google.cancel_occurrence(the_only(world, Side.GOOGLE), SECOND)
    world.sync()
    assert len(world.neo.events) == 3


@pytest.mark.parametrize("kind", ["updated", "deleted"])
def test_a_date_that_google_does_not_take_stays_as_it_is(kind: str) -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    second = copies_of(world, Side.NEO)[1]
    if kind == "updated":
        world.neo.edit(second, title="After")
    else:
        world.neo.delete_event(second)
    run = world.sync()
    world.google.refuses = lambda _: True
    before = world.google.events

    done = undone(world, run)

    assert whys(done) == ["the calendar does not take it"]
    assert world.google.events == before
    world.google.forget_faults()
    assert_quiet(world)


def test_a_date_that_is_cancelled_just_while_it_is_put_back_is_left() -> None:
    world = a_world(google=[an_event("Before", repeat=TWO_DAYS)])
    world.sync()
    world.neo.edit(copies_of(world, Side.NEO)[1], title="After")
    run = world.sync()
    series = the_only(world, Side.GOOGLE)
    world.after(Side.GOOGLE, "look", lambda: world.google.cancel_occurrence(series, SECOND))

    done = undone(world, run)

    assert whys(done) == ["it was changed meanwhile"]
    assert world.google.events[series].exceptions == {SECOND: None}
