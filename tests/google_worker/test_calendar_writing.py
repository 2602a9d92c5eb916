from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desksync.sync.event import Access, Event, Timed
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.errors import EventRefused, Reason, RetryLater, UserMustAct
from desksync_google_worker.description import BLOCK_BEGIN, BLOCK_END
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.google_worker.desk import ADDRESS, KEY, OTHER_KEY, Desk, instance

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


def test_a_calendar_that_vanished_is_no_event_that_was_deleted(desk: Desk) -> None:
    stored = desk.create(an_event())
    nowhere = replace(desk.account, address="nowhere@example.jp")

    with pytest.raises(UserMustAct) as caught:
        desk.calendar.delete(nowhere, stored)

    assert caught.value.reason is Reason.CALENDAR_NOT_FOUND


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
