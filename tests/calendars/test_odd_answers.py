"""Whatever Google or NEO may send: the odd event is parked with a reason, the rest syncs, and nothing else crosses the port."""

import json
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desksync.sync.codec import to_json
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.worker.errors import CalendarError, SideUnreadable
from desksync_google_worker.reading import UNNAMED as UNNAMED_ODD
from desksync_sandbox.google import GoogleSwitches
from tests.builders import A_MONDAY, an_event
from tests.google_worker.desk import ADDRESS, Desk
from tests.google_worker.items import a_cancelled_occurrence, an_item, an_occurrence
from tests.neo_worker.office import Office
from tests.neo_worker.records import a_record, a_series_record

Json = Any

_MEGABYTE = 1024 * 1024
_LAVISH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

NONSENSE: st.SearchStrategy[Json] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**30,
        1.5,
        float("nan"),
        float("inf"),
        "",
        " ",
        "unknownValue",
        "会議 ✨👩‍👩‍👧",
        "\x00\x07\x1b",
        "\ud800",
        "x" * 9000,
        "2026-02-30",
        "9999-12-31",
        "0001-01-01T00:00:00Z",
        "2026-11-23T10:00:00",
        "20261301",
        "2560",
        "RRULE:FREQ=SECONDLY",
        [],
        {},
        [None],
        [[]],
        {"date": None},
        {"dateTime": 5, "timeZone": "Mars/Base"},
        {"item": 3},
        ["RRULE:FREQ=WEEKLY;BYDAY=XX"],
        ["EXDATE:never", "RRULE:"],
        {"self": True},
        [{"self": True, "responseStatus": "declined"}],
    ]
)


def paths(value: Json, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything within a JSON value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (*here, name)
        yield from paths(part, (*here, name))


@st.composite
def spoiled(draw: st.DrawFn, value: Json, *, spares: frozenset[str] = frozenset()) -> Json:
    """Draw the value with one to three of its parts replaced or missing; those whose way ends in a spared name stay."""
    found = deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        ways = [way for way in paths(found) if not (len(way) == 1 and way[0] in spares)]
        if not ways:
            break
        *way, name = draw(st.sampled_from(ways))
        place = found
        for step in way:
            place = place[step]
        if draw(st.booleans()):
            place[name] = deepcopy(draw(NONSENSE))
        else:
            del place[name]
    return found


# Google.

GOOGLE_ITEMS: list[dict[str, Any]] = [
    an_item("plain1"),
    an_item("allday", start={"date": "2026-11-23"}, end={"date": "2026-11-24"}, visibility="private", transparency="transparent"),
    an_item(
        "weekly",
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Asia/Tokyo:20261207T100000"],
        description="<b>x</b>",
        attendees=[{"email": "a@x.example", "self": True, "responseStatus": "accepted"}],
        extendedProperties={"private": {"desksync": "1"}},
    ),
    an_occurrence("weekly"),
    a_cancelled_occurrence("weekly", "20261214T010000Z"),
    {"kind": "calendar#event", "id": "gone1", "status": "cancelled"},
]


def a_page(items: list[Json], **fields: Json) -> dict[str, Any]:
    return {
        "kind": "calendar#events",
        "accessRole": "owner",
        "timeZone": "Asia/Tokyo",
        "items": items,
        "nextSyncToken": "s",
    } | fields


KNOWN = {"good1": Stored("good1", an_event())}


def google_reads(desk: Desk, page: Json, since: str | None = None, known: Known | None = None) -> Reading:
    """Let Google send that page, and read it."""
    faults = desk.server.faults
    faults.clear()
    faults.add(on="events.list", kind="status", status=200, body=json.dumps(page), headers={"content-type": "application/json"})
    try:
        return desk.read(since, known)
    finally:
        faults.clear()


@_LAVISH
@given(st.data())
def test_an_odd_google_event_harms_no_other(desk: Desk, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(GOOGLE_ITEMS) - 1))
    items = deepcopy(GOOGLE_ITEMS)
    items[number] = data.draw(spoiled(items[number], spares=frozenset({"id"})))
    others = [an_item("before"), an_item("behind", summary="Other")]

    reading = google_reads(desk, a_page([others[0], *items, others[1]]))

    assert {"before", "behind"} <= {stored.id for stored in reading.events}
    assert not {"before", "behind"} & reading.gone
    assert len(reading.odd) <= 3
    assert all(one.why.endswith(".") and "Stand-up" not in one.why for one in reading.odd)


@_LAVISH
@given(spoiled(a_page(GOOGLE_ITEMS)))
def test_no_page_of_google_ends_in_anything_but_a_reading_or_an_error_of_the_four(desk: Desk, page: Json) -> None:
    try:
        reading = google_reads(desk, page, known=KNOWN)
    except CalendarError:
        return

    has_unnamed = UNNAMED_ODD.id in {one.id for one in reading.odd}
    assert (reading.is_complete, reading.cursor is None) == (not has_unnamed, has_unnamed)


@_LAVISH
@given(spoiled(GOOGLE_ITEMS[2], spares=frozenset({"id"})))
def test_looking_at_an_odd_google_event_says_that_it_is_odd(desk: Desk, item: Json) -> None:
    desk.server.faults.clear()
    body = json.dumps(item)
    desk.server.faults.add(on="events.get", kind="status", status=200, body=body, headers={"content-type": "application/json"})

    try:
        found = desk.calendar.look(desk.account, "weekly")
    except CalendarError:
        return

    assert found is None or found.id == "weekly"


def test_2500_events_on_a_page_are_read_at_once(desk: Desk) -> None:
    reading = google_reads(desk, a_page([an_item(f"event{number:05}") for number in range(2500)]))

    assert len(reading.events) == 2500


def test_an_empty_page_with_a_next_page_is_not_the_end(desk: Desk) -> None:
    desk.server.world.switch(starts_with_an_empty_page=True, page_limit=1)
    events = {desk.add(f"event{number}")["id"] for number in range(3)}

    reading = desk.read()

    assert {stored.id for stored in reading.events} == events
    assert GoogleSwitches().page_limit is None


def test_two_events_with_one_icaluid_are_two_events(desk: Desk) -> None:
    items = [an_item("first", iCalUID="same@x.example"), an_item("second", iCalUID="same@x.example")]

    reading = google_reads(desk, a_page(items))

    assert [stored.id for stored in reading.events] == ["first", "second"]


def test_an_id_that_begins_with_an_underscore_is_an_id(desk: Desk) -> None:
    reading = google_reads(desk, a_page([an_item("_8krj4"), an_item("_9krj4", recurrence=["RRULE:FREQ=DAILY;COUNT=2"])]))

    assert [stored.id for stored in reading.events] == ["_8krj4", "_9krj4"]


UNNAMED = [an_item("") | {"id": 5}, an_item(""), None, "strange"]


@pytest.mark.parametrize("since", [None, "token"])
@pytest.mark.parametrize("item", UNNAMED)
def test_an_event_without_an_id_lets_the_others_sync_and_the_reading_prove_nothing(
    desk: Desk, item: object, since: str | None
) -> None:
    reading = google_reads(desk, a_page([an_item("good1"), item]), since, KNOWN)

    assert [stored.id for stored in reading.events] == ["good1"]
    assert [one.why for one in reading.odd] == [
        "An event of Google's list has no ID. Nothing is taken for deleted while that is so."
    ]
    assert not reading.is_complete
    assert reading.cursor is None, "a list of changes would not tell it again"


@pytest.mark.parametrize("item", UNNAMED)
def test_an_event_without_an_id_makes_the_first_list_of_all_unreadable(desk: Desk, item: object) -> None:
    with pytest.raises(SideUnreadable):  # An event that is on both sides already would be doubled.
        google_reads(desk, a_page([an_item("good1"), item]), None, {})


@pytest.mark.parametrize("item", UNNAMED)
def test_a_date_without_an_id_makes_the_dates_of_its_series_unreadable(desk: Desk, item: object) -> None:
    desk.add(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    page = json.dumps(a_page([item]))
    json_type = {"content-type": "application/json"}
    desk.server.faults.add(on="events.instances", kind="status", status=200, body=page, headers=json_type)

    with pytest.raises(SideUnreadable):
        desk.look("abc12")


def test_twenty_years_of_history_stay_within_a_stated_memory(desk: Desk) -> None:
    body = "会議のメモ " * 100
    items = [
        an_item(
            f"event{number:05}",
            description=body,
            start={"dateTime": f"{A_MONDAY + timedelta(days=number)}T10:00:00+09:00"},
            end={"dateTime": f"{A_MONDAY + timedelta(days=number)}T11:00:00+09:00"},
        )
        for number in range(20 * 250)
    ]
    page = json.dumps(a_page(items))
    desk.server.faults.add(on="events.list", kind="status", status=200, body=page, headers={"content-type": "application/json"})
    desk.read()
    desk.server.faults.add(on="events.list", kind="status", status=200, body=page, headers={"content-type": "application/json"})

    tracemalloc.start()
    reading = desk.read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(reading.events) == len(items)
    assert peak < 100 * _MEGABYTE


# NEO.

NEO_RECORDS: list[dict[str, Any]] = [
    a_record("501"),
    a_record(
        "502", starttime="", endtime="", enddate="20261124", public_level="permission", plant={"item": [{"id": "9", "name": "A"}]}
    ),
    a_record("503", endtime="", event="来客", memo="line\r\nline", reserve="1"),
]
_WEEKS = [f"{A_MONDAY + timedelta(weeks=number):%Y%m%d}" for number in range(5)]
NEO_SERIES = [a_record("504", seldate=day, startdate=day, enddate=day, repeat="w") for day in _WEEKS]


def a_list(items: list[Json], **fields: Json) -> dict[str, Any]:
    return {"status": "ok", "allcnt": str(len(items)), "list": {"item": items}} | fields


def ids_of(reading: Reading) -> set[str]:
    """Return the ids of all that was read, odd or not."""
    return {stored.id for stored in reading.events} | {odd.id for odd in reading.odd}


def neo_reads(office: Office, answer: Json, record: Json) -> Reading:
    """Let NEO send that list, and that record for every series in it, and read them."""
    faults = office.server.faults
    faults.clear()
    faults.add(on="list_schedules", kind="status", status=200, body=json.dumps(answer))
    faults.add(on="get_schedule", kind="status", status=200, body=json.dumps(record), times=50)
    office.known, office.cursor = {}, None
    try:
        return office.read()
    finally:
        faults.clear()


@_LAVISH
@given(st.data())
def test_an_odd_neo_event_harms_no_other(office: Office, data: st.DataObject) -> None:
    items = deepcopy([*NEO_RECORDS, NEO_SERIES[0]])
    number = data.draw(st.integers(0, len(items) - 1))
    items[number] = data.draw(spoiled(items[number], spares=frozenset({"sid"})))
    others = [a_record("601", detail="Before"), a_record("602", detail="Behind")]
    record = {"status": "ok", "record": a_series_record("504")}

    reading = neo_reads(office, a_list([others[0], *items, *NEO_SERIES[1:], others[1]]), record)

    assert {"601", "602"} <= {stored.id for stored in reading.events}
    assert not reading.gone
    assert ids_of(reading) <= {"501", "502", "503", "504", "601", "602"}
    assert all("朝会" not in one.why for one in reading.odd)


@_LAVISH
@given(spoiled(a_series_record("504")))
def test_an_odd_series_of_neo_harms_no_other(office: Office, record: Json) -> None:
    reading = neo_reads(office, a_list([*NEO_RECORDS, *NEO_SERIES]), {"status": "ok", "record": record})

    assert {"501", "502", "503"} <= {stored.id for stored in reading.events}
    assert "504" in ids_of(reading)


@_LAVISH
@given(spoiled(a_list([*NEO_RECORDS, *NEO_SERIES])), spoiled({"status": "ok", "record": a_series_record("504")}))
def test_no_answer_of_neo_ends_in_anything_but_a_reading_or_an_error_of_the_four(
    office: Office, answer: Json, record: Json
) -> None:
    try:
        reading = neo_reads(office, answer, record)
    except CalendarError:
        return

    assert isinstance(reading, Reading)
    assert all(isinstance(one, Odd) and one.why for one in reading.odd)


def test_a_list_of_neo_that_lost_an_entry_is_no_list(office: Office) -> None:
    with pytest.raises(SideUnreadable):
        neo_reads(office, a_list(NEO_RECORDS, allcnt="4"), {})


HALVES = ["detail", "event", "place", "other", "memo"]


@pytest.mark.parametrize("name", HALVES)
def test_half_a_character_in_a_plain_event_of_neo_is_read_as_a_replacement_and_can_be_kept(office: Office, name: str) -> None:
    reading = neo_reads(office, a_list([a_record("501", **{name: "a\ud83d"}), a_record("502")]), {})

    assert reading.odd == ()
    assert [stored.id for stored in reading.events] == ["501", "502"]
    for stored in reading.events:
        assert to_json(stored.event).encode()
        assert str(dict(stored.extra)).encode()
    assert "a\ufffd" in str(reading.events[0])


def test_half_a_character_in_the_name_of_a_participant_is_read_as_a_replacement(office: Office) -> None:
    people = {"item": [{"id": "84", "name": "佐藤 健一"}, {"id": "85", "name": "鈴木\ud83d"}]}

    reading = neo_reads(office, a_list([a_record("501", otherto=people)]), {})

    assert [stored.event.attendance for stored in reading.events] == ["参加者: 鈴木\ufffd"]


@pytest.mark.parametrize("name", HALVES)
def test_half_a_character_in_a_series_of_neo_is_read_as_a_replacement(office: Office, name: str) -> None:
    record = {"status": "ok", "record": a_series_record("504", **{name: "a\ud83d"})}
    entries = [one | {name: "a\ud83d"} for one in NEO_SERIES]

    reading = neo_reads(office, a_list([*NEO_RECORDS, *entries]), record)

    assert reading.odd == ()
    [series] = [stored for stored in reading.events if stored.id == "504"]
    assert to_json(series.event).encode()
    assert "a\ufffd" in str(series)


def test_twenty_years_in_neo_are_not_asked_for(office: Office) -> None:
    for year in range(2006, 2027):
        office.add(day=f"{year}0601", detail=f"{year}")
    office.add(day="20261124", detail="now")

    reading = office.read()

    assert [stored.event.title for stored in reading.events] == ["now"]


def test_what_was_read_of_google_lies_where_the_account_says(desk: Desk) -> None:
    desk.add("abc12", summary="✨" * 512, description="x" * 8192)

    [stored] = desk.read().events

    assert (stored.event.title, len(stored.event.description)) == ("✨" * 512, 8192)
    assert desk.held("abc12")["organizer"]["email"] == ADDRESS
