"""Series and single dates of them, written to NEO."""

from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from desksync.sync.event import AllDay, Event, Timed, occurrence_on
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.errors import EventRefused, RetryLater
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.neo_worker.dates import FOURTH, SECOND, SERIES, THIRD, on
from tests.neo_worker.office import ACCOUNT, KEY, SATO, SUZUKI, Office
from tests.neo_worker.records import a_masked_record, a_record, a_series_record


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_is_created_with_its_exceptions(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    series = replace(
        SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時"), FOURTH: on(FOURTH, when=timed(15, day=FOURTH))}
    )

    stored = office.create(series)

    assert stored.event == series
    assert office.is_settled(stored)


@pytest.mark.parametrize("exception", [on(THIRD, title="\ud83d"), on(THIRD, when=AllDay(THIRD, THIRD - timedelta(days=1)))])
def test_a_series_with_an_exception_that_is_refused_leaves_nothing_behind(office: Office, exception: Event) -> None:
    with pytest.raises(EventRefused):
        office.calendar.create(ACCOUNT, replace(SERIES, exceptions={SECOND: None, THIRD: exception}), KEY)

    assert office.items() == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (an_event(), an_event(when=all_day(days=2))),
        (an_event(when=all_day()), an_event(when=timed(9))),
        (an_event(), an_event(when=Timed(at(10), None))),
        (an_event(), SERIES),
        (SERIES, an_event()),
        (SERIES, replace(SERIES, when=timed(15))),
        (SERIES, replace(SERIES, repeat=weekly(9))),
        (SERIES, replace(SERIES, repeat=Recurrence(Frequency.WEEKLY, weekdays=(0, 2), until=date(2027, 2, 1)))),
        (SERIES, replace(SERIES, when=timed(day=SECOND), title="別")),
        (SERIES, replace(SERIES, when=all_day())),
    ],
)
def test_a_change_of_time_or_rule_comes_back_as_no_change(office: Office, before: Event, after: Event) -> None:
    stored = office.create(before)
    office.forget_calls()

    changed = office.update(stored, after)

    assert changed.event == after
    assert office.calls("update_schedule") == 1
    assert office.is_settled(changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_occurrences_are_changed_moved_cancelled_and_put_back(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(SERIES)
    steps: list[dict[date, Event | None]] = [
        {SECOND: on(SECOND, title="臨時")},
        {SECOND: on(SECOND, title="臨時2"), THIRD: None},
        {SECOND: on(SECOND, when=timed(day=date(2026, 12, 1))), THIRD: None, FOURTH: on(FOURTH, description="x")},
        {THIRD: on(THIRD, when=timed(15, day=THIRD))},
        {SECOND: None, THIRD: None},
        {},
        {SECOND: on(SECOND, is_tentative=True)},
    ]

    for exceptions in steps:
        stored = office.update(stored, replace(SERIES, exceptions=exceptions))

        assert stored.event == replace(SERIES, exceptions=exceptions)
        assert office.is_settled(stored)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_is_changed_together_with_its_exceptions(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    later = replace(SERIES, title="新定例", when=timed(15))
    wanted = replace(later, exceptions={SECOND: None, FOURTH: replace(occurrence_on(later, FOURTH), title="臨時")})

    changed = office.update(stored, wanted)

    assert changed.event == wanted
    assert office.is_settled(changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_an_occurrence_that_was_changed_back_follows_its_series_again(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    changed = office.create(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))
    regular = office.update(changed, SERIES)
    later = replace(SERIES, when=timed(15))

    stored = office.update(regular, later)

    assert stored.event == later
    assert office.is_settled(stored)


def test_an_occurrence_that_a_person_saved_unchanged_follows_its_series(office: Office) -> None:
    stored = office.create(SERIES)
    office.change_one(stored.id, f"{THIRD:%Y%m%d}", detail=SERIES.title)
    later = replace(SERIES, when=timed(15))

    changed = office.update(stored, later)

    assert changed.event == later
    assert office.is_settled(changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_exceptions_that_no_longer_fit_go_with_the_old_rule(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    wanted = replace(SERIES, when=timed(day=A_MONDAY + timedelta(days=1)), repeat=weekly(5, weekdays=(1,)))

    changed = office.update(stored, wanted)

    assert changed.event == wanted
    assert office.is_settled(changed)
    assert len(office.items()) == 5


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_that_becomes_a_single_event_leaves_no_offshoot(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    restored = office.update(stored, replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))

    single = office.update(restored, an_event("一度だけ"))

    assert office.is_settled(single)
    assert len(office.items()) == 1


def test_an_exception_on_a_date_that_the_rule_does_not_give_is_left_out(office: Office) -> None:
    stray = SECOND + timedelta(days=1)

    stored = office.create(replace(SERIES, exceptions={stray: on(SECOND, title="臨時")}))

    assert stored.event == SERIES
    assert office.is_settled(stored)


def test_putting_an_occurrence_back_twice_makes_one_event(office: Office) -> None:
    stored = office.create(replace(SERIES, exceptions={SECOND: None}))
    office.server.faults.add(kind="lose_answer", on="insert_schedule")
    with pytest.raises(RetryLater):
        office.calendar.update(ACCOUNT, stored, SERIES)

    again = office.update(stored, SERIES)

    assert again.event == SERIES
    assert office.is_settled(again)
    assert len(office.items()) == 5


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_changed_occurrence_whose_answer_is_lost_is_not_doubled(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(SERIES)
    wanted = replace(SERIES, exceptions={SECOND: on(SECOND, when=timed(15, day=SECOND))})
    office.server.faults.add(kind="lose_answer", on="update_schedule")
    with pytest.raises(RetryLater):
        office.calendar.update(ACCOUNT, stored, wanted)

    found = office.read().events

    assert [(one.id, one.event) for one in found] == [(stored.id, wanted)]


def test_a_series_that_vanishes_while_it_is_changed_is_stale(office: Office) -> None:
    stored = office.create(replace(SERIES, exceptions={SECOND: None}))
    office.server.faults.add(kind="status", status=200, body={"status": "ng", "errorno": -110}, on="get_schedule")

    with pytest.raises(EventRefused, match="vanished") as caught:
        office.calendar.update(ACCOUNT, stored, replace(stored.event, title="新"))

    assert caught.value.is_stale


def test_a_series_that_is_masked_while_it_is_changed_is_refused() -> None:
    stored = Stored("501", replace(SERIES, exceptions={SECOND: None}))

    def answer(request: httpx.Request) -> httpx.Response:
        body = {"record": a_masked_record()} if b"get_schedule" in request.content else {"sid": "501"}
        return httpx.Response(200, json={"status": "ok", **body})

    with (
        NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client,
        pytest.raises(EventRefused, match="Only its time"),
    ):
        NeoCalendar(client).update(ACCOUNT, stored, replace(stored.event, title="新"))


def test_deleting_a_series_deletes_its_offshoots(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    stored = office.create(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))

    office.calendar.delete(ACCOUNT, stored)

    assert office.items() == []


def test_one_occurrence_of_a_shared_series_is_cancelled_for_oneself_alone(office: Office) -> None:
    sid = office.add_series(otherto=[SATO, SUZUKI])
    office.read()
    stored = office.stored(sid)

    changed = office.update(stored, replace(stored.event, exceptions={SECOND: None}))

    assert office.is_settled(changed)
    assert len(office.server.world.records(SUZUKI)) == 5


def test_a_look_at_a_series_whose_list_is_masked_says_so() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        listed = {"allcnt": "1", "list": {"item": a_masked_record(repeat="w")}}
        body = listed if b"list_schedules" in request.content else {"record": a_series_record()}
        return httpx.Response(200, json={"status": "ok", **body})

    with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client:
        assert NeoCalendar(client).look(ACCOUNT, "501") == Odd("501", MASKED)


def test_a_series_without_an_end_is_looked_at_for_ten_years() -> None:
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        if b"list_schedules" in request.content:
            first = a_record(repeat="y", seldate="20261123")
            return httpx.Response(200, json={"status": "ok", "allcnt": "1", "list": {"item": first}})
        if b"seldate" in request.content:
            return httpx.Response(200, json={"status": "ng", "errorno": -110})
        record = a_series_record(repeat="y", rependtimes="", enddate="")
        return httpx.Response(200, json={"status": "ok", "record": record})

    with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client:
        found = NeoCalendar(client).look(ACCOUNT, "501")

    assert isinstance(found, Stored)
    assert b"enddate=20361130" in asked[1]
    assert len(found.event.exceptions) == 10
