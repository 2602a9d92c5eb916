"""A user sets another time zone: no original goes, nothing is doubled, and both agree by the new clock (rules R6, R23)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from desksync.store import users
from desksync_sandbox.compare import Appointment, differences
from desksync_sandbox.office import ZONE
from tests.scenarios.company import Company, moment

NEW_YORK = "America/New_York"


def set_zone(company: Company, name: str) -> None:
    """Save the first person's settings with another time zone."""
    user_id = next(iter(company.trial.people))
    resources = company.trial.resources
    with resources.begin() as session:
        user = users.get_user(session, user_id, resources.now())
        assert user is not None
        settings = user.settings
        users.save_settings(
            session, user_id, users.Settings(settings.calendar_id, name, settings.direction, settings.shows_attendance)
        )


def differing(company: Company, name: str) -> list[tuple[str, Appointment]]:
    """Return what only one side holds in the next months, NEO's clock times read in that zone. The days end elsewhere there."""
    end = str(company.today + timedelta(days=300))
    found = differences(*company.trial.held(company.person), ZoneInfo(name))
    return [(side, one) for side, one in found if one.start < end]


def fill(company: Company, *, keeps_sid: bool) -> None:
    """Let people make series and single events on both sides, with changed and cancelled dates."""
    neo = company.trial.neo
    neo.switches = neo.switches.model_copy(update={"changed_occurrence_keeps_sid": keeps_sid})
    days = [f"{company.today + timedelta(days=number):%Y%m%d}" for number in range(1, 8)]
    daily = company.add_in_neo(detail="毎日", enddate="", repeat="d", interval="1", rependtimes="6")
    company.trial.neo.world.change(daily, modkind=1, seldate=days[1], starttime="1700", endtime="1800", keeps_sid=keeps_sid)
    company.trial.neo.world.delete(daily, modkind=1, seldate=days[3])
    company.add_in_neo(detail="当番", repeat="r", dates=[days[0], days[4]], starttime="0830", endtime="0900")
    company.add_in_neo(detail="一回")
    company.add_in_neo(detail="終日", starttime="", endtime="")
    event_id = company.add_on_google(summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=6"])
    second = f"{event_id}_{days[1]}T050000Z"
    company.trial.google.world.patch(company.person.email, second, {"summary": "Special"})
    company.trial.google.world.delete(company.person.email, f"{event_id}_{days[2]}T050000Z")
    company.add_on_google(summary="Endless", recurrence=["RRULE:FREQ=WEEKLY"])
    company.add_on_google(summary="Extra", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2", f"RDATE:{days[2]}T050000Z"])
    day = company.today + timedelta(days=2)
    company.add_on_google(summary="Once", start=moment(day, 9), end=moment(day, 10))


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_r6_another_time_zone_deletes_no_original_and_doubles_nothing(company: Company, *, keeps_sid: bool) -> None:
    fill(company, keeps_sid=keeps_sid)
    made_in_neo = {item["sid"] for item in company.neo_items()}
    made_on_google = {event["id"]: event for event in company.google_events()}
    company.sync()
    assert company.differences() == {}
    neo_before = {item["sid"]: item["starttime"] for item in company.neo_items() if item["sid"] in made_in_neo}

    for name in (NEW_YORK, ZONE):
        set_zone(company, name)
        company.sync()

        assert differing(company, name) == []
        assert {item["sid"]: item["starttime"] for item in company.neo_items() if item["sid"] in made_in_neo} == neo_before
        held = {event["id"]: event for event in company.google_events()}
        assert {event_id: held.get(event_id) for event_id in made_on_google} == made_on_google
        assert company.lines("held") == []
        company.sync()
        assert company.writes() == 0
