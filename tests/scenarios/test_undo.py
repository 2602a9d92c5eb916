"""Preview, undo, removal and quarantine with real clients."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from desksync.sync.event import Side
from desksync_embedded import safety_commands
from desksync_embedded.users_commands import NotDone
from tests.scenarios.commands import a_console
from tests.scenarios.company import Company, moment


def undo_last_run(company: Company) -> str:
    console, printed = a_console()
    safety_commands.undo_run(company.trial.resources, console, company.last_run().id, lambda _question: True)
    return printed.getvalue()


def test_a_run_is_put_back_on_both_sides_and_stays_so(company: Company) -> None:
    sid = company.add_in_neo(detail="会議")
    company.sync()
    company.trial.neo.world.change(sid, detail="会議 改")
    company.add_on_google(summary="歯医者")
    company.sync()

    printed = undo_last_run(company)
    before = sorted(company.neo_titles()), sorted(company.google_titles())
    company.sync()
    company.sync()

    assert before == (["会議 改"], ["会議", "歯医者"])
    assert (sorted(company.neo_titles()), sorted(company.google_titles())) == before
    assert "2 of 2 changes" in printed
    assert company.writes() == 0


@pytest.mark.parametrize("side", Side)
def test_a_deletion_is_put_back_and_comes_to_both_sides_again(company: Company, side: Side) -> None:
    sid = company.add_in_neo(detail="会議", place="本社")
    company.sync()
    [event] = company.google_events()
    if side is Side.NEO:
        company.trial.google.world.delete(company.person.email, event["id"])
    else:
        company.trial.neo.world.delete(sid)
    company.sync()

    undo_last_run(company)
    company.sync()

    assert company.neo_titles() == company.google_titles() == ["会議"]
    assert company.differences() == {}
    company.sync()
    assert company.writes() == 0


def test_a_preview_shows_a_run_and_writes_nothing(company: Company) -> None:
    sid = company.add_in_neo(detail="会議")
    company.sync()
    company.trial.neo.world.change(sid, place="本社")
    company.add_on_google(summary="歯医者")
    console, printed = a_console()
    before = company.neo_items(), company.google_events(), company.last_run()

    safety_commands.show_preview(company.trial.resources, console, company.person.login_id, as_json=False)

    assert (company.neo_items(), company.google_events(), company.last_run()) == before
    assert "1 creates, 1 updates, 0 deletes" in printed.getvalue()
    assert "location" in printed.getvalue()
    company.sync()
    assert company.writes() == 2


def test_a_preview_for_machines_is_json(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.add_in_neo(detail="会議")
    console, _ = a_console()

    safety_commands.show_preview(company.trial.resources, console, company.person.login_id, as_json=True)

    shown = json.loads(capsys.readouterr().out)
    assert [(one["side"], one["title"]) for one in shown["creates"]] == [("google", "会議")]
    assert (shown["matched"], shown["held"]) == (0, [])


@pytest.mark.parametrize("side", Side)
def test_what_we_wrote_is_removed_and_nothing_else(company: Company, side: Side) -> None:
    company.add_in_neo(detail="NEO の会議")
    company.add_on_google(summary="Google の予定")
    both = {"starttime": "0800", "endtime": "0830", "detail": "両方"}
    company.add_in_neo(**both)
    tomorrow = company.today.fromordinal(company.today.toordinal() + 1)
    company.add_on_google(summary="両方", start=moment(tomorrow, 8), end=moment(tomorrow, 8, 30))
    company.sync()
    console, printed = a_console()
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    is_all = safety_commands.clean_side(company.trial.resources, console, company.person.login_id, side, agree)

    own, copied = ("NEO の会議", "Google の予定") if side is Side.NEO else ("Google の予定", "NEO の会議")
    titles = {Side.NEO: company.neo_titles, Side.GOOGLE: company.google_titles}
    assert is_all
    assert sorted(titles[side]()) == sorted([own, "両方"])
    assert sorted(titles[side.other]()) == sorted([own, copied, "両方"])
    assert asked[0].startswith("1 events that DeskSync created")
    assert "1 events were removed" in printed.getvalue()


def test_a_removal_that_is_not_confirmed_removes_nothing(company: Company) -> None:
    company.add_in_neo(detail="会議")
    company.sync()
    console, _ = a_console()

    with pytest.raises(NotDone, match="Nothing was removed"):
        safety_commands.clean_side(company.trial.resources, console, company.person.login_id, Side.GOOGLE, lambda _text: False)

    assert company.google_titles() == ["会議"]


def test_a_person_without_refusals_is_told_so(company: Company) -> None:
    company.add_in_neo(detail="会議")
    company.sync()
    console, printed = a_console()

    safety_commands.show_refused(company.trial.resources, console, company.person.login_id, as_json=False)

    assert printed.getvalue().strip() == "Every event syncs."


def test_one_date_of_a_series_that_neo_holds_as_single_events_is_put_back_through_its_series(company: Company) -> None:
    start = company.today + timedelta(days=7)
    lines = [f"RRULE:FREQ=MONTHLY;BYMONTHDAY={start.day},-1;COUNT=3"]
    event_id = company.add_on_google(start=moment(start, 14), end=moment(start, 15), recurrence=lines)
    company.sync()
    first, second, third = company.neo_items()
    company.trial.neo.world.change(first["sid"], detail="変更")
    company.trial.neo.world.delete(third["sid"])
    company.sync()
    changed = [one.get("summary") for one in google_instances(company, event_id)]

    printed = undo_last_run(company)

    assert "2 of 2 changes" in printed
    assert changed == ["変更", second["detail"]]
    assert [one["summary"] for one in google_instances(company, event_id)] == [second["detail"]] * 3
    company.sync()
    assert [item["detail"] for item in company.neo_items()] == ["変更", second["detail"], third["detail"]]
    company.sync()
    assert company.writes() == 0


def google_instances(company: Company, event_id: str) -> list[dict[str, Any]]:
    begin = datetime.combine(company.today, time.min, tzinfo=UTC)
    found = company.trial.google.world.occurrences(company.person.email, begin, begin + timedelta(days=365))
    return sorted((one for one in found if one["recurringEventId"] == event_id), key=lambda one: str(one["originalStartTime"]))
