from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync_sandbox.google import GoogleServer
from desksync_sandbox.ical import Imported, read_ical, with_events
from desksync_sandbox.ical_parts import NotACalendar

TOKYO_ZONE = """BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE"""
_NO_DATE = "one of its times is a period or a duration, which Google does not know there"
YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def a_file(*entries: str, head: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *([head] if head else []), *entries, "END:VCALENDAR", ""]
    return "\r\n".join("\n".join(lines).splitlines()).encode() + b"\r\n"


def an_entry(*lines: str, uid: str = "1@test", start: str = "DTSTART;TZID=Asia/Tokyo:20261124T100000") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", start, *lines, "END:VEVENT"])


def only(content: bytes) -> dict[str, Any]:
    imported = read_ical(content)
    assert imported.skipped == ()
    [event] = imported.events
    return event


def told(content: bytes) -> Imported | str:
    """Return what was imported, or the sentence that refuses the file."""
    try:
        return read_ical(content)
    except NotACalendar as refused:
        return str(refused)


def reasons(imported: Imported) -> list[str]:
    return [str(one) for one in imported.skipped]


def starts(imported: Imported) -> list[str]:
    """Return when everything begins that a person would see, in UTC."""
    server = GoogleServer(with_events(None, imported.events))
    found = [one for one in server.world.occurrences("hanako@example.jp", *YEARS) if one["status"] != "cancelled"]
    return sorted(
        one["start"].get("date") or f"{datetime.fromisoformat(one['start']['dateTime']).astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        for one in found
    )


def test_texts_and_times_become_an_event_resource() -> None:
    event = only(
        a_file(
            an_entry(
                "DTEND;TZID=Asia/Tokyo:20261124T110000",
                "SUMMARY:会議\\, 予算",
                "LOCATION:3F",
                "DESCRIPTION:one\\ntwo",
                "CLASS:CONFIDENTIAL",
                "STATUS:TENTATIVE",
                "TRANSP:TRANSPARENT",
            )
        )
    )

    assert event["start"] == {"dateTime": "2026-11-24T10:00:00+09:00", "timeZone": "Asia/Tokyo"}
    assert event["end"] == {"dateTime": "2026-11-24T11:00:00+09:00", "timeZone": "Asia/Tokyo"}
    assert (event["summary"], event["location"], event["description"]) == ("会議, 予算", "3F", "one\ntwo")
    assert (event["visibility"], event["status"], event["transparency"]) == ("private", "tentative", "transparent")


def test_folded_lines_are_put_together() -> None:
    assert only(a_file(an_entry("SUMMARY:one \n long\n  title")))["summary"] == "one long title"


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("DURATION:PT90M", {"dateTime": "2026-11-24T11:30:00+09:00", "timeZone": "Asia/Tokyo"}),
        ("DTEND:20261124T020000Z", {"dateTime": "2026-11-24T02:00:00+00:00", "timeZone": "UTC"}),
        ("SUMMARY:no end", {"dateTime": "2026-11-24T10:00:00+09:00", "timeZone": "Asia/Tokyo"}),
    ],
)
def test_an_end_is_told_in_three_ways(line: str, end: dict[str, str]) -> None:
    assert only(a_file(an_entry(line)))["end"] == end


@pytest.mark.parametrize(("line", "end"), [("DTEND;VALUE=DATE:20261127", "2026-11-27"), ("SUMMARY:one day", "2026-11-25")])
def test_whole_days_stay_whole_days(line: str, end: str) -> None:
    event = only(a_file(an_entry(line, start="DTSTART;VALUE=DATE:20261124")))

    assert (event["start"], event["end"]) == ({"date": "2026-11-24"}, {"date": end})


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("/mozilla.org/20050126_1/Asia/Tokyo", "Asia/Tokyo"),
        ("Our office", "Etc/GMT-9"),
    ],
)
def test_zones_get_their_name_in_the_tz_database(tzid: str, zone: str) -> None:
    event = only(a_file(TOKYO_ZONE, an_entry(start=f"DTSTART;TZID={tzid}:20261124T100000")))

    assert event["start"] == {"dateTime": "2026-11-24T10:00:00+09:00", "timeZone": zone}


def test_times_without_a_zone_are_in_the_one_of_the_file() -> None:
    event = only(a_file(an_entry(start="DTSTART:20261124T100000"), head="X-WR-TIMEZONE:America/New_York"))

    assert event["start"] == {"dateTime": "2026-11-24T10:00:00-05:00", "timeZone": "America/New_York"}


def test_a_series_repeats_without_its_cancelled_and_with_its_added_dates() -> None:
    imported = read_ical(
        a_file(
            an_entry(
                "RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU",
                "EXDATE;TZID=Tokyo Standard Time:20261201T100000,20261208T100000",
                "RDATE;TZID=Asia/Tokyo:20261202T100000",
            )
        )
    )

    assert reasons(imported) == []
    assert starts(imported) == ["2026-11-24T01:00Z", "2026-12-02T01:00Z", "2026-12-15T01:00Z"]


def test_exceptions_change_and_cancel_single_occurrences_wherever_they_stand_in_the_file() -> None:
    moved = an_entry("RECURRENCE-ID;TZID=Asia/Tokyo:20261201T100000", start="DTSTART;TZID=Asia/Tokyo:20261202T150000")
    cancelled = an_entry("RECURRENCE-ID:20261208T010000Z", "STATUS:CANCELLED", start="DTSTART:20261208T010000Z")

    imported = read_ical(a_file(moved, cancelled, an_entry("RRULE:FREQ=WEEKLY;COUNT=3")))

    assert reasons(imported) == []
    assert starts(imported) == ["2026-11-24T01:00Z", "2026-12-02T06:00Z"]


def test_an_occurrence_whose_series_is_not_in_the_file_is_an_event_of_its_own() -> None:
    event = only(a_file(an_entry("RECURRENCE-ID;TZID=Asia/Tokyo:20261124T100000")))

    assert "recurringEventId" not in event


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (an_entry(uid=""), "it has no UID"),
        (an_entry(start="SUMMARY:never"), "it does not say when it begins"),
        (an_entry(start="DTSTART;TZID=Nowhere:20261124T100000"), "its time zone 'Nowhere' is none of the tz database"),
        (an_entry(start="DTSTART:2026112"), "one of its dates or rules cannot be read"),
        (an_entry("STATUS:CANCELLED"), "it is cancelled"),
        (an_entry("DTEND;TZID=Asia/Tokyo:20261124T090000"), "Google would not take it: The specified time range is empty."),
        (an_entry(uid="good@test"), "another entry has the same UID"),
        (
            an_entry("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Tokyo:20261201T100000", uid="good@test"),
            "it changes an occurrence and all that follow, which Google keeps as a series of its own",
        ),
        (an_entry("RECURRENCE-ID;TZID=Asia/Tokyo:20261202T100000", uid="good@test"), "its series has no such occurrence"),
        ("BEGIN:VTODO\nUID:2@test\nEND:VTODO", "it is a VTODO, and no event"),
        (an_entry("DTSTART:20261125T010000Z"), "it has several DTSTART"),
        (an_entry("DTEND:20261125T010000Z", "DTEND:20261126T010000Z"), "it has several DTEND"),
        (an_entry("DURATION:PT1H", "DURATION:PT2H"), "it has several DURATION"),
        (an_entry("RECURRENCE-ID:20261124T010000Z", "RECURRENCE-ID:20261201T010000Z"), "it has several RECURRENCE-ID"),
        (an_entry(start="DTSTART;VALUE=DURATION:PT1H"), _NO_DATE),
        (an_entry(start="DTSTART;VALUE=PERIOD:20261201T100000Z/PT1H"), _NO_DATE),
        (an_entry("RECURRENCE-ID;VALUE=PERIOD:20261124T010000Z/PT1H"), _NO_DATE),
        (an_entry("DURATION:P99999999W"), "it cannot be understood"),
        (an_entry(start="DTSTART;TZID=America:20261124T100000"), "one of its dates or rules cannot be read"),
        (an_entry(start=f"DTSTART;TZID={'a' * 5000}:20261124T100000"), "one of its dates or rules cannot be read"),
        (an_entry("RRULE:FREQ=DAILY;INTERVAL=0"), "Google would not take it: Invalid recurrence rule."),
        (an_entry("RRULE:FREQ=SECONDLY;COUNT=100000000"), "Google would not take it: Invalid recurrence rule."),
        ("BEGIN:VEVENT\nUID:cut off\nDTSTART:20261124T010000Z", "its end is missing"),
    ],
)
def test_an_odd_entry_is_reported_and_harms_no_other(entry: str, why: str) -> None:
    good = an_entry("RRULE:FREQ=WEEKLY;COUNT=2", uid="good@test")

    imported = read_ical(a_file(good, entry))

    assert reasons(imported) == [f"entry 2 is left out: {why}"]
    assert starts(imported) == ["2026-11-24T01:00Z", "2026-12-01T01:00Z"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty."),
        (b"\r\n", "The file is empty."),
        (b"<html>login</html>", "no line BEGIN:VCALENDAR"),
        (b'{"accounts": []}', "no line BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nX-NAME:会議\nEND:VCALENDAR".encode("shift_jis"), "not written in UTF-8"),
        (b"BEGIN:VCALENDAR\r\nno colon here\r\nEND:VCALENDAR\r\n", "holds no entry"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "no line BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "holds no entry"),
        (b"\xff\xfe\x00", "not written in UTF-8"),
    ],
)
def test_what_is_no_calendar_is_refused_with_a_sentence(content: bytes, why: str) -> None:
    with pytest.raises(NotACalendar, match=why):
        read_ical(content)


def test_a_byte_order_mark_does_no_harm() -> None:
    text = a_file(an_entry("SUMMARY:会議")).decode()

    for content in (text.encode("utf-8-sig"), text.encode("utf-16")):
        assert only(content)["summary"] == "会議"


@pytest.mark.parametrize(
    "line",
    [
        "BEGIN:VALARM\nTRIGGER:junk\nEND:VALARM",
        "BEGIN:VALARM\nTRIGGER:junk",
        "a line without a name",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!!",
        'ATTENDEE;CN="unclosed:mailto:x',
        "GEO:here",
        "SEQUENCE:often",
    ],
)
def test_what_becomes_no_part_of_an_event_may_be_odd(line: str) -> None:
    event = only(a_file(an_entry("SUMMARY:Good", line)))

    assert event["summary"] == "Good"


@pytest.mark.parametrize("broken", [("+0900", "junk"), ("DTSTART", "X-START"), ("TZID:Our office", "X-ID:1")])
def test_a_zone_that_cannot_be_read_harms_no_entry_of_another_zone(broken: tuple[str, str]) -> None:
    event = only(a_file(TOKYO_ZONE.replace(*broken), an_entry()))

    assert event["start"]["timeZone"] == "Asia/Tokyo"


@pytest.mark.parametrize("length", range(0, 400, 7))
def test_a_file_that_was_cut_off_gives_the_entries_that_are_whole(length: int) -> None:
    whole = a_file(an_entry(uid="1@test"), an_entry(uid="2@test"))
    end_of_first = whole.index(b"END:VEVENT") + len(b"END:VEVENT")

    found = told(whole[:length])

    has_first = length >= end_of_first
    assert isinstance(found, Imported) or not has_first
    assert isinstance(found, str) or (len(found.events) >= 1) == has_first


def test_lines_may_end_as_they_ended_on_old_machines() -> None:
    assert only(a_file(an_entry("SUMMARY:Old")).replace(b"\r\n", b"\r"))["summary"] == "Old"


GOOD = an_entry("SUMMARY:Good", "RRULE:FREQ=WEEKLY;COUNT=2", uid="good@test")
ODD = a_file(
    an_entry("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261125T010000Z", "DURATION:PT1H", "SUMMARY:odd", "STATUS:TENTATIVE"),
    an_entry("RECURRENCE-ID;TZID=Asia/Tokyo:20261125T100000", "BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM"),
    TOKYO_ZONE,
).splitlines()


@st.composite
def broken_lines(draw: st.DrawFn) -> list[bytes]:
    """Draw lines in any order and number, some of them cut, doubled within, or with another character in them."""
    lines = draw(st.lists(st.sampled_from(ODD), max_size=20))
    spoiled = st.sampled_from(
        [b"", b":", b";", b"=", b",", b"\x00", b'"', b"\xe2\x9c\xa8", b"9" * 40, b"-1", b"/", b"..", b"Z", b" "]
    )
    for number in draw(st.lists(st.integers(0, len(lines)), max_size=6)):
        if number < len(lines):
            begin, end = sorted((draw(st.integers(0, len(lines[number]))), draw(st.integers(0, len(lines[number])))))
            lines[number] = lines[number][:begin] + draw(spoiled) + lines[number][end:]
    return lines


@given(broken_lines())
def test_no_line_however_broken_ends_in_anything_but_events_or_a_sentence(lines: list[bytes]) -> None:
    content = b"\r\n".join([b"BEGIN:VCALENDAR", *lines, b"END:VCALENDAR", b""])

    found = told(content)

    assert found.endswith(".") if isinstance(found, str) else found.events or found.skipped


@given(broken_lines())
def test_no_line_however_broken_harms_a_good_entry_behind_it(lines: list[bytes]) -> None:
    content = b"\r\n".join([b"BEGIN:VCALENDAR", *lines, b"END:VCALENDAR", a_file(GOOD)])

    found = told(content)

    assert isinstance(found, Imported)
    assert "Good" in [event["summary"] for event in found.events if "summary" in event]


def test_imported_events_lie_in_the_own_calendar_of_the_first_account() -> None:
    imported = read_ical(a_file(an_entry("SUMMARY:Imported")))
    seed = {"accounts": [{"email": "a@example.jp"}, {"email": "b@example.jp"}]}

    server = GoogleServer(with_events(seed, imported.events))

    assert [event["summary"] for event in server.world.events("a@example.jp")] == ["Imported"]
    assert server.world.events("b@example.jp") == []
