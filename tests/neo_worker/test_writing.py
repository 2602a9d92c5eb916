from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from desksync.sync.event import Access, Event, Timed
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.worker.errors import EventRefused, RetryLater
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED
from tests.builders import A_MONDAY, all_day, an_event, at, timed
from tests.neo_worker.dates import SECOND, SERIES
from tests.neo_worker.office import ACCOUNT, KEY, SATO, SUZUKI, Office, as_site


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
    stored = office.create(event)
    calls = office.calls()

    assert (stored.event, stored.is_editable, calls) == (event, True, 1)
    assert office.is_settled(stored)


def test_seconds_other_zones_and_untidy_texts_come_back_as_neo_holds_them(office: Office) -> None:
    when = Timed(at(10).replace(second=30), at(11).replace(second=59))

    stored = office.create(an_event(" 定例\r\n第2回 ", when=when, description="x \r\n", access=Access.RESTRICTED))

    assert stored.event == an_event("定例 第2回", description="x", access=Access.SECRET)
    assert office.is_settled(stored)


def test_the_site_key_creates_for_the_user(office: Office) -> None:
    stored = as_site(office).create(an_event())

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


def test_a_creation_whose_answer_is_lost_is_found_by_the_next_reading(office: Office) -> None:
    office.server.faults.add(kind="lose_answer", on="insert_schedule")

    with pytest.raises(RetryLater):
        office.calendar.create(ACCOUNT, an_event("定例"), KEY)

    assert [stored.event for stored in office.read().events] == [an_event("定例")]


def test_only_what_differs_is_posted(office: Office) -> None:
    sid = office.add(event="会議", detail="定例", place="本社", schcolor="3")
    office.read()

    stored = office.update(office.stored(sid), replace(office.stored(sid).event, description="議題"))

    posted = office.posted("update_schedule")[0]
    assert set(posted) == {"action", "user_id", "sid", "memo"}
    assert office.is_settled(stored)
    assert [(item["event"], item["schcolor"]) for item in office.items(sid)] == [("会議", "3")]


def test_the_kind_stays_while_its_prefix_stands_and_goes_with_it(office: Office) -> None:
    sid = office.add(event="会議", detail="定例")
    office.read()

    kept = office.update(office.stored(sid), replace(office.stored(sid).event, title="会議: 臨時"))
    with_prefix = [(item["event"], item["detail"]) for item in office.items(sid)]
    gone = office.update(kept, replace(kept.event, title="臨時"))
    without = [(item["event"], item["detail"]) for item in office.items(sid)]

    assert (with_prefix, without) == ([("会議", "臨時")], [("", "臨時")])
    assert (kept.extra, gone.extra) == ({"kind": "会議"}, {})
    assert office.is_settled(gone)


def test_nothing_is_posted_where_nothing_differs(office: Office) -> None:
    stored = office.create(an_event(attendance="参加者: 鈴木 美咲"))
    office.forget_calls()

    assert office.calendar.update(ACCOUNT, stored, an_event(attendance="設備: 第1会議室")) == stored
    assert office.calls() == 0


def test_participants_and_facilities_survive_a_change(office: Office) -> None:
    sid = office.add(otherto=[SATO, SUZUKI], plant=["9"])
    office.read()

    stored = office.update(office.stored(sid), replace(office.stored(sid).event, title="新", attendance=""))

    assert stored.event.attendance == "参加者: 鈴木 美咲\n設備: 第1会議室"
    assert office.is_settled(stored)


def test_a_restricted_event_stays_restricted(office: Office) -> None:
    sid = office.add(public_level="permission")
    office.read()

    stored = office.update(office.stored(sid), replace(office.stored(sid).event, title="新", access=Access.OPEN))

    assert [item["public_level"] for item in office.items(sid)] == ["permission"]
    assert stored.event.access is Access.RESTRICTED
    assert office.is_settled(stored)


def test_a_title_can_be_emptied_and_filled_again(office: Office) -> None:
    stored = office.create(an_event("定例"))

    empty = office.update(stored, an_event(""))
    shown = [item["detail"] for item in office.items(stored.id)]
    filled = office.update(empty, an_event("戻った"))

    assert (shown, empty.event.title) == (["(無題)"], "")
    assert office.is_settled(filled)


def test_a_change_of_what_is_gone_is_stale(office: Office) -> None:
    stored = office.create(an_event())
    office.server.world.delete(stored.id)

    with pytest.raises(EventRefused) as caught:
        office.calendar.update(ACCOUNT, stored, an_event("新"))

    assert caught.value.is_stale


def test_a_new_id_for_a_changed_event_is_kept() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "ok", "sid": 777})

    with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client:
        changed = NeoCalendar(client).update(ACCOUNT, Stored("501", an_event()), an_event("新"))

    assert changed == Stored("777", an_event("新"))


@pytest.mark.parametrize("event", [an_event(), replace(SERIES, exceptions={SECOND: None})])
def test_deleting_removes_everything_and_may_be_done_twice(office: Office, event: Event) -> None:
    stored = office.create(event)

    office.calendar.delete(ACCOUNT, stored)
    office.calendar.delete(ACCOUNT, stored)

    assert office.items() == []


def test_a_shared_event_is_deleted_for_oneself_alone(office: Office) -> None:
    sid = office.add(otherto=[SATO, SUZUKI])
    office.read()

    office.calendar.delete(ACCOUNT, office.stored(sid))

    assert office.items() == []
    assert [item["sid"] for item in office.server.world.records(SUZUKI)] == [sid]


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


def test_the_calendar_is_neos(office: Office) -> None:
    assert office.calendar.side == "neo"
