"""Batches as googleapiclient's BatchHttpRequest sends them."""

from typing import Any

import httplib2
import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from desksync_sandbox.google.batch import CONTENT_TYPE
from tests.sandbox.google_site import HANAKO, TARO, Site, all_day, timed


def run(google: Site, *requests: Any) -> list[tuple[str, Any]]:
    """Send the requests as one batch; return id and answer, or id and the status of the error, in the order of the answers."""
    found: list[tuple[str, Any]] = []

    def note(number: str, answer: Any, error: HttpError | None) -> None:
        found.append((number, answer if error is None else error.resp.status))

    batch = BatchHttpRequest(callback=note, batch_uri=google.server.batch_url)
    for request in requests:
        batch.add(request)
    batch.execute(http=google.http)
    return found


def test_every_call_of_a_batch_gets_its_own_answer(google: Site) -> None:
    event = google.insert(summary="会議 & <打ち合わせ>")
    events = google.events

    found = run(
        google,
        events.get(calendarId="primary", eventId=event["id"]),
        events.get(calendarId="primary", eventId="nothere"),
        events.insert(calendarId="primary", body={"summary": "日本語 ～ 😀", **all_day("2026-11-24", "2026-11-25")}),
        events.delete(calendarId="primary", eventId=event["id"]),
    )

    assert [number for number, _ in found] == ["1", "2", "3", "4"]
    assert found[0][1] == event
    assert found[1][1] == 404
    assert found[2][1]["summary"] == "日本語 ～ 😀"
    assert found[3][1] == ""
    assert google.ids() == [found[2][1]["id"]]


def test_inner_conditions_and_inner_callers_are_heeded(google: Site) -> None:
    event = google.insert()
    stale = google.events.patch(calendarId="primary", eventId=event["id"], body={"summary": "遅い"})
    stale.headers["If-Match"] = '"1"'
    of_another = google.events.list(calendarId="primary")
    of_another.headers["authorization"] = f"Bearer {google.world.grants.access_token_for(TARO)}"

    found = run(google, stale, of_another)

    assert found[0][1] == 412
    assert found[1][1]["summary"] == TARO


def test_a_batch_counts_call_by_call_and_suffers_faults_call_by_call(google: Site) -> None:
    google.server.faults.add(on="events.insert", kind="status", status=503, skip=1)
    calls = [google.events.insert(calendarId="primary", body=timed("2026-11-24T10:00")) for _ in range(3)]

    found = run(google, *calls)

    assert [answer if isinstance(answer, int) else 200 for _, answer in found] == [200, 503, 200]
    assert [call.status for call in google.server.calls.all("events.insert")] == [200, 503, 200]
    assert len(google.ids()) == 2


def test_a_thousand_calls_are_taken_and_one_more_is_not(google: Site) -> None:
    part = b"--x\r\nContent-Type: application/http\r\nContent-ID: <a + 1>\r\n\r\nGET /calendar/v3/colors\r\n\r\n\r\n"
    headers = {
        "content-type": 'multipart/mixed; boundary="x"',
        "authorization": f"Bearer {google.world.grants.access_token_for(HANAKO)}",
    }

    full = google.web.post(google.server.batch_url, content=part * 1000 + b"--x--", headers=headers)
    over = google.web.post(google.server.batch_url, content=part * 1001 + b"--x--", headers=headers)

    assert full.status_code == 200
    assert full.headers["content-type"] == CONTENT_TYPE
    assert full.text.count("HTTP/1.1 200 OK") == 1000
    assert full.text.count("Content-ID: <response-a + 1>") == 1000
    assert over.status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", "multipart/mixed", "text/plain"])
def test_what_is_no_batch_is_refused(google: Site, content_type: str) -> None:
    response = google.web.post(google.server.batch_url, content=b"{}", headers={"content-type": content_type})

    assert response.status_code == 400


def test_a_part_that_is_no_request_makes_the_batch_unreadable(google: Site) -> None:
    body = b"--x\r\nContent-Type: application/http\r\n\r\nnonsense\r\n--x--"

    response = google.web.post(google.server.batch_url, content=body, headers={"content-type": 'multipart/mixed; boundary="x"'})

    assert response.status_code == 400


def test_a_lost_inner_answer_loses_the_batch_but_not_the_work(google: Site) -> None:
    google.server.faults.add(on="events.insert", kind="lose_answer", times=2)

    with pytest.raises((httplib2.ServerNotFoundError, ConnectionError, OSError)):
        run(google, google.events.insert(calendarId="primary", body={"id": "once1", **timed("2026-11-24T10:00")}))

    assert google.ids() == ["once1"]
