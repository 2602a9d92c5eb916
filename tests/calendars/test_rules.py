"""Rules of which only the calendars themselves can say that they hold: R10, R18, R19, R20, R24."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desksync.sync.event import Timed
from desksync.sync.link import Link
from desksync.sync.plan import Create
from desksync.sync.policy import Policy
from desksync.sync.reading import Odd, Stored
from desksync.sync.reconcile import reconcile
from desksync.worker.errors import EventRefused
from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.neo.posted import posted
from tests.builders import WINDOW, an_event, at, timed
from tests.calendars.subjects import KEY
from tests.google_worker.desk import ADDRESS, Desk
from tests.neo_worker.office import SATO, SUZUKI, Office


def test_r10_a_copy_that_a_person_makes_of_our_copy_is_a_new_event(desk: Desk) -> None:
    made = desk.create(an_event("Stand-up"))
    hidden = desk.held()["extendedProperties"]
    copied = desk.add("copied1", extendedProperties=hidden)["id"]

    known = {stored.id: stored for stored in desk.read().events}
    neo = Stored("501", an_event("Stand-up"))
    plan = reconcile([Link("501", KEY, neo.event, made.event)], {"501": neo}, known, Policy(WINDOW, "scope"))

    assert known.keys() == {KEY, copied}
    assert [action.source.id for action in plan.actions if isinstance(action, Create)] == [copied]
    assert len(plan.actions) == 1
    assert plan.adopted == ()


@pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail"])
def test_r19_special_kinds_of_google_are_not_synced(desk: Desk, kind: str) -> None:
    fields: dict[str, Any] = {"eventType": kind}
    if kind == "birthday":
        fields |= {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}, "recurrence": ["RRULE:FREQ=YEARLY"]}
    desk.add("special1", **fields)

    reading = desk.read()

    assert (reading.events, reading.odd) == ((), ())


def test_r19_an_invitation_that_is_declined_later_leaves(desk: Desk) -> None:
    me = {"email": ADDRESS, "self": True, "responseStatus": "needsAction"}
    desk.add("invited1", attendees=[me], organizer={"email": "boss@example.jp"})
    first = desk.read()

    desk.server.world.patch(ADDRESS, "invited1", {"attendees": [me | {"responseStatus": "declined"}]})
    second = desk.read(first.cursor)

    assert [stored.id for stored in first.events] == ["invited1"]
    assert second.gone == {"invited1"}


def test_r20_a_masked_event_of_neo_is_never_carried_nor_taken_for_gone(office: Office) -> None:
    sid = office.add(detail="Stand-up")
    (before,) = office.read().events
    link = Link(sid, "g1", before.event, before.event)

    office.server.world.delete(sid)
    fields = {"startdate": "20261123", "enddate": "20261123", "starttime": "1000", "endtime": "1100", "detail": "Stand-up"}
    office.server.world.insert(posted({"otherto": [SATO], **fields}), SATO, sid=sid, mask="time")
    reading = office.read()
    plan = reconcile([link], office.known, {"g1": Stored("g1", before.event)}, Policy(WINDOW, "scope"))

    assert isinstance(office.known[sid], Odd)
    assert [odd.id for odd in reading.odd] == [sid]
    assert plan.actions == ()
    assert plan.forgotten == ()


def test_r24_a_google_calendar_in_another_zone_gets_and_gives_the_same_instants(desk: Desk) -> None:
    new_york = Calendar("team@example.jp", ADDRESS, "Team", "America/New_York")
    desk.server.world.list_calendar(ADDRESS, new_york, "owner")
    desk.account = replace(desk.account, address="team@example.jp")

    made = desk.create(an_event(when=timed(10)))
    (seen,) = desk.read().events

    assert made.event.when == seen.event.when == Timed(at(10), at(10) + timedelta(hours=1))
    held = desk.server.world.get("team@example.jp", KEY)
    assert held["start"] == {"dateTime": "2026-11-23T10:00:00+09:00", "timeZone": "Asia/Tokyo"}


def test_r18_an_event_that_the_account_may_not_change_in_neo_says_so_and_refuses(office: Office) -> None:
    sid = office.server.world.add(
        SATO, is_read_only=True, creator=SUZUKI, startdate="20261123", enddate="20261123", starttime="1000", detail="Stand-up"
    )

    office.read()

    assert not office.stored(sid).is_editable
    with pytest.raises(EventRefused):
        office.calendar.update(office.account, office.stored(sid), an_event("Other"))
