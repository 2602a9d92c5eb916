"""The page on which a person sees a week of the stand-in and changes it."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.google_site import HANAKO, TEAM, Site, all_day, timed


def see(google: Site, path: str, **parameters: str) -> str:
    response = google.web.get(path, params={"calendar": HANAKO, **parameters})
    assert response.status_code == 200, response.text
    return response.text


def post(google: Site, path: str, **fields: str) -> httpx.Response:
    return google.web.post(path, data={"calendar": HANAKO, **fields})


def save(google: Site, **fields: str) -> httpx.Response:
    filled = {"summary": "会議", "start_date": "2026-11-25", "end_date": "2026-11-25", "start_time": "10:00", "end_time": "11:00"}
    response = post(google, "/event", **{**filled, **fields})
    assert response.status_code == 303, response.text
    return response


def form_of(text: str) -> dict[str, str]:
    """Return what a browser would send of the first form."""
    boxes = re.sub(r'<input type="checkbox"(?![^>]* checked)[^>]*>', "", text)
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" [^>]*?value="([^"]*)"', boxes))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        found[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return found


def a_series(google: Site, **event: Any) -> str:
    series = {
        "id": "series1",
        "summary": "朝礼",
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"],
        **timed("2026-11-23T09:00"),
        **event,
    }
    event_id: str = google.world.add(HANAKO, series)["id"]
    return event_id


def days(google: Site) -> list[str]:
    return [
        item["start"].get("date") or item["start"]["dateTime"] for item in google.items(singleEvents=True, orderBy="startTime")
    ]


def test_the_first_page_leads_to_every_calendar_of_every_account(google: Site) -> None:
    text = google.web.get("/").text

    assert "山田 花子" in text
    assert "鈴木 太郎" in text
    assert 'href="/week?calendar=hanako%40example.jp"' in text
    assert text.count(f'href="/week?calendar={TEAM.replace("@", "%40")}"') == 2
    assert "reader" in text


def test_a_week_shows_timed_and_all_day_events_instances_and_marks(google: Site) -> None:
    google.world.add(HANAKO, {"summary": "会議", "location": "5階", "visibility": "private", **timed("2026-11-25T10:00")})
    google.world.add(HANAKO, {"summary": "出張", "status": "tentative", **all_day("2026-11-26", "2026-11-28")})
    a_series(google)
    google.world.add(HANAKO, {"summary": "来週", **timed("2026-12-02T10:00")})

    text = see(google, "/week")

    assert all(word in text for word in ("会議", "5階", "非公開", "出張", "仮", "10:00–11:00"))
    assert text.count("朝礼") == 10  # Five cards, each with a tooltip.
    assert "来週" not in text
    assert "来週" in see(google, "/week", week="2026-12-03")


def test_times_are_those_of_the_calendars_zone(google: Site) -> None:
    google.world.calendar(HANAKO).time_zone = "America/New_York"
    google.world.add(HANAKO, {"summary": "会議", **timed("2026-11-25T10:00")})

    assert "20:00–21:00" in see(google, "/week")


def test_everything_is_escaped_and_nothing_comes_from_outside(google: Site) -> None:
    google.world.add(HANAKO, {"id": "evil1", "summary": "<script>x</script>", "location": '"><b>', **timed("2026-11-25T10:00")})

    week, form = see(google, "/week"), see(google, "/event", id="evil1")
    response = google.web.get("/")

    assert "<script" not in week + form
    assert "&lt;script&gt;" in week
    assert 'value="&#34;&gt;&lt;b&gt;"' in form
    assert re.findall(r'(?:src|href)="(?!/)[^"]*', week + form + response.text) == []
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_an_event_is_added_and_reaches_the_api(google: Site) -> None:
    token = google.token()

    response = save(google, description="一行目\r\n二行目", visibility="private", colorId="5", tentative="1")

    [event] = google.items(syncToken=token)
    assert parse_qs(urlsplit(response.headers["location"]).query) == {"calendar": [HANAKO], "week": ["2026-11-25"]}
    assert event["start"] == {"dateTime": "2026-11-25T10:00:00+09:00", "timeZone": "Asia/Tokyo"}
    assert (event["summary"], event["description"]) == ("会議", "一行目\n二行目")
    assert (event["status"], event["visibility"], event["colorId"]) == ("tentative", "private", "5")


def test_without_times_an_event_lasts_whole_days_to_the_end_date_inclusive(google: Site) -> None:
    save(google, start_time="", end_time="", end_date="2026-11-26")

    [event] = google.items()
    assert (event["start"], event["end"]) == ({"date": "2026-11-25"}, {"date": "2026-11-27"})


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"repeat": "DAILY"}, "RRULE:FREQ=DAILY"),
        ({"repeat": "WEEKLY", "interval": "2", "count": "4"}, "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4"),
        ({"repeat": "DAILY", "until": "2026-11-27"}, "RRULE:FREQ=DAILY;UNTIL=20261127T145959Z"),
        ({"repeat": "DAILY", "until": "2026-11-27", "start_time": ""}, "RRULE:FREQ=DAILY;UNTIL=20261127"),
        ({"repeat": "CUSTOM", "lines": "RRULE:FREQ=MONTHLY;BYDAY=4WE\r\n"}, "RRULE:FREQ=MONTHLY;BYDAY=4WE"),
    ],
)
def test_a_series_is_added_and_its_form_shows_it_again(google: Site, fields: dict[str, str], line: str) -> None:
    save(google, **fields)

    [series] = google.items()
    text = see(google, "/event", id=google.page(singleEvents=True, maxResults=1)["items"][0]["id"], scope="all")
    assert series["recurrence"] == [line]
    assert form_of(text)["repeat"] == fields["repeat"]
    assert form_of(text).get("count", "") == fields.get("count", "")
    assert form_of(text).get("until", "") == fields.get("until", "")


def test_saving_a_form_unchanged_changes_no_field(google: Site) -> None:
    event = google.insert(
        description="メモ\n二行目", location="5階", visibility="private", colorId="7", transparency="transparent"
    )
    text = see(google, "/event", id=event["id"])
    description = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)[-1]

    response = google.web.post("/event", data={**form_of(text), "description": description})

    after = google.get(event["id"])
    assert response.status_code == 303
    assert {name for name in {*event, *after} if event.get(name) != after.get(name)} <= {"etag", "updated"}


def test_a_single_event_is_changed_moved_and_deleted(google: Site) -> None:
    event = google.insert()
    save(google, id=event["id"], summary="変更", start_date="2026-11-26", end_date="2026-11-26")
    post(google, "/event/move", id=event["id"], days="7")
    moved = google.get(event["id"])

    post(google, "/event/delete", id=event["id"])

    assert (moved["summary"], moved["start"]["dateTime"]) == ("変更", "2026-12-03T10:00:00+09:00")
    assert google.ids() == []


def test_a_whole_day_event_moves_by_days(google: Site) -> None:
    event = google.insert(**all_day("2026-11-24", "2026-11-26"))

    post(google, "/event/move", id=event["id"], days="-1")

    assert (google.get(event["id"])["start"], google.get(event["id"])["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-25"})


def test_one_occurrence_is_moved_changed_and_deleted_and_the_others_stay(google: Site) -> None:
    series = a_series(google)
    post(google, "/event/move", id=f"{series}_20261124T000000Z", days="7")
    save(google, id=f"{series}_20261125T000000Z", scope="one", summary="特別")
    post(google, "/event/delete", id=f"{series}_20261126T000000Z", scope="one")

    found = {item["start"]["dateTime"]: item["summary"] for item in google.items(singleEvents=True)}

    assert found == {
        "2026-11-23T09:00:00+09:00": "朝礼",
        "2026-11-25T10:00:00+09:00": "特別",
        "2026-11-27T09:00:00+09:00": "朝礼",
        "2026-12-01T09:00:00+09:00": "朝礼",
    }
    assert google.get(series)["recurrence"] == ["RRULE:FREQ=DAILY;COUNT=5"]


def test_all_occurrences_are_changed_and_deleted_through_any_of_them(google: Site) -> None:
    series = a_series(google)
    instance = f"{series}_20261125T000000Z"
    fields = form_of(see(google, "/event", id=instance, scope="all"))
    google.web.post("/event", data={**fields, "summary": "昼礼"})
    renamed = {item["summary"] for item in google.items(singleEvents=True)}

    post(google, "/event/delete", id=instance, scope="all")

    assert fields["start_date"] == "2026-11-23"
    assert renamed == {"昼礼"}
    assert google.ids() == []


def test_this_and_following_is_changed_as_a_series_of_its_own(google: Site) -> None:
    series = a_series(google)
    fields = form_of(see(google, "/event", id=f"{series}_20261126T000000Z", scope="following"))

    google.web.post("/event", data={**fields, "summary": "昼礼", "start_time": "12:00", "end_time": "12:30", "count": "2"})

    assert fields["start_date"] == "2026-11-26"
    assert google.ids() == [series, f"{series}_R20261126T000000"]
    assert [day[:16] for day in days(google)] == [
        "2026-11-23T09:00",
        "2026-11-24T09:00",
        "2026-11-25T09:00",
        "2026-11-26T12:00",
        "2026-11-27T12:00",
    ]


def test_this_and_following_is_deleted(google: Site) -> None:
    series = a_series(google)

    post(google, "/event/delete", id=f"{series}_20261125T000000Z", scope="following")

    assert [day[:10] for day in days(google)] == ["2026-11-23", "2026-11-24"]


def test_this_and_following_from_the_first_occurrence_is_the_whole_series(google: Site) -> None:
    series = a_series(google)
    save(google, id=f"{series}_20261123T000000Z", scope="following", summary="昼礼", repeat="DAILY", count="2")
    changed = google.ids()

    post(google, "/event/delete", id=google.page(singleEvents=True, maxResults=1)["items"][0]["id"], scope="following")

    assert changed == [series]
    assert google.ids() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_date": "tomorrow"}, "日付"),
        ({"end_date": "2026-11-24"}, "timeRangeEmpty"),
        ({"end_time": "25:00"}, "日付"),
        ({"repeat": "CUSTOM", "lines": "nonsense"}, "Invalid recurrence rule"),
        ({"repeat": "DAILY", "count": "many"}, "日付"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(google: Site, fields: dict[str, str], words: str) -> None:
    filled = {
        "summary": "大事な会議",
        "start_date": "2026-11-25",
        "end_date": "2026-11-25",
        "start_time": "10:00",
        "end_time": "11:00",
    }

    response = post(google, "/event", **{**filled, **fields})

    assert response.status_code == 422
    assert words in response.text
    assert 'value="大事な会議"' in response.text
    assert google.ids() == []


@pytest.mark.parametrize(
    "path", ["/week?calendar=nobody", "/event?calendar=hanako@example.jp&id=nothere", "/calendar/event?eid=x"]
)
def test_what_is_not_there_is_said_to_be_missing(google: Site, path: str) -> None:
    response = google.web.get(path)

    assert response.status_code == 404
    assert "Not Found" in response.text


def test_a_deleted_event_has_no_form(google: Site) -> None:
    event = google.insert()
    google.delete(event["id"])

    assert google.web.get("/event", params={"calendar": HANAKO, "id": event["id"]}).status_code == 404


def test_the_link_of_an_event_leads_to_its_form(google: Site) -> None:
    event = google.insert(summary="リンク先")

    response = google.web.get(event["htmlLink"], follow_redirects=True)

    assert response.status_code == 200
    assert 'value="リンク先"' in response.text


def test_a_form_for_a_day_or_an_hour_is_filled_with_it(google: Site) -> None:
    hour = form_of(see(google, "/event/new", date="2026-11-25", time="23:30"))
    day = form_of(see(google, "/event/new", date="2026-11-25"))

    assert (hour["start_time"], hour["end_date"], hour["end_time"]) == ("23:30", "2026-11-26", "00:30")
    assert (day["start_date"], day["start_time"]) == ("2026-11-25", "")
