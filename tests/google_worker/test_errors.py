import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desksync.worker.errors import EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_google_worker.errors import (
    LONG_PAUSE,
    Refusal,
    asked_pause,
    meaning_anywhere,
    meaning_for_calendar,
    meaning_for_event,
    meaning_of_token_answer,
    refusal_of,
    unreachable,
)

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def a_body(reason: str = "", message: str = "Told why.", location: str = "") -> bytes:
    detail = {"domain": "global", "reason": reason, "message": message, "location": location}
    return json.dumps({"error": {"code": 0, "message": message, "errors": [detail]}}).encode()


def a_refusal(status: int, reason: str = "", *, location: str = "", after: str | None = None) -> Refusal:
    return refusal_of(status, a_body(reason, location=location), after, NOW)


def test_an_error_answer_is_taken_apart() -> None:
    refusal = refusal_of(410, a_body("fullSyncRequired", "Sync token is no longer valid.", "syncToken"), "7", NOW)

    assert refusal == Refusal(410, "fullSyncRequired", "Sync token is no longer valid.", "syncToken", timedelta(seconds=7))


@pytest.mark.parametrize("errors", [None, [], ["x"], {}])
def test_an_error_answer_without_details_is_understood(errors: Any) -> None:
    body = json.dumps({"error": {"code": 404, "message": "Not Found", "errors": errors}}).encode()

    assert refusal_of(404, body, None, NOW) == Refusal(404, "", "Not Found", "", None)


@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"\xff\xfe", b"[]", b"{}", b'{"error": "x"}', b""])
def test_an_answer_that_is_not_googles_json_is_unreadable(content: bytes) -> None:
    with pytest.raises(SideUnreadable, match="403"):
        refusal_of(403, content, None, NOW)


def test_a_page_from_a_server_in_trouble_is_tried_again() -> None:
    with pytest.raises(RetryLater, match="Google Server Error 502") as caught:
        refusal_of(502, b"<html>Bad Gateway</html>", "30", NOW)

    assert (caught.value.is_fault, caught.value.after) == (True, timedelta(seconds=30))


def test_a_page_that_asks_to_wait_is_nobodys_fault() -> None:
    with pytest.raises(RetryLater) as caught:
        refusal_of(429, b"<html>", None, NOW)

    assert not caught.value.is_fault


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_googles_own_failures_begin_as_the_manual_shows(status: int) -> None:
    meaning = meaning_anywhere(a_refusal(status, "backendError", after="120"))

    assert isinstance(meaning, RetryLater)
    assert str(meaning) == f"Google Server Error {status} Told why."
    assert (meaning.is_fault, meaning.after) == (True, timedelta(seconds=120))


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded"), (429, "")]
)
def test_a_rate_limit_is_nobodys_fault(status: int, reason: str) -> None:
    meaning = meaning_anywhere(a_refusal(status, reason, after="9"))

    assert isinstance(meaning, RetryLater)
    assert (meaning.is_fault, meaning.after) == (False, timedelta(seconds=9))


@pytest.mark.parametrize(("after", "pause"), [(None, LONG_PAUSE), ("60", LONG_PAUSE), ("7200", timedelta(hours=2))])
def test_exceeded_usage_limits_make_a_long_pause(after: str | None, pause: timedelta) -> None:
    meaning = meaning_anywhere(a_refusal(403, "quotaExceeded", after=after))

    assert isinstance(meaning, RetryLater)
    assert (meaning.is_fault, meaning.after) == (False, pause)


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (403, "accessNotConfigured", Reason.KEY_REFUSED),
        (403, "insufficientPermissions", Reason.NO_ACCESS),
        (403, "requiredAccessLevel", Reason.NO_ACCESS),
    ],
)
def test_what_concerns_the_whole_account_needs_a_person(status: int, reason: str, expected: Reason) -> None:
    meaning = meaning_anywhere(a_refusal(status, reason))

    assert isinstance(meaning, UserMustAct)
    assert meaning.reason is expected


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412])
def test_other_refusals_depend_on_what_was_asked(status: int) -> None:
    assert meaning_anywhere(a_refusal(status, "forbidden")) is None


@pytest.mark.parametrize(
    ("status", "expected"), [(401, Reason.CONSENT_DEAD), (403, Reason.NO_ACCESS), (404, Reason.CALENDAR_NOT_FOUND)]
)
def test_a_calendar_that_refuses_needs_a_person(status: int, expected: Reason) -> None:
    meaning = meaning_for_calendar(a_refusal(status, "notFound"))

    assert isinstance(meaning, UserMustAct)
    assert meaning.reason is expected


def test_a_list_that_is_refused_for_its_parameters_ends_the_run() -> None:
    meaning = meaning_for_calendar(a_refusal(400, "badRequest"))

    assert isinstance(meaning, SideUnreadable)
    assert "400 badRequest Told why." in str(meaning)


@pytest.mark.parametrize("status", [404, 409, 410, 412])
def test_an_event_that_changed_meanwhile_is_stale(status: int) -> None:
    meaning = meaning_for_event(a_refusal(status))

    assert isinstance(meaning, EventRefused)
    assert meaning.is_stale


@pytest.mark.parametrize("status", [400, 403])
def test_an_event_that_google_does_not_accept_is_refused_with_googles_words(status: int) -> None:
    meaning = meaning_for_event(a_refusal(status, "invalid"))

    assert isinstance(meaning, EventRefused)
    assert not meaning.is_stale
    assert f"{status} invalid Told why." in str(meaning)


@pytest.mark.parametrize(
    ("status", "reason", "location", "expected"),
    [
        (410, "fullSyncRequired", "syncToken", True),
        (410, "updatedMinTooLongAgo", "updatedMin", True),
        (400, "invalid", "syncToken", True),
        (400, "invalid", "pageToken", False),
        (410, "deleted", "", False),
    ],
)
def test_an_expired_sync_token_is_known_by_its_reason(status: int, reason: str, location: str, expected: bool) -> None:  # noqa: FBT001
    assert a_refusal(status, reason, location=location).is_expired_token is expected


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [(404, "notFound", True), (410, "deleted", True), (410, "fullSyncRequired", False), (412, "", False)],
)
def test_an_event_is_gone_when_it_is_not_found_or_deleted(status: int, reason: str, expected: bool) -> None:  # noqa: FBT001
    assert a_refusal(status, reason).is_gone is expected


def a_token_error(name: str) -> bytes:
    return json.dumps({"error": name, "error_description": "Token has been expired or revoked."}).encode()


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, "invalid_grant", Reason.CONSENT_DEAD),
        (400, "admin_policy_enforced", Reason.CONSENT_DEAD),
        (401, "invalid_client", Reason.KEY_REFUSED),
        (401, "unauthorized_client", Reason.KEY_REFUSED),
        (400, "invalid_request", Reason.KEY_REFUSED),
    ],
)
def test_a_refused_refresh_needs_a_person(status: int, error: str, expected: Reason) -> None:
    meaning = meaning_of_token_answer(status, a_token_error(error), None, NOW)

    assert isinstance(meaning, UserMustAct)
    assert meaning.reason is expected


@pytest.mark.parametrize(
    ("status", "content", "is_fault"),
    [
        (503, a_token_error("internal_failure"), True),
        (500, b"", True),
        (429, a_token_error("rate_limit"), False),
        (429, b"", False),
        (403, a_token_error("rateLimitExceeded"), False),
    ],
)
def test_a_token_address_in_trouble_is_tried_again(status: int, content: bytes, is_fault: bool) -> None:  # noqa: FBT001 - a table
    meaning = meaning_of_token_answer(status, content, "5", NOW)

    assert isinstance(meaning, RetryLater)
    assert (meaning.is_fault, meaning.after) == (is_fault, timedelta(seconds=5))


def test_a_page_at_the_token_address_is_unreadable() -> None:
    assert isinstance(meaning_of_token_answer(200, b"<html>", None, NOW), SideUnreadable)


def test_a_connection_that_breaks_is_tried_again_and_names_no_address() -> None:
    meaning = unreachable(ConnectionRefusedError("http://secret.example"))

    assert str(meaning).startswith("Google Server Error: no answer (ConnectionRefusedError). It is tried again by itself.")
    assert meaning.is_fault


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("30", timedelta(seconds=30)),
        ("999999999", timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("000000030", timedelta(seconds=30)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("Mon, 23 Nov 2026 01:00:10 GMT", timedelta(seconds=10)),
        ("Mon, 23 Nov 2026 01:00:10 -0000", timedelta(seconds=10)),
        ("Mon, 23 Nov 2026 00:00:00 GMT", timedelta(0)),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, pause: timedelta | None) -> None:
    assert asked_pause(header, NOW) == pause
