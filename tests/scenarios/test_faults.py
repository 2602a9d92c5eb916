from datetime import timedelta

import pytest

from tests.scenarios.company import Company, moment

WRITES = ["creating", "updating", "deleting"]


def _about_to_write_to_neo(company: Company, what: str) -> int:
    """Bring about one write to NEO with the next cycle, and return how many events there must be after it."""
    event_id = company.add_on_google(summary="会議")
    if what != "creating":
        company.sync()
    if what == "updating":
        company.trial.google.world.patch(company.person.email, event_id, {"summary": "会議(変更)"})
    if what == "deleting":
        company.trial.google.world.delete(company.person.email, event_id)
    return 0 if what == "deleting" else 1


def _about_to_write_to_google(company: Company, what: str) -> int:
    """Bring about one write to Google with the next cycle, and return how many events there must be after it."""
    sid = company.add_in_neo(detail="会議")
    if what != "creating":
        company.sync()
    if what == "updating":
        company.trial.neo.world.change(sid, detail="会議(変更)")
    if what == "deleting":
        company.trial.neo.world.delete(sid)
    return 0 if what == "deleting" else 1


@pytest.mark.parametrize("what", WRITES)
def test_an_answer_that_neo_loses_neither_loses_nor_doubles(company: Company, what: str) -> None:
    expected = _about_to_write_to_neo(company, what)
    operation = {"creating": "insert_schedule", "updating": "update_schedule", "deleting": "delete_schedule"}[what]

    company.trial.neo.faults.add(on=operation, kind="lose_answer")
    company.sync_through_faults()

    assert (len(company.neo_items()), len(company.google_events())) == (expected, expected)
    assert company.differences() == {}


@pytest.mark.parametrize("what", WRITES)
def test_an_answer_that_google_loses_neither_loses_nor_doubles(company: Company, what: str) -> None:
    expected = _about_to_write_to_google(company, what)
    operation = {"creating": "events.insert", "updating": "events.patch", "deleting": "events.delete"}[what]

    company.trial.google.faults.add(on=operation, kind="lose_answer")
    company.sync_through_faults()

    assert (len(company.neo_items()), len(company.google_events())) == (expected, expected)
    assert company.differences() == {}


def test_maintenance_of_neo_deletes_nothing(company: Company) -> None:
    company.add_in_neo(detail="会議")
    company.sync()

    company.trial.neo.faults.add(on="list_schedules", kind="html")
    company.sync()

    assert company.last_run().outcome == "side_unreadable"
    assert len(company.google_events()) == 1


def test_half_an_answer_of_neo_deletes_nothing(company: Company) -> None:
    company.add_in_neo(detail="会議")
    company.add_in_neo(detail="会議2")
    company.sync()

    company.trial.neo.faults.add(on="list_schedules", kind="garbage")
    company.sync()

    assert company.last_run().outcome == "side_unreadable"
    assert len(company.google_events()) == 2


def test_a_sync_token_that_google_forgot_loses_nothing(company: Company) -> None:
    company.add_in_neo(detail="会議")
    event_id = company.add_on_google(summary="打合せ")
    company.sync()

    company.trial.google.world.expire_sync_tokens()
    company.trial.google.world.patch(company.person.email, event_id, {"summary": "打合せ(変更)"})
    company.sync()

    assert sorted(company.neo_titles()) == ["会議", "打合せ(変更)"]
    assert company.differences() == {}
    company.sync()
    assert company.writes() == 0


def test_an_event_that_changes_during_the_run_is_not_overwritten(company: Company) -> None:
    sid = company.add_in_neo(detail="会議", place="A")
    company.sync()
    [event] = company.google_events()
    later = company.today + timedelta(days=5)

    company.trial.neo.world.change(sid, place="B")
    company.trial.google.faults.add(on="events.patch", kind="status", status=412, body=PRECONDITION)
    company.sync()
    company.trial.google.world.patch(company.person.email, event["id"], {"start": moment(later, 9), "end": moment(later, 10)})
    company.sync()

    [item] = company.neo_items()
    assert (item["place"], item["startdate"]) == ("B", f"{later:%Y%m%d}")
    assert company.differences() == {}


def test_a_google_that_is_down_for_a_while_loses_nothing(company: Company) -> None:
    company.add_in_neo(detail="会議")

    company.trial.google.faults.add(on="*", kind="status", status=503, times=3)
    company.sync_through_faults()

    assert company.google_titles() == ["会議"]
    assert company.last_run().counts["errors"] == 3


PRECONDITION = {
    "error": {
        "code": 412,
        "message": "Precondition Failed",
        "errors": [{"domain": "global", "reason": "conditionNotMet", "message": "Precondition Failed"}],
    }
}
