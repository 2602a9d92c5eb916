"""Rules R1 to R9 as far as the core decides them: nothing written twice, nothing lost, nothing deleted without proof."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desksync.sync.event import Access, Side, Window
from desksync.sync.link import Link, creation_key
from desksync.sync.policy import Policy
from desksync.sync.reading import Stored
from desksync.sync.reconcile import reconcile
from desksync.worker.errors import EventRefused, RetryLater
from tests.builders import A_MONDAY, WINDOW, all_day, an_event, timed, weekly
from tests.sync.pair import Fault, Pair

FAR = WINDOW.last + timedelta(days=10)


def a_synced_pair(**fields: Any) -> tuple[Pair, str, str]:
    """Return two calendars with one event made in NEO and copied, with its two ids."""
    pair = Pair()
    neo_id = pair.neo.add(an_event(**fields))
    pair.run()
    (google_id,) = pair.google.events
    return pair, neo_id, google_id


def test_r1_a_run_after_a_finished_run_writes_nothing() -> None:
    pair = Pair()
    pair.neo.add(an_event("In NEO", repeat=weekly(), description="a\nb", access=Access.RESTRICTED, attendance="佐藤"))
    pair.google.add(an_event("On Google", when=all_day()))
    pair.run()
    writes = pair.writes()

    pair.run()

    assert writes == 2
    assert pair.writes() == writes


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("side", Side)
def test_r2_a_creation_that_goes_wrong_is_made_up_for_and_never_doubled(side: Side, fault: Fault) -> None:
    pair = Pair()
    pair.calendar(side.other).add(an_event("Once"))

    pair.run([fault])
    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Once"]


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
def test_r2_a_change_that_goes_wrong_between_both_sides_is_not_forgotten(fault: Fault) -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.edit(neo_id, title="Renamed in NEO")
    pair.google.edit(google_id, location="Moved on Google")

    pair.run([None, fault])
    pair.run()

    for event in (pair.neo.events[neo_id], pair.google.events[google_id]):
        assert (event.title, event.location) == ("Renamed in NEO", "Moved on Google")


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
def test_r2_a_deletion_that_goes_wrong_is_done_again(fault: Fault) -> None:
    pair, neo_id, _ = a_synced_pair()
    pair.neo.delete_event(neo_id)

    pair.run([fault])
    pair.run()

    assert not pair.google.events
    assert not pair.links


def test_r2_an_edit_made_while_we_write_another_field_to_neo_is_not_forgotten() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.google.edit(google_id, title="Renamed on Google")
    pair.before_action = lambda _: pair.neo.edit(neo_id, location="Room 1")

    pair.run()
    pair.before_action = lambda _: None
    pair.run()

    assert pair.google.events[google_id].location == "Room 1"
    assert pair.neo.events[neo_id].title == "Renamed on Google"


def test_r3_an_empty_reading_that_is_not_complete_deletes_nothing() -> None:
    pair, _, google_id = a_synced_pair()
    pair.google.expire_cursors()
    pair.google.fail_next("read", RetryLater("not now"))

    assert not pair.run()

    assert google_id in pair.google.events
    assert len(pair.links) == 1


def test_r3_what_a_complete_reading_lacks_is_looked_at_before_it_counts_as_deleted() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.edit(neo_id, when=timed(day=FAR))

    pair.run()

    assert pair.neo.calls("look") == 1
    assert pair.google.events[google_id].when == timed(day=FAR)


def test_r4_leaving_the_window_is_no_deletion() -> None:
    pair, _, google_id = a_synced_pair()
    ahead = timedelta(days=60)

    pair.set_window(Window(WINDOW.first + ahead, WINDOW.last + ahead))
    pair.run()

    assert google_id in pair.google.events
    assert len(pair.links) == 1


@pytest.mark.parametrize("side", Side)
def test_r4_what_comes_into_the_window_is_picked_up_without_having_been_changed(side: Side) -> None:
    pair = Pair()
    pair.calendar(side).add(an_event("Next year", when=timed(day=FAR)))
    pair.run()
    assert not pair.calendar(side.other).events

    pair.set_window(Window(WINDOW.first, FAR))
    pair.run()

    assert pair.calendar(side.other).titles() == ["Next year"]


def test_r6_without_their_links_two_equal_calendars_are_matched_again_and_nothing_is_written() -> None:
    pair, neo_id, google_id = a_synced_pair(repeat=weekly())
    pair.google.add(an_event("Other"))
    pair.run()
    before = set(pair.links)
    writes = pair.writes()

    pair.links.clear()
    pair.run()

    assert set(pair.links) == before
    assert (neo_id, google_id) in before
    assert pair.writes() == writes


def test_r7_first_contact_links_equal_events_instead_of_doubling_them() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event("Stand-up"))
    google_id = pair.google.add(an_event("Stand-up"))

    pair.run()

    assert list(pair.links) == [(neo_id, google_id)]
    assert pair.writes() == 0


def test_r7_equal_events_on_one_side_are_paired_one_to_one() -> None:
    pair = Pair()
    for calendar, number in ((pair.neo, 3), (pair.google, 2)):
        for _ in range(number):
            calendar.add(an_event("Stand-up"))

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"] * 3


def test_r7_titles_that_differ_in_width_or_case_are_equal_and_get_the_spelling_of_the_winner() -> None:
    pair = Pair()
    pair.neo.add(an_event("Ｓtand-up 1"))
    pair.google.add(an_event("STAND-UP  1"))

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Ｓtand-up 1"]


def test_r7_a_count_and_an_end_date_that_mean_the_same_days_are_equal() -> None:
    pair = Pair()
    pair.neo.add(an_event(repeat=weekly(3)))
    pair.google.add(an_event(repeat=replace(weekly(), count=None, until=A_MONDAY + timedelta(days=16))))

    pair.run()

    assert len(pair.links) == 1
    assert pair.writes() == 0


def test_r7_the_winner_gives_way_where_it_says_nothing() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event(location="Room 1"))
    google_id = pair.google.add(an_event(location="", description="Agenda"))

    pair.run()

    for event in (pair.neo.events[neo_id], pair.google.events[google_id]):
        assert (event.location, event.description) == ("Room 1", "Agenda")


def test_r7_a_text_that_one_side_shortened_does_not_replace_the_whole_one() -> None:
    pair = Pair()
    pair.neo.add(an_event("long " * 20))
    pair.google.add(an_event("long " * 30))

    pair.run()

    assert pair.google.titles() == ["long " * 30]


@pytest.mark.parametrize("side", Side)
def test_r7_what_is_tentative_on_one_side_is_tentative_on_both_after_first_contact(side: Side) -> None:
    pair = Pair()
    for one in Side:
        pair.calendar(one).add(an_event(is_tentative=one is side))

    pair.run()

    assert all(event.is_tentative for one in Side for event in pair.calendar(one).events.values())


@pytest.mark.parametrize("attendance", ["佐藤", ""])
def test_r7_at_first_contact_the_participants_are_those_of_neo(attendance: str) -> None:
    pair = Pair()
    pair.neo.add(an_event(attendance=attendance))
    google_id = pair.google.add(an_event(attendance="鈴木"))

    pair.run()

    assert pair.google.events[google_id].attendance == attendance


@pytest.mark.parametrize(("neo", "google"), [(Access.OPEN, Access.SECRET), (Access.RESTRICTED, Access.OPEN)])
def test_r7_first_contact_shows_to_nobody_what_one_side_kept_secret(neo: Access, google: Access) -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event(access=neo))
    google_id = pair.google.add(an_event(access=google))

    pair.run()

    assert pair.neo.events[neo_id].access is not Access.OPEN
    assert pair.google.events[google_id].access is Access.SECRET


def test_r7_an_occurrence_that_only_one_side_changed_is_carried_over_at_first_contact() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event(repeat=weekly()))
    google_id = pair.google.add(an_event(repeat=weekly()))
    pair.google.cancel_occurrence(google_id, A_MONDAY)

    pair.run()

    assert pair.neo.events[neo_id].exceptions == {A_MONDAY: None}


def test_r8_what_the_server_made_of_our_text_comes_back_as_no_change() -> None:
    pair, neo_id, google_id = a_synced_pair(description="a\nb")
    assert pair.neo.events[neo_id].description != pair.google.events[google_id].description

    plan = pair.decide()

    assert not plan.actions


def test_r9_an_event_that_google_has_under_our_id_already_is_adopted_with_what_a_person_changed_in_it() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event("Stand-up"))
    key = creation_key("scope", Side.NEO, neo_id)
    rename: Callable[[], None] = lambda: pair.google.edit(key, title="Renamed on Google")  # noqa: E731 - said once
    pair.before_action = lambda _: rename() if key in pair.google.events else None

    pair.run(["crash"])
    pair.before_action = lambda _: None
    pair.run()

    assert pair.google.calls("create") == 2
    assert pair.neo.titles() == pair.google.titles() == ["Renamed on Google"]


def test_r9_a_copy_in_neo_without_a_record_is_found_although_its_source_was_renamed_since() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event("Stand-up"))
    pair.run(["answer lost"])
    pair.google.edit(google_id, title="Renamed")

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Renamed"]


def test_r9_the_copy_of_an_event_that_was_deleted_since_is_deleted_and_does_not_come_back() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event("Stand-up"))
    pair.run(["answer lost"])
    pair.neo.delete_event(neo_id)

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == []


def test_r9_without_any_record_our_copy_is_known_by_its_id_and_the_winner_speaks() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.google.edit(google_id, title="Renamed", when=timed(15))

    pair.links.clear()
    pair.run()

    assert list(pair.links) == [(neo_id, google_id)]
    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]
    assert pair.google.events[google_id].when == timed()


def test_r9_an_event_in_neo_that_only_looks_like_our_copy_is_never_deleted() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event("Stand-up"))
    pair.run(["fails"])
    pair.google.delete_event(google_id)
    pair.neo.add(an_event("Stand-up"))

    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Stand-up"]


def test_r9_an_event_that_is_copied_anew_is_not_copied_twice_when_the_answer_is_lost() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.delete_event(neo_id)
    pair.google.edit(google_id, title="Still wanted")

    pair.run(["answer lost"])
    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Still wanted"]
    assert len(pair.links) == 1


@pytest.mark.parametrize("side", Side)
def test_r9_an_event_that_is_copied_anew_and_then_cannot_be_read_is_not_copied_twice(side: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    ids = {Side.NEO: neo_id, Side.GOOGLE: google_id}
    pair.calendar(side.other).delete_event(ids[side.other])
    pair.calendar(side).edit(ids[side], title="Still wanted")
    pair.run(["answer lost"])
    pair.calendar(side).set_odd(ids[side], "a kind that nobody knows")

    pair.run()
    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Still wanted"]
    assert [link.id_on(side) for link in pair.links.values()] == [ids[side]]


def test_r9_a_copy_whose_event_came_back_by_itself_is_an_event_of_its_own() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event("Stand-up"))
    pair.run()
    (neo_id,) = pair.neo.events
    event = pair.google.events[google_id]
    pair.google.delete_event(google_id)
    pair.neo.edit(neo_id, title="Still wanted")
    pair.run(["answer lost"])

    pair.google._put(google_id, event)  # A person takes it out of Google's bin.
    pair.run()

    assert len(pair.links) == len(pair.neo.events) == len(pair.google.events) == 2


def test_r9_a_copy_whose_occurrences_were_not_written_yet_does_not_restore_them_in_the_source() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event(repeat=weekly()))
    pair.google.cancel_occurrence(google_id, A_MONDAY)
    pair.run(["answer lost"])
    (neo_id,) = pair.neo.events
    pair.neo.restore_occurrence(neo_id, A_MONDAY)  # As if the call had ended before the occurrence.

    pair.run()

    assert pair.google.events[google_id].exceptions == {A_MONDAY: None}
    assert pair.neo.events[neo_id].exceptions == {A_MONDAY: None}


def test_r9_an_occurrence_that_a_person_changed_in_a_copy_without_a_record_is_carried_over() -> None:
    pair = Pair()
    google_id = pair.google.add(an_event(repeat=weekly()))
    pair.google.change_occurrence(google_id, A_MONDAY, location="Room 1")
    pair.run(["answer lost"])
    (neo_id,) = pair.neo.events
    pair.neo.change_occurrence(neo_id, A_MONDAY, location="Room 2")

    pair.run()

    for event in (pair.neo.events[neo_id], pair.google.events[google_id]):
        changed = event.exceptions[A_MONDAY]
        assert changed is not None
        assert changed.location == "Room 2"


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
def test_r9_an_event_outside_the_window_that_has_to_be_copied_anew_is_not_doubled(fault: Fault) -> None:
    pair = Pair()
    google_id = pair.google.add(an_event("Stand-up"))
    pair.run()
    (neo_id,) = pair.neo.events
    pair.google.edit(google_id, title="Still wanted", when=timed(day=FAR))
    pair.neo.delete_event(neo_id)

    pair.run([fault])
    pair.run()
    while_far = pair.neo.titles()
    pair.set_window(Window(WINDOW.first, FAR))
    pair.run()
    pair.run()

    assert while_far == []
    assert pair.neo.titles() == pair.google.titles() == ["Still wanted"]
    assert len(pair.links) == 1


def test_r9_two_users_never_choose_the_same_id() -> None:
    keys = {creation_key(scope, side, "501") for scope in ("one", "two") for side in Side}

    assert len(keys) == 4
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


def test_a_refused_event_is_left_alone_until_it_changes() -> None:
    pair = Pair()
    neo_id = pair.neo.add(an_event("Refused"))
    pair.google.refuses = lambda event: event.title == "Refused"
    pair.run()
    pair.run()
    assert pair.google.calls("create") == 1

    pair.neo.edit(neo_id, title="Accepted")
    pair.run()

    assert pair.google.titles() == ["Accepted"]


def test_a_refused_deletion_is_not_tried_in_every_run() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.delete_event(neo_id)
    pair.google.fail_next("delete", EventRefused("no"))

    pair.run()
    pair.run()

    assert pair.google.calls("delete") == 1
    assert google_id in pair.google.events


@pytest.mark.parametrize("side", Side)
def test_an_event_that_cannot_be_read_any_more_is_left_alone_until_it_can(side: Side) -> None:
    pair, neo_id, google_id = a_synced_pair()
    odd, other = (neo_id, google_id) if side is Side.NEO else (google_id, neo_id)
    pair.calendar(side).set_odd(odd, "a kind that nobody knows")
    pair.calendar(side.other).edit(other, title="Renamed")
    pair.run()
    assert pair.calendar(side).titles() == ["Stand-up"]

    pair.calendar(side).set_odd(odd, None)
    pair.run()

    assert pair.neo.titles() == pair.google.titles() == ["Renamed"]


def test_deletions_come_last_so_that_an_interrupted_run_has_rather_too_much() -> None:
    here, gone = Stored("1", an_event("Here")), Link("2", "g2", an_event("Gone"), an_event("Gone"))
    left = {"g2": Stored("g2", an_event("Gone"))}

    plan = reconcile([gone], {"1": here}, left, Policy(WINDOW, "scope"))

    assert [type(action).__name__ for action in plan.actions] == ["Create", "Delete"]


def test_a_pair_that_is_gone_on_both_sides_is_forgotten() -> None:
    pair, neo_id, google_id = a_synced_pair()
    pair.neo.delete_event(neo_id)
    pair.google.delete_event(google_id)
    writes = pair.writes()

    pair.run()

    assert not pair.links
    assert pair.writes() == writes
