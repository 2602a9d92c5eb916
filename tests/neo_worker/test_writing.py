from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from desksync.sync.event import Access, AllDay, Event, Timed, occurrence_on
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.errors import EventRefused, RetryLater
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly
from tests.neo_worker.office import ACCOUNT, SATO, SUZUKI, Office, as_site
from tests.neo_worker.records import a_masked_record, a_record, a_series_record

KEY = "0" * 64
SECOND, THIRD, FOURTH = date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)
SERIES = an_event("定例", repeat=weekly(5))


def on(day: date, **changes: Any) -> Event:
    return replace(occurrence_on(SERIES, day), **changes)


def create(office: Office, event: Event) -> Stored:
    return office.keep(office.calendar.create(office.account, event, KEY))


def update(office: Office, stored: Stored, event: Event) -> Stored:
    del office.known[stored.id]
    return office.keep(office.calendar.update(office.account, stored, event))


def settled(office: Office, stored: Stored) -> bool:
    """Say whether a reading gives what the write had answered, and nothing else."""
    return office.read().events == (stored,)


@pytest.mark.parametrize(
    "event",
    [
        an_event("定例", location="本社", description="議題\n一行目", is_tentative=True),
        an_event("会議: 定例", access=Access.SECRET),
        an_event("", when=all_day(days=3)),
        an_event(when=Timed(at(10), None)),
        an_event(when=Timed(at(22), at(2, day=A_MONDAY + timedelta(days=1)))),
        an_event(when=timed(23, 60)),
        SERIES,
        replace(SERIES, when=all_day()),
        replace(SERIES, when=Timed(at(22), at(2, day=A_MONDAY + timedelta(days=1)))),
        replace(SERIES, repeat=Recurrence(Frequency.DAILY, interval=3, until=date(2027, 1, 31))),
        replace(SERIES, repeat=Recurrence(Frequency.MONTHLY, count=4)),
        replace(
            SERIES, when=timed(day=SECOND), repeat=Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=-1, until=date(2027, 6, 30))
        ),
        replace(SERIES, repeat=Recurrence(Frequency.YEARLY, count=2)),
    ],
)
def test_an_event_is_created_with_one_call_and_comes_back_as_no_change(office: Office, event: Event) -> None:
    stored = create(office, event)
    calls = office.calls()

    assert (stored.event, stored.is_editable, calls) == (event, True, 1)
    assert settled(office, stored)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_is_created_with_its_exceptions(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    series = replace(
        SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時"), FOURTH: on(FOURTH, when=timed(15, day=FOURTH))}
    )

    stored = create(office, series)

    assert stored.event == series
    assert settled(office, stored)


def test_seconds_other_zones_and_untidy_texts_come_back_as_neo_holds_them(office: Office) -> None:
    when = Timed(at(10).replace(second=30), at(11).replace(second=59))

    stored = create(office, an_event(" 定例\r\n第2回 ", when=when, description="x \r\n", access=Access.RESTRICTED))

    assert stored.event == an_event("定例 第2回", description="x", access=Access.SECRET)
    assert settled(office, stored)


def test_the_site_key_creates_for_the_user(office: Office) -> None:
    stored = create(as_site(office), an_event())

    assert [item["otherto"]["item"] for item in office.items(stored.id)] == [[{"id": SATO, "name": "佐藤 健一"}]]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (replace(SERIES, repeat=Recurrence(Frequency.DAILY)), "without an end"),
        (replace(SERIES, when=all_day(days=2)), "longer than a day"),
        (an_event("\ud83d"), "half characters"),
    ],
)
def test_what_neo_cannot_hold_is_refused_without_a_call(office: Office, event: Event, why: str) -> None:
    with pytest.raises(EventRefused, match=why):
        office.calendar.create(ACCOUNT, event, KEY)

    assert office.calls() == 0


@pytest.mark.parametrize("exception", [on(THIRD, title="\ud83d"), on(THIRD, when=AllDay(THIRD, THIRD - timedelta(days=1)))])
def test_a_series_with_an_exception_that_is_refused_leaves_nothing_behind(office: Office, exception: Event) -> None:
    with pytest.raises(EventRefused):
        office.calendar.create(ACCOUNT, replace(SERIES, exceptions={SECOND: None, THIRD: exception}), KEY)

    assert office.items() == []


def test_a_creation_whose_answer_is_lost_is_found_by_the_next_reading(office: Office) -> None:
    office.server.faults.add(kind="lose_answer", on="insert_schedule")

    with pytest.raises(RetryLater):
        office.calendar.create(ACCOUNT, an_event("定例"), KEY)

    assert [stored.event for stored in office.read().events] == [an_event("定例")]


def test_only_what_differs_is_posted(office: Office) -> None:
    sid = office.add(event="会議", detail="定例", place="本社", schcolor="3")
    office.read()

    stored = update(office, office.stored(sid), replace(office.stored(sid).event, description="議題"))

    posted = office.posted("update_schedule")[0]
    assert set(posted) == {"action", "user_id", "sid", "memo"}
    assert settled(office, stored)
    assert [(item["event"], item["schcolor"]) for item in office.items(sid)] == [("会議", "3")]


def test_the_kind_stays_while_its_prefix_stands_and_goes_with_it(office: Office) -> None:
    sid = office.add(event="会議", detail="定例")
    office.read()

    kept = update(office, office.stored(sid), replace(office.stored(sid).event, title="会議: 臨時"))
    with_prefix = [(item["event"], item["detail"]) for item in office.items(sid)]
    gone = update(office, kept, replace(kept.event, title="臨時"))
    without = [(item["event"], item["detail"]) for item in office.items(sid)]

    assert (with_prefix, without) == ([("会議", "臨時")], [("", "臨時")])
    assert (kept.extra, gone.extra) == ({"kind": "会議"}, {})
    assert settled(office, gone)


def test_nothing_is_posted_where_nothing_differs(office: Office) -> None:
    stored = create(office, an_event(attendance="参加者: 鈴木 美咲"))
    office.forget_calls()

    assert office.calendar.update(ACCOUNT, stored, an_event(attendance="設備: 第1会議室")) == stored
    assert office.calls() == 0


def test_participants_and_facilities_survive_a_change(office: Office) -> None:
    sid = office.add(otherto=[SATO, SUZUKI], plant=["9"])
    office.read()

    stored = update(office, office.stored(sid), replace(office.stored(sid).event, title="新", attendance=""))

    assert stored.event.attendance == "参加者: 鈴木 美咲\n設備: 第1会議室"
    assert settled(office, stored)


def test_a_restricted_event_stays_restricted(office: Office) -> None:
    sid = office.add(public_level="permission")
    office.read()

    stored = update(office, office.stored(sid), replace(office.stored(sid).event, title="新", access=Access.OPEN))

    assert [item["public_level"] for item in office.items(sid)] == ["permission"]
    assert stored.event.access is Access.RESTRICTED
    assert settled(office, stored)


def test_a_title_can_be_emptied_and_filled_again(office: Office) -> None:
    stored = create(office, an_event("定例"))

    empty = update(office, stored, an_event(""))
    shown = [item["detail"] for item in office.items(stored.id)]
    filled = update(office, empty, an_event("戻った"))

    assert (shown, empty.event.title) == (["(無題)"], "")
    assert settled(office, filled)


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
    stored = create(office, before)
    office.forget_calls()

    changed = update(office, stored, after)

    assert (changed.event, office.calls()) == (after, 1)
    assert settled(office, changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_occurrences_are_changed_moved_cancelled_and_put_back(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = create(office, SERIES)
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
        stored = update(office, stored, replace(SERIES, exceptions=exceptions))

        assert stored.event == replace(SERIES, exceptions=exceptions)
        assert settled(office, stored)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_is_changed_together_with_its_exceptions(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = create(office, replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    later = replace(SERIES, title="新定例", when=timed(15))
    wanted = replace(later, exceptions={SECOND: None, FOURTH: replace(occurrence_on(later, FOURTH), title="臨時")})

    changed = update(office, stored, wanted)

    assert changed.event == wanted
    assert settled(office, changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_an_occurrence_that_was_changed_back_follows_its_series_again(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    changed = create(office, replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))
    regular = update(office, changed, SERIES)
    later = replace(SERIES, when=timed(15))

    stored = update(office, regular, later)

    assert stored.event == later
    assert settled(office, stored)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_exceptions_that_no_longer_fit_go_with_the_old_rule(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = create(office, replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    wanted = replace(SERIES, when=timed(day=A_MONDAY + timedelta(days=1)), repeat=weekly(5, weekdays=(1,)))

    changed = update(office, stored, wanted)

    assert changed.event == wanted
    assert settled(office, changed)
    assert len(office.items()) == 5


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_series_that_becomes_a_single_event_leaves_no_offshoot(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = create(office, replace(SERIES, exceptions={SECOND: None, THIRD: on(THIRD, title="臨時")}))
    restored = update(office, stored, replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))

    single = update(office, restored, an_event("一度だけ"))

    assert settled(office, single)
    assert len(office.items()) == 1


def test_an_exception_on_a_date_that_the_rule_does_not_give_is_left_out(office: Office) -> None:
    stray = SECOND + timedelta(days=1)

    stored = create(office, replace(SERIES, exceptions={stray: on(SECOND, title="臨時")}))

    assert stored.event == SERIES
    assert settled(office, stored)


def test_putting_an_occurrence_back_twice_makes_one_event(office: Office) -> None:
    stored = create(office, replace(SERIES, exceptions={SECOND: None}))
    office.server.faults.add(kind="lose_answer", on="insert_schedule")
    with pytest.raises(RetryLater):
        office.calendar.update(ACCOUNT, stored, SERIES)

    again = update(office, stored, SERIES)

    assert again.event == SERIES
    assert settled(office, again)
    assert len(office.items()) == 5


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_changed_occurrence_whose_answer_is_lost_is_not_doubled(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = create(office, SERIES)
    wanted = replace(SERIES, exceptions={SECOND: on(SECOND, when=timed(15, day=SECOND))})
    office.server.faults.add(kind="lose_answer", on="update_schedule")
    with pytest.raises(RetryLater):
        office.calendar.update(ACCOUNT, stored, wanted)

    found = office.read().events

    assert [(one.id, one.event) for one in found] == [(stored.id, wanted)]


def test_a_change_of_what_is_gone_is_stale(office: Office) -> None:
    stored = create(office, an_event())
    office.server.world.delete(stored.id)

    with pytest.raises(EventRefused) as caught:
        office.calendar.update(ACCOUNT, stored, an_event("新"))

    assert caught.value.is_stale


def test_a_series_that_vanishes_while_it_is_changed_is_stale(office: Office) -> None:
    stored = create(office, replace(SERIES, exceptions={SECOND: None}))
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


def test_a_new_id_for_a_changed_event_is_kept() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "ok", "sid": 777})

    with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client:
        changed = NeoCalendar(client).update(ACCOUNT, Stored("501", an_event()), an_event("新"))

    assert changed == Stored("777", an_event("新"))


@pytest.mark.parametrize("event", [an_event(), replace(SERIES, exceptions={SECOND: None})])
def test_deleting_removes_everything_and_may_be_done_twice(office: Office, event: Event) -> None:
    stored = create(office, event)

    office.calendar.delete(ACCOUNT, stored)
    office.calendar.delete(ACCOUNT, stored)

    assert office.items() == []


def test_deleting_a_series_deletes_its_offshoots(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    stored = create(office, replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))

    office.calendar.delete(ACCOUNT, stored)

    assert office.items() == []


def test_a_shared_event_is_deleted_for_oneself_alone(office: Office) -> None:
    sid = office.add(otherto=[SATO, SUZUKI])
    office.read()

    office.calendar.delete(ACCOUNT, office.stored(sid))

    assert office.items() == []
    assert [item["sid"] for item in office.server.world.records(SUZUKI)] == [sid]


def test_one_occurrence_of_a_shared_series_is_cancelled_for_oneself_alone(office: Office) -> None:
    sid = office.add_series(otherto=[SATO, SUZUKI])
    office.read()
    stored = office.stored(sid)

    changed = update(office, stored, replace(stored.event, exceptions={SECOND: None}))

    assert settled(office, changed)
    assert len(office.server.world.records(SUZUKI)) == 5


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_look_gives_what_a_reading_gives(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    single = office.add(event="会議", otherto=[SATO, SUZUKI])
    series = office.add_series()
    office.cancel(series, "20261130")
    if keeps_sid:
        office.change_one(series, "20261207", startdate="20281207", enddate="20281207")
    office.read()

    assert office.calendar.look(ACCOUNT, single) == office.stored(single)
    assert office.calendar.look(ACCOUNT, series) == office.stored(series)
    assert office.calendar.look(ACCOUNT, "999") is None


def test_a_look_finds_what_lies_far_outside_the_window(office: Office) -> None:
    sid = office.add_series(startdate="20300107")

    found = office.calendar.look(ACCOUNT, sid)

    assert isinstance(found, Stored)
    assert found.event.when == timed(day=date(2030, 1, 7))


def test_a_look_at_what_cannot_be_read_says_why(office: Office) -> None:
    masked = office.add(mask="time")

    assert office.calendar.look(ACCOUNT, masked) == Odd(masked, MASKED)


def test_a_look_at_what_may_not_be_opened_says_so(office: Office) -> None:
    office.server.faults.add(kind="status", status=200, body={"status": "ng", "errorno": -10008}, on="get_schedule")

    odd = office.calendar.look(ACCOUNT, "501")

    assert isinstance(odd, Odd)
    assert "may not open" in odd.why


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


def test_the_calendar_is_neos(office: Office) -> None:
    assert office.calendar.side == "neo"
