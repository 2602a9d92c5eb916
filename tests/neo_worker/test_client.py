from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from desksync.ops.metrics import Metrics
from desksync.sync.event import Side
from desksync.worker.calls import Calls
from desksync.worker.errors import CalendarError, EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_neo_worker.client import Login, NeoClient
from desksync_neo_worker.directory import Directory, NeoUser, read_directory
from desksync_neo_worker.wire import Takes
from tests.neo_worker.office import ACCOUNT, SATO, SITE_KEY, SUZUKI, TANAKA, Office
from tests.neo_worker.records import a_record
from tests.worker.test_calls import told

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def answering(*answers: Any) -> NeoClient:
    """Return a client whose NEO gives these answers, one call after the other."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        body = left.pop(0)
        if isinstance(body, Exception):
            raise body
        return httpx.Response(200, json=body)

    return NeoClient("https://neo.example.com/dneo/dneo.cgi", transport=httpx.MockTransport(answer))


def every_call(client: NeoClient) -> list[Any]:
    return [
        lambda: client.login("10001", "cherry-1"),
        lambda: client.list_users("key-of-sato"),
        lambda: client.list_schedules(ACCOUNT, FIRST, LAST),
        lambda: client.list_if_changed(ACCOUNT, FIRST, LAST, ""),
        lambda: client.get_schedule(ACCOUNT, "501"),
        lambda: client.insert_schedule(ACCOUNT, {"startdate": "20261123", "detail": "x"}),
        lambda: client.update_schedule(ACCOUNT, "501", {"detail": "x"}),
        lambda: client.delete_schedule(ACCOUNT, "501", Takes.EVERYBODY),
    ]


def raised_by_every_call(client: NeoClient) -> list[CalendarError]:
    found = []
    for call in every_call(client):
        with pytest.raises(CalendarError) as caught:
            call()
        found.append(caught.value)
    return found


def test_a_login_gives_a_key_that_works(office: Office) -> None:
    login = office.client.login("10001", "cherry-1")

    assert (login.user_id, login.name) == (SATO, "佐藤 健一")
    assert office.client.list_schedules(replace(ACCOUNT, secret=login.access_key), FIRST, LAST).items == ()


def test_a_wrong_password_needs_a_person(office: Office) -> None:
    with pytest.raises(UserMustAct, match="login ID and password") as caught:
        office.client.login("10001", "wrong")

    assert caught.value.reason is Reason.KEY_REFUSED


def test_a_key_is_not_shown_by_repr() -> None:
    assert "secret" not in repr(Login("secret", SATO, "佐藤 健一"))


def test_a_login_without_a_key_is_unreadable() -> None:
    with answering({"status": "ok"}) as client, pytest.raises(SideUnreadable, match="no access key"):
        client.login("10001", "cherry-1")


def test_the_users_are_listed(office: Office) -> None:
    directory = read_directory(office.client, "key-of-sato")

    assert directory == Directory(
        (NeoUser(SATO, "佐藤 健一", "10001"), NeoUser(SUZUKI, "鈴木 美咲", "10002"), NeoUser(TANAKA, "田中 陽子", "10003"))
    )


def test_users_that_cannot_be_read_are_counted() -> None:
    entries = [{"id": 84, "name": None}, {"name": "nobody"}, "strange", {"id": ["85"]}, {"id": "84", "name": "twice"}]

    with answering({"status": "ok", "list": {"item": entries}}) as client:
        directory = read_directory(client, "key")

    assert directory == Directory((NeoUser("84", "twice", ""),), unread=3)


def test_a_switched_off_directory_says_what_to_do(office: Office) -> None:
    office.turn(is_directory_on=False)

    with pytest.raises(UserMustAct, match="利用者名簿") as caught:
        office.client.list_users("key-of-sato")

    assert caught.value.reason is Reason.DIRECTORY_OFF
    assert "管理者設定 > 運用設定 > メニュー設定 > desknet's NEOメニュー設定" in str(caught.value)


def test_no_users_are_an_empty_list_and_other_refusals_are_unreadable() -> None:
    nobody, broken = {"status": "ng", "errorno": -110}, {"status": "ng", "errorno": -10, "errormessage": "E:壊れています"}

    with answering(nobody, broken) as client:
        users = client.list_users("key")
        with pytest.raises(SideUnreadable, match="壊れています"):
            client.list_users("key")

    assert users == []


@pytest.mark.parametrize("is_error", [True, False])
def test_an_empty_list_has_no_entries_however_it_is_said(office: Office, *, is_error: bool) -> None:
    office.turn(empty_list_is_an_error=is_error)

    assert office.client.list_schedules(ACCOUNT, FIRST, LAST).items == ()


@pytest.mark.parametrize("is_object", [True, False])
def test_a_list_of_one_is_a_list(office: Office, *, is_object: bool) -> None:
    office.turn(one_item_as_object=is_object)
    sid = office.add()

    items = office.client.list_schedules(ACCOUNT, FIRST, LAST).items

    assert [dict(item)["sid"] for item in items] == [sid]  # type: ignore[call-overload]


def test_pages_are_read_until_the_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        offset = int(form["offset"][0])
        items = [a_record(str(number)) for number in range(offset, min(offset + 2, 5))]
        return httpx.Response(200, json={"status": "ok", "allcnt": "5", "list": {"item": items}})

    with NeoClient("https://neo.example.com/dneo.cgi", transport=httpx.MockTransport(answer)) as client:
        listing = client.list_schedules(ACCOUNT, FIRST, LAST)

    assert [dict(item)["sid"] for item in listing.items] == ["0", "1", "2", "3", "4"]  # type: ignore[call-overload]
    assert listing.digest == ""


def test_the_same_bytes_are_not_read_again(office: Office) -> None:
    office.add()
    listing = office.client.list_schedules(ACCOUNT, FIRST, LAST)

    assert listing.digest
    assert office.client.list_if_changed(ACCOUNT, FIRST, LAST, listing.digest) is None
    office.add()
    assert office.client.list_if_changed(ACCOUNT, FIRST, LAST, listing.digest) is not None


def test_a_gone_event_is_none(office: Office) -> None:
    assert office.client.get_schedule(ACCOUNT, "999") is None


def test_an_answer_without_the_record_is_unreadable() -> None:
    with answering({"status": "ok"}) as client, pytest.raises(SideUnreadable, match="without the event"):
        client.get_schedule(ACCOUNT, "501")


def test_an_event_that_may_not_be_opened_is_refused_alone() -> None:
    with answering({"status": "ng", "errorno": -10008}) as client, pytest.raises(EventRefused, match="may not open"):
        client.get_schedule(ACCOUNT, "501")


def test_another_refusal_of_a_read_is_unreadable() -> None:
    with answering(*[{"status": "ng", "errorno": -90001, "errormessage": "E:不明"}] * 2) as client:
        for call in every_call(client)[2:5:2]:
            with pytest.raises(SideUnreadable, match="不明"):
                call()


def test_a_refused_write_tells_neos_reason(office: Office) -> None:
    with pytest.raises(EventRefused, match="日付の形式") as caught:
        office.client.insert_schedule(ACCOUNT, {"startdate": "soon", "detail": "x"})

    assert not caught.value.is_stale


def test_a_write_to_an_event_that_is_gone_is_stale(office: Office) -> None:
    with pytest.raises(EventRefused) as caught:
        office.client.update_schedule(ACCOUNT, "999", {"detail": "x"})

    assert caught.value.is_stale


def test_deleting_what_is_gone_is_success(office: Office) -> None:
    office.client.delete_schedule(ACCOUNT, "999", Takes.EVERYBODY)

    assert office.calls("delete_schedule") == 1


def test_an_event_without_the_right_to_change_it_is_refused_alone(office: Office) -> None:
    sid = office.add(creator=SUZUKI, otherto=[SUZUKI, SATO], is_read_only=True)

    for write in (
        lambda: office.client.update_schedule(ACCOUNT, sid, {"detail": "x"}),
        lambda: office.client.delete_schedule(ACCOUNT, sid, Takes.ME),
    ):
        with pytest.raises(EventRefused, match="アクセス権がありません"):
            write()


def test_a_calendar_without_access_needs_a_person(office: Office) -> None:
    other = replace(ACCOUNT, address=TANAKA)

    for call in (
        lambda: office.client.list_schedules(other, FIRST, LAST),
        lambda: office.client.insert_schedule(other, {"startdate": "20261123", "detail": "x"}),
    ):
        with pytest.raises(UserMustAct, match="アクセス権がありません") as caught:
            call()
        assert caught.value.reason is Reason.NO_ACCESS


def test_writes_without_an_id_in_the_answer() -> None:
    with answering({"status": "ok"}, {"status": "ok", "sid": {}}, {"status": "ok"}) as client:
        for why in ("did not tell its ID", "no text as sid"):
            with pytest.raises(SideUnreadable, match=why):
                client.insert_schedule(ACCOUNT, {})
        assert client.update_schedule(ACCOUNT, "501", {}) == "501"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_needs_a_person(office: Office, status: int) -> None:
    office.turn(refused_status=status)
    stranger = replace(ACCOUNT, secret="no key at all")

    with pytest.raises(UserMustAct) as caught:
        office.client.list_schedules(stranger, FIRST, LAST)

    assert caught.value.reason is Reason.KEY_REFUSED
    assert "no key at all" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "キー", "line\nend"])
def test_a_key_that_cannot_be_one_is_not_sent(office: Office, key: str) -> None:
    with pytest.raises(UserMustAct) as caught:
        office.client.list_schedules(replace(ACCOUNT, secret=key), FIRST, LAST)

    assert caught.value.reason is Reason.KEY_REFUSED
    assert office.calls() == 0


def test_every_call_tells_being_busy_from_being_broken(office: Office) -> None:
    office.server.faults.add(kind="status", status=429, times=8)
    busy = raised_by_every_call(office.client)
    office.server.faults.add(kind="status", status=503, times=8)
    broken = raised_by_every_call(office.client)

    assert [isinstance(error, RetryLater) and (error.after, error.is_fault) for error in busy] == [
        (timedelta(seconds=10), False)
    ] * 8
    assert [isinstance(error, RetryLater) and (error.after, error.is_fault) for error in broken] == [(None, True)] * 8


@pytest.mark.parametrize("kind", ["html", "garbage"])
def test_every_call_stops_at_a_page_or_half_an_answer(office: Office, kind: str) -> None:
    office.server.faults.add(kind=kind, times=8)

    errors = raised_by_every_call(office.client)

    assert [type(error) for error in errors] == [SideUnreadable] * 8


def test_every_call_comes_again_after_a_broken_connection(office: Office) -> None:
    office.server.faults.add(kind="drop", times=8)

    errors = raised_by_every_call(office.client)

    assert [isinstance(error, RetryLater) and error.is_fault for error in errors] == [True] * 8


def test_a_slow_neo_is_not_waited_for_longer_than_allowed(office: Office) -> None:
    office.server.faults.add(kind="slow", seconds=1, on="get_schedule")

    with (
        NeoClient(office.server.base_url, timeout=timedelta(seconds=0.1)) as client,
        pytest.raises(RetryLater, match="did not answer in time"),
    ):
        client.get_schedule(ACCOUNT, "501")


def test_a_neo_that_is_not_there_is_tried_again() -> None:
    with answering(httpx.ConnectError("refused")) as client, pytest.raises(RetryLater, match="cannot be reached"):
        client.get_schedule(ACCOUNT, "501")


def test_an_answer_that_cannot_be_unpacked_is_unreadable() -> None:
    with answering(httpx.DecodingError("gzip")) as client, pytest.raises(SideUnreadable, match="unpacked"):
        client.get_schedule(ACCOUNT, "501")


def test_an_address_that_is_none_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="program"):
        NeoClient("https://neo.example.com/")


def test_the_windows_form_of_the_address_works(office: Office) -> None:
    with NeoClient(office.server.url + "/scripts/dneo/dneo.exe") as client:
        assert client.list_schedules(ACCOUNT, FIRST, LAST).items == ()


def test_the_site_key_acts_for_the_user(office: Office) -> None:
    account = replace(ACCOUNT, secret=SITE_KEY)

    sid = office.client.insert_schedule(account, {"startdate": "20261123", "enddate": "20261123", "detail": "x"})

    assert office.dates(sid) == ["20261123"]


class Doorkeeper:
    """A gate that keeps a list of who came, and what came out."""

    def __init__(self) -> None:
        self.came: list[int | None] = []
        self.left: list[object] = []

    @contextmanager
    def __call__(self, user_id: int | None) -> Iterator[None]:
        self.came.append(user_id)
        try:
            yield
        except RetryLater as refusal:
            self.left.append((refusal.after, refusal.is_fault))
            raise


def test_every_call_goes_through_the_gate_once_and_names_its_user(office: Office) -> None:
    gate = Doorkeeper()

    with NeoClient(office.server.base_url, gate=gate) as client:
        for call in every_call(client):
            with suppress(CalendarError):
                call()

    assert gate.came == [None, None, *[ACCOUNT.user_id] * 6]


def test_the_gate_hears_that_there_were_too_many_calls(office: Office) -> None:
    gate = Doorkeeper()
    office.server.faults.add(kind="status", status=429, headers={"retry-after": "7"}, times=8)

    with NeoClient(office.server.base_url, gate=gate) as client:
        raised_by_every_call(client)

    assert gate.left == [(timedelta(seconds=7), False)] * 8


def test_a_call_that_the_gate_puts_off_is_not_sent(office: Office) -> None:
    def shut(_user_id: int | None) -> AbstractContextManager[None]:
        raise RetryLater("All requests rest.", is_fault=False)

    with NeoClient(office.server.base_url, gate=shut) as client:
        raised_by_every_call(client)

    assert office.calls() == 0


def test_every_call_is_counted_by_its_name_and_what_became_of_it(office: Office) -> None:
    metrics = Metrics(version="x")
    with NeoClient(office.server.base_url, watch=Calls(metrics, Side.NEO)) as client:
        client.list_schedules(ACCOUNT, FIRST, LAST)
        office.server.faults.add(kind="status", status=503)
        with pytest.raises(RetryLater):
            client.list_schedules(ACCOUNT, FIRST, LAST)
        office.server.faults.add(kind="drop")
        with pytest.raises(RetryLater):
            client.list_schedules(ACCOUNT, FIRST, LAST)

    assert told(metrics) == dict.fromkeys((f"neo list_schedules {status}" for status in ("200", "503", "no_answer")), 1)
