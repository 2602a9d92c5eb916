"""Rules R11 to R18 and R21 to R23: conflicts, directions, fields and times."""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desksync.sync.event import Access, Event, Side, Timed
from desksync.sync.flow import Lost
from desksync.sync.plan import Update
from desksync.sync.policy import Direction
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.fakes import NEO_TITLE_LIMIT
from tests.sync.pair import Pair

NEW_YORK = ZoneInfo("America/New_York")


def a_synced_pair(**fields: Any) -> tuple[Pair, str, str]:
    """Return two calendars with one event made in NEO and copied, with its two ids."""
    pair = Pair()
    neo_id = pair.neo.add(an_event(**fields))
    pair.run()
    (google_id,) = pair.google.events
    return pair, neo_id, google_id


def both(pair: Pair, neo_id: str, google_id: str) -> list[Event]:
    """Return the two versions of an event."""
    return [pair.neo.events[neo_id], pair.google.events[google_id]]


def losses(pair: Pair) -> list[Lost]:
    """Return what the history says was lost so far."""
    return [lost for action in pair.done if isinstance(action, Update) for lost in action.lost]


def test_r11_changes_of_different_fields_are_both_kept() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.edit(neo_id, title="Renamed")
    pair.google.edit(google_id, location="Room 1", when=timed(11))

    pair.run()

    for event in both(pair, neo_id, google_id):
        assert (event.title, event.location, event.when) == ("Renamed", "Room 1", timed(11))


@pytest.mark.parametrize("winner", Side)
def test_r11_the_same_field_changed_on_both_sides_goes_to_the_winner_and_the_loser_is_told(winner: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.policy = pair.policy.__class__(pair.policy.window, "scope", winner=winner)
    pair.neo.edit(neo_id, title="From NEO")
    pair.google.edit(google_id, title="From Google")

    pair.run()

    assert {event.title for event in both(pair, neo_id, google_id)} == {f"From {'NEO' if winner is Side.NEO else 'Google'}"}
    (lost,) = losses(pair)
    assert (lost.side, lost.fields) == (winner.other, ("title",))
    assert lost.event.title == f"From {'Google' if winner is Side.NEO else 'NEO'}"


def test_r11_the_same_change_on_both_sides_is_no_conflict() -> None:
    pair, neo_id, google_id = a_synced_pair()
    writes = pair.writes()
    pair.neo.edit(neo_id, title="Renamed")
    pair.google.edit(google_id, title="Renamed")

    pair.run()

    assert pair.writes() == writes
    assert not losses(pair)


def test_r11_a_text_in_another_notation_does_not_beat_a_real_change() -> None:
    pair, neo_id, google_id = a_synced_pair(location="Room 1")
    pair.neo.edit(neo_id, location="Room 1 ")
    pair.google.edit(google_id, location="Room 2")

    pair.run()

    assert {event.location for event in both(pair, neo_id, google_id)} == {"Room 2"}


@pytest.mark.parametrize("deleted_on", Side)
def test_r12_deleted_on_one_side_and_changed_on_the_other_comes_back_with_the_change(deleted_on: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(deleted_on).delete_event(ids[deleted_on])
    pair.calendar(deleted_on.other).edit(ids[deleted_on.other], title="Still wanted")

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Still wanted"]


@pytest.mark.parametrize("deleted_on", Side)
def test_r12_deleted_on_one_side_and_unchanged_on_the_other_is_deleted(deleted_on: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.calendar(deleted_on).delete_event({Side.NEO: neo_id, Side.GOOGLE: google_id}[deleted_on])

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == []


ONE_WAY = [(Direction.NEO_TO_GOOGLE, Side.GOOGLE), (Direction.GOOGLE_TO_NEO, Side.NEO)]


@pytest.mark.parametrize(("direction", "receiver"), ONE_WAY)
def test_r13_in_a_one_way_sync_a_change_on_the_receiving_side_is_put_back(direction: Direction, receiver: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.set_direction(direction)
    pair.calendar(receiver).edit({Side.NEO: neo_id, Side.GOOGLE: google_id}[receiver], title="Changed", when=timed(15))

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]
    assert {event.when for event in both(pair, neo_id, google_id)} == {timed()}
    assert [lost.event.title for lost in losses(pair)] == ["Changed"]


@pytest.mark.parametrize(("direction", "receiver"), ONE_WAY)
def test_r13_in_a_one_way_sync_a_deletion_on_the_receiving_side_is_put_back(direction: Direction, receiver: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.set_direction(direction)
    pair.calendar(receiver).delete_event({Side.NEO: neo_id, Side.GOOGLE: google_id}[receiver])

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]


@pytest.mark.parametrize(("direction", "receiver"), ONE_WAY)
def test_r13_in_a_one_way_sync_a_deletion_travels_although_the_copy_was_changed(direction: Direction, receiver: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.set_direction(direction)
    pair.calendar(receiver).edit(ids[receiver], title="Changed")
    pair.calendar(receiver.other).delete_event(ids[receiver.other])

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == []


@pytest.mark.parametrize(("direction", "receiver"), ONE_WAY)
def test_r13_in_a_one_way_sync_an_event_of_the_receiving_side_stays_there(direction: Direction, receiver: Side) -> None:
    pair = Pair()
    pair.set_direction(direction)
    pair.calendar(receiver).add(an_event("Mine"))

    pair.run()

    assert pair.calendar(receiver).titles() == ["Mine"]
    assert pair.calendar(receiver.other).titles() == []


def test_r13_in_a_one_way_sync_a_changed_occurrence_of_the_copy_is_put_back() -> None:
    pair, neo_id, google_id = a_synced_pair(repeat=weekly())
    pair.set_direction(Direction.NEO_TO_GOOGLE)
    pair.google.cancel_occurrence(google_id, A_MONDAY)
    pair.google.change_occurrence(google_id, A_MONDAY + timedelta(days=7), title="Changed")

    pair.run()

    assert [event.exceptions for event in both(pair, neo_id, google_id)] == [{}, {}]


def test_r13_what_a_direction_held_back_travels_once_the_direction_allows_it() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.set_direction(Direction.GOOGLE_TO_NEO)
    pair.neo.edit(neo_id, attendance="佐藤")
    pair.run()
    assert pair.google.events[google_id].attendance == ""

    pair.set_direction(Direction.BOTH)
    pair.run()

    assert pair.google.events[google_id].attendance == "佐藤"


def test_r14_title_location_and_description_travel_both_ways() -> None:
    pair, neo_id, google_id = a_synced_pair(location="Room 1", description="Agenda")
    assert both(pair, neo_id, google_id)[0] == both(pair, neo_id, google_id)[1]

    pair.google.edit(google_id, title="会議: 予算", location="Room 2", description="")
    pair.run()

    event = pair.neo.events[neo_id]
    assert (event.title, event.location, event.description) == ("会議: 予算", "Room 2", "")


def test_r15_a_restricted_event_is_secret_on_google_and_stays_restricted_in_neo() -> None:
    pair, neo_id, google_id = a_synced_pair(access=Access.RESTRICTED)

    pair.google.edit(google_id, title="Renamed")
    pair.run()

    assert [event.access for event in both(pair, neo_id, google_id)] == [Access.RESTRICTED, Access.SECRET]


def test_r15_a_restricted_event_is_never_loosened_from_google() -> None:
    pair, neo_id, google_id = a_synced_pair(access=Access.RESTRICTED)

    pair.google.edit(google_id, access=Access.OPEN)
    pair.run()

    assert [event.access for event in both(pair, neo_id, google_id)] == [Access.RESTRICTED, Access.SECRET]
    assert [lost.fields for lost in losses(pair)] == [("access",)]


@pytest.mark.parametrize(("was", "becomes"), [(Access.SECRET, Access.OPEN), (Access.OPEN, Access.SECRET)])
def test_r15_secret_and_open_travel_from_google(was: Access, becomes: Access) -> None:
    pair, neo_id, google_id = a_synced_pair(access=was)

    pair.google.edit(google_id, access=becomes)
    pair.run()

    assert pair.neo.events[neo_id].access is becomes


@pytest.mark.parametrize("side", Side)
def test_r16_tentative_travels_both_ways(side: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()

    pair.calendar(side).edit({Side.NEO: neo_id, Side.GOOGLE: google_id}[side], is_tentative=True)
    pair.run()

    assert all(event.is_tentative for event in both(pair, neo_id, google_id))


def test_r17_participants_are_shown_on_google_and_a_change_of_them_there_is_put_back() -> None:
    pair, neo_id, google_id = a_synced_pair(attendance="佐藤")

    pair.google.edit(google_id, attendance="佐藤\n鈴木")
    pair.run()

    assert [event.attendance for event in both(pair, neo_id, google_id)] == ["佐藤", "佐藤"]


@pytest.mark.parametrize("cancelled_on", Side)
def test_r17_a_change_of_participants_alone_does_not_bring_a_cancelled_date_back(cancelled_on: Side) -> None:
    pair, neo_id, google_id = a_synced_pair(repeat=weekly(), attendance="佐藤")
    day = A_MONDAY + timedelta(days=7)
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(cancelled_on.other).change_occurrence(ids[cancelled_on.other], day, attendance="鈴木")
    pair.calendar(cancelled_on).cancel_occurrence(ids[cancelled_on], day)

    pair.run()

    assert [event.exceptions for event in both(pair, neo_id, google_id)] == [{day: None}, {day: None}]


def test_r17_a_date_that_is_brought_back_on_google_names_nobody_whom_neo_does_not_know() -> None:
    pair, neo_id, google_id = a_synced_pair(repeat=weekly())
    day = A_MONDAY + timedelta(days=7)
    pair.neo.cancel_occurrence(neo_id, day)
    pair.run()
    pair.google.change_occurrence(google_id, day, title="Back", attendance="鈴木")

    pair.run()

    dates = [event.exceptions[day] for event in both(pair, neo_id, google_id)]
    assert [one and (one.title, one.attendance) for one in dates] == [("Back", "")] * 2


def test_r17_a_change_of_participants_alone_does_not_bring_a_deleted_event_back() -> None:
    pair, neo_id, google_id = a_synced_pair(attendance="佐藤")
    pair.neo.edit(neo_id, attendance="鈴木")
    pair.google.delete_event(google_id)

    pair.run()

    assert not pair.neo.events


@pytest.mark.parametrize("locked", Side)
def test_r18_an_event_that_may_not_be_changed_is_put_back_to_its_owners_version_once(locked: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(locked).set_editable(ids[locked], is_editable=False)
    pair.calendar(locked.other).edit(ids[locked.other], title="Changed")

    pair.run()
    writes = pair.writes()
    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]
    assert [lost.event.title for lost in losses(pair)] == ["Changed"]
    assert pair.writes() == writes


@pytest.mark.parametrize("locked", Side)
def test_r18_the_copy_of_an_event_that_may_not_be_deleted_comes_back(locked: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(locked).set_editable(ids[locked], is_editable=False)
    pair.calendar(locked.other).delete_event(ids[locked.other])

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]


def test_r18_where_neither_event_may_be_changed_nothing_is_tried() -> None:
    pair, neo_id, google_id = a_synced_pair()
    for side, event_id in ((Side.NEO, neo_id), (Side.GOOGLE, google_id)):
        pair.calendar(side).edit(event_id, title=f"Changed in {side}")
        pair.calendar(side).set_editable(event_id, is_editable=False)

    plans = pair.run() and pair.plans[-1]

    assert plans
    assert not plans.actions


def test_r18_a_locked_copy_of_a_deleted_event_is_let_go_in_a_one_way_sync() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.set_direction(Direction.NEO_TO_GOOGLE)
    pair.google.set_editable(google_id, is_editable=False)
    pair.neo.delete_event(neo_id)

    pair.run()

    assert google_id in pair.google.events
    assert not pair.links


def test_r21_a_shortened_text_is_never_written_back_over_the_original() -> None:
    pair = Pair()
    title = "long " * 40
    google_id = pair.google.add(an_event(title))
    pair.run()
    (neo_id,) = pair.neo.events
    assert len(pair.neo.events[neo_id].title) == NEO_TITLE_LIMIT

    pair.neo.edit(neo_id, location="Room 1")
    pair.run()

    assert pair.google.events[google_id].title == title
    assert pair.google.events[google_id].location == "Room 1"


def test_r22_days_without_times_are_days_on_both_sides() -> None:
    pair, neo_id, google_id = a_synced_pair(when=all_day(days=2))

    pair.google.edit(google_id, when=all_day(days=3))
    pair.run()

    assert {event.when for event in both(pair, neo_id, google_id)} == {all_day(days=3)}


def test_r22_an_event_can_turn_from_timed_to_whole_days_and_back() -> None:
    pair, neo_id, google_id = a_synced_pair()

    for when in (all_day(), timed(14)):
        pair.google.edit(google_id, when=when)
        pair.run()

        assert pair.neo.events[neo_id].when == when


def test_r22_a_start_without_an_end_is_half_an_hour_on_google_and_stays_as_it_is_in_neo() -> None:
    pair, neo_id, google_id = a_synced_pair(when=Timed(at(10), None))
    assert pair.google.events[google_id].when == timed(10, 30)

    pair.google.edit(google_id, title="Renamed")
    pair.run()

    assert pair.neo.events[neo_id].when == Timed(at(10), None)


def test_r22_an_event_without_an_end_that_is_moved_on_google_still_has_none_in_neo() -> None:
    pair, neo_id, google_id = a_synced_pair(when=Timed(at(10), None))

    pair.google.edit(google_id, when=timed(15, 30))
    pair.run()

    assert pair.neo.events[neo_id].when == Timed(at(15), None)


def test_r22_an_event_without_an_end_that_is_made_longer_on_google_gets_the_end_in_neo() -> None:
    pair, neo_id, google_id = a_synced_pair(when=Timed(at(10), None))

    pair.google.edit(google_id, when=timed(10, 90))
    pair.run()

    assert pair.neo.events[neo_id].when == timed(10, 90)


def test_r22_the_half_hour_of_an_event_without_an_end_is_half_an_hour_where_clocks_go_back() -> None:
    start = at(1, 45, day=A_MONDAY.replace(day=1), zone=NEW_YORK)

    pair, _, google_id = a_synced_pair(when=Timed(start, None))

    when = pair.google.events[google_id].when
    assert isinstance(when, Timed)
    assert when.end is not None
    assert when.end.astimezone(UTC) - when.start.astimezone(UTC) == timedelta(minutes=30)


def test_r23_the_same_instant_in_another_notation_is_no_change() -> None:
    pair, _, google_id = a_synced_pair()
    writes = pair.writes()

    in_utc = Timed(at(10).astimezone(UTC), at(11).astimezone(UTC))
    pair.google.edit(google_id, when=in_utc)
    pair.run()

    assert pair.writes() == writes


def test_r23_seconds_that_neo_cannot_hold_are_no_difference() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event(when=Timed(at(10).replace(second=30), at(11).replace(second=30))))

    pair.run()
    pair.run()

    assert pair.google.events[google_id].when == Timed(at(10).replace(second=30), at(11).replace(second=30))
    assert pair.writes() == 1
