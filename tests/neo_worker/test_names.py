"""Several occurrences of one series on one day, and NEOs that tell the present date of a moved one in place of its name."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from desksync.sync.event import Event, occurrence_on
from desksync.sync.reading import Known, Stored
from desksync_neo_worker.calendar import NeoCalendar
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.names import named
from tests.builders import WINDOW, an_event, timed, weekly
from tests.neo_worker.office import ACCOUNT, Office
from tests.neo_worker.records import a_record, a_series_record

SERIES = an_event("朝会", repeat=weekly(5))
DAYS = ["20261123", "20261130", "20261207", "20261214", "20261221"]
FIRST, SECOND, THIRD, *_ = (date.fromisoformat(day) for day in DAYS)
TUESDAY = date(2026, 12, 1)


def on(day: date, hour: int = 10, title: str = "朝会") -> Event:
    return an_event(title, when=timed(hour, day=day))


def entry(day: str, hour: int = 10, **fields: Any) -> dict[str, Any]:
    """Return the entry of an occurrence that NEO names by the date on which it is now."""
    hours = {"starttime": f"{hour:02}00", "endtime": f"{hour + 1:02}00"}
    return a_record(repeat="w", seldate=day, startdate=day, enddate=day, **hours, **fields)


class Neo:
    """A NEO that lists these entries, and answers these records to questions for one occurrence; a question is noted."""

    def __init__(self, *entries: dict[str, Any], answers: dict[str, dict[str, Any]] | None = None) -> None:
        self.entries = entries
        self.answers = answers
        self.record = a_series_record()
        self.asked: list[str] = []

    def read(self, known: Known | None = None) -> Any:
        with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(self._answer)) as client:
            return NeoCalendar(client).read(ACCOUNT, None, WINDOW, lambda: known or {})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form["action"] == "list_schedules":
            items = list(self.entries)
            return httpx.Response(200, json={"status": "ok", "allcnt": str(len(items)), "list": {"item": items}})
        self.asked.append(form.get("seldate", "series"))
        if "seldate" not in form or self.answers is None:
            return httpx.Response(200, json={"status": "ok", "record": self.record})
        record = self.answers.get(form["seldate"])
        return httpx.Response(200, json={"status": "ok", "record": record} if record else {"status": "ng", "errorno": -110})


@pytest.mark.parametrize("keeps_sid", [True, False])
@pytest.mark.parametrize("shows_rule", [True, False])
def test_several_occurrences_moved_to_one_day_are_exceptions(office: Office, *, keeps_sid: bool, shows_rule: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid, changed_occurrence_shows_rule=shows_rule)
    sid = office.add_series()
    office.read()
    for day in DAYS[1:3]:
        office.change_one(sid, day, startdate="20261201", enddate="20261201")

    reading = office.read()

    moved = on(TUESDAY)
    assert [stored.event for stored in reading.events] == [replace(SERIES, exceptions={SECOND: moved, THIRD: moved})]
    assert reading.odd == ()


def test_a_neo_that_names_them_by_the_present_date_tells_which_they_are_when_it_is_asked() -> None:
    ten, five = entry("20261201"), entry("20261201", 17)
    neo = Neo(entry(DAYS[0]), ten, five, *map(entry, DAYS[3:]), answers={DAYS[1]: five, DAYS[2]: ten})

    reading = neo.read()

    [series] = reading.events
    assert series.event == replace(SERIES, exceptions={SECOND: on(TUESDAY, 17), THIRD: on(TUESDAY)})
    assert reading.odd == ()


def test_what_was_known_of_them_names_them_without_a_question() -> None:
    known = {"501": Stored("501", replace(SERIES, exceptions={SECOND: on(TUESDAY, 17), THIRD: on(TUESDAY)}))}
    neo = Neo(entry(DAYS[0]), entry("20261201"), entry("20261201", 17), *map(entry, DAYS[3:]))

    reading = neo.read(known)

    assert reading.events == (known["501"],)
    assert neo.asked == []


def test_one_that_was_moved_to_a_date_of_the_rule_is_told_from_the_one_that_is_there() -> None:
    regular, moved = entry(DAYS[0]), entry(DAYS[0], 17)
    neo = Neo(regular, moved, *map(entry, DAYS[2:]), answers={DAYS[0]: regular, DAYS[1]: moved})

    reading = neo.read()

    assert [stored.event for stored in reading.events] == [replace(SERIES, exceptions={SECOND: on(FIRST, 17)})]
    assert reading.odd == ()


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("answers", [None, {}])
def test_only_what_nobody_can_name_is_odd_and_the_rest_of_the_series_is_read(
    answers: dict[str, Any] | None, *, is_known: bool
) -> None:
    neo = Neo(
        entry(DAYS[0]), entry("20261201"), entry("20261201", 17), entry(DAYS[3], detail="変更"), entry(DAYS[4]), answers=answers
    )
    known = {"501": Stored("501", replace(SERIES, exceptions={THIRD: on(THIRD, 9)}))}

    reading = neo.read(known if is_known else None)

    [series] = reading.events
    changed = {date(2026, 12, 14): on(date(2026, 12, 14), title="変更")}
    unknown: dict[date, Event | None] = {THIRD: on(THIRD, 9)} if is_known else {SECOND: None, THIRD: None}
    assert series.event == replace(SERIES, exceptions=unknown | changed)
    assert [odd.id for odd in reading.odd] == ["501@2026-12-01"]
    assert "NEO does not tell which" in reading.odd[0].why


def test_a_changed_occurrence_that_has_lost_its_letter_and_is_alone_in_the_list_is_no_plain_event() -> None:
    known = {"501": Stored("501", SERIES)}
    alone = a_record(seldate=DAYS[1], startdate="20261201", enddate="20261201")

    reading = Neo(alone, answers={}).read(known)

    [series] = reading.events
    assert series.event.repeat == SERIES.repeat
    assert series.event.exceptions[SECOND] == on(TUESDAY)


def test_a_series_that_was_made_a_plain_event_is_one() -> None:
    neo = Neo(a_record(detail="一回"))
    neo.record = a_record(detail="一回")

    reading = neo.read({"501": Stored("501", SERIES)})

    assert [stored.event for stored in reading.events] == [an_event("一回")]
    assert reading.odd == ()


def test_a_date_that_only_one_entry_is_left_for_is_named() -> None:
    moved, regular = on(FIRST, 17), on(FIRST)

    found = named(SERIES, [(FIRST, moved), (FIRST, regular)], {SECOND: moved})

    assert (found.shown, found.unnamed) == ({SECOND: moved, FIRST: regular}, [])
    assert named(replace(SERIES, repeat=None), [(FIRST, moved)], {}).shown == {}
    assert occurrence_on(SERIES, FIRST) == regular
