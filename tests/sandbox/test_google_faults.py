"""Faults on order: quota errors, server errors, lost answers, slowness; and what the request log keeps."""

import time
from datetime import timedelta

import pytest

from desksync_sandbox.google import GoogleSwitches, LongText
from tests.sandbox.google_site import Site, refused, timed


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("rateLimitExceeded", 403),
        ("userRateLimitExceeded", 403),
        ("quotaExceeded", 403),
        ("dailyLimitExceeded", 403),
        ("backendError", 503),
        ("fullSyncRequired", 410),
        ("conflict", 409),
    ],
)
def test_a_fault_ordered_by_its_reason_has_googles_whole_body(google: Site, reason: str, status: int) -> None:
    google.web.post("/control/faults", json={"on": "events.list", "kind": "status", "body": reason})

    assert refused(google.events.list(calendarId="primary")) == (status, reason)
    assert google.page()["items"] == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [(403, "rateLimitExceeded"), (429, "rateLimitExceeded"), (500, "backendError"), (503, "backendError"), (401, "authError")],
)
def test_a_fault_ordered_by_its_status_has_the_reason_that_google_gives_most(google: Site, status: int, reason: str) -> None:
    google.server.faults.add(on="events.get", kind="status", status=status)

    assert refused(google.events.get(calendarId="primary", eventId="any")) == (status, reason)


def test_a_reason_can_come_with_another_status_and_retry_after(google: Site) -> None:
    google.server.faults.add(kind="status", status=429, body="rateLimitExceeded", headers={"Retry-After": "7"})

    response = google.web.get("/calendar/v3/colors")

    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["error"]["errors"][0]["domain"] == "usageLimits"


def test_the_next_three_inserts_fail_and_the_fourth_works(google: Site) -> None:
    google.server.faults.add(on="events.insert", kind="status", status=503, times=3)
    call = google.events.insert(calendarId="primary", body=timed("2026-11-24T10:00"))

    refusals = [refused(call) for _ in range(3)]

    assert refusals == [(503, "backendError")] * 3
    assert call.execute()["status"] == "confirmed"
    assert len(google.ids()) == 1


def test_a_lost_answer_is_asked_for_again_by_the_client_and_a_chosen_id_makes_that_harmless(google: Site) -> None:
    google.server.faults.add(on="events.insert", kind="lose_answer")
    call = google.events.insert(calendarId="primary", body={"id": "once1", **timed("2026-11-24T10:00")})

    found = refused(call)

    assert found == (409, "duplicate")
    assert google.ids() == ["once1"]
    assert [(call.status, call.done) for call in google.server.calls.all("events.insert")] == [(0, 200), (409, 409)]


def test_the_request_log_says_what_a_new_event_is_called(google: Site) -> None:
    google.events.insert(calendarId="primary", body={"id": "once1", "summary": "Lunch", **timed("2026-11-24T10:00")}).execute()
    google.web.post("/calendar/v3/calendars/primary/events", content=b"[]")

    inserted, refused_one = (call.parameters for call in google.server.calls.all("events.insert"))

    assert (inserted["id"], inserted["summary"]) == ("once1", "Lunch")
    assert refused_one.keys() == {"method", "path"}


def test_a_slow_answer_takes_its_time_and_holds_nobody_else_up(google: Site) -> None:
    google.server.faults.add(on="colors.get", kind="slow", seconds=0.3)
    began = time.monotonic()

    google.service.colors().get().execute()

    assert time.monotonic() - began >= 0.3


def test_the_token_endpoint_can_fail_too(google: Site) -> None:
    google.server.faults.add(on="oauth.token", kind="status", status=500)

    response = google.web.post(google.server.token_url, data={"grant_type": "refresh_token"})

    assert response.status_code == 500


def test_the_log_names_operation_and_parameters_but_no_token(google: Site) -> None:
    event = google.insert()
    call = google.events.patch(calendarId="primary", eventId=event["id"], body={}, sendUpdates="none")
    call.headers["If-Match"] = event["etag"]
    call.execute()

    logged = google.web.get("/control/requests").json()

    assert [entry["operation"] for entry in logged] == ["events.insert", "events.patch"]
    assert logged[1]["parameters"] == {
        "method": "PATCH",
        "path": f"calendars/primary/events/{event['id']}",
        "sendUpdates": "none",
        "alt": "json",
        "if-match": event["etag"],
    }
    assert "ya29" not in str(logged)


def test_reset_over_http_brings_the_seed_back(google: Site) -> None:
    google.insert()
    google.server.faults.add(kind="status", status=503, times=9)

    google.web.post("/control/reset")

    assert google.ids() == []
    assert len(google.server.calls.all()) == 1


def test_an_order_about_an_unknown_calendar_is_refused(google: Site) -> None:
    assert google.web.post("/control/expire-sync-tokens", json={"calendar_id": "nobody@example.jp"}).status_code == 404
    assert google.web.post("/control/expire-sync-tokens", content=b"{").status_code == 422
    assert google.web.post("/control/expire-sync-tokens").status_code == 204


def test_switches_are_shown_and_turned_over_http(google: Site) -> None:
    turned = google.web.patch("/control/switches", json={"page_limit": 3, "sync_token_life": 60, "long_text": "refuse"}).json()

    assert google.web.get("/control/switches").json() == turned
    assert (turned["page_limit"], turned["sync_token_life"], turned["access_token_life"]) == (3, "PT1M", "PT1H")
    assert google.world.switches == GoogleSwitches(page_limit=3, sync_token_life=timedelta(minutes=1), long_text=LongText.REFUSE)


def test_reset_turns_the_switches_back(google: Site) -> None:
    google.web.patch("/control/switches", json={"page_limit": 3})

    google.web.post("/control/reset")

    assert google.world.switches == GoogleSwitches()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"nonsense": 1}', "nonsense: "),
        ('{"long_text": "shout"}', "long_text: Input should be 'cut', 'refuse' or 'keep'"),
        ('{"page_limit": 0}', "page_limit: Input should be greater than or equal to 1"),
        ('{"access_token_life": -1}', "access_token_life: Input should be greater than or equal to 0"),
        ('{"access_token_life": 1e308}', "access_token_life: "),
        ('{"expansion_horizon": "P99999999D"}', "expansion_horizon: Input should be less than or equal to"),
        ('{"refresh_tokens_per_account": 0}', "refresh_tokens_per_account: "),
        ("[]", "The body has to be a JSON object"),
        ("no json", "The body is no JSON: "),
    ],
)
def test_a_switch_that_cannot_be_turned_so_is_refused_with_the_reason(google: Site, body: str, why: str) -> None:
    response = google.web.patch("/control/switches", content=body)

    assert response.status_code == 422
    assert response.json()["error"].startswith(why)
    assert google.world.switches == GoogleSwitches()


@pytest.mark.parametrize(
    ("order", "what", "why"),
    [
        ("revoke", {"email": "nobody@example.jp"}, "There is no account 'nobody@example.jp'."),
        ("revoke", {"refresh_token": "1//unknown"}, "There is no such refresh token."),
        ("expire-sync-tokens", {"calendar_id": "nowhere"}, "There is no calendar 'nowhere'."),
    ],
)
def test_an_order_for_what_is_not_there_is_refused(google: Site, order: str, what: dict[str, str], why: str) -> None:
    response = google.web.post(f"/control/{order}", json=what)

    assert (response.status_code, response.json()) == (404, {"error": why})
