from datetime import timedelta

from tests.scenarios.company import Company, moment
from tests.scenarios.conftest import Found


def test_a_whole_office_comes_in_step_and_stays_quiet(found: Found) -> None:
    with found(users=4, events=160) as company:
        company.sync()
        first = company.differences()
        company.sync()

        assert first == {}
        assert company.differences() == {}
        assert company.writes() == 0


def test_an_event_added_in_neo_appears_on_google(company: Company) -> None:
    company.add_in_neo(detail="営業会議", place="本社", memo="資料持参")

    company.sync()

    [event] = company.google_events()
    assert (event["summary"], event["location"], event["description"]) == ("営業会議", "本社", "資料持参")
    assert event["start"] == moment(company.today + timedelta(days=1), 10)


def test_an_event_added_on_google_appears_in_neo(company: Company) -> None:
    company.add_on_google(summary="歯医者", visibility="private", status="tentative")

    company.sync()

    [item] = company.neo_items()
    assert (item["detail"], item["public_level"], item["reserve"]) == ("歯医者", "secret", "1")
    assert (item["starttime"], item["endtime"]) == ("1400", "1500")


def test_moving_an_event_on_google_moves_it_in_neo(company: Company) -> None:
    event_id = company.add_on_google()
    company.sync()
    later = company.today + timedelta(days=3)

    company.trial.google.world.patch(company.person.email, event_id, {"start": moment(later, 16), "end": moment(later, 17)})
    company.sync()

    [item] = company.neo_items()
    assert (item["startdate"], item["starttime"], item["endtime"]) == (f"{later:%Y%m%d}", "1600", "1700")


def test_moving_an_event_in_neo_moves_it_on_google(company: Company) -> None:
    sid = company.add_in_neo()
    company.sync()

    company.trial.neo.world.change(sid, starttime="0900", endtime="0930")
    company.sync()

    [event] = company.google_events()
    assert event["start"] == moment(company.today + timedelta(days=1), 9)


def test_deleting_in_neo_deletes_on_google(company: Company) -> None:
    sid = company.add_in_neo()
    company.sync()

    company.trial.neo.world.delete(sid)
    company.sync()

    assert company.google_events() == []


def test_deleting_on_google_deletes_in_neo(company: Company) -> None:
    event_id = company.add_on_google()
    company.sync()

    company.trial.google.world.delete(company.person.email, event_id)
    company.sync()

    assert company.neo_items() == []


def test_different_fields_changed_on_both_sides_are_both_kept(company: Company) -> None:
    sid = company.add_in_neo(detail="会議", place="A")
    company.sync()
    [event] = company.google_events()

    company.trial.neo.world.change(sid, place="B")
    company.trial.google.world.patch(company.person.email, event["id"], {"summary": "会議(変更)"})
    company.sync()

    [item] = company.neo_items()
    [event] = company.google_events()
    assert (item["detail"], item["place"]) == ("会議(変更)", "B")
    assert (event["summary"], event["location"]) == ("会議(変更)", "B")


def test_deleted_in_neo_and_changed_on_google_lives_on(company: Company) -> None:
    sid = company.add_in_neo(detail="会議")
    company.sync()
    [event] = company.google_events()

    company.trial.neo.world.delete(sid)
    company.trial.google.world.patch(company.person.email, event["id"], {"summary": "会議 改"})
    company.sync()

    assert company.neo_titles() == ["会議 改"]
    assert company.google_titles() == ["会議 改"]


def test_an_all_day_event_keeps_its_days(company: Company) -> None:
    first, last = company.today + timedelta(days=2), company.today + timedelta(days=4)

    company.add_in_neo(detail="出張", startdate=f"{first:%Y%m%d}", enddate=f"{last:%Y%m%d}", starttime="", endtime="")
    company.sync()

    [event] = company.google_events()
    assert event["start"] == {"date": f"{first}"}
    assert event["end"] == {"date": f"{last + timedelta(days=1)}"}


def test_a_kind_of_event_stays_when_the_text_behind_it_is_edited(company: Company) -> None:
    company.add_in_neo(event="来客", detail="A社様")
    company.sync()
    [event] = company.google_events()

    company.trial.google.world.patch(company.person.email, event["id"], {"summary": "来客: B社様"})
    company.sync()

    [item] = company.neo_items()
    assert (item["event"], item["detail"]) == ("来客", "B社様")
