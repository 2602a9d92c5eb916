"""The small page for people: plain forms that add, change, move and delete."""

from typing import Any

import httpx
import pytest

from tests.sandbox.neo_office import SATO, SUZUKI, Office

WEEK = f"/users/{SATO}?week=2026-11-25"
FORM = {
    "startdate": "2026-11-24",
    "enddate": "2026-11-24",
    "starttime": "10:00",
    "endtime": "11:00",
    "event": "会議",
    "detail": "予算",
    "otherto": SATO,
    "public_level": "open",
    "repeat": "",
}


def page(neo: Office, path: str) -> str:
    response = neo.http.get(neo.server.url + path)
    assert response.status_code == 200, response.text
    return response.text


def submit(neo: Office, path: str, **form: Any) -> httpx.Response:
    return neo.http.post(neo.server.url + path, data=form)


def test_a_person_picks_a_user(neo: Office) -> None:
    text = page(neo, "/")

    assert "利用者を選ぶ" in text
    assert f'href="/users/{SUZUKI}"' in text
    assert "鈴木 美咲" in text


def test_the_week_shown_first_is_todays(neo: Office) -> None:
    text = page(neo, f"/users/{SATO}")

    assert "2026年11月23日 – 11月29日" in text
    assert "?week=2026-11-16" in text
    assert "?week=2026-11-30" in text


@pytest.mark.parametrize(("week", "day"), [("2026-11-24", "2026-11-24"), ("2026-12-02", "2026-11-30")])
def test_a_new_event_is_offered_for_today_or_for_the_monday_of_another_week(neo: Office, week: str, day: str) -> None:
    text = page(neo, f"/users/{SATO}?week={week}")

    assert f'class="button strong" href="/users/{SATO}/new?date={day}&amp;time=10:00"' in text


def test_the_week_shows_events_with_their_marks(neo: Office) -> None:
    neo.world.add(SATO, startdate="20261124", detail="休み")
    neo.world.add(
        SATO,
        startdate="20261125",
        starttime="1000",
        endtime="1200",
        event="会議",
        detail="予算",
        public_level="secret",
        place="本社",
    )
    neo.world.add(SATO, startdate="20261126", starttime="1300", detail="定例", repeat="w", rependtimes="2", reserve="1")
    neo.world.add(SATO, detail="飛び石", repeat="r", dates=["20261123", "20261203"], rankflg="1", public_level="permission")
    neo.world.change("504", modkind=1, seldate="20261123", memo="特別")
    neo.world.add(SATO, detail="研修", repeat="r", dates=["20261127", "20261203"])

    text = page(neo, WEEK)

    for shown in (
        "終日",
        "休み",
        "会議: 予算",
        "10:00–12:00",
        "本社",
        "非公開",
        "定期",
        "仮",
        "変更",
        "不定期",
        "公開先限定",
        "重要",
    ):
        assert shown in text, shown


def test_an_added_event_is_in_neo_and_on_the_page(neo: Office) -> None:
    response = submit(neo, f"/users/{SATO}/schedules", **FORM)

    (record,) = neo.world.records(SATO)
    assert response.status_code == 303
    assert response.headers["location"] == f"/users/{SATO}?week=2026-11-23"
    assert (record["startdate"], record["starttime"], record["endtime"], record["event"]) == ("20261124", "1000", "1100", "会議")
    assert "会議: 予算" in page(neo, response.headers["location"])


def test_empty_times_make_an_all_day_event(neo: Office) -> None:
    submit(neo, f"/users/{SATO}/schedules", **{**FORM, "starttime": "", "endtime": "", "enddate": "2026-11-26"})

    (record,) = neo.world.records(SATO)
    assert (record["starttime"], record["endtime"], record["enddate"]) == ("", "", "20261126")


def test_a_series_is_added_by_its_rule(neo: Office) -> None:
    rule: dict[str, Any] = {"repeat": "w", "interval": "1", "weekdays": ["0", "2"], "rependtimes": "3", "until": ""}

    submit(neo, f"/users/{SATO}/schedules", **{**FORM, **rule})

    assert [record["startdate"] for record in neo.world.records(SATO)] == ["20261125", "20261130", "20261202"]


def test_a_refused_form_is_shown_again_with_what_was_typed(neo: Office) -> None:
    response = submit(neo, f"/users/{SATO}/schedules", **{**FORM, "enddate": "2026-11-01", "memo": "入力した内容"})

    assert response.status_code == 422
    assert "終了日は開始日以降" in response.text
    assert "入力した内容" in response.text
    assert neo.world.records(SATO) == []


def test_an_event_is_changed_and_keeps_what_the_form_does_not_show(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="前", schcolor="3", flag="1")
    path = f"/users/{SATO}/schedules/{sid}/20261124"
    shown = page(neo, path)

    submit(neo, path, **{**FORM, "detail": "後", "otherto": [SATO, SUZUKI]})

    (record,) = neo.world.records(SUZUKI)
    assert 'value="前"' in shown
    assert (record["detail"], record["schcolor"], record["flag"], record["starttime"]) == ("後", "3", "1", "1000")


def test_a_refused_change_is_shown_again_and_changes_nothing(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="前")

    response = submit(neo, f"/users/{SATO}/schedules/{sid}/20261124", **{**FORM, "starttime": "", "memo": "入力した内容"})

    assert response.status_code == 422
    assert "入力した内容" in response.text
    assert neo.world.records(SATO)[0]["detail"] == "前"


@pytest.mark.parametrize(("days", "moved"), [("1", "20261125"), ("-1", "20261123"), ("7", "20261201")])
def test_an_event_is_moved(neo: Office, days: str, moved: str) -> None:
    sid = neo.world.add(SATO, startdate="20261124", enddate="20261125", detail="x")

    submit(neo, f"/users/{SATO}/schedules/{sid}/20261124/move", days=days)

    (record,) = neo.world.records(SATO)
    assert record["startdate"] == moved
    assert int(record["enddate"]) == int(moved) + 1


def test_an_event_is_deleted(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="x")

    response = submit(neo, f"/users/{SATO}/schedules/{sid}/20261124/delete", scope="3")

    assert response.status_code == 303
    assert neo.world.records(SATO) == []


def test_the_form_of_a_series_offers_three_scopes(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="朝会", repeat="d", rependtimes="5")
    path = f"/users/{SATO}/schedules/{sid}/20261126"

    one, later, whole = (page(neo, f"{path}?scope={scope}") for scope in (1, 2, 3))

    assert 'name="repeat"' not in one
    assert 'value="2026-11-26" required' in one
    assert 'value="2026-11-26" required' in later
    assert 'name="rependtimes" min="1" max="5000" value="3"' in later
    assert 'value="2026-11-24" required' in whole
    assert 'name="rependtimes" min="1" max="5000" value="5"' in whole


def test_one_occurrence_is_moved_and_the_series_stays(neo: Office) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="朝会", repeat="w", rependtimes="3")

    submit(neo, f"/users/{SATO}/schedules/{sid}/20261201/move", days="1")

    assert [record["startdate"] for record in neo.world.records(SATO)] == ["20261124", "20261202", "20261208"]


@pytest.mark.parametrize(
    ("scope", "details"),
    [("1", ["朝会", "変更", "朝会"]), ("2", ["朝会", "変更", "変更"]), ("3", ["変更", "変更", "変更"])],
)
def test_a_series_is_changed_in_each_scope(neo: Office, scope: str, details: list[str]) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="朝会", repeat="w", rependtimes="3")
    first = {"1": "2026-12-01", "2": "2026-12-01", "3": "2026-11-24"}[scope]
    rule = {"repeat": "w", "interval": "1", "rependtimes": "2" if scope == "2" else "3"}

    submit(
        neo,
        f"/users/{SATO}/schedules/{sid}/20261201",
        **{**FORM, **rule, "event": "", "detail": "変更", "startdate": first, "enddate": first, "scope": scope},
    )

    assert [record["detail"] for record in neo.world.records(SATO)] == details


@pytest.mark.parametrize(("scope", "left"), [("1", ["20261124", "20261208"]), ("2", ["20261124"]), ("3", [])])
def test_a_series_is_deleted_in_each_scope(neo: Office, scope: str, left: list[str]) -> None:
    sid = neo.world.add(SATO, startdate="20261124", detail="朝会", repeat="w", rependtimes="3")

    submit(neo, f"/users/{SATO}/schedules/{sid}/20261201/delete", scope=scope)

    assert [record["startdate"] for record in neo.world.records(SATO)] == left


def test_texts_of_people_are_escaped_everywhere(neo: Office) -> None:
    nasty = "<script>alert(1)</script>\"'><b>"
    sid = neo.world.add(SATO, startdate="20261124", starttime="1000", endtime="1200", detail=nasty, place=nasty, memo=nasty)

    texts = [page(neo, WEEK), page(neo, f"/users/{SATO}/schedules/{sid}/20261124")]

    for text in texts:
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "\"'><b>" not in text


def test_the_pages_need_no_script_and_nothing_from_elsewhere(neo: Office) -> None:
    neo.insert()

    response = neo.http.get(neo.server.url + WEEK)

    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<script" not in response.text
    assert "http://" not in response.text
    assert "https://" not in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/users/999",
        f"/users/{SATO}/schedules/4711/20261124",
        f"/users/{SATO}?week=tomorrow",
        f"/users/{SATO}/schedules/501/today",
    ],
)
def test_a_wrong_address_is_explained(neo: Office, path: str) -> None:
    neo.insert()

    response = neo.http.get(neo.server.url + path)

    assert response.status_code == 404
    assert 'role="alert">W:' in response.text


def test_a_click_on_a_free_hour_fills_the_form(neo: Office) -> None:
    week = page(neo, WEEK)

    form = page(neo, f"/users/{SATO}/new?date=2026-11-25&time=14:00")

    assert f'href="/users/{SATO}/new?date=2026-11-25&amp;time=14:00"' in week
    assert 'name="starttime" value="14:00"' in form
    assert 'name="endtime" value="15:00"' in form
