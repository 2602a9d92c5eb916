from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from desksync.sync.event import Access, Event, Window
from desksync.sync.reading import Known
from desksync.worker.errors import RetryLater, SideUnreadable
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED
from tests.builders import WINDOW, all_day, an_event, timed
from tests.neo_worker.office import ACCOUNT, SATO, SUZUKI, Office, as_site, from_neo
from tests.neo_worker.records import a_record


def titles(office: Office) -> list[str]:
    return sorted(stored.event.title for stored in office.read().events)


def never() -> Known:
    raise AssertionError("what was seen before was not to be asked for")


def test_everything_in_the_window_is_read_in_one_call(office: Office) -> None:
    office.add(event="会議", detail="定例", place="本社", memo="議題", public_level="secret", reserve="1")
    office.add("20261124", starttime="", endtime="", enddate="20261125")

    reading = office.read()

    assert reading.is_complete
    assert [stored.event for stored in reading.events] == [
        Event(timed(), "会議: 定例", location="本社", description="議題", access=Access.SECRET, is_tentative=True),
        an_event("朝会", when=all_day(date(2026, 11, 24), days=2)),
    ]
    assert office.calls() == 1


def test_an_unchanged_calendar_costs_one_call_and_no_memory(office: Office) -> None:
    office.add()
    office.add_series()
    first = office.read()
    office.forget_calls()

    again = office.calendar.read(ACCOUNT, first.cursor, WINDOW, never)

    assert again.is_unchanged
    assert again.cursor == first.cursor
    assert (again.events, again.is_complete) == ((), False)
    assert office.calls() == 1


def test_an_empty_calendar_asks_for_no_memory(office: Office) -> None:
    reading = office.calendar.read(ACCOUNT, None, WINDOW, never)

    assert reading.is_complete
    assert reading.events == ()


def test_the_same_entries_in_another_order_are_unchanged() -> None:
    first, second = a_record("501"), a_record("502")
    with from_neo(first, second) as client:
        before = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    with from_neo(second, first) as client:
        after = NeoCalendar(client).read(ACCOUNT, before.cursor, WINDOW, never)

    assert after.is_unchanged


def test_another_window_is_another_reading(office: Office) -> None:
    office.add()
    office.read()

    moved = office.read(Window(WINDOW.first + timedelta(days=1), WINDOW.last + timedelta(days=1)))

    assert not moved.is_unchanged
    assert len(moved.events) == 1


def test_masked_events_are_odd_and_named_without_their_text(office: Office) -> None:
    sid = office.add(mask="time_event", event="面談")
    series = office.add_series(mask="time")
    office.add(detail="見える")

    reading = office.read()

    assert {(odd.id, odd.why) for odd in reading.odd} == {(sid, MASKED), (series, MASKED)}
    assert [stored.event.title for stored in reading.events] == ["見える"]
    assert reading.is_complete


def test_an_event_that_the_account_may_not_change_is_read_as_such(office: Office) -> None:
    office.add(creator=SUZUKI, otherto=[SUZUKI, SATO], is_read_only=True)
    office.add_series(creator=SUZUKI, otherto=[SUZUKI, SATO], is_read_only=True)

    assert [stored.is_editable for stored in office.read().events] == [False, False]


def test_participants_and_facilities_are_shown(office: Office) -> None:
    office.add(otherto=[SATO, SUZUKI], plant=["9"])

    stored = office.read().events[0]

    assert stored.event.attendance == "参加者: 鈴木 美咲\n設備: 第1会議室"
    assert stored.extra == {"shared": "1"}


def test_with_the_attendance_off_it_is_empty_and_others_are_remembered(office: Office) -> None:
    office.account = replace(ACCOUNT, shows_attendance=False)
    sid = office.add_series(otherto=[SATO, SUZUKI])

    stored = office.read().events[0]
    office.change(sid, otherto=[SATO])
    later = office.read().events[0]

    assert stored.event.attendance == later.event.attendance == ""
    assert (stored.extra, later.extra) == ({"shared": "1"}, {})


def test_the_site_key_reads_the_users_calendar(office: Office) -> None:
    office.add(detail="佐藤の予定")
    office.server.world.add(SUZUKI, startdate="20261123", detail="鈴木の予定")

    assert titles(as_site(office)) == ["佐藤の予定"]


def test_a_strange_entry_leaves_the_others_alone() -> None:
    with from_neo(a_record("501", startdate="soon"), a_record("502", memo=5)) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert [odd.id for odd in reading.odd] == ["501"]
    assert [stored.event.description for stored in reading.events] == ["5"]
    assert reading.is_complete


@pytest.mark.parametrize("item", [a_record(sid=None), None, "strange"])
def test_an_entry_without_an_id_makes_the_reading_prove_nothing(item: object) -> None:
    with from_neo(item, a_record("502")) as client:
        reading = NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)

    assert not reading.is_complete
    assert [stored.id for stored in reading.events] == ["502"]
    assert "no ID" in reading.odd[0].why


def test_overlapping_pages_are_half_a_list() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "ok", "allcnt": "2", "list": {"item": a_record("501")}})

    with (
        NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client,
        pytest.raises(SideUnreadable, match="changed while it was read"),
    ):
        NeoCalendar(client).read(ACCOUNT, None, WINDOW, dict)


def test_a_fault_in_the_middle_of_reading_ends_it(office: Office) -> None:
    office.add_series()
    office.server.faults.add(kind="status", status=503, on="get_schedule")

    with pytest.raises(RetryLater):
        office.read()


def test_a_maintenance_page_is_no_empty_calendar(office: Office) -> None:
    office.add()
    office.turn(is_in_maintenance=True)

    with pytest.raises(SideUnreadable):
        office.read()


@pytest.mark.parametrize("look", [lambda office: office.read(), lambda office: office.calendar.look(ACCOUNT, "501")])
def test_reading_writes_nothing(office: Office, look: Callable[[Office], object]) -> None:
    sid = office.add_series()
    office.cancel(sid, "20261130")
    before = office.items()

    look(office)

    assert office.items() == before
    assert {call.operation for call in office.server.calls.all()} <= {"list_schedules", "get_schedule"}
