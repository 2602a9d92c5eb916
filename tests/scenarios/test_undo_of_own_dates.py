"""Rule R27: a NEO that makes an event of its own of a changed date. Looking at its series must not forget which event that is."""

import pytest

from desksync_embedded import safety_commands
from tests.scenarios.commands import a_console
from tests.scenarios.company import Company
from tests.scenarios.test_series_kinds import answer


@pytest.fixture
def company_with_a_moved_date(company: Company) -> Company:
    """A series of six days, copied by a run, of which the second day was then moved to the last."""
    answer(company, keeps_sid=False)
    sid = company.add_in_neo(detail="会議", repeat="w", everyweekday="1111111", rependtimes="6", enddate="")
    company.sync()
    days = sorted(item["startdate"] for item in company.neo_items())
    company.trial.neo.world.change(sid, modkind=1, seldate=days[1], keeps_sid=False, startdate=days[-1], enddate=days[-1])
    return company


def undo(company: Company, run_id: int) -> None:
    console, _ = a_console()
    safety_commands.undo_run(company.trial.resources, console, run_id, lambda _question: True)


def test_r27_an_undo_does_not_double_a_moved_date(company_with_a_moved_date: Company) -> None:
    company = company_with_a_moved_date
    company.sync()
    (series,) = (event for event in company.google_events() if "recurrence" in event)
    company.trial.google.world.patch(company.person.email, series["id"], {"summary": "会議 改"})
    company.sync()

    undo(company, company.last_run().id)
    company.sync()
    company.sync()

    assert len(company.google_events()) == 2, "the series, and its date that was moved"


def test_r27_a_moved_date_stays_away_with_its_series_when_that_was_taken_back(company_with_a_moved_date: Company) -> None:
    company = company_with_a_moved_date
    first = company.last_run().id
    company.sync()

    undo(company, company.last_run().id)
    undo(company, first)
    company.add_in_neo(detail="別")
    company.sync()
    company.sync()

    assert [event["summary"] for event in company.google_events()] == ["別"]
