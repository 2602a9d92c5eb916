"""Series as NEO lists them: their rules, exceptions and offshoots."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from desksync.sync.event import Window, occurrence_on
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import Dates, Recurrence
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED
from tests.builders import A_MONDAY, WINDOW, an_event, timed, weekly
from tests.neo_worker.office import ACCOUNT, Office, from_neo
from tests.neo_worker.records import a_record, a_series_record

NEW_YORK = ZoneInfo("America/New_York")


SECOND = date(2026, 11, 30)


THIRD = date(2026, 12, 7)


SERIES = an_event("朝会", repeat=weekly(5))


def test_a_series_is_read_with_one_more_call_and_never_again(office: Office) -> None:
    sid = office.add_series()
    reading = office.read()
    office.forget_calls()

    office.add("20261124", detail="別件")
    again = office.read()

    assert [stored.event for stored in reading.events] == [SERIES]
    assert sid in {stored.id for stored in again.events}
    assert office.calls("get_schedule") == 0


def test_a_window_that_moves_on_asks_for_no_rule(office: Office) -> None:
    office.add_series(rependtimes="60")
    office.read(Window(A_MONDAY, A_MONDAY + timedelta(days=60)))
    office.forget_calls()

    reading = office.read(Window(A_MONDAY + timedelta(days=10), A_MONDAY + timedelta(days=70)))

    assert [stored.event for stored in reading.events] == [replace(SERIES, repeat=weekly(60))]
    assert office.calls() == 1


def test_a_changed_series_is_asked_for_again(office: Office) -> None:
    sid = office.add_series()
    office.read()

    office.change(sid, starttime="1500", endtime="1600")

    assert office.read().events[0].event == replace(SERIES, when=timed(15))


def test_a_new_rule_is_read(office: Office) -> None:
    sid = office.add_series()
    office.read()

    office.change(sid, repeat="d", interval="2", everyweekday="", rependtimes="3")

    rule = office.read().events[0].event.repeat
    assert isinstance(rule, Recurrence)
    assert (rule.frequency, rule.interval, rule.count) == ("daily", 2, 3)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_cancelled_occurrence_is_an_exception(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    sid = office.add_series()
    office.read()

    office.cancel(sid, "20261130")

    assert office.read().events[0].event == replace(SERIES, exceptions={SECOND: None})


def test_a_series_met_for_the_first_time_tells_its_exceptions(office: Office) -> None:
    sid = office.add_series()
    office.cancel(sid, "20261130")
    office.change_one(sid, "20261207", detail="臨時")

    series = office.read().events[0].event

    assert series.exceptions == {SECOND: None, THIRD: replace(occurrence_on(SERIES, THIRD), title="臨時")}


@pytest.mark.parametrize("shows_rule", [True, False])
def test_a_moved_occurrence_is_an_exception(office: Office, *, shows_rule: bool) -> None:
    office.turn(changed_occurrence_shows_rule=shows_rule)
    sid = office.add_series()
    office.read()

    office.change_one(sid, "20261130", startdate="20261201", enddate="20261201")

    moved = replace(occurrence_on(SERIES, SECOND), when=timed(day=date(2026, 12, 1)))
    assert office.read().events[0].event.exceptions == {SECOND: moved}


def test_an_occurrence_moved_out_of_the_window_is_asked_for_once(office: Office) -> None:
    sid = office.add_series()
    office.read()
    office.change_one(sid, "20261130", startdate="20281201", enddate="20281201")
    office.forget_calls()

    series = office.read().events[0].event
    asked = [call["seldate"] for call in office.posted("get_schedule") if "seldate" in call]
    office.forget_calls()
    office.add("20261124")
    again = office.stored(sid) if office.read() else None

    assert series.exceptions == {SECOND: replace(occurrence_on(SERIES, SECOND), when=timed(day=date(2028, 12, 1)))}
    assert asked == ["20261130"]
    assert again is not None
    assert again.event == series
    assert office.calls("get_schedule") == 0


def test_exceptions_stay_when_the_window_has_moved_past_them(office: Office) -> None:
    sid = office.add_series()
    office.cancel(sid, "20261130")
    before = office.read().events[0]

    after = office.read(Window(date(2026, 12, 5), date(2027, 12, 5))).events[0]

    assert after == before


def test_in_another_zone_of_the_user_all_clock_times_stay_and_no_rule_is_asked_for(office: Office) -> None:
    sid = office.add_series()
    office.change_one(sid, "20261130", starttime="1500", endtime="1600")
    before = office.read()
    later = Window(date(2026, 12, 5), date(2027, 12, 5))
    office.read(later)
    office.forget_calls()

    office.account = replace(ACCOUNT, zone=NEW_YORK)
    reading = office.read(later)

    assert not reading.is_unchanged
    assert [stored.event for stored in before.events] == [
        replace(SERIES, exceptions={SECOND: an_event("朝会", when=timed(15, day=SECOND))})
    ]
    assert [stored.event for stored in reading.events] == [
        an_event(
            "朝会",
            when=timed(zone=NEW_YORK),
            repeat=weekly(5),
            exceptions={SECOND: an_event("朝会", when=timed(15, day=SECOND, zone=NEW_YORK))},
        )
    ]
    assert office.calls() == 1


def test_r26_an_irregular_series_is_read_with_its_dates(office: Office) -> None:
    sid = office.add("20261123", repeat="r", dates=["20261126", "20261123"], detail="当番", starttime="1000", endtime="1100")

    reading = office.read()

    irregular = Dates((date(2026, 11, 23), date(2026, 11, 26)))
    assert reading.events == (Stored(sid, an_event("当番", repeat=irregular)),)
    assert reading.odd == ()


def test_r26_one_date_of_an_irregular_series_can_be_changed_and_cancelled(office: Office) -> None:
    first, second, third = "20261123", "20261126", "20261130"
    office.add(first, repeat="r", dates=[first, second, third], detail="当番", starttime="1000", endtime="1100")
    [series] = office.read().events
    later = an_event("当番", when=timed(15, day=date(2026, 11, 26)))

    after = office.calendar.update(
        ACCOUNT, series, replace(series.event, exceptions={date(2026, 11, 26): later, date(2026, 11, 30): None})
    )

    office.keep(after)
    assert office.read().events == (after,)
    assert after.event.exceptions == {date(2026, 11, 26): later, date(2026, 11, 30): None}


def test_a_series_that_vanishes_while_it_is_read_is_odd() -> None:
    with from_neo(a_record(repeat="w")) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert reading.odd == (Odd("501", "It vanished while NEO was read."),)
    assert reading.events == ()


def answering_with(record: dict[str, Any], *items: dict[str, Any], one: dict[str, Any] | None = None) -> NeoClient:
    """Return a client whose NEO lists the items and answers the record, or `one` where an occurrence is asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        if b"list_schedules" in request.content:
            return httpx.Response(200, json={"status": "ok", "allcnt": str(len(items)), "list": {"item": list(items)}})
        return httpx.Response(200, json={"status": "ok", "record": one if b"seldate" in request.content and one else record})

    return NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer))


def occurrences(*dates: str, **fields: Any) -> list[dict[str, Any]]:
    return [a_record(repeat="w", seldate=day, startdate=day, enddate=day, **fields) for day in dates]


ALL_FIVE = ("20261123", "20261130", "20261207", "20261214", "20261221")


def test_an_entry_that_mentions_no_people_has_those_of_its_series() -> None:
    people = [{"id": "84", "name": "佐藤 健一"}, {"id": "85", "name": "鈴木 美咲"}]
    items = occurrences(*ALL_FIVE, otherto=..., plant=..., detail=...)

    with answering_with(a_series_record(otherto=people), *items) as client:
        stored = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict).events[0]

    assert stored.event == replace(SERIES, attendance="参加者: 鈴木 美咲")
    assert stored.extra == {"shared": "1"}


def test_a_series_none_of_whose_dates_its_rule_gives_is_odd() -> None:
    with answering_with(a_series_record(), *occurrences("20261125", "20261202")) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert [(odd.id, odd.why) for odd in reading.odd] == [("501", "In NEO it is on dates that its rule does not give.")]
    assert reading.events == ()


def test_one_id_on_several_dates_that_is_no_series_is_odd() -> None:
    with answering_with(a_record(), a_record(), a_record(seldate="20261124", startdate="20261124", enddate="20261124")) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert [odd.why for odd in reading.odd] == ["NEO lists it on several dates, and not as a series."]


def test_a_known_series_with_dates_that_its_rule_does_not_give_is_asked_for_and_has_only_what_is_listed() -> None:
    known = {"501": Stored("501", SERIES)}

    with answering_with(a_series_record(everyweekday="1010000", rependtimes="6"), *occurrences(*ALL_FIVE, "20261125")) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, lambda: known)

    [series] = reading.events
    assert series.event.repeat == replace(weekly(6), weekdays=(0, 2))
    assert series.event.exceptions == {date(2026, 12, 2): None, date(2026, 12, 9): None}
    assert [odd.id for odd in reading.odd] == ["501@2026-12-14", "501@2026-12-21"]


def test_a_neo_that_answers_the_series_instead_of_its_occurrence_tells_of_a_cancelled_one() -> None:
    items = occurrences(*ALL_FIVE[:1], *ALL_FIVE[2:])

    with answering_with(a_series_record(), *items) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert reading.events[0].event.exceptions == {SECOND: None}


def test_an_occurrence_said_to_be_in_the_window_and_not_listed_there_is_cancelled() -> None:
    items = occurrences(*ALL_FIVE[:1], *ALL_FIVE[2:])
    claimed = a_record(seldate="20261130", startdate="20261201", enddate="20261201")

    with answering_with(a_series_record(), *items, one=claimed) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert reading.events[0].event.exceptions == {SECOND: None}


def test_a_masked_answer_makes_the_series_odd() -> None:
    items = occurrences(*ALL_FIVE[:1], *ALL_FIVE[2:])
    masked = dict.fromkeys(("detail", "public_level", "accessopen", "accessmod", "accessdel"), "")

    with answering_with(a_series_record(**masked), *items) as client:
        whole = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)
    with answering_with(a_series_record(), *items, one=a_record(**masked)) as client:
        one = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert whole.odd == one.odd == (Odd("501", MASKED),)
