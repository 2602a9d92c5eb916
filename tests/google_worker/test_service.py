import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from desksync.ops.metrics import Metrics
from desksync.sync.event import Side
from desksync.sync.reading import Stored
from desksync.worker.calls import Calls
from desksync.worker.errors import EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_google_worker.calendar import GoogleCalendar
from desksync_google_worker.connections import Connections
from desksync_google_worker.service import GoogleService
from desksync_google_worker.tokens import AccessTokens
from desksync_sandbox.google import GoogleServer
from tests.builders import TOKYO, WINDOW, an_event
from tests.google_worker.desk import ADDRESS, KEY, TIMEOUT, Clock, Desk, a_service
from tests.worker.test_calls import told

TOKEN = "oauth.token"


def tokens_asked(desk: Desk) -> int:
    return len(desk.server.calls.all(TOKEN))


def test_an_access_token_serves_until_shortly_before_its_end(desk: Desk) -> None:
    desk.read()
    desk.clock.advance(timedelta(minutes=54))
    desk.read()
    before = tokens_asked(desk)
    desk.clock.advance(timedelta(minutes=2))

    desk.read()

    assert (before, tokens_asked(desk)) == (1, 2)


def test_a_refused_access_token_is_replaced_once(desk: Desk) -> None:
    desk.read()
    desk.server.world.grants.expire_access_tokens()

    desk.read()

    assert tokens_asked(desk) == 2


def test_access_that_stays_refused_is_a_dead_consent(desk: Desk) -> None:
    desk.server.faults.add(on="events.list", kind="status", status=401, times=2)

    with pytest.raises(UserMustAct) as caught:
        desk.read()

    assert caught.value.reason is Reason.CONSENT_DEAD
    assert tokens_asked(desk) == 2


def test_a_revoked_consent_is_dead(desk: Desk) -> None:
    desk.read()
    desk.server.world.grants.revoke_account(ADDRESS)

    with pytest.raises(UserMustAct) as caught:
        desk.read()

    assert caught.value.reason is Reason.CONSENT_DEAD
    assert "1//hanako" not in str(caught.value)


def test_wrong_credentials_of_desksync_are_not_the_users_fault(desk: Desk) -> None:
    wrong = GoogleService(
        api_url=desk.server.api_url,
        token_url=desk.server.token_url,
        client_id="desksync-demo.apps.googleusercontent.com",
        client_secret="wrong",
        timeout=TIMEOUT,
        now=desk.clock,
    )

    with wrong, pytest.raises(UserMustAct) as caught:
        replace(desk, service=wrong).read()

    assert caught.value.reason is Reason.KEY_REFUSED


def test_the_client_is_known_or_not_without_anybodys_consent(desk: Desk) -> None:
    desk.service.check_client()
    desk.server.faults.add(on=TOKEN, kind="status", status=401, body={"error": "invalid_client"})

    with pytest.raises(UserMustAct) as caught:
        desk.service.check_client()

    assert caught.value.reason is Reason.KEY_REFUSED


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"kind": "status", "status": 503}, RetryLater),
        ({"kind": "drop", "times": 2}, RetryLater),
        ({"kind": "html"}, SideUnreadable),
        ({"kind": "garbage"}, SideUnreadable),
        ({"kind": "status", "status": 200, "body": "[]"}, SideUnreadable),
        ({"kind": "status", "status": 200, "body": {"expires_in": 3600}}, SideUnreadable),
        ({"kind": "status", "status": 200, "body": {"access_token": "x", "expires_in": "soon"}}, SideUnreadable),
    ],
)
def test_a_token_address_in_trouble_ends_the_run(desk: Desk, order: dict[str, Any], expected: type[Exception]) -> None:
    desk.server.faults.add(on=TOKEN, **order)

    with pytest.raises(expected):
        desk.read()
    assert desk.read().is_complete


def test_an_access_token_without_a_life_serves_for_an_hour(desk: Desk) -> None:
    token = desk.server.world.grants.access_token_for(ADDRESS)
    desk.server.faults.add(on=TOKEN, kind="status", status=200, body={"access_token": token})

    desk.read()
    desk.clock.advance(timedelta(minutes=50))
    desk.read()

    assert tokens_asked(desk) == 1


def test_only_so_many_access_tokens_are_kept(desk: Desk) -> None:
    desk.server.world.add_account("taro@example.jp", "太郎")
    desk.server.world.grants.add("taro@example.jp", ("https://www.googleapis.com/auth/calendar",), "1//taro")
    connections = Connections(TIMEOUT)
    tokens = AccessTokens(
        token_url=desk.server.token_url,
        client_id="desksync-demo.apps.googleusercontent.com",
        client_secret="demo-secret",
        connections=connections,
        now=desk.clock,
        kept=1,
    )

    found = [tokens.access_for(refresh) for refresh in ("1//hanako", "1//hanako", "1//taro", "1//hanako")]
    connections.close()

    assert len(set(found)) == 3
    assert tokens_asked(desk) == 3


@pytest.mark.parametrize(
    ("order", "is_fault", "text"),
    [
        ({"status": 500}, True, "Google Server Error 500"),
        ({"status": 503}, True, "Google Server Error 503"),
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, True, "Google Server Error 502"),
        ({"status": 429}, False, "too many requests"),
        ({"status": 429, "body": "<html>slow down</html>"}, False, "wait"),
        ({"status": 403, "body": "rateLimitExceeded"}, False, "too many requests"),
        ({"status": 403, "body": "userRateLimitExceeded"}, False, "too many requests"),
        ({"status": 403, "body": "quotaExceeded"}, False, "usage limits"),
    ],
)
def test_trouble_that_passes_is_tried_later(desk: Desk, order: dict[str, Any], is_fault: bool, text: str) -> None:  # noqa: FBT001
    desk.server.faults.add(on="events.list", kind="status", **order)

    with pytest.raises(RetryLater, match=text) as caught:
        desk.read()

    assert caught.value.is_fault is is_fault


def test_a_wait_that_google_asks_for_is_passed_on(desk: Desk) -> None:
    desk.server.faults.add(on="events.list", kind="status", status=429, headers={"retry-after": "77"})

    with pytest.raises(RetryLater) as caught:
        desk.read()

    assert caught.value.after == timedelta(seconds=77)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"status": 404}, Reason.CALENDAR_NOT_FOUND),
        ({"status": 403, "body": "forbidden"}, Reason.NO_ACCESS),
        ({"status": 403, "body": "insufficientPermissions"}, Reason.NO_ACCESS),
    ],
)
def test_trouble_that_stays_needs_a_person(desk: Desk, order: dict[str, Any], reason: Reason) -> None:
    desk.server.faults.add(on="events.list", kind="status", **order)

    with pytest.raises(UserMustAct) as caught:
        desk.read()

    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "html"},
        {"kind": "html", "status": 404},
        {"kind": "status", "status": 302, "headers": {"location": "http://127.0.0.1:1/login"}, "body": "moved"},
        {"kind": "status", "status": 200, "body": "[]"},
        {"kind": "status", "status": 204, "body": ""},
        {"kind": "status", "status": 400},
        {"kind": "status", "status": 200, "body": {"kind": "calendar#event", "items": []}},
        {"kind": "status", "status": 200, "body": {"kind": "calendar#events", "items": {}, "nextSyncToken": "x"}},
        {"kind": "status", "status": 200, "body": {"kind": "calendar#events", "items": ["x"], "nextSyncToken": "x"}},
        {"kind": "status", "status": 200, "body": {"kind": "calendar#events", "items": [{"summary": "x"}], "nextSyncToken": "x"}},
        {"kind": "status", "status": 200, "body": {"kind": "calendar#events", "items": []}},
        {"kind": "status", "times": 3, "status": 200, "body": {"kind": "calendar#events", "items": [], "nextPageToken": "x"}},
    ],
)
def test_what_is_no_whole_list_is_unreadable(desk: Desk, order: dict[str, Any]) -> None:
    desk.server.faults.add(on="events.list", **order)

    with pytest.raises(SideUnreadable):
        desk.read(known={})


class _Gibberish(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\xff\xfe\x00")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_bytes_that_are_no_text_are_unreadable(desk: Desk) -> None:
    with HTTPServer(("127.0.0.1", 0), _Gibberish) as gibberish:
        thread = threading.Thread(target=gibberish.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{gibberish.server_port}/calendar/v3/"

        with a_service(desk.server, desk.clock, api_url=url) as service, pytest.raises(SideUnreadable):
            replace(desk, service=service).read()

        thread.join(10)


def test_a_list_without_items_is_an_empty_one(desk: Desk) -> None:
    body = {"kind": "calendar#events", "nextSyncToken": "x"}
    desk.server.faults.add(on="events.list", kind="status", status=200, body=body)

    reading = desk.read("anything")

    assert reading.is_unchanged
    assert reading.cursor == "x"


def test_a_connection_that_breaks_is_tried_later_and_mended(desk: Desk) -> None:
    desk.server.faults.add(on="events.list", kind="drop", times=2)

    with pytest.raises(RetryLater, match="Google Server Error: no answer"):
        desk.read()
    assert desk.read().is_complete


def test_a_slow_answer_is_tried_later_and_harms_no_other(desk: Desk) -> None:
    desk.server.faults.add(on="events.list", kind="slow", seconds=30)

    with a_service(desk.server, desk.clock, timeout=timedelta(milliseconds=300)) as impatient:
        with pytest.raises(RetryLater, match="TimeoutError"):
            replace(desk, service=impatient).read()
        desk.server.faults.clear()
        assert replace(desk, service=impatient).read().is_complete


def test_nobody_at_the_address_is_tried_later(desk: Desk) -> None:
    with a_service(desk.server, desk.clock, api_url="http://127.0.0.1:1/calendar/v3/") as nowhere, pytest.raises(RetryLater):
        replace(desk, service=nowhere).read()


def test_an_address_without_the_apis_path_is_refused_at_once(desk: Desk) -> None:
    with pytest.raises(ValueError, match="/calendar/v3/"):
        a_service(desk.server, desk.clock, api_url=desk.server.url)


def test_a_proxy_of_the_environment_is_not_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with a_service(desk.server, desk.clock) as service:
        assert replace(desk, service=service).read().is_complete


def test_no_secret_is_logged_or_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "googleapiclient", "httplib2"):
        caplog.set_level(logging.DEBUG, logger=logger)  # A program that ran in this process may have made them quiet.
    desk.add(summary="極秘の会議")
    desk.read()
    access = desk.service._tokens.access_for(desk.account.secret)
    desk.server.faults.add(on="events.list", kind="status", status=404)

    with pytest.raises(UserMustAct) as caught:
        desk.read()

    told = caplog.text + str(caught.value) + repr(caught.value.__cause__) + repr(desk.account)
    assert caplog.records
    assert not any(secret in told for secret in ("1//hanako", access, "demo-secret", "極秘"))


def test_several_threads_work_at_once_without_disturbing_each_other(desk: Desk) -> None:
    accounts = []
    for number in range(8):
        email = f"user{number}@example.jp"
        desk.server.world.add_account(email, email)
        desk.server.world.grants.add(email, ("https://www.googleapis.com/auth/calendar",), f"1//{number}")
        accounts.append(replace(desk.account, user_id=number, address=email, secret=f"1//{number}"))
    calendar = GoogleCalendar(desk.service)
    done: dict[int, list[str]] = {}
    start = threading.Barrier(len(accounts))

    def work(number: int) -> None:
        account = accounts[number]
        start.wait(10)
        for turn in range(10):
            stored: Stored = calendar.create(account, an_event(f"{number}-{turn}"), f"{turn:064x}")
            calendar.update(account, stored, an_event(f"{number}-{turn}", location="3F"))
        reading = calendar.read(account, None, WINDOW, dict)
        done[number] = [stored.event.title for stored in reading.events if stored.event.location == "3F"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(accounts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert done == {number: [f"{number}-{turn}" for turn in range(10)] for number in range(8)}
    assert tokens_asked(desk) == 8


def test_each_thread_has_its_own_connection() -> None:
    connections = Connections(TIMEOUT)
    found = [connections.mine(), connections.mine()]
    thread = threading.Thread(target=lambda: found.append(connections.mine()))
    thread.start()
    thread.join(10)

    assert found[0] is found[1]
    assert found[2] is not found[0]
    connections.close()


def test_refusals_of_one_event_do_not_stop_the_rest(desk: Desk) -> None:
    stored = desk.create(an_event())
    desk.server.faults.add(on="events.patch", kind="status", status=403, body="forbidden")

    with pytest.raises(EventRefused, match="403 forbidden") as caught:
        desk.update(stored, an_event("Review"))

    assert not caught.value.is_stale
    assert desk.update(stored, an_event("Review")).event.title == "Review"


def test_the_address_may_lack_its_last_slash() -> None:
    clock = Clock()
    with GoogleServer(now=clock) as server, a_service(server, clock, api_url=server.api_url.rstrip("/")) as service:
        desk = Desk(server, service, clock)

        assert desk.create(an_event()).id == KEY
        assert desk.account.zone is TOKYO


def test_every_request_goes_through_the_gate_and_names_its_user(desk: Desk) -> None:
    came: list[int | None] = []

    def gate(user_id: int | None) -> AbstractContextManager[None]:
        came.append(user_id)
        return nullcontext()

    with a_service(desk.server, desk.clock, gate=gate) as service:
        guarded = replace(desk, service=service, account=replace(desk.account, user_id=7))
        stored = guarded.create(an_event())
        guarded.update(stored, an_event(title="Planning"))
        guarded.calendar.delete(guarded.account, guarded.look(stored.id))
        guarded.read()

    assert len(came) == len(desk.asked())
    assert set(came) == {7}


def test_a_request_that_the_gate_puts_off_is_not_sent(desk: Desk) -> None:
    def shut(_user_id: int | None) -> AbstractContextManager[None]:
        raise RetryLater("This user's requests rest.", is_fault=False)

    with a_service(desk.server, desk.clock, gate=shut) as service, pytest.raises(RetryLater):
        replace(desk, service=service).read()

    assert desk.asked() == []


def test_the_gate_hears_how_long_google_asks_to_wait(desk: Desk) -> None:
    heard: list[timedelta | None] = []

    @contextmanager
    def gate(_user_id: int | None) -> Iterator[None]:
        try:
            yield
        except RetryLater as refusal:
            heard.append(refusal.after)
            raise

    desk.server.faults.add(on="events.list", kind="status", status=429, headers={"retry-after": "33"})
    with a_service(desk.server, desk.clock, gate=gate) as service, pytest.raises(RetryLater):
        replace(desk, service=service).read()

    assert heard == [timedelta(seconds=33)]


def test_every_request_is_counted_by_its_method_and_what_became_of_it(desk: Desk) -> None:
    metrics = Metrics(version="x")
    with a_service(desk.server, desk.clock, watch=Calls(metrics, Side.GOOGLE)) as service:
        counted = replace(desk, service=service)
        counted.read()
        desk.server.faults.add(on="events.list", kind="status", status=503)
        with pytest.raises(RetryLater):
            counted.read()
        desk.server.faults.add(on="events.list", kind="drop", times=2)  # httplib2 tries a broken connection twice.
        with pytest.raises(RetryLater):
            counted.read()

    answers = ("oauth.token 200", "events.list 200", "events.list 503", "events.list no_answer")
    assert told(metrics) == {f"google {answer}": 1 for answer in answers}
