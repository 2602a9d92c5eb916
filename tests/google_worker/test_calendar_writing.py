from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from desksync.sync.event import Access, Event, Timed, occurrence_on
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.errors import EventRefused, Reason, RetryLater, UserMustAct
from desksync_google_worker.description import BLOCK_BEGIN, BLOCK_END
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.google_worker.desk import ADDRESS, KEY, OTHER_KEY, Desk

DAY = timedelta(days=1)
SECOND, THIRD, FOURTH = (A_MONDAY + number * 7 * DAY for number in (1, 2, 3))
NEVER_WRITTEN = {
    "attendees",
    "colorId",
    "eventLabelId",
    "transparency",
    "conferenceData",
    "attachments",
    "source",
    "sequence",
    "guestsCanModify",
}


def instance(day: date) -> str:
    return f"{KEY}_{day:%Y%m%d}T010000Z"


def test_an_event_is_created_under_the_key(desk: Desk) -> None:
    event = an_event("会議: 予算", location="3F", description="memo", access=Access.SECRET, is_tentative=True)

    stored = desk.create(event)

    held = desk.held()
    assert (stored.id, stored.event, stored.version, stored.is_editable) == (KEY, event, held["etag"], True)
    assert (held["summary"], held["visibility"], held["status"]) == ("会議: 予算", "private", "tentative")
    assert held["extendedProperties"] == {"private": {"desksync": KEY}}
    assert desk.asked() == ["events.insert"]


def test_what_is_nobodys_business_is_never_written(desk: Desk) -> None:
    desk.create(an_event(attendance="太郎\nhanako@example.jp"))

    held = desk.held()
    assert NEVER_WRITTEN & held.keys() <= {"sequence"}
    assert held["reminders"] == {"useDefault": True}
    assert desk.server.world.mails == []


def test_our_own_writing_comes_back_as_what_was_answered(desk: Desk) -> None:
    cursor = desk.read().cursor
    event = an_event(" 会議 ", description="a <b> & c\r\n", attendance="太郎", access=Access.RESTRICTED, when=Timed(at(10), None))

    stored = desk.create(event)

    assert list(desk.read(cursor).events) == [stored]
    assert stored.event.when == timed(minutes=30)
    assert stored.event.access is Access.SECRET


def test_participants_are_a_block_at_the_end_of_the_description(desk: Desk) -> None:
    stored = desk.create(an_event(description="memo", attendance="太郎"))

    assert desk.held()["description"] == f"memo\n\n{BLOCK_BEGIN}\n太郎\n{BLOCK_END}"
    assert (stored.event.description, stored.event.attendance) == ("memo", "太郎")


def test_without_the_setting_no_participant_is_shown(desk: Desk) -> None:
    stored = desk.without_attendance().create(an_event(description="memo", attendance="太郎"))

    assert desk.held()["description"] == "memo"
    assert stored.event.attendance == ""


@pytest.mark.parametrize(
    "event",
    [
        an_event(when=all_day(days=3)),
        an_event(repeat=weekly(5)),
        an_event(when=all_day(), repeat=Recurrence(Frequency.DAILY, 2, until=A_MONDAY + 10 * DAY)),
        an_event(when=timed(0, 1440), repeat=Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4, count=3)),
        an_event(repeat=Recurrence(Frequency.YEARLY)),
        an_event(repeat=weekly(5), exceptions={SECOND: None, FOURTH: None}),
        an_event(when=all_day(), repeat=weekly(5), exceptions={SECOND: None}),
    ],
)
def test_every_kind_is_created_in_one_request_and_answered_as_it_is(desk: Desk, event: Event) -> None:
    stored = desk.create(event)

    assert stored.event == event
    assert desk.asked() == ["events.insert"]
    assert desk.look().event == event


def test_a_series_is_created_with_its_changed_occurrences(desk: Desk) -> None:
    moved = an_event("Moved", when=timed(14, day=SECOND + DAY))
    event = an_event(repeat=weekly(5), exceptions={SECOND: moved, THIRD: None})

    stored = desk.create(event)

    assert stored.event == event
    assert desk.asked() == ["events.insert", "events.get", "events.patch"]
    assert desk.look().event == event
    assert desk.held(instance(SECOND))["summary"] == "Moved"


def test_a_lost_answer_makes_no_second_event(desk: Desk) -> None:
    desk.server.faults.add(on="events.insert", kind="lose_answer", times=2)

    with pytest.raises(RetryLater, match="no answer"):
        desk.create(an_event())
    stored = desk.create(an_event())

    assert stored.is_adopted
    assert stored.event == an_event()
    assert len(desk.read().events) == 1


def test_a_connection_that_breaks_once_is_no_error_and_no_second_event(desk: Desk) -> None:
    desk.server.faults.add(on="events.insert", kind="lose_answer")

    stored = desk.create(an_event())

    assert stored.event == an_event()
    assert len(desk.read().events) == 1


def test_what_is_there_already_is_adopted_as_it_is(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5)))
    desk.server.world.patch(ADDRESS, KEY, {"location": "4F"})
    desk.server.world.patch(ADDRESS, instance(SECOND), {"summary": "Moved"})

    stored = desk.create(an_event(repeat=weekly(5)))

    assert stored.is_adopted
    assert (stored.event.location, stored.event.title, list(stored.event.exceptions)) == ("4F", "Stand-up", [SECOND])
    assert stored.version == desk.held()["etag"]


def test_what_was_deleted_is_revived(desk: Desk) -> None:
    desk.create(an_event(location="3F"))
    desk.server.world.delete(ADDRESS, KEY)

    stored = desk.create(an_event("Again"))

    assert (stored.event, stored.is_adopted) == (an_event("Again"), False)
    assert desk.held()["status"] == "confirmed"
    assert [one.id for one in desk.read().events] == [KEY]


def test_a_deleted_series_is_revived_with_its_occurrences(desk: Desk) -> None:
    event = an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(day=SECOND)), THIRD: None})
    desk.create(event)
    desk.server.world.delete(ADDRESS, KEY)

    assert desk.create(event).event == event
    assert desk.look().event == event


def test_an_id_that_is_taken_and_not_to_be_seen_is_tried_again(desk: Desk) -> None:
    desk.server.faults.add(on="events.insert", kind="status", status=409, body="duplicate")

    with pytest.raises(RetryLater, match="does not show it yet"):
        desk.create(an_event())


def test_a_taken_id_whose_event_cannot_be_understood_is_refused(desk: Desk) -> None:
    desk.add(KEY, recurrence=["RRULE:FREQ=HOURLY;COUNT=3"])

    with pytest.raises(EventRefused, match="several times a day"):
        desk.create(an_event())


def test_a_revival_that_is_refused_is_the_events_fault(desk: Desk) -> None:
    desk.create(an_event())
    desk.server.world.delete(ADDRESS, KEY)
    desk.server.faults.add(on="events.update", kind="status", status=400)

    with pytest.raises(EventRefused):
        desk.create(an_event())


def test_an_event_that_google_does_not_take_is_refused(desk: Desk) -> None:
    with pytest.raises(EventRefused, match="400") as caught:
        desk.create(an_event(when=Timed(at(10), at(9))))

    assert not caught.value.is_stale


@pytest.mark.parametrize(("status", "reason"), [(404, Reason.CALENDAR_NOT_FOUND), (403, Reason.NO_ACCESS)])
def test_a_calendar_that_takes_nothing_needs_a_person(desk: Desk, status: int, reason: Reason) -> None:
    desk.server.faults.add(on="events.insert", kind="status", status=status, body="forbidden" if status == 403 else None)

    with pytest.raises(UserMustAct) as caught:
        desk.create(an_event())

    assert caught.value.reason is reason


def test_a_change_is_one_patch_of_what_differs(desk: Desk) -> None:
    stored = desk.create(an_event(location="3F"))
    desk.server.world.patch(ADDRESS, KEY, {"colorId": "5", "transparency": "transparent"})
    stored = desk.look()
    desk.server.calls.clear()

    changed = desk.update(stored, an_event("Review", location="3F", when=timed(11)))

    assert changed.event == an_event("Review", location="3F", when=timed(11))
    assert changed.version == desk.held()["etag"] != stored.version
    assert (desk.held()["colorId"], desk.held()["transparency"]) == ("5", "transparent")
    assert desk.asked() == ["events.patch"]


def test_no_difference_is_no_request(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.calls.clear()

    assert desk.update(stored, an_event()) == stored
    assert desk.asked() == []


def test_an_event_that_changed_meanwhile_is_left_alone(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.world.patch(ADDRESS, KEY, {"location": "4F"})

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, an_event("Review"))

    assert caught.value.is_stale
    assert desk.held()["summary"] == "Stand-up"


def test_an_event_that_is_gone_is_stale(desk: Desk) -> None:
    stored = desk.create(an_event())

    with pytest.raises(EventRefused) as caught:
        desk.update(replace(stored, id=OTHER_KEY), an_event("Review"))

    assert caught.value.is_stale


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (an_event(), an_event(when=all_day())),
        (an_event(when=all_day()), an_event()),
        (an_event(), an_event(repeat=weekly(3))),
        (an_event(repeat=weekly(3)), an_event()),
        (an_event(repeat=weekly(3)), an_event(when=all_day(), repeat=Recurrence(Frequency.DAILY, count=2))),
        (an_event(repeat=weekly(5), exceptions={SECOND: None}), an_event(repeat=weekly(5), exceptions={THIRD: None})),
        (an_event(repeat=weekly(5), exceptions={SECOND: None}), an_event(repeat=weekly(5))),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: None}),
            an_event(when=timed(15), repeat=weekly(5), exceptions={SECOND: None}),
        ),
        (an_event(location="3F", description="x", attendance="太郎"), an_event()),
        (an_event(access=Access.SECRET, is_tentative=True), an_event()),
        (
            an_event(repeat=weekly(5)),
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=THIRD + DAY))}),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=all_day(SECOND))}),
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved again", when=timed(day=SECOND))}),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND))}),
            an_event(repeat=weekly(5), exceptions={SECOND: None}),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND))}),
            an_event(repeat=weekly(5)),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: None}),
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Instead", when=timed(9, day=SECOND))}),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND)), THIRD: None}),
            an_event(
                "Review",
                when=timed(16),
                repeat=weekly(4),
                exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND)), THIRD: None},
            ),
        ),
        (
            an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND))}),
            an_event("Review", repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND))}),
        ),
    ],
)
@pytest.mark.parametrize("inherit", [True, False])
def test_an_update_brings_google_to_the_given_value(desk: Desk, before: Event, after: Event, inherit: bool) -> None:  # noqa: FBT001
    desk.server.world.switch(exceptions_inherit=inherit)
    desk.create(before)

    changed = desk.update(desk.look(), after)

    assert changed.event == after
    assert desk.look().event == after


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


def test_another_block_leaves_a_formatted_description_alone(desk: Desk) -> None:
    stored = desk.create(an_event(description="memo", attendance="太郎"))
    raw = desk.held()["description"].replace("memo", "<b>memo</b>").replace("\n", "<br>")
    desk.server.world.patch(ADDRESS, KEY, {"description": raw})
    stored = desk.look()

    changed = desk.update(stored, replace(stored.event, attendance="花子"))

    assert desk.held()["description"].startswith("<b>memo</b><br>")
    assert (changed.event.description, changed.event.attendance) == ("memo", "花子")
    removed = desk.without_attendance().update(changed, replace(changed.event, location="3F"))
    assert desk.held()["description"] == "<b>memo</b>"
    assert removed.event == an_event(description="memo", location="3F")


def test_another_memo_replaces_a_formatted_description(desk: Desk) -> None:
    desk.add(description="<b>memo</b>")

    desk.update(desk.look("abc12"), an_event(description="other"))

    assert desk.held("abc12")["description"] == "other"


def test_a_formatted_description_that_is_gone_meanwhile_is_stale(desk: Desk) -> None:
    desk.add(description="<b>memo</b>")
    stored = desk.look("abc12")
    desk.server.faults.add(on="events.get", kind="status", status=404)

    with pytest.raises(EventRefused) as caught:
        desk.update(stored, replace(stored.event, attendance="花子"))

    assert caught.value.is_stale


def test_an_answer_that_cannot_be_understood_refuses_the_event(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.faults.add(on="events.patch", kind="status", status=200, body={"id": KEY})

    with pytest.raises(EventRefused, match="no date and time"):
        desk.update(stored, an_event("Review"))


def test_a_deleted_event_is_gone(desk: Desk) -> None:
    stored = desk.create(an_event())

    desk.calendar.delete(desk.account, stored)

    assert desk.held()["status"] == "cancelled"


def test_deleting_a_series_deletes_its_exceptions(desk: Desk) -> None:
    desk.create(an_event(repeat=weekly(5), exceptions={SECOND: an_event("Moved", when=timed(9, day=SECOND))}))

    desk.calendar.delete(desk.account, desk.look())

    assert desk.server.world.events(ADDRESS) == []


@pytest.mark.parametrize("vanishes", [True, False])
def test_deleting_what_is_gone_is_success(desk: Desk, vanishes: bool) -> None:  # noqa: FBT001 - 404 or 410
    stored = desk.create(an_event())
    desk.server.world.delete(ADDRESS, KEY)
    if vanishes:
        desk.server.world.forget_deleted(ADDRESS)

    desk.calendar.delete(desk.account, replace(stored, version=""))

    assert desk.read().events == ()


def test_a_lost_answer_to_a_deletion_is_success(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.faults.add(on="events.delete", kind="lose_answer")

    desk.calendar.delete(desk.account, stored)

    assert desk.held()["status"] == "cancelled"


def test_an_event_that_changed_meanwhile_is_not_deleted(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.world.patch(ADDRESS, KEY, {"location": "4F"})

    with pytest.raises(EventRefused) as caught:
        desk.calendar.delete(desk.account, stored)

    assert caught.value.is_stale
    assert desk.held()["status"] == "confirmed"


def test_no_write_asks_google_to_mail_anybody(desk: Desk) -> None:
    desk.add(attendees=[{"email": ADDRESS}, {"email": "taro@example.jp"}])
    stored = desk.look("abc12")
    desk.update(stored, replace(stored.event, title="Review"))
    desk.calendar.delete(desk.account, desk.look("abc12"))

    assert not any("sendUpdates" in call.parameters for call in desk.server.calls.all())
    assert desk.server.world.mails == []


def written_counts(desk: Desk) -> Any:
    return sum(operation in ("events.insert", "events.patch", "events.delete") for operation in desk.asked())


def test_a_changed_event_costs_one_request(desk: Desk) -> None:
    stored = [desk.create(an_event(), f"{number:064x}") for number in range(10)]
    stored = [desk.update(one, an_event("Review")) for one in stored]
    for one in stored:
        desk.calendar.delete(desk.account, one)

    assert len(desk.asked()) == written_counts(desk) == 30
