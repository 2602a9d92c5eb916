"""Single dates of a series, written to Google one by one: changed, moved, cancelled and put back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desksync.sync.event import Access, Event, occurrence_on
from desksync.worker.errors import EventRefused, Reason, UserMustAct
from tests.builders import A_MONDAY, all_day, an_event, timed, weekly
from tests.google_worker.desk import ADDRESS, KEY, Desk, instance

SECOND, THIRD, FOURTH = (A_MONDAY + number * 7 * timedelta(days=1) for number in (1, 2, 3))
DAY = timedelta(days=1)


def test_a_series_is_created_with_its_changed_occurrences(desk: Desk) -> None:
    moved = an_event("Moved", when=timed(14, day=SECOND + DAY))
    event = an_event(repeat=weekly(5), exceptions={SECOND: moved, THIRD: None})

    stored = desk.create(event)

    assert stored.event == event
    assert desk.asked() == ["events.insert", "events.get", "events.patch"]
    assert desk.look().event == event
    assert desk.held(instance(SECOND))["summary"] == "Moved"


def test_a_deleted_series_is_revived_with_its_occurrences(desk: Desk) -> None:
    event = an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(day=SECOND)), THIRD: None})
    desk.create(event)
    desk.server.world.delete(ADDRESS, KEY)

    assert desk.create(event).event == event
    assert desk.look().event == event


def test_an_occurrence_that_a_person_cancelled_comes_back(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    desk.server.world.delete(ADDRESS, instance(SECOND))
    stored = desk.look()

    changed = desk.update(stored, an_event(repeat=weekly(5)))

    assert stored.event.exceptions == {SECOND: None}
    assert changed.event == desk.look().event == an_event(repeat=weekly(5))
    assert desk.held(instance(SECOND))["status"] == "confirmed"


def test_occurrences_that_people_cancelled_stay_cancelled_when_the_series_moves(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    desk.server.world.delete(ADDRESS, instance(SECOND))
    stored = desk.look()

    changed = desk.update(stored, replace(stored.event, when=timed(15)))

    assert changed.event == desk.look().event == an_event(when=timed(15), repeat=weekly(5), exceptions={SECOND: None})


def test_occurrences_that_people_cancelled_stay_cancelled_when_the_title_changes(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5), exceptions={THIRD: None}))
    desk.server.world.delete(ADDRESS, instance(SECOND))
    stored = desk.look()
    desk.server.calls.clear()

    changed = desk.update(stored, replace(stored.event, title="Review"))

    assert changed.event == an_event("Review", repeat=weekly(5), exceptions={SECOND: None, THIRD: None})
    assert desk.asked() == ["events.patch"]
    assert desk.look().event == changed.event


def test_cancelling_what_is_cancelled_already_is_success(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.world.delete(ADDRESS, instance(SECOND))

    changed = desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: None}))

    assert changed.event.exceptions == {SECOND: None}


@pytest.mark.parametrize("other", [an_event("Ours", when=timed(9, day=SECOND)), None])
def test_r2_a_date_that_is_edited_between_our_look_and_our_write_is_left_alone(desk: Desk, other: Event | None) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.calls.clear()
    edits = [{"summary": "By hand"}]

    def beat() -> None:
        if edits and "events.get" in desk.asked():
            desk.server.world.patch(ADDRESS, instance(SECOND), edits.pop())

    account = replace(desk.account, beat=beat)

    with pytest.raises(EventRefused) as caught:
        desk.calendar.update(account, stored, an_event(repeat=weekly(5), exceptions={SECOND: other}))

    assert caught.value.is_stale
    assert (desk.held(instance(SECOND))["summary"], desk.held(instance(SECOND))["status"]) == ("By hand", "confirmed")


def test_a_date_whose_cancelling_lost_its_answer_is_cancelled_all_the_same(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.faults.add(on="events.delete", kind="lose_answer")

    changed = desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: None}))

    assert changed.event.exceptions == desk.look().event.exceptions == {SECOND: None}


@pytest.mark.parametrize("other", [an_event("Ours", when=timed(9, day=SECOND)), None])
def test_a_date_that_may_not_be_looked_at_is_refused(desk: Desk, other: Event | None) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.faults.add(on="events.get", kind="status", status=400)

    with pytest.raises(EventRefused, match="400"):
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: other}))


def test_a_date_of_a_series_that_is_gone_is_stale_to_change_and_needs_no_cancelling(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.world.delete(ADDRESS, KEY)

    assert desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: None})).event.exceptions == {SECOND: None}
    with pytest.raises(EventRefused) as caught:
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: an_event("Ours", when=timed(9, day=SECOND))}))

    assert caught.value.is_stale


def test_a_secret_date_that_makes_the_series_private_does_not_look_like_an_edit_of_the_next(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    secret = an_event(when=timed(day=SECOND), access=Access.SECRET)
    later = an_event("Later", when=timed(14, day=THIRD))

    changed = desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: secret, THIRD: later}))

    assert changed == desk.look()
    assert changed.event.exceptions.keys() == {THIRD}


@pytest.mark.parametrize(
    ("operation", "other"), [("events.patch", an_event("Moved", when=timed(9, day=SECOND))), ("events.delete", None)]
)
def test_an_occurrence_that_google_does_not_take_is_refused(desk: Desk, operation: str, other: Event | None) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.faults.add(on=operation, kind="status", status=400)

    with pytest.raises(EventRefused, match="400"):
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: other}))


def test_exceptions_that_the_rule_does_not_give_are_not_written(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.calls.clear()
    wanted = an_event(repeat=weekly(5), exceptions={SECOND + DAY: None, SECOND: occurrence_on(an_event(), SECOND)})

    assert desk.update(stored, wanted).event == an_event(repeat=weekly(5))
    assert desk.asked() == []


def test_an_occurrence_differs_not_by_what_google_cannot_say(desk: Desk) -> None:
    plain = an_event(repeat=weekly(5), access=Access.SECRET)
    stored = desk.without_attendance().create(plain)
    desk.server.calls.clear()
    wanted = replace(
        plain,
        exceptions={SECOND: an_event(when=timed(day=SECOND), access=Access.RESTRICTED, attendance="太郎")},
    )

    assert desk.without_attendance().update(stored, wanted).event == plain
    assert desk.asked() == []


def test_a_secret_occurrence_makes_the_whole_series_private_and_the_answer_says_so(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    secret = an_event(when=timed(day=SECOND), access=Access.SECRET)

    changed = desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: secret}))

    assert changed.event == an_event(repeat=weekly(5), access=Access.SECRET)
    assert changed == desk.look()


def test_an_open_occurrence_of_a_private_series_stays_private(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5), access=Access.SECRET))
    desk.server.calls.clear()
    is_open = an_event(when=timed(day=SECOND))

    changed = desk.update(stored, an_event(repeat=weekly(5), access=Access.SECRET, exceptions={SECOND: is_open}))

    assert changed.event == an_event(repeat=weekly(5), access=Access.SECRET)
    assert desk.asked() == []


def test_an_occurrence_of_a_series_that_was_split_off_is_found_by_its_original_start(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    split = desk.server.world.split(ADDRESS, instance(SECOND), {"summary": "Later"})
    stored = desk.look(split["id"])

    changed = desk.update(
        stored,
        replace(stored.event, exceptions={THIRD: None, FOURTH: replace(occurrence_on(stored.event, FOURTH), title="Last")}),
    )

    assert {day: one and one.title for day, one in changed.event.exceptions.items()} == {THIRD: None, FOURTH: "Last"}
    assert desk.look(split["id"]).event == changed.event


def test_an_all_day_occurrence_of_a_series_that_was_split_off_is_found_too(desk: Desk) -> None:
    desk.create(an_event(when=all_day(), repeat=weekly(5)))
    split = desk.server.world.split(ADDRESS, f"{KEY}_{SECOND:%Y%m%d}", {"summary": "Later"})
    stored = desk.look(split["id"])

    changed = desk.update(stored, replace(stored.event, exceptions={THIRD: None}))

    assert desk.look(split["id"]).event.exceptions == changed.event.exceptions == {THIRD: None}


def test_an_instance_that_makes_no_sense_is_not_the_one_that_is_sought(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    split = desk.server.world.split(ADDRESS, instance(SECOND), {"summary": "Later"})
    stored = desk.look(split["id"])
    body = {"kind": "calendar#events", "items": [{"id": "odd01"}, {"id": "odd02", "originalStartTime": {"date": "soon"}}]}
    desk.server.faults.add(on="events.instances", kind="status", status=200, body=body)

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, replace(stored.event, exceptions={THIRD: None}))

    assert caught.value.is_stale


def test_occurrences_that_cannot_be_looked_for_are_refused(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    split = desk.server.world.split(ADDRESS, instance(SECOND), {"summary": "Later"})
    stored = desk.look(split["id"])
    desk.server.faults.add(on="events.instances", kind="status", status=400)

    with pytest.raises(EventRefused, match="400"):
        desk.update(stored, replace(stored.event, exceptions={THIRD: None}))


def test_an_occurrence_that_is_not_found_is_stale(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    split = desk.server.world.split(ADDRESS, instance(SECOND), {"summary": "Later"})
    stored = desk.look(split["id"])
    desk.server.world.patch(ADDRESS, split["id"], {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=1"]})

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, replace(stored.event, exceptions={THIRD: None}))

    assert caught.value.is_stale


def test_occurrences_that_cannot_be_asked_for_are_refused(desk: Desk) -> None:
    desk.add("abc12", recurrence=["RRULE:FREQ=DAILY"])
    desk.server.faults.add(on="events.instances", kind="status", status=400)

    with pytest.raises(EventRefused):
        desk.look("abc12")


def test_a_look_after_a_stale_date_tells_all_that_the_next_write_needs(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.world.patch(ADDRESS, instance(SECOND), {"location": "Room 5"})
    ours = an_event("Ours", when=timed(day=SECOND), location="Room 5")
    with pytest.raises(EventRefused) as caught:
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: ours}))

    changed = desk.update(desk.look(), an_event(repeat=weekly(5), exceptions={SECOND: ours}))

    assert caught.value.is_stale
    assert changed.event.exceptions == desk.look().event.exceptions == {SECOND: ours}


@pytest.mark.parametrize("other", [an_event("Ours", when=timed(9, day=SECOND)), None])
def test_a_date_that_cannot_be_read_does_not_bar_the_later_ones(desk: Desk, other: Event | None) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    odd = {"id": instance(SECOND), "recurringEventId": KEY, "originalStartTime": {"date": "soon"}, "start": {}, "end": {}}
    desk.server.faults.add(on="events.get", kind="status", status=200, body=odd)
    later = an_event("Later", when=timed(day=FOURTH))

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: other, THIRD: None, FOURTH: later}))

    assert not caught.value.is_stale
    assert desk.look().event.exceptions == {THIRD: None, FOURTH: later}


def test_a_date_that_was_changed_meanwhile_does_not_bar_the_others_and_tells_more_than_a_refused_one(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    theirs = an_event("Stand-up", when=timed(day=THIRD), location="Room 5")
    desk.server.world.patch(ADDRESS, instance(THIRD), {"location": "Room 5"})
    desk.server.faults.add(on="events.patch", kind="status", status=400)
    ours = {day: an_event("Ours", when=timed(day=day)) for day in (SECOND, THIRD, FOURTH)}

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, an_event(repeat=weekly(5), exceptions=ours))

    assert caught.value.is_stale
    assert desk.look().event.exceptions == {THIRD: theirs, FOURTH: ours[FOURTH]}


@pytest.mark.parametrize("operation", ["events.get", "events.delete"])
def test_a_calendar_that_vanished_is_no_date_that_was_cancelled(desk: Desk, operation: str) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    desk.server.faults.add(on=operation, kind="status", status=404)
    desk.server.faults.add(on="events.list", kind="status", status=404)

    with pytest.raises(UserMustAct) as caught:
        desk.update(stored, an_event(repeat=weekly(5), exceptions={SECOND: None}))

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


def test_a_calendar_that_vanished_is_no_date_that_was_changed(desk: Desk) -> None:
    stored = desk.create(an_event(repeat=weekly(5)))
    nowhere = replace(desk.account, address="nowhere@example.jp")

    with pytest.raises(UserMustAct) as caught:
        desk.calendar.update(
            nowhere, stored, an_event(repeat=weekly(5), exceptions={SECOND: an_event("Ours", when=timed(day=SECOND))})
        )

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


def test_a_calendar_that_vanished_in_the_middle_of_a_look_at_a_series_is_told_apart_from_a_series_that_did(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    desk.server.faults.add(on="events.instances", kind="status", status=404)
    desk.server.faults.add(on="events.list", kind="status", status=404)

    with pytest.raises(UserMustAct):
        desk.look()
