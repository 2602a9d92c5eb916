"""What a side refuses is noted once, shown with its remedy, left alone until it changes, and forgotten when it is settled."""

from datetime import timedelta

import pytest

from desksync.sync.event import Event, Side, Timed
from desksync.sync.recurrence import Dates, Lines
from desksync.worker.errors import EventRefused
from desksync.worker.quarantine import LeftAlone, left_alone
from desksync.worker.undo import undo
from tests.builders import A_MONDAY, an_event, at, timed, weekly
from tests.worker.desks import desks
from tests.worlds import World, a_world

DATED = an_event("Now and then", repeat=Dates((A_MONDAY, A_MONDAY + timedelta(days=3))))
LONG = an_event("Trips", when=Timed(at(9), at(9) + timedelta(days=3)), repeat=weekly(2))
LINES = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4",), "it repeats on several days of a month")


def shown(world: World) -> list[LeftAlone]:
    with world.begin() as session:
        return left_alone(session, world.user_id)


def a_world_with_a_refused_event() -> World:
    world = a_world(neo=[an_event("Bad")])
    world.google.refuses = lambda event: event.title == "Bad"
    world.sync()
    return world


def test_a_refused_event_is_noted_once_with_side_reason_and_remedy() -> None:
    world = a_world_with_a_refused_event()
    calls = world.google.calls("create")
    world.neo.add(an_event("Good", when=timed(15)))
    world.sync()

    [one] = shown(world)

    assert (one.side, one.held_by, one.title, one.why) == (Side.GOOGLE, Side.NEO, "Bad", "the calendar does not take it")
    assert one.remedy == "Change it in NEO; the next run then tries it again."
    assert one.since is not None
    assert len(world.lines("refused")) == 1
    assert world.google.calls("create") == calls + 1
    assert world.google.titles() == ["Good"]


def test_a_changed_event_is_tried_again_and_a_success_forgets_the_refusal() -> None:
    world = a_world_with_a_refused_event()

    world.neo.edit(next(iter(world.neo.events)), title="Better")
    world.sync()

    assert world.google.titles() == ["Better"]
    assert shown(world) == []


def test_a_refused_event_that_is_deleted_is_forgotten() -> None:
    world = a_world_with_a_refused_event()

    world.neo.delete_event(next(iter(world.neo.events)))
    world.sync()

    assert shown(world) == []


def test_a_refused_change_that_is_taken_back_is_forgotten() -> None:
    world = a_world(neo=[an_event("Good")])
    world.sync()
    world.google.refuses = lambda event: event.title == "Bad"
    event_id = next(iter(world.neo.events))
    world.neo.edit(event_id, title="Bad")
    world.sync()
    during = shown(world)

    world.neo.edit(event_id, title="Good")
    world.sync()

    assert [one.title for one in during] == ["Bad"]
    assert shown(world) == []


def test_an_event_that_cannot_be_read_is_shown_too() -> None:
    world = a_world(neo=[an_event("Odd")])
    world.sync()
    [google_id] = world.google.events
    world.google.set_odd(google_id, "it has an unknown form")
    world.sync()

    [one] = shown(world)

    assert (one.side, one.held_by, one.title, one.why, one.since) == (
        Side.GOOGLE,
        Side.GOOGLE,
        "Odd",
        "it has an unknown form",
        None,
    )


def test_what_cannot_be_read_and_has_no_partner_is_shown_as_it_was_last() -> None:
    world = a_world(neo=[an_event("Odd")])
    world.google.refuses = lambda _event: True
    world.sync()
    world.neo.set_odd(next(iter(world.neo.events)), "it has an unknown form")
    world.sync()

    listed = shown(world)

    assert {(one.title, one.day) for one in listed} == {("Odd", A_MONDAY)}
    assert "it has an unknown form" in [one.why for one in listed]


@pytest.mark.parametrize(("neo", "google"), [([DATED], []), ([], [LONG])])
def test_a_series_that_is_copied_date_by_date_syncs_and_is_not_listed(neo: list[Event], google: list[Event]) -> None:
    world = a_world(neo=neo, google=google)

    world.sync()

    assert len(world.lines("skipped")) == 1
    assert shown(world) == []


def test_two_series_that_keep_their_own_times_are_listed_with_what_brings_them_together() -> None:
    world = a_world(neo=[an_event("Series", repeat=weekly())])
    world.sync()
    [google_id] = world.google.events
    world.google.edit(google_id, repeat=LINES)
    world.sync()

    [one] = shown(world)

    assert (one.side, one.held_by, one.event_id, one.title) == (Side.NEO, Side.GOOGLE, google_id, "Series")
    assert one.why.startswith("Its times and its rule are not copied, because it repeats on several days of a month")
    assert one.remedy == "Change one of the two to what both calendars can hold; the next run then copies it."


def test_an_undone_copy_is_shown_with_what_brings_it_back() -> None:
    world = a_world(neo=[an_event("One")])
    undo(desks(world), world.user(), world.sync().id)
    world.sync()

    [one] = shown(world)

    assert one.remedy == "Change it in NEO, if it should be copied again."


def test_a_refused_deletion_is_left_alone_until_a_person_settles_it() -> None:
    world = a_world(neo=[an_event("Stays")])
    world.sync()
    world.google.fail_next("delete", EventRefused("the calendar does not let it go"))
    world.neo.delete_event(next(iter(world.neo.events)))
    world.sync()
    world.sync()
    [one] = shown(world)

    world.google.delete_event(next(iter(world.google.events)))
    world.sync()

    assert world.google.calls("delete") == 1
    assert (one.title, one.why) == ("Stays", "the calendar does not let it go")
    assert one.remedy == "Delete it on Google by hand, or change it there: then it is created again in NEO."
    assert shown(world) == []
