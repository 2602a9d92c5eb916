"""Changed dates of a series that NEO lists as events of their own."""

from dataclasses import replace
from datetime import date

import pytest

from desksync.sync.event import Window, occurrence_on
from desksync.sync.reading import Odd
from desksync_neo_worker.entries import MASKED
from tests.builders import an_event, timed, weekly
from tests.neo_worker.office import Office

SECOND = date(2026, 11, 30)


SERIES = an_event("朝会", repeat=weekly(5))


def test_a_changed_occurrence_that_became_an_event_of_its_own_still_belongs_to_the_series(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500", endtime="1600")

    reading = office.read()
    office.change(alone, detail="題も")
    again = office.read()

    assert alone != sid
    assert [stored.id for stored in reading.events] == [sid]
    assert reading.events[0].event.exceptions == {SECOND: replace(occurrence_on(SERIES, SECOND), when=timed(15, day=SECOND))}
    assert [stored.id for stored in again.events] == [sid]
    assert again.events[0].event.exceptions[SECOND] == replace(SERIES, title="題も", repeat=None, when=timed(15, day=SECOND))


def test_an_offshoot_that_is_deleted_is_a_cancelled_occurrence(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500")
    office.read()

    office.server.world.delete(alone)
    stored = office.read().events[0]

    assert stored.event.exceptions == {SECOND: None}
    assert "offshoots" not in stored.extra


def test_an_offshoot_moved_out_of_the_window_is_still_known(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()

    office.change(alone, startdate="20281201", enddate="20281201")
    stored = office.read().events[0]

    assert stored.event.exceptions[SECOND] == replace(occurrence_on(SERIES, SECOND), when=timed(15, day=date(2028, 12, 1)))
    assert alone in stored.extra["offshoots"]


def test_a_series_that_shows_nothing_but_an_offshoot_is_still_read(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    office.change_one(sid, "20261130", startdate="20270601", enddate="20270601")
    office.read()

    reading = office.read(Window(date(2027, 5, 1), date(2027, 7, 1)))

    assert [stored.id for stored in reading.events] == [sid]
    assert reading.events[0].event.exceptions[SECOND] == replace(occurrence_on(SERIES, SECOND), when=timed(day=date(2027, 6, 1)))


def test_an_offshoot_outlives_its_series_as_an_event_of_its_own(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()

    office.server.world.delete(sid)

    assert [(stored.id, stored.event.repeat) for stored in office.read().events] == [(alone, None)]


def test_an_offshoot_whose_date_the_new_rule_does_not_give_is_an_event_of_its_own(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()

    office.change(sid, repeat="w", startdate="20261124", everyweekday="0100000", rependtimes="5")

    events = {stored.id: stored for stored in office.read().events}
    assert events.keys() == {sid, alone}
    assert events[sid].extra == {}


def test_the_offshoots_of_a_series_that_became_one_event_are_events_of_their_own(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    alone = office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()

    office.change(sid, repeat="", enddate="20261123")

    assert sorted(stored.id for stored in office.read().events) == sorted([sid, alone])


def test_while_a_series_is_odd_its_offshoots_are_no_events_of_their_own(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()
    office.change(sid, detail="変更")
    office.server.faults.add(kind="status", status=200, body={"status": "ng", "errorno": -10008}, on="get_schedule")

    reading = office.read()

    assert reading.events == ()
    assert [odd.id for odd in reading.odd] == [sid]


@pytest.mark.parametrize("how", ["refused", "masked"])
def test_a_series_that_was_odd_for_a_while_comes_back_with_its_offshoots(office: Office, how: str) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    office.read()
    before = office.stored(sid)

    phase = []
    for day in ("20261124", "20261125"):
        office.change(sid, memo=day)
        office.add(day)
        if how == "masked":
            office.mask(sid, "time")
        else:
            office.server.faults.add(kind="status", status=200, body={"status": "ng", "errorno": -10008}, on="get_schedule")
        phase.append(office.read())
    office.mask(sid, "")
    office.change(sid, memo="")
    office.read()

    assert [(len(reading.events), [odd.id for odd in reading.odd]) for reading in phase] == [(1, [sid]), (2, [sid])]
    assert (len(office.known), office.stored(sid)) == (3, before)


def test_an_odd_series_that_shows_nothing_but_an_offshoot_keeps_it(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    sid = office.add_series()
    office.read()
    office.change_one(sid, "20261130", startdate="20270601", enddate="20270601")
    office.read()
    before = office.stored(sid)
    office.known = {sid: Odd(sid, MASKED, before)}

    reading = office.read(Window(date(2027, 5, 1), date(2027, 7, 1)))

    assert reading.events == (before,)


def test_a_single_event_of_the_series_title_on_its_cancelled_date_is_that_occurrence(office: Office) -> None:
    sid = office.add_series()
    office.cancel(sid, "20261130")
    office.read()

    office.add("20261130")
    reading = office.read()

    assert [stored.id for stored in reading.events] == [sid]
    assert reading.events[0].event.exceptions == {}


def test_an_event_that_was_known_before_is_never_taken_for_an_occurrence(office: Office) -> None:
    sid = office.add_series()
    known = office.add("20261130")
    office.read()

    office.cancel(sid, "20261130")

    assert {stored.id for stored in office.read().events} == {sid, known}
