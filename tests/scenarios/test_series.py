from datetime import timedelta

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
