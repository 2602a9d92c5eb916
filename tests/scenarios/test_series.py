from datetime import timedelta

import pytest

from tests.scenarios.company import Company, moment


def test_a_weekly_series_in_neo_is_a_weekly_series_on_google(company: Company) -> None:
    start = company.today + timedelta(days=1)
    mask = "".join("1" if day == start.weekday() else "0" for day in range(7))

    company.add_in_neo(enddate="", repeat="w", interval="1", everyweekday=mask, rependtimes="4")
    company.sync()

    [event] = company.google_events()
    [rule] = event["recurrence"]
    assert "FREQ=WEEKLY" in rule
    assert "COUNT=4" in rule
    assert company.differences() == {}


def test_an_occurrence_cancelled_on_google_is_cancelled_in_neo(company: Company) -> None:
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    company.sync()
    second = company.neo_items()[1]

    start = company.today + timedelta(days=2)
    company.trial.google.world.delete(company.person.email, f"{event_id}_{start:%Y%m%d}T050000Z")
    company.sync()

    assert len(company.neo_items()) == 2
    assert second["startdate"] not in [item["startdate"] for item in company.neo_items()]
    assert company.differences() == {}


def test_an_occurrence_moved_in_neo_is_moved_on_google(company: Company) -> None:
    sid = company.add_in_neo(enddate="", repeat="d", interval="1", rependtimes="3")
    company.sync()
    second = company.today + timedelta(days=2)

    company.trial.neo.world.change(sid, modkind=1, seldate=f"{second:%Y%m%d}", starttime="1700", endtime="1800")
    company.sync()

    [changed] = [event for event in company.google_events() if "recurringEventId" in event]
    assert changed["start"] == moment(second, 17)
    assert company.differences() == {}
    company.sync()
    assert company.writes() == 0


def test_deleting_a_series_deletes_its_exceptions(company: Company) -> None:
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    company.sync()
    second = company.today + timedelta(days=2)
    company.trial.google.world.patch(company.person.email, f"{event_id}_{second:%Y%m%d}T050000Z", {"summary": "別件"})
    company.sync()

    company.trial.google.world.delete(company.person.email, event_id)
    company.sync()

    assert company.neo_items() == []


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_r27_several_dates_of_a_series_in_neo_can_be_moved_to_one_day(company: Company, *, keeps_sid: bool) -> None:
    sid = company.add_in_neo(enddate="", repeat="d", interval="1", rependtimes="5")
    company.sync()
    days = [f"{company.today + timedelta(days=number):%Y%m%d}" for number in range(1, 6)]

    for day in days[1:3]:
        company.trial.neo.world.change(sid, modkind=1, seldate=day, startdate=days[4], enddate=days[4], keeps_sid=keeps_sid)
    company.sync()

    assert company.differences() == {}
    assert len(company.google_events()) == 3
    assert company.lines("skipped") == []
    company.sync()
    assert company.writes() == 0


def test_r27_several_dates_of_a_series_on_google_can_be_moved_to_one_day(company: Company) -> None:
    event_id = company.add_on_google(recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    company.sync()
    days = [company.today + timedelta(days=number) for number in range(1, 6)]

    for day in days[1:3]:
        there = {"start": moment(days[4], 14), "end": moment(days[4], 15)}
        company.trial.google.world.patch(company.person.email, f"{event_id}_{day:%Y%m%d}T050000Z", there)
    company.sync()

    assert company.differences() == {}
    assert [item["startdate"] for item in company.neo_items()].count(f"{days[4]:%Y%m%d}") == 3
    company.sync()
    assert company.writes() == 0
