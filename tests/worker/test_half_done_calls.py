"""Rules R2, R9 and R12: a call of several requests that is put off or refused in its middle may have done the first of them."""

from datetime import timedelta

from desksync.sync.recurrence import Dates
from desksync.worker.errors import EventRefused, RetryLater
from tests.builders import A_MONDAY, an_event, weekly
from tests.worlds import a_world

BUSY = RetryLater("It asks to wait.", is_fault=False)
SECOND, THIRD = (A_MONDAY + timedelta(weeks=number) for number in (1, 2))


def test_r2_an_update_that_was_half_done_does_not_stand_against_the_next_edit() -> None:
    world = a_world()
    event_id = world.google.add(an_event("First", repeat=weekly(3)))
    world.sync()
    world.google.edit(event_id, title="Second")
    world.neo.fail_next("update", BUSY, after_work=True)
    world.run_until_waiting()
    world.google.edit(event_id, title="Third")

    world.sync_open()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Third"], ["Third"])


def test_r9_a_creation_that_was_half_done_is_found_again_although_its_source_was_renamed() -> None:
    world = a_world()
    event_id = world.google.add(an_event("First", repeat=weekly(3), exceptions={A_MONDAY: None}))
    world.neo.fail_next("create", BUSY, after_work=True)
    world.run_until_waiting()
    world.google.edit(event_id, title="Renamed")

    world.sync_open()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Renamed"], ["Renamed"])


def test_r12_a_creation_that_was_half_done_does_not_bring_a_deleted_source_back() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("First", repeat=weekly(3)))
    world.google.fail_next("create", BUSY, after_work=True)
    world.run_until_waiting()
    world.neo.delete_event(event_id)

    world.sync_open()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == ([], [])


def test_r12_a_copy_of_which_one_date_was_refused_does_not_bring_a_deleted_source_back() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("One", repeat=weekly(3)))
    world.google.fail_next("create", EventRefused("one date is not taken"), after_work=True)
    world.sync()
    world.neo.delete_event(event_id)

    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == ([], [])


def test_r26_a_copy_in_the_old_form_that_was_deleted_before_it_was_put_off_takes_no_date_of_its_original() -> None:
    world = a_world(neo=[an_event(repeat=Dates((A_MONDAY, SECOND, THIRD)))])
    world.sync()
    [series_id] = world.neo.events
    world.google.fail_next("delete", BUSY, after_work=True)
    world.neo.edit(series_id, repeat=weekly(3))
    world.run_until_waiting()

    world.sync_open()
    world.sync()

    assert world.neo.events[series_id].exceptions == {}
    assert [event.exceptions for event in world.google.events.values()] == [{}]
