"""Every kind of series, both ways, through both adapters (rules R25 to R27)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.company import Company, moment

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NEW_YORK = ZoneInfo("America/New_York")


def next_month(company: Company, day: int = 10) -> date:
    """Return that day of the month after the next but one, so that everything lies ahead."""
    first = company.today.replace(day=1)
    for _ in range(2):
        first = (first + timedelta(days=32)).replace(day=1)
    return first.replace(day=day)


def is_in_step(company: Company) -> bool:
    """Say whether both sides are equal and another run writes nothing."""
    company.sync()
    return company.differences() == {} and company.writes() == 0


def answer(company: Company, *, keeps_sid: bool) -> None:
    """Let NEO answer the open question whether a changed occurrence keeps the ID of its series."""
    neo = company.trial.neo
    neo.switches = neo.switches.model_copy(update={"changed_occurrence_keeps_sid": keeps_sid})


def skipped(company: Company) -> list[str]:
    """Return what the history says about events that are copied in another form."""
    return [line.text for line in company.lines("skipped")]


def instances(company: Company) -> list[dict[str, Any]]:
    """Return what Google shows of the next year, in order."""
    begin = datetime.now(UTC) - timedelta(days=2)
    found = company.trial.google.world.occurrences(company.person.email, begin, begin + timedelta(days=365))
    return sorted(found, key=lambda one: str(one["start"]))


EXPANDED = {
    "BYSETPOS": ["RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=6"],
    "several weekdays of a month": ["RRULE:FREQ=MONTHLY;BYDAY=1MO,3WE"],
    "several days of a month": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15,-1"],
    "RDATE": ["RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:{rdate}"],
    "RDATE at another time": ["RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:{other}"],
    "EXRULE": ["RRULE:FREQ=DAILY;COUNT=10", "EXRULE:FREQ=DAILY;INTERVAL=2"],
    "two rules": ["RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28;COUNT=2"],
    "in some months": ["RRULE:FREQ=DAILY;BYMONTH={month};COUNT=4"],
    "the second weekday from the end": ["RRULE:FREQ=MONTHLY;BYDAY=-2FR;COUNT=4"],
    "weeks from Sunday": ["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,WE;COUNT=8"],
    "an EXDATE": ["RRULE:FREQ=MONTHLY;BYDAY=1MO,3WE;COUNT=6", "EXDATE;VALUE=DATE:{exdate}"],
}


@pytest.mark.parametrize("kind", EXPANDED)
def test_r26_what_neo_cannot_say_is_there_as_single_events(company: Company, kind: str) -> None:
    start = next_month(company, 1)
    start += timedelta(days=(2 - start.weekday()) % 7)  # A Wednesday.
    words = {
        "rdate": f"{start + timedelta(days=3):%Y%m%d}T050000Z",
        "other": f"{start + timedelta(days=3):%Y%m%d}T083000Z",
        "month": str(start.month),
        "exdate": f"{start + timedelta(days=14):%Y%m%d}",
    }
    lines = [line.format(**words) for line in EXPANDED[kind]]

    company.add_on_google(start=moment(start, 14), end=moment(start, 15), recurrence=lines)
    company.sync()

    assert len(company.neo_items()) > 1
    assert {item["repeat"] for item in company.neo_items()} == {""}
    assert company.differences() == {}
    [said] = skipped(company)
    assert said.startswith("It is copied as single events, date by date, because")
    assert is_in_step(company)


def test_r26_occurrences_of_several_days_are_there_as_single_events(company: Company) -> None:
    start = next_month(company)

    company.add_on_google(
        start={"date": f"{start}"}, end={"date": f"{start + timedelta(days=3)}"}, recurrence=["RRULE:FREQ=MONTHLY;COUNT=3"]
    )
    company.sync()

    assert [item["repeat"] for item in company.neo_items()] == ["", "", ""]
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_a_series_by_the_clock_of_another_zone_keeps_its_times_across_summer_time(company: Company) -> None:
    start = company.today + timedelta(days=1)
    when = {"dateTime": f"{start}T20:00:00", "timeZone": "America/New_York"}

    company.add_on_google(start=when, end=when | {"dateTime": f"{start}T21:00:00"}, recurrence=["RRULE:FREQ=WEEKLY"])
    company.sync()

    assert {item["starttime"] for item in company.neo_items()} == {"0900", "1000"}
    assert company.differences() == {}
    assert is_in_step(company)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=-1{day}", "FREQ=YEARLY"])
def test_r26_an_endless_series_is_a_series_in_neo_and_stays_endless_on_google(company: Company, rule: str) -> None:
    start = next_month(company, 28)
    start = start if "BYDAY" not in rule else (start.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    said = f"RRULE:{rule.format(day=WEEKDAYS[start.weekday()])}"

    event_id = company.add_on_google(start=moment(start, 14), end=moment(start, 15), recurrence=[said])
    company.sync()
    first = {item["sid"] for item in company.neo_items()}
    company.trial.neo.world.change(*first, detail="改題")
    company.sync()

    [event] = company.google_events()
    assert len(first) == 1
    assert (event["id"], event["summary"], event["recurrence"]) == (event_id, "改題", [said])
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_moving_a_cut_series_in_neo_leaves_it_endless_on_google(company: Company) -> None:
    company.add_on_google(recurrence=["RRULE:FREQ=DAILY"])
    company.sync()

    company.trial.neo.world.change(company.neo_items()[0]["sid"], starttime="1700", endtime="1730")
    company.sync()

    [event] = company.google_events()
    assert event["recurrence"] == ["RRULE:FREQ=DAILY"]
    assert event["start"]["dateTime"].endswith("T17:00:00+09:00")
    assert is_in_step(company)


def test_r26_an_end_that_a_person_gives_a_cut_series_in_neo_travels(company: Company) -> None:
    company.add_on_google(recurrence=["RRULE:FREQ=DAILY"])
    company.sync()
    end = company.today + timedelta(days=20)

    company.trial.neo.world.change(company.neo_items()[0]["sid"], repeat="d", enddate=f"{end:%Y%m%d}")
    company.sync()

    assert len(company.neo_items()) == 20
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_irregular_dates_of_neo_are_single_events_on_google(company: Company) -> None:
    days = [company.today + timedelta(days=number) for number in (2, 5, 11, 30)]
    sid = company.add_in_neo(startdate="", enddate="", repeat="r", dates=[f"{day:%Y%m%d}" for day in days])
    company.sync()
    copied = [(event["start"]["dateTime"][:10], "recurrence" in event) for event in company.google_events()]

    second, third = sorted(company.google_events(), key=lambda one: str(one["start"]))[1:3]
    company.trial.google.world.patch(
        company.person.email, second["id"], {"summary": "別件", "start": moment(days[1], 16), "end": moment(days[1], 17)}
    )
    company.trial.google.world.delete(company.person.email, third["id"])
    company.sync()

    assert sorted(copied) == [(f"{day}", False) for day in days]
    found = [(item["sid"], item["seldate"], item["detail"], item["starttime"]) for item in company.neo_items()]
    assert found == [
        (sid, f"{days[0]:%Y%m%d}", "会議", "1000"),
        (sid, f"{days[1]:%Y%m%d}", "別件", "1600"),
        (sid, f"{days[3]:%Y%m%d}", "会議", "1000"),
    ]
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_a_date_that_is_added_to_an_irregular_series_is_copied_and_a_removed_one_goes(company: Company) -> None:
    days = [company.today + timedelta(days=number) for number in (2, 5, 11)]
    sid = company.add_in_neo(startdate="", enddate="", repeat="r", dates=[f"{day:%Y%m%d}" for day in days[:2]])
    company.sync()

    company.trial.neo.world.change(sid, repeat="r", dates=[f"{day:%Y%m%d}" for day in days[1:]])
    company.sync()

    assert sorted(event["start"]["dateTime"][:10] for event in company.google_events()) == [f"{day}" for day in days[1:]]
    assert is_in_step(company)


def test_r26_a_change_in_neo_is_written_to_the_right_occurrence_on_google(company: Company) -> None:
    start = next_month(company)
    company.add_on_google(
        start=moment(start, 14), end=moment(start, 15), recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=10,20;COUNT=6"]
    )
    company.sync()
    first, second, third, *_ = company.neo_items()

    company.trial.neo.world.change(first["sid"], detail="変更", place="本社")
    company.trial.neo.world.change(
        second["sid"], startdate=f"{start + timedelta(days=12):%Y%m%d}", enddate=f"{start + timedelta(days=12):%Y%m%d}"
    )
    company.trial.neo.world.delete(third["sid"])
    company.sync()

    shown = instances(company)
    assert len(shown) == 5
    assert (shown[0]["summary"], shown[0]["location"]) == ("変更", "本社")
    assert shown[1]["start"] == moment(start + timedelta(days=12), 14)
    assert len([event for event in company.google_events() if "recurrence" in event]) == 1
    assert company.differences() == {}
    assert is_in_step(company)


def test_r27_exceptions_on_google_are_seen_in_the_single_events(company: Company) -> None:
    start = next_month(company)
    event_id = company.add_on_google(
        start=moment(start, 14), end=moment(start, 15), recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=10,20;COUNT=6"]
    )
    company.sync()
    second = f"{event_id}_{start.replace(day=20):%Y%m%d}T050000Z"

    company.trial.google.world.patch(company.person.email, f"{event_id}_{start:%Y%m%d}T050000Z", {"summary": "別件"})
    company.trial.google.world.delete(company.person.email, second)
    company.sync()
    cancelled = company.neo_titles()
    company.trial.google.world.patch(company.person.email, second, {"status": "confirmed"})
    company.sync()

    assert cancelled == ["別件", "打合せ", "打合せ", "打合せ", "打合せ"]
    assert len(company.neo_items()) == 6
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_a_series_that_neo_can_say_after_a_change_takes_the_place_of_the_single_events(company: Company) -> None:
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=10,20;COUNT=6"])
    company.sync()
    company.trial.neo.world.change(company.neo_items()[0]["sid"], detail="手直し")

    company.trial.google.world.patch(company.person.email, event_id, {"recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]})
    company.sync()

    assert sorted(company.neo_titles()) == ["手直し", *["打合せ"] * 5]
    assert len({item["sid"] for item in company.neo_items()}) == 2
    assert company.google_titles().count("手直し") == 1, "a date that is gone and was changed comes back"
    assert company.lines("lost") == []
    assert company.differences() == {}
    assert is_in_step(company)


def test_r26_a_series_that_neo_cannot_say_any_more_becomes_single_events(company: Company) -> None:
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    company.sync()

    company.trial.google.world.patch(
        company.person.email, event_id, {"recurrence": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=10,20;COUNT=6"]}
    )
    company.sync()

    assert len(company.neo_items()) == 6
    assert {item["repeat"] for item in company.neo_items()} == {""}
    assert company.differences() == {}
    assert is_in_step(company)


def test_r27_this_and_following_of_an_endless_series_is_two_series(company: Company) -> None:
    start = company.today + timedelta(days=1)
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY"])
    company.sync()

    split = start + timedelta(days=10)
    company.trial.google.world.split(company.person.email, f"{event_id}_{split:%Y%m%d}T050000Z", {"summary": "続き"})
    company.sync()

    assert len({item["sid"] for item in company.neo_items()}) == 2
    assert company.neo_titles()[:12] == ["打合せ"] * 10 + ["続き"] * 2
    assert company.differences() == {}
    assert is_in_step(company)


@pytest.mark.parametrize("keeps_sid", [True, False])
@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=8"])
def test_r27_an_occurrence_changed_in_neo_whatever_its_sid(company: Company, rule: str, *, keeps_sid: bool) -> None:
    answer(company, keeps_sid=keeps_sid)
    company.add_on_google(recurrence=[f"RRULE:{rule}"])
    company.sync()
    second = company.neo_items()[1]

    company.trial.neo.world.change(
        second["sid"], modkind=1, seldate=second["seldate"], keeps_sid=keeps_sid, starttime="1800", endtime="1900"
    )
    company.sync()

    [changed] = [event for event in company.google_events() if "recurringEventId" in event]
    assert changed["start"]["dateTime"].endswith("T18:00:00+09:00")
    assert company.differences() == {}
    assert is_in_step(company)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_r27_an_occurrence_that_google_restores_comes_back_in_neo(company: Company, *, keeps_sid: bool) -> None:
    answer(company, keeps_sid=keeps_sid)
    start = company.today + timedelta(days=1)
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    second = f"{event_id}_{start + timedelta(days=1):%Y%m%d}T050000Z"
    company.sync()
    company.trial.google.world.delete(company.person.email, second)
    company.sync()
    without = len(company.neo_items())

    company.trial.google.world.patch(company.person.email, second, {"status": "confirmed"})
    company.sync()

    assert (without, len(company.neo_items())) == (4, 5)
    assert company.differences() == {}
    assert is_in_step(company)


def test_r27_this_and_following_in_neo_is_two_series(company: Company) -> None:
    company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=8"])
    company.sync()
    fourth = company.neo_items()[3]

    company.trial.neo.world.change(fourth["sid"], modkind=2, seldate=fourth["seldate"], detail="続き")
    company.sync()

    assert sorted(event["summary"] for event in company.google_events()) == ["打合せ", "続き"]
    assert company.differences() == {}
    assert is_in_step(company)


AWKWARD = {
    "29 February": (date(2028, 2, 29), {"repeat": "y"}, "FREQ=YEARLY;COUNT=2"),
    "day 31": (date(2027, 1, 31), {"repeat": "m"}, "FREQ=MONTHLY;COUNT=2"),
    "fifth weekday": (
        date(2027, 1, 29),
        {"repeat": "m", "everyweek": "5", "everyweekday": "0000100"},
        "FREQ=MONTHLY;BYDAY=5FR;COUNT=2",
    ),
    "last weekday": (
        date(2027, 1, 29),
        {"repeat": "m", "everyweek": "6", "everyweekday": "0000100"},
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2",
    ),
    "second weekday": (
        date(2027, 1, 13),
        {"repeat": "m", "everyweek": "2", "everyweekday": "0010000"},
        "FREQ=MONTHLY;BYDAY=2WE;COUNT=2",
    ),
}


@pytest.mark.parametrize("kind", AWKWARD)
def test_r25_awkward_dates_travel_both_ways(company: Company, kind: str) -> None:
    day, fields, rule = AWKWARD[kind]
    company.add_in_neo(startdate=f"{day:%Y%m%d}", enddate="", interval="1", rependtimes="2", **fields)
    company.add_on_google(start=moment(day, 14), end=moment(day, 15), recurrence=[f"RRULE:{rule}"])

    company.sync()

    assert company.differences() == {}
    assert is_in_step(company)
